"""Connections to addresses that somebody else chose. The check stands where the socket is made: what is checked is what is connected to."""

import asyncio
import re
import socket
from collections.abc import Callable
from typing import Any

import aiohttp
from yarl import URL

from tradeflow.model.addresses import AddressDenied, permitted

CONNECTIONS_MAX = 8
IDLE_SECONDS = 15
URL_LENGTH_MAX = 2_000
HEADERS_MAX, HEADER_BYTES_MAX = 64, 4_096
CONNECT_SECONDS_MAX = 10
READ_BYTES = 4_096
HERE = ("127.0.0.1", "::1", "localhost")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\]")


def connector(internal: bool) -> aiohttp.TCPConnector:
    """For one channel. Names are resolved anew for every connection; nothing is cached that could be another address by then."""
    return aiohttp.TCPConnector(
        limit=CONNECTIONS_MAX, use_dns_cache=False, keepalive_timeout=IDLE_SECONDS, socket_factory=_factory(internal)
    )


async def resolved(host: str, port: int, internal: bool) -> str:
    """The address to connect to, for a library that makes its own socket: resolved once, so that it is this one that was looked at.

    One forbidden address among those of a name is enough to refuse it. Raises AddressDenied, or OSError where there is no such name.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for _, _, _, _, address in found:
        if not permitted(str(address[0]), internal) or (len(address) > 3 and address[3]):
            raise AddressDenied
    return str(found[0][4][0])


def session(internal: bool, seconds_max: float) -> aiohttp.ClientSession:
    """For calls to one address: bounded in time and headers, without cookies, proxies of the environment and unpacking."""
    return aiohttp.ClientSession(
        connector=connector(internal),
        timeout=aiohttp.ClientTimeout(total=seconds_max, sock_connect=CONNECT_SECONDS_MAX),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        max_line_size=HEADER_BYTES_MAX,
        max_field_size=HEADER_BYTES_MAX,
        max_headers=HEADERS_MAX,
        read_bufsize=READ_BYTES,
    )


def denied(error: aiohttp.ClientConnectorError) -> bool:
    """Whether a connection failed because the address is one that nobody may lead the hub to."""
    return isinstance(error.os_error, AddressDenied) or "no channel may use" in str(error)


def url_faults(text: str) -> list[str]:
    """What is wrong with an address as text. What its name leads to is asked anew at every connection."""
    found = []
    try:
        url = URL(text)
        port = url.port
    except ValueError as error:
        return [str(error)]
    authority = re.sub(r"^[a-z]+://", "", text, flags=re.IGNORECASE).partition("/")[0].partition("?")[0].partition("#")[0]
    if url.scheme != "https" and not (url.scheme == "http" and url.host in HERE):
        found.append("begins with https:// (http:// only to this machine itself, which only a sandbox may allow)")
    if "@" in authority or "\\" in text:
        found.append("holds no user, no password and no backslash")
    elif not _HOST.fullmatch(re.sub(r":\d*$", "", authority)):
        found.append("the host is a name or an address in plain letters, digits, dots and hyphens; write others as xn--…")
    if not port or len(text) > URL_LENGTH_MAX or not text.isascii() or not text.isprintable() or " " in text:
        found.append(f"at most {URL_LENGTH_MAX} visible ASCII characters")
    return found


def _factory(internal: bool) -> Callable[[Any], socket.socket]:
    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if family not in (socket.AF_INET, socket.AF_INET6) or not permitted(str(address[0]), internal) or (len(address) > 3 and address[3]):
            raise AddressDenied
        return socket.socket(family, kind, protocol)

    return make
