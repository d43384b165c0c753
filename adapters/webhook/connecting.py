"""Connections to permitted addresses only. The check stands where the socket is made: what is checked is what is connected to."""

import socket
from collections.abc import Callable
from typing import Any

import aiohttp

from tradeflow.model.addresses import AddressDenied, permitted

CONNECTIONS_MAX = 8
IDLE_SECONDS = 15


def connector(internal: bool) -> aiohttp.TCPConnector:
    """For one channel. Names are resolved anew for every connection; nothing is cached that could be another address by then."""
    return aiohttp.TCPConnector(
        limit=CONNECTIONS_MAX, use_dns_cache=False, keepalive_timeout=IDLE_SECONDS, socket_factory=_factory(internal)
    )


def _factory(internal: bool) -> Callable[[Any], socket.socket]:
    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if family not in (socket.AF_INET, socket.AF_INET6) or not permitted(str(address[0]), internal) or (len(address) > 3 and address[3]):
            raise AddressDenied
        return socket.socket(family, kind, protocol)

    return make
