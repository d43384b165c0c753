"""What waits at a party's desk: computed from the states of its trades by the process tables, trade by trade, and kept while they stand."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tradeflow.app.access import Caller
from tradeflow.app.desks import Desk, Section, desks
from tradeflow.app.machines import Machines
from tradeflow.app.optional import Option, options, over
from tradeflow.app.sight import Sight
from tradeflow.errors import Missing
from tradeflow.language.sentences import say
from tradeflow.machine.allowed import allowed
from tradeflow.machine.answers import Allowed
from tradeflow.machine.tables import Machine
from tradeflow.machine.turn import instances
from tradeflow.model.trade import DocumentEntry, TradeState
from tradeflow.store import parties, work
from tradeflow.store.circulation import Circulation
from tradeflow.store.uow import Store

ALSO = "also"  # the section of every desk in which nothing waits: what may be sent all the same
ROWS = 25  # about as many rows as a page has; one trade is never split
LOOKED_AT = 400  # trades of one page, most of which may hold no work
COMPUTED = 20  # of these, trades that are computed anew: what bounds the time of a page
ROLES_OF = 500  # trades that say which desks a party has
KEPT = 20_000  # trades whose work is remembered


@dataclass(frozen=True, slots=True)
class Action:
    """A message that may be sent, or a decision that may be made, in one role."""

    name: str
    decision: bool
    role: str
    region: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What waits in one instance of a process of one trade."""

    section: str
    instance: str
    region: str
    state: str
    meaning: str
    since: datetime | None
    due: datetime | None
    due_why: str
    actions: tuple[Action, ...]
    documents: tuple[DocumentEntry, ...]
    apart: bool  # the trade has further instances of the process


