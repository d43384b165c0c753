"""Moving running trades to the current process tables: a plan first, then one commit for each trade."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tradeflow.app.acceptance import Command, outcome
from tradeflow.app.access import OPERATOR, Caller
from tradeflow.app.machines import Machines
from tradeflow.machine.answers import Decision
from tradeflow.machine.repin import Renamed, ended, repin
from tradeflow.store import reads
from tradeflow.store.uow import Store

PAGE = 100
UPGRADE = Caller(OPERATOR, "upgrade")


@dataclass(slots=True)
class Plan:
    """The trades that are not on the current tables: those that move (or moved), those that need a person and why, those that are over."""

    moved: list[str] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)
    ended: int = 0


class Upgrade:
    """Moves trades. Each is read, judged and written alone, so that parties go on working meanwhile."""

    def __init__(self, store: Store, machines: Machines, renamed: Renamed | None = None) -> None:
        self._store, self._machines, self._renamed = store, machines, renamed or {}

    async def run(self, only: frozenset[str] = frozenset(), apply: bool = False) -> Plan:
        """Look at every trade (or only these) that runs on other tables; with `apply`, move those that need nobody."""
        plan = Plan()
        async for trade_id in self._elsewhere():
            if not only or trade_id in only:
                await self._one(trade_id, plan, apply)
        return plan

    async def _elsewhere(self) -> AsyncIterator[str]:
        after = ""
        while page := await reads.pinned_elsewhere(self._store, self._machines.current.hash, after, PAGE):
            for trade_id in page:
                yield trade_id
            after = page[-1]

    async def _one(self, trade_id: str, plan: Plan, apply: bool) -> None:
        async with self._store.serial(trade_id) as alone:
            row = await self._store.read(trade_id, on=alone)
            assert row is not None, "trades are never deleted"
            old = await self._machines.of(row.state.machine)
            if ended(old, row.state):
                plan.ended += 1
                return
            found = repin(old, self._machines.current, row.state, self._renamed)
            if found.needs:
                plan.needs[trade_id] = found.needs
                return
            plan.moved.append(trade_id)
            if apply:
                written = outcome(row, Command("upgrade", UPGRADE, "platform", name="upgrade"), Decision(found.changes))
                assert await self._store.accept(written.acceptance, on=alone), "alone, and yet it moved"
