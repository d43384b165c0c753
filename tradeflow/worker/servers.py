"""The hub's own servers for partners: those of the kinds of channels whose setting gives them a port."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Self

from tradeflow.app.kinds import kinds
from tradeflow.app.wiring import Hub
from tradeflow.errors import EmbeddedError
from tradeflow.ports import ServerSettings


class Servers:
    """Listen while the block runs. `ports` says where, by the kind."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._stack = hub, AsyncExitStack()
        self.ports: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        hub = self._hub
        for kind in kinds().values():
            port = getattr(hub.settings, kind.server_setting) if kind.server else None
            if port is None:
                continue
            given = ServerSettings(
                hub.settings.listen_host,
                port,
                str(hub.settings.data_dir),
                hub.connectors.of_hub(kind),
                partial(hub.connectors.served, kind.server_kind),
                hub.inbound.take,
            )
            try:
                server = await self._stack.enter_async_context(kind.serving(given))
            except OSError as error:
                await self._stack.aclose()
                raise EmbeddedError(f"{kind.server_setting}: cannot listen on {given.host}:{port} ({error.strerror})") from error
            self.ports[kind.id] = server.port
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
