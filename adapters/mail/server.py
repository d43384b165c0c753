"""Mail to the hub: an SMTP server behind the operator's own mail server, which has looked for spam and forged senders."""

import asyncio
import hmac
import logging
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Self

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session
from tradeflow.adapters.mail.post import BOUNCE, REPLY, new_message, own_address, post, verified

from tradeflow.errors import Unavailable
from tradeflow.ports import Arrival, ChannelSettings, ServerSettings, Taken
from tradeflow.settings import settings

PARTS_MAX = 50
_log = logging.getLogger(__name__)


class MailServer:
    """Listens while its block runs. An attached file is one arrival; mail without any is one as a whole."""

    def __init__(self, given: ServerSettings) -> None:
        self._given = given
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        size = settings().body_bytes_max * 2  # base64, and what stands around it
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            return SMTP(_Handler(self._given), data_size_limit=size, hostname="tradeflow", ident="tradeflow", loop=loop)

        self._server = await loop.create_server(protocol, self._given.host, self._given.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])


class _Handler:
    """Takes mail for the hub's own addresses; relays nothing."""

    def __init__(self, given: ServerSettings) -> None:
        self._given = given

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        name, _, domain = str(self._given.hub["mail_from"]).lower().partition("@")
        local, _, at = address.lower().rpartition("@")
        if at != domain or local.partition("+")[0] != name:
            return "550 5.7.1 this server takes mail for the hub only"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Everything that is accepted here is lodged or in quarantine; "451" leaves it with the sending server."""
        body = envelope.content if isinstance(envelope.content, bytes) else b""
        channels = [channel for channel in await self._given.channels() if channel.hub.get("mail_secret")]
        try:
            if returned := _for(channels, envelope.rcpt_tos, BOUNCE):
                address = str(returned.settings["address"])
                await self._given.take(Arrival("mail", address, "returned mail", body, "message/rfc822", returned.party_id, "bounced"))
            else:
                await self._take(_for(channels, envelope.rcpt_tos, REPLY), body)
        except Unavailable as error:
            return f"451 4.3.0 {error.code}"
        return "250 2.0.0 taken"

    async def _take(self, channel: ChannelSettings | None, body: bytes) -> None:
        try:
            message = message_from_bytes(body, policy=policy.default)
            sender = parseaddr(str(message.get("From", "")))[1].lower()
            files = await asyncio.to_thread(attached, message) or [(str(message.get("Subject", "")) or "mail", "message/rfc822", body)]
        except Exception:  # noqa: BLE001 - what no mail program would write is kept for a person, as it is
            await self._given.take(Arrival("mail", "", "mail that cannot be read", body, "message/rfc822"))
            return
        known = channel is not None and verified(channel) and sender == str(channel.settings["address"]).lower()
        party, form = (channel.party_id, channel.format) if channel and known else ("", "")
        for name, content_type, content in files:
            taken = await self._given.take(Arrival("mail", sender, name, content, content_type, party, format=form))
            if channel and known and str(message.get("Auto-Submitted", "no")).lower() == "no":
                await _answer(channel, message, name, taken)


def attached(message: Any) -> list[tuple[str, str, bytes]]:
    """(name, content type, bytes) of the files in a mail. What is shown inline, as logos are, is no file."""
    found = []
    for part in list(message.walk())[:PARTS_MAX]:
        name = "".join(c for c in str(part.get_filename() or "") if c.isprintable())[:200]
        content_type = part.get_content_type()
        if part.get_content_disposition() == "attachment" or content_type in ("application/json", "application/xml", "text/xml"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                found.append((name or f"part.{content_type.rpartition('/')[2]}", content_type, content))
    return found


SAID = {
    "accepted": ("accepted", ""),
    "held": ("held", "It waits for a second person of yours, who looks at it and lets it go; nothing of it is in the trade yet.\n"),
    "refused": ("not accepted", "It is in quarantine as case {}, where you can try it again or reject it.\n"),
}


async def _answer(channel: ChannelSettings, mail: EmailMessage, name: str, taken: Taken) -> None:
    """The receipt or the problem, by mail. It is in the hub either way: an answer that does not go out is logged only."""
    what, more = SAID[taken.outcome]
    answer = new_message(channel, f"{what}: {name}", f"{name} was {what}. The answer is attached.\n{more.format(taken.quarantine_id)}")
    if mail.get("Message-ID"):
        answer["In-Reply-To"] = answer["References"] = " ".join(str(mail["Message-ID"]).split())
    answer.replace_header("Auto-Submitted", "auto-replied")
    answer.add_attachment(taken.answer, maintype="application", subtype="json", filename=f"{name}.{what.replace(' ', '-')}.json")
    if taken.reply:
        answer.add_attachment(taken.reply, maintype="application", subtype="octet-stream", filename=f"{name}.{taken.reply_name}")
    try:
        await post(channel, answer)
    except (aiosmtplib.SMTPException, OSError) as error:
        _log.warning("the answer to %s from %s did not go out: %s", name, channel.party_id, error)


def _for(channels: Sequence[ChannelSettings], recipients: Sequence[str], purpose: str) -> ChannelSettings | None:
    """The channel that one of the addresses stands for."""
    for address in recipients:
        for channel in channels:
            if hmac.compare_digest(address.lower().encode(), own_address(channel, purpose).lower().encode()):
                return channel
    return None
