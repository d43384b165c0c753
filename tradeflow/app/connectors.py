"""The connectors of a process: one for each channel it has sent to, made anew when the channel changes."""

import asyncio
import logging
from typing import Any

from tradeflow.app.kinds import Kind, kinds
from tradeflow.errors import Unavailable
from tradeflow.ports import Channel, ChannelSettings, Failed, Outgoing, RetryLater, SendResult
from tradeflow.settings import Settings
from tradeflow.store import channels
from tradeflow.store.dispatches import Dispatches, Line
from tradeflow.store.uow import Store

SEND_SECONDS_MAX = 60  # whatever a connector does; a lease is longer
KEPT_SECONDS = 60  # a secret that expired is forgotten after this time at the latest
_log = logging.getLogger(__name__)


class Connectors:
    """Makes connectors and sends through them. Whatever a connector does, sending ends with a result and in time."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._made: dict[tuple[str, str], tuple[int, float, Channel]] = {}
        self._retiring: dict[asyncio.Task[None], Channel] = {}  # replaced, but perhaps still being sent through

    async def send(self, line: Line, outgoing: Outgoing) -> SendResult:
        """Send one delivery through a channel."""
        try:
            connector = await self.connector(line)
        except Unavailable as error:  # the database, or the key of its secrets, is away: the channel itself is fine
            return RetryLater(error.detail)
        except Exception as error:  # noqa: BLE001 - settings that were fine when they were given: its owner has to look
            _log.exception("channel %s of %s cannot be made", line.name, line.party_id)
            return Failed(f"the channel cannot be used as it is set: {type(error).__name__}: {error}", disables=True)
        try:
            async with asyncio.timeout(SEND_SECONDS_MAX):
                return await connector.send(outgoing)
        except TimeoutError:
            return RetryLater(f"no result within {SEND_SECONDS_MAX} s")
        except Exception as error:  # noqa: BLE001 - one partner's trouble must not stop the others' deliveries
            _log.warning("channel %s of %s: %s: %s", line.name, line.party_id, type(error).__name__, error)
            return RetryLater(f"{type(error).__name__}: {error}")

    async def served(self, kind: str) -> list[ChannelSettings]:
        """The active channels of a kind, for a server that partners come to. It is told no secrets."""
        return [self._given(line, {}) for line in await Dispatches(self._store, 0).active([kind])]

    def of_hub(self, kind: Kind) -> dict[str, Any]:
        """Those of the hub's settings that a kind is told."""
        return {name: getattr(self._settings, name) for name in kind.hub}

    def _given(self, line: Line, secrets: dict[str, list[str]]) -> ChannelSettings:
        internal, hub = self._settings.sandbox and self._settings.internal_addresses, self.of_hub(kinds()[line.kind])
        return ChannelSettings(line.party_id, line.name, line.settings, secrets, internal, str(self._settings.data_dir), hub, line.format)

    async def close(self) -> None:
        """Close every connector."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        made = [*(entry[2] for entry in self._made.values()), *self._retiring.values()]
        self._made, self._retiring = {}, {}
        await asyncio.gather(*(connector.close() for connector in made), return_exceptions=True)

    async def connector(self, line: Line) -> Channel:
        """The connector of a channel as it is set now."""
        now, known = asyncio.get_running_loop().time(), self._made.get(line.key)
        if known and known[0] == line.revision and now - known[1] < KEPT_SECONDS:
            return known[2]
        secrets = await channels.clear(self._store, *line.key)
        made = kinds()[line.kind].connector(self._given(line, secrets))
        replaced, self._made[line.key] = self._made.get(line.key), (line.revision, now, made)
        if replaced:
            task = asyncio.create_task(self._retire(replaced[2]))
            self._retiring[task] = replaced[2]
        return made

    async def _retire(self, connector: Channel) -> None:
        await asyncio.sleep(2 * SEND_SECONDS_MAX)
        await connector.close()
        del self._retiring[asyncio.current_task()]  # type: ignore[arg-type]