@dataclass(frozen=True, slots=True)
class Waiting:
    """A trade with its rows, and what may be sent beside them."""

    trade_id: str
    updated_at: datetime
    participants: tuple[tuple[str, str], ...]  # party id, role
    rows: tuple[Row, ...]
    also: tuple[Option, ...]

    def length(self, section: str) -> int:
        """How much room it takes in a list: where only the optional is listed, one row."""
        return bool(self.also) if section == ALSO else len(self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a work list. `next` is the reference that the page after it begins before; "" where nothing is left."""

    desk: Desk
    items: list[Waiting]
    names: dict[str, str]  # party id -> name
    next: str
    now: datetime

    def count(self, section: str) -> int:
        return sum(row.section == section for item in self.items for row in item.rows)


class Worklists:
    """Reads only."""

    def __init__(self, store: Store, machines: Machines) -> None:
        self._store, self._machines = store, machines
        self._kept: OrderedDict[tuple[Any, ...], Waiting] = OrderedDict()

    async def mine(self, caller: Caller) -> list[str]:
        """The ids of the desks that the caller's party has: by its roles in the newest of its trades."""
        if caller.operator:
            return []
        found = await work.roles(self._store.acting(caller.acting), caller.party_id, ROLES_OF)
        held = {role for role in found if caller.may_act_as(role)}
        return [id for id, desk in desks().items() if held & set(desk.roles)]

    async def page(self, caller: Caller, desk_id: str, section: str = "", before: str = "") -> Page:
        """What waits at a desk, or in one section of it, by reference, the last one first. Raises Missing for a desk there is not."""
        desk = desks().get(desk_id)
        if desk is None or (section and section not in {ALSO, *(one.id for one in desk.section)}):
            raise Missing("NOT_FOUND", say("there is no desk %(desk_id)s %(section)s", desk_id=desk_id, section=section).rstrip(), 404)
        held = [role for role in desk.roles if caller.may_act_as(role)]
        items, following = await self._items(caller, desk_id, desk, held, section, before)
        if section and section != ALSO:
            items = [replace(item, rows=tuple(row for row in item.rows if row.section == section)) for item in items]
        items = [item for item in items if item.length(section)]
        ids = sorted({party for item in items for party, _ in item.participants})
        names = {card["party_id"]: card["name"] for card in await parties.cards(self._store, ids)} if ids else {}
        return Page(desk, items, names, following, await self._store.now())

    async def _items(
        self, caller: Caller, desk_id: str, desk: Desk, held: list[str], section: str, before: str
    ) -> tuple[list[Waiting], str]:
        """Trades in order until a page is full, or enough of them were looked at."""
        heads = await work.heads(self._store.acting(caller.acting), caller.party_id, held, before, LOOKED_AT + 1)
        key = (desk_id, caller.party_id, tuple(held))
        known: dict[str, Waiting] = {}
        unknown: list[work.Head] = []
        rows = 0
        for head in heads[:LOOKED_AT]:
            kept = self._kept.get((*key, head.trade_id, head.version))
            if kept is None:
                unknown.append(head)
                if len(unknown) > COMPUTED:
                    break
            else:
                self._kept.move_to_end((*key, head.trade_id, head.version))
                known[head.trade_id] = kept
                rows += kept.length(section)
                if rows >= ROWS:
                    break
        known |= await self._computed(caller, desk, held, key, unknown[:COMPUTED])
        items: list[Waiting] = []
        rows = 0
        for index, head in enumerate(heads):
            if rows >= ROWS or head.trade_id not in known:
                return items, heads[index - 1].trade_id
            items.append(known[head.trade_id])
            rows += known[head.trade_id].length(section)
        return items, ""

    async def _computed(
        self, caller: Caller, desk: Desk, held: list[str], key: tuple[Any, ...], heads: list[work.Head]
    ) -> dict[str, Waiting]:
        if not heads:
            return {}
        ids = [head.trade_id for head in heads]
        types = {type_ for section in desk.section for type_ in section.documents}
        states = await work.states(self._store.acting(caller.acting), ids)
        circulated = await work.circulated(self._store, states, types)
        found = {}
        for head in heads:
            state = states[head.trade_id]
            made = await self._of(caller, desk, set(held), head, state, circulated[head.trade_id])
            found[head.trade_id] = made
            if state.version == head.version:
                self._kept[(*key, head.trade_id, head.version)] = made
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    async def _of(
        self, caller: Caller, desk: Desk, held: set[str], head: work.Head, state: TradeState, circulated: dict[Any, Circulation]
    ) -> Waiting:
        """The work of one trade."""
        cast = tuple((p.party_id, p.role) for p in state.participants)
        mine = held & state.roles_of(caller.party_id)
        machine = await self._machines.of(state.machine)
        rows: tuple[Row, ...] = ()
        also: tuple[Option, ...] = ()
        if mine and not over(machine, state):
            sight = Sight.of(caller, state, circulated)
            open_ = allowed(machine, state, mine)
            rows = tuple(row for section in desk.section for row in _rows(machine, state, sight, section, open_))
            also = options(machine, state, open_, {action.name for row in rows for action in row.actions})
        return Waiting(head.trade_id, head.updated_at, cast, rows, also)


def _rows(machine: Machine, state: TradeState, sight: Sight, section: Section, open_: list[Allowed]) -> Iterator[Row]:
    """One row for each region that stands in a state in which this section has work, and takes some of it now."""
    for key, here in state.regions.items():
        instance, _, name = key.partition(".")
        process = instance.partition("#")[0]
        if here.state not in section.waits.get(f"{process}.{name}", ()):
            continue
        actions = tuple(action for entry in open_ if entry.region == key and (action := _action(state, section, entry)))
        region = machine.region(key)
        if not actions or region is None:
            continue
        clocks = sorted((t.due_at, t.why) for t in state.timers.values() if t.region == key and sight.region(t.region))
        due, why = clocks[0] if clocks else (None, "")
        documents = tuple(_newest(state, sight, section, instance))
        apart = len(instances(state, process)) > 1
        yield Row(section.id, instance, key, here.state, region.states[here.state], here.since, due, why, actions, documents, apart)


def _action(state: TradeState, section: Section, entry: Allowed) -> Action | None:
    """The entry as work: it belongs to the section, nothing is known to stand in its way, and it is not done already."""
    name = entry.message or entry.event
    if name not in section.does or any(view.holds is False for view in entry.guards):
        return None
    if entry.message and entry.function and "9" not in entry.function:
        return None
    here = state.regions[entry.region].state
    if entry.message and set(entry.to) == {here} and any(d.type == name and d.instance == entry.instance for d in state.standing):
        return None
    return Action(name, not entry.message, entry.by[0], entry.region, tuple(entry.to))


def _newest(state: TradeState, sight: Sight, section: Section, instance: str) -> Iterator[DocumentEntry]:
    """The newest document of each type that the section reads, those of the same instance first, as far as the reader may see it."""
    for type_ in section.documents:
        seen = [d for d in state.standing if d.type == type_ and sight.message(d.message_id) is not None]
        own = [d for d in seen if d.instance == instance] or seen
        if own:
            yield own[-1]
