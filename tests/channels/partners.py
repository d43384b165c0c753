"""What partners run themselves: an SFTP server, a mail server."""

import asyncio
import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import asyncssh
from aiosmtpd.smtp import SMTP, Envelope


class PartnerServer:
    """An SFTP server on loopback with one account, `hub`, and its own folder."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, 0
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.client_key = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor: Any = None

    async def __aenter__(self) -> Self:
        server = self

        class Login(asyncssh.SSHServer):
            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                return username == "hub" and key.export_public_key() == server.client_key.convert_to_public().export_public_key()

        def drop(chan: Any) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(chan, chroot=str(self.root).encode())

        self._acceptor = await asyncssh.listen(
            "127.0.0.1", self.port, server_factory=Login, sftp_factory=drop, server_host_keys=[self.host_key], config=None
        )
        self.port = self._acceptor.get_port()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._acceptor.close()
        await self._acceptor.wait_closed()

    @property
    def public(self) -> str:
        return self.host_key.convert_to_public().export_public_key().decode().strip()

    @property
    def secret(self) -> str:
        return self.client_key.export_private_key().decode()


class MailBox:
    """A mail server that keeps all it takes; `refuses` are addresses it does not know."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.refuses: set[str] = set()
        self.port = 0
        self._server: Any = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="box", loop=loop), "127.0.0.1", 0, family=socket.AF_INET)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if address in self.refuses:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((str(envelope.mail_from), list(envelope.rcpt_tos), mail))
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for _, recipients, mail in self.mails if address in recipients]
