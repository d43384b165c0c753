"""The hub's own SFTP server: every party finds its file drops there, and nothing else."""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import asyncssh
from tradeflow.adapters.file_drop import folder_of
from tradeflow.adapters.file_drop.files import ANSWERS, DONE, IN, OUT

from tradeflow.ports import ChannelSettings, ServerSettings
from tradeflow.settings import settings

HOST_KEY = "sftp_host_key"
PART = b".part"


class SftpServer:
    """Listens while its block runs. A party logs in as party, or party.channel, with a key that its file drop lists."""

    def __init__(self, given: ServerSettings) -> None:
        self._given = given
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def __aenter__(self) -> Self:
        key = await asyncio.to_thread(_host_key, Path(self._given.data_dir) / HOST_KEY)
        self._acceptor = await asyncssh.listen(
            self._given.host,
            self._given.port,
            server_factory=lambda: _Login(self._given),
            sftp_factory=_Drop,
            server_host_keys=[key],
            config=None,
            allow_scp=False,
            line_editor=False,
            agent_forwarding=False,
            x11_forwarding=False,
            login_timeout=20,
            keepalive_interval=30,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._acceptor:
            self._acceptor.close()
            await self._acceptor.wait_closed()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._acceptor
        return int(self._acceptor.get_port())


class _Login(asyncssh.SSHServer):
    """Public keys only. Which channel it is depends on the user name and the key."""

    def __init__(self, given: ServerSettings) -> None:
        self._given = given
        self._drops: list[ChannelSettings] = []
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    async def begin_auth(self, username: str) -> bool:
        party, _, channel = username.partition(".")
        self._drops = [d for d in await self._given.channels() if d.party_id == party and channel in ("", d.name)]
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        offered = key.export_public_key()
        for drop in self._drops:
            if any(offered == known for known in _public(drop.settings)):
                assert self._connection
                self._connection.set_extra_info(drop=drop)
                return True
        return False


class _Drop(asyncssh.SFTPServer):
    """One folder. What is uploaded gets its name when it is whole; links are not made, for they could lead out."""

    def __init__(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        root = folder_of(chan.get_extra_info("drop"))
        for folder in (IN, OUT, ANSWERS, DONE):
            (root / folder).mkdir(parents=True, exist_ok=True)
        self._uploads: dict[int, tuple[Any, bytes, bytes]] = {}
        super().__init__(chan, chroot=os.fsencode(root))

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file; one that is written from its beginning has another name until it is closed."""
        attrs.permissions = 0o640
        if not pflags & asyncssh.FXF_WRITE:
            return super().open(path, pflags, attrs)
        part = path.rpartition(b"/")[0] + b"/." + path.rpartition(b"/")[2] + PART
        file = super().open(part, pflags, attrs)
        self._uploads[id(file)] = (file, part, path)
        return file

    def close(self, file_obj: object) -> None:
        """Close a file. An upload is whole now, unless this is the end of the session: that closes what its client did not."""
        file_obj.close()  # type: ignore[attr-defined]
        if id(file_obj) in self._uploads:
            asyncio.get_running_loop().call_soon(self._whole, id(file_obj))

    def exit(self) -> None:
        """The session ends: what was not closed before is not whole, and goes."""
        uploads, self._uploads = list(self._uploads.values()), {}
        for _, part, _ in uploads:
            with contextlib.suppress(OSError):
                os.unlink(self.map_path(part))  # noqa: PTH108 - the path is bytes

    def _whole(self, upload: int) -> None:
        if upload in self._uploads:
            _, part, path = self._uploads.pop(upload)
            os.replace(self.map_path(part), self.map_path(path))  # noqa: PTH105 - the paths are bytes

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write a part of a file, as long as it may still be a message: nobody fills the disk."""
        if offset + len(data) > settings().body_bytes_max:
            raise asyncssh.SFTPFailure(f"a message has at most {settings().body_bytes_max:,} bytes")
        return int(super().write(file_obj, offset, data))  # type: ignore[arg-type]

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("links are not made here")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("links are not made here")


def _public(settings: Mapping[str, Any]) -> list[bytes]:
    found = []
    for line in settings.get("authorized_keys") or []:
        try:
            found.append(asyncssh.import_public_key(str(line)).export_public_key())
        except (asyncssh.KeyImportError, ValueError):
            continue  # said when the channel was made; here it just opens nothing
    return found


def _host_key(file: Path) -> asyncssh.SSHKey:
    """The server's key, made at the first start; partners pin it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519", comment="tradeflow")
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key.export_private_key())
        file.with_suffix(".pub").write_bytes(key.export_public_key())
    return asyncssh.read_private_key(file)
