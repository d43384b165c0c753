"""Addresses of the hub, codes, and handing a message to the mail server that the operator named."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from tradeflow.ports import ChannelSettings

REPLY, BOUNCE = "m", "b"  # what an address of the hub is for
SEND_SECONDS_MAX = 30


def proof(given: ChannelSettings, purpose: str) -> str:
    """What only the hub can make for this channel and its address: with another address all its codes are others."""
    said = "\x1f".join((purpose, given.party_id, given.name, str(given.settings.get("address", "")).lower()))
    digest = hmac.new(str(given.hub.get("mail_secret") or "").encode(), said.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:15]).decode().lower()


def verified(given: ChannelSettings) -> bool:
    """Whether whoever set the channel up has read the mail that went to its address."""
    return hmac.compare_digest(str(given.settings.get("code") or "").strip().lower().encode(), proof(given, "code")[:10].encode())


def own_address(given: ChannelSettings, purpose: str) -> str:
    """An address of the hub that stands for this channel: hub+m.<proof>@hub.example."""
    name, _, domain = str(given.hub["mail_from"]).partition("@")
    return f"{name}+{purpose}.{proof(given, purpose)}@{domain}"


def new_message(given: ChannelSettings, subject: str, text: str) -> EmailMessage:
    """A message to the channel's address; answers to it come to the channel."""
    message = EmailMessage()
    message["From"] = str(given.hub["mail_from"])
    message["To"] = str(given.settings["address"])
    message["Reply-To"] = own_address(given, REPLY)
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


async def post(given: ChannelSettings, message: EmailMessage) -> str:
    """Hand a message to the mail server; what it said. Raises aiosmtplib.SMTPException or OSError."""
    _, said = await aiosmtplib.send(
        message,
        sender=own_address(given, BOUNCE),
        recipients=[str(given.settings["address"])],
        timeout=SEND_SECONDS_MAX,
        **relay(given.hub),
    )
    return said


def relay(hub: Mapping[str, Any]) -> dict[str, Any]:
    """The mail server of smtp_url (smtp://, or smtps:// for TLS from the first byte), as aiosmtplib wants it."""
    url = urlsplit(str(hub["smtp_url"]))
    tls = url.scheme == "smtps"
    return {
        "hostname": url.hostname,
        "port": url.port or (465 if tls else 25),
        "username": unquote(url.username) if url.username else None,
        "password": unquote(url.password) if url.password else None,
        "use_tls": tls,
    }
