"""What the operator sees of a hub: its queues, the versions of its content, its health."""

from typing import Any

from tradeflow import __version__
from tradeflow.app.access import Caller, operator_only
from tradeflow.app.machines import Machines
from tradeflow.model.catalogue import catalogue
from tradeflow.store import evidence
from tradeflow.store.uow import Store

Json = dict[str, Any]


class Overview:
    """Reads only, for the operator."""

    def __init__(self, store: Store, machines: Machines) -> None:
        self._store, self._machines = store, machines

    async def figures(self, caller: Caller) -> Json:
        """How much waits where, how large the hub is, and since when the oldest delivery should have gone."""
        operator_only(caller)
        return {**await evidence.queues(self._store), "now": await self._store.now(), "release": __version__}

    async def content(self, caller: Caller) -> Json:
        """The versions of the process tables with the trades that stay with each, and the messages of the catalogue."""
        operator_only(caller)
        current = self._machines.current.hash
        rows = [row | {"current": row["hash"] == current} for row in await evidence.versions(self._store)]
        return {"versions": rows, "messages": [catalogue().message(id) for id in catalogue().ids()]}
