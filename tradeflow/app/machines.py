"""The process tables trades run on: each trade stays on the version it began with."""

from tradeflow.machine import load
from tradeflow.machine.tables import Machine
from tradeflow.store.uow import Store


class Machines:
    """Compiled tables by hash. New trades begin on `current`; older versions come from the store."""

    def __init__(self, store: Store, current: Machine) -> None:
        self._store, self.current = store, current
        self._by_hash: dict[str, Machine] = {current.hash: current}

    async def of(self, machine_hash: str) -> Machine:
        """The tables with this hash, compiled once."""
        machine = self._by_hash.get(machine_hash)
        if machine is None:
            machine = load.from_content(await self._store.process_version(machine_hash))
            self._by_hash[machine_hash] = machine
        return machine
