"""A partner's SFTP server, as its client. The hub's own server is in server.py."""

import asyncio
import contextlib
import posixpath
import stat
from collections.abc import Mapping
from typing import Any

import asyncssh
from tradeflow.adapters.file_drop.files import Complete, answers_of, name_of
from tradeflow.adapters.sftp.server import SftpServer

from tradeflow.model.addresses import AddressDenied
from tradeflow.outbound import resolved
from tradeflow.ports import Arrival, ChannelSettings, Failed, Outgoing, RetryLater, SendResult, Sent, Take
from tradeflow.settings import settings

__all__ = ["Sftp", "SftpServer"]
LOGIN_SECONDS_MAX = 20
KEEPALIVE_SECONDS = 30


class Sftp:
    """One connection, kept open, to a server whose key was pinned."""

    def __init__(self, given: ChannelSettings) -> None:
        self._given, self._settings = given, given.settings
        self._complete = Complete()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._turn = asyncio.Lock()

    @staticmethod
    def faults(settings: Mapping[str, Any]) -> list[str]:
        """A host key that cannot be read, a port that is none."""
        found = [] if 0 < settings.get("port", 22) < 65_536 else ["port is a number from 1 to 65535"]
        try:
            asyncssh.import_public_key(settings["host_key"])
        except (asyncssh.KeyImportError, ValueError):
            found.append("host_key is no public key as OpenSSH writes it")
        return found

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Upload under another name, then rename: the partner sees whole files only. The same delivery again replaces it."""
        folder, name = self._settings["out_folder"], name_of(outgoing)
        try:
            await _put(await self._connected(), folder, name, outgoing.payload)
        except (asyncssh.HostKeyNotVerifiable, asyncssh.PermissionDenied, AddressDenied) as error:
            await self.close()
            return Failed(f"{self._settings['host']}: {_said(error)}", disables=True)
        except asyncssh.SFTPError as error:
            return RetryLater(f"{self._settings['host']} {folder}/{name}: {_said(error)}")
        except (asyncssh.Error, OSError) as error:
            await self.close()
            return RetryLater(f"{self._settings['host']}: {_said(error)}")
        return Sent(f"{folder}/{name}")

    async def fetch(self, take: Take) -> int:
        """Take every complete file of the partner's folder, answer it, move it aside. Raises where the server does not answer."""
        folder = self._settings["in_folder"]
        if not folder:
            return 0
        try:
            return await self._fetch(await self._connected(), folder, take)
        except (asyncssh.Error, OSError):
            await self.close()
            raise

    async def _fetch(self, client: asyncssh.SFTPClient, folder: str, take: Take) -> int:
        entries = [entry for entry in await client.readdir(folder) if stat.S_ISREG(entry.attrs.permissions or 0)]
        names = self._complete.of((str(e.filename), e.attrs.size or 0, e.attrs.mtime or 0) for e in entries)
        for name in names:
            path = posixpath.join(folder, name)
            async with client.open(path, "rb") as file:
                body: Any = await file.read(settings().body_bytes_max + 1)
            address = f"{self._settings['user']}@{self._settings['host']}"
            taken = await take(Arrival("sftp", address, name, body, party_id=self._given.party_id))
            for answer, said in answers_of(name, taken):
                await _put(client, self._settings["answers_folder"], answer, said)
            await client.makedirs(self._settings["done_folder"], exist_ok=True)
            with contextlib.suppress(asyncssh.SFTPNoSuchFile):  # another process of the hub saw it too, and was faster
                await client.posix_rename(path, posixpath.join(self._settings["done_folder"], name))
        return len(names)

    async def close(self) -> None:
        """Let the connection go."""
        connection, self._connection, self._client = self._connection, None, None
        if connection:
            connection.abort()
            await connection.wait_closed()

    async def _connected(self) -> asyncssh.SFTPClient:
        async with self._turn:  # one connection, however many begin at once
            if self._client is None or self._connection is None or self._connection.is_closed():
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> asyncssh.SFTPClient:
        host, port = self._settings["host"], self._settings["port"]
        address = await resolved(host, port, self._given.internal)
        key = asyncssh.import_public_key(self._settings["host_key"])
        own = [asyncssh.import_private_key(text) for text in self._given.secrets.get("private_key", ())]
        self._connection = await asyncssh.connect(
            address,
            port,
            username=self._settings["user"],
            client_keys=own or None,
            password=next(iter(self._given.secrets.get("password", ())), None),
            known_hosts=([key], [], []),
            server_host_key_algs=_algorithms(key),
            config=None,
            agent_path=None,
            login_timeout=LOGIN_SECONDS_MAX,
            connect_timeout=LOGIN_SECONDS_MAX,
            keepalive_interval=KEEPALIVE_SECONDS,
        )
        return await self._connection.start_sftp_client()


async def _put(client: asyncssh.SFTPClient, folder: str, name: str, body: bytes) -> None:
    await client.makedirs(folder, exist_ok=True)
    part = posixpath.join(folder, f".{name}.part")
    async with client.open(part, "wb") as file:
        await file.write(body)
    await client.posix_rename(part, posixpath.join(folder, name))


def _algorithms(key: asyncssh.SSHKey) -> list[str]:
    """What the pinned key can sign with, so that a server with several keys shows this one."""
    name = key.get_algorithm()
    return ["rsa-sha2-256", "rsa-sha2-512"] if name == "ssh-rsa" else [name]


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
