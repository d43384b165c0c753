"""E-mail to a verified address. Mail to the hub is taken in server.py."""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

import aiosmtplib
import msgspec
from tradeflow.adapters.file_drop.files import name_of
from tradeflow.adapters.mail.post import new_message, post, proof, verified
from tradeflow.adapters.mail.server import MailServer

from tradeflow.ports import ChannelSettings, Failed, Outgoing, RetryLater, SendResult, Sent

__all__ = ["Mail", "MailServer"]
CODE_EVERY_SECONDS = 3600
CODES_MAX = 10  # to different addresses, for one party in that time
LINES_MAX = 300
_codes_sent: Final[dict[tuple[str, str], float]] = {}  # nobody is to be flooded with codes by a channel somebody else made


class Mail:
    """One message for each delivery: readable text, and the document as an attachment."""

    def __init__(self, given: ChannelSettings) -> None:
        self._given = given

    @staticmethod
    def faults(settings: Mapping[str, Any]) -> list[str]:
        """An address that is none."""
        address = str(settings["address"])
        return [] if re.fullmatch(r"[^@\s<>,;:\"]{1,64}@[a-z0-9.-]{1,253}", address, re.IGNORECASE) else ["address is no e-mail address"]

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Send it, or, as long as the address is not verified, the code that verifies it."""
        given = self._given
        if not all(given.hub.get(name) for name in ("smtp_url", "mail_from", "mail_secret")):
            return Failed("this hub sends no e-mail: its operator has not set smtp_url, mail_from and mail_secret", disables=True)
        try:
            if not verified(given):
                return await self._verify()
            said = await post(given, message_of(given, outgoing))
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code, str(error))
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error.code, f"{error.code} {error.message}")
        except (aiosmtplib.SMTPException, OSError) as error:
            return RetryLater(f"{type(error).__name__}: {error}")
        return Sent(said[:300])

    async def close(self) -> None:
        """Nothing is open."""

    async def _verify(self) -> SendResult:
        given, address = self._given, str(self._given.settings["address"])
        now, code = time.monotonic(), proof(given, "code")[:10]
        for known in [known for known, at in _codes_sent.items() if now - at >= CODE_EVERY_SECONDS]:
            del _codes_sent[known]
        if (given.party_id, code) not in _codes_sent:
            if sum(party == given.party_id for party, _ in _codes_sent) >= CODES_MAX:
                return RetryLater(f"{given.party_id} has had codes sent to {CODES_MAX} addresses within an hour", CODE_EVERY_SECONDS)
            text = (
                f"{given.party_id} wants to receive its trade documents at this address (channel {given.name}).\n\n"
                f"The code is: {code}\n\n"
                "Put it into the channel's settings as code. If you know nothing about this, do nothing: no more will come of it.\n"
            )
            await post(given, new_message(given, "Code for your trade documents", text))
            _codes_sent[given.party_id, code] = now
        return RetryLater(f"{address} is not verified yet: the code that was sent to it has to be put into settings.code")


def message_of(given: ChannelSettings, outgoing: Outgoing) -> Any:
    """A delivery as an e-mail: the document as people print it, where it can be printed, before the data."""
    about = f"{outgoing.type.replace('_', ' ')} in {outgoing.trade_id}" if outgoing.trade_id else "Test of this channel"
    head = [
        f"From: {outgoing.sender} ({outgoing.sender_role})",
        f"For:  {outgoing.party_id} ({outgoing.role})",
        f"Trade: {outgoing.trade_id}",
    ]
    name = name_of(outgoing)
    paper = [("application/pdf", f"{name.rpartition('.')[0]}.pdf", outgoing.printed)] if outgoing.printed else []
    files = [*paper, (outgoing.content_type, name, outgoing.payload)]
    attached = f"The document is attached as {' and '.join(file for _, file, _ in files)}."
    text = "\n".join([about, "", *head, "", *_lines(outgoing), "", attached, ""])
    message = new_message(given, about, text)
    message["Message-ID"] = f"<{outgoing.delivery_id}@{str(given.hub['mail_from']).partition('@')[2]}>"  # the same on every try
    message["X-Tradeflow-Delivery"] = str(outgoing.delivery_id)
    for content_type, file, body in files:
        main, _, sub = content_type.partition("/")
        message.add_attachment(body, maintype=main, subtype=sub, filename=file)
    return message


def _lines(outgoing: Outgoing) -> list[str]:
    """What a document in JSON says, one value a line; of XML the attachment has to do."""
    if outgoing.content_type != "application/json":
        return []
    found = list(_values(msgspec.json.decode(outgoing.payload), ""))
    return found[:LINES_MAX] + (["…"] if len(found) > LINES_MAX else [])


def _values(node: Any, at: str) -> Any:
    if isinstance(node, dict) and "value" in node and len(node) <= 2:  # amounts, weights, temperatures
        yield f"{at}: {' '.join(str(node[name]) for name in sorted(node, key='value'.__ne__))}"
    elif isinstance(node, dict):
        for name, value in node.items():
            if (at, name) != ("", "message"):
                yield from _values(value, f"{at} {name.replace('_', ' ')}".strip())
    elif isinstance(node, list):
        for n, value in enumerate(node, 1):
            yield from _values(value, f"{at} {n}")
    elif node is not None:
        yield f"{at}: {' '.join(str(node).split())}"


def _refused(code: int, said: str) -> SendResult:
    """5xx is for ever (RFC 5321), anything else for now."""
    return Failed(said) if 500 <= code < 600 else RetryLater(said)
