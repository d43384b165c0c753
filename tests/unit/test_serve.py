"""The socket a hub listens on."""

import socket

from litestar import Litestar

from tradeflow.api.serve import Listener


def test_answers_are_not_held_back_until_their_head_is_acknowledged() -> None:
    listener = Listener(Litestar(openapi_config=None, logging_config=None), "127.0.0.1", 0)
    with listener._socket as bound:
        assert bound.proto == socket.IPPROTO_TCP, "asyncio turns Nagle's algorithm off only for sockets that say they are TCP"
