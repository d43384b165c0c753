"""The board of a party: all its trades, whose turn it is, what is late, what is to be paid; and found by numbers, parties and containers.

What a line shows is worked out from the trade when it has moved, for the parties that somebody signs in for, and kept (store/board.py). A
line that is asked for before that is worked out at once. Nothing here is part of the record: all of it follows from the trades.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.costs import Reading, Stay, costs, total
from tradeflow.app.costs import reads as cost_documents
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.findings import readable
from tradeflow.app.machines import Machines
from tradeflow.app.sight import Sight
from tradeflow.bundle import content_roots
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.machine.case import ORDERS
from tradeflow.machine.commands import Context
from tradeflow.machine.owed import Owed, owed, reads, rows
from tradeflow.model.finding import Severity
from tradeflow.model.trade import Payable
from tradeflow.store import board, parties
from tradeflow.store.board import Seat
from tradeflow.store.circulation import circulation
from tradeflow.store.uow import Store

CASE = "trade.case"
BILLS = {"insurer_invoice": "total", "freight_invoice": "total", "commercial_invoice": "totals.total", "customs_response": "due"}
OF_KIND = {"GOODS": "commercial_invoice", "DUTY_TAX": "customs_response"}  # whose bill is filed in another process
TERMS_MAX = 8


class Item(msgspec.Struct, omit_defaults=True):
    """A document that is missing, as a party may know it."""

    messages: list[str]
    role: str
    parties: list[str]
    due: datetime | None = None
    possible: bool = False


class Cost(msgspec.Struct, omit_defaults=True):
    """A debt that is open; without an amount where none is stated, or where it is not for this party's eyes."""

    kind: str
    amount: str = ""
    currency: str = ""


class Line(msgspec.Struct, omit_defaults=True):
    """What the board shows of one trade. `held` are the party's roles, `names` what the parties are called."""

    stage: str = ""
    held: list[str] = []
    names: dict[str, str] = {}
    sellers: list[str] = []
    buyers: list[str] = []
    items: list[Item] = []
    costs: list[Cost] = []
    stays: list[Stay] = []
    counted: dict[str, Decimal] = {}
    findings: int = 0
    opened_at: datetime | None = None

    def total(self, now: datetime) -> list[tuple[str, Decimal]]:
        """What the trade costs the party by now, by currency; the price of the goods is no part of it."""
        return total(self.counted, self.stays, now)


class Boards:
    """Boards of parties: read page by page, and kept up to date."""

    def __init__(self, store: Store, machines: Machines, documents: DocumentLoader) -> None:
        self._store, self._machines, self._documents = store, machines, documents

    async def page(self, caller: Caller, only: str, search: str, after: str, limit: int) -> dict[str, Any]:
        """Lines of the caller's board. `after` is `next` of the page before; `only` is one of store.board.FILTERS.

        A user who may not act in all roles of its party sees no dates, sums or findings, and finds by references alone what it may see.
        """
        if only not in board.FILTERS:
            raise BadInput(
                "INVALID_REQUEST", say("a board shows %(filter)s, or everything", filter=", ".join(filter(None, board.FILTERS))), 422
            )
        before, late_after = _cursor(after, only)
        terms = search.lower().split()[:TERMS_MAX]
        store = self._store.acting(caller.acting)
        if terms:
            found = await board.found(store, self._store, caller.party_id, terms, only, before, late_after, limit)
        else:
            found = await board.page(store, caller.party_id, caller.operator, only, before, late_after, limit)
        for row in found:
            if row["version"] != row["moved_to"]:
                await self._again(row, caller.party_id)
        if caller.roles is not None:  # other words might be of documents that its roles do not see
            found = [row for row in found if all(row["trade_id"].lower().startswith(term) for term in terms)]
        lines = [row | {"line": _within(msgspec.json.decode(row["view"], type=Line), caller)} for row in found if row["view"] is not None]
        last = found[-1] if len(found) == limit else None
        return {"items": lines, "next": _next(last, only) if last else "", "now": await self._store.now()}

    async def _again(self, row: dict[str, Any], party_id: str) -> None:
        fresh = await self.refresh(row["trade_id"], [party_id])
        if fresh:
            version, done, seat = fresh
            row |= {"version": version, "done": done, "acts": seat[0].acts, "late_at": seat[0].late_at, "view": seat[0].view}

    async def refresh(self, trade_id: str, party_ids: Iterable[str]) -> tuple[int, bool, list[Seat]] | None:
        """Work out and keep what these parties see of a trade now; None where there is no such trade."""
        row = await self._store.read(trade_id)
        if row is None:
            return None
        state, machine = row.state, await self._machines.of(row.state.machine)
        wanted = (
            reads()
            | {kind for timer in machine.timers.values() for kind in timer.due.of}
            | {*ORDERS, "proforma_invoice", *BILLS}
            | cost_documents(machine)
        )
        docs = await self._documents.load(state, wanted)
        items = owed(machine, state, Context(row.now, docs))
        circulated = await circulation(self._store, trade_id)
        cards = await parties.cards(self._store, sorted({p.party_id for p in state.participants}))
        names = {card["party_id"]: card["name"] for card in cards}
        seats = []
        for party_id in party_ids:
            sight = Sight.of(Caller(party_id, ""), state, circulated)
            seats.append(_seat(party_id, _Reading(machine, state, docs, sight, party_id, names), items))
        region = machine.region(CASE)
        done = region is not None and state.state_of(CASE) in region.terminal
        await board.put(self._store, trade_id, state.version, done, seats)
        return state.version, done, seats


class _Reading(Reading):
    """With what the parties are called."""

    names: dict[str, str]


def _seat(party_id: str, reading: _Reading, items: list[Owed]) -> Seat:
    state, sight = reading.state, reading.sight
    held, cost = sorted(state.roles_of(party_id)), costs(reading)
    told = [Item(i.messages, i.role, i.parties, i.due if _may_know(reading, i) else None, i.possible_now) for i in items]
    line = Line(
        stage=state.state_of(CASE) if sight.region(CASE) else "",
        held=held,
        names=reading.names,
        sellers=state.parties_with("exporter"),
        buyers=state.parties_with("importer"),
        items=told,
        costs=[_cost(reading, payable) for payable in state.payables.values() if payable.open and sight.payable(payable.kind)],
        stays=cost.stays,
        counted=cost.counted,
        findings=_disagreements(reading),
        opened_at=min((region.since for region in state.regions.values() if region.since), default=None),
    )
    acts = any(item.possible and item.role in held for item in told)
    late_at = min((item.due for item in told if item.due), default=None)
    return Seat(party_id, acts, late_at, msgspec.json.encode(line), _words(reading))


def _may_know(reading: _Reading, item: Owed) -> bool:
    """Whether the last day of what is missing may be told: the reader sees the clock, or whole the documents that it is reckoned from."""
    row = next((one for one in rows(content_roots()) if one.id == item.id), None)
    if row is None:
        return True  # a task has no last day
    if row.clock:
        running = [timer for key, timer in reading.state.timers.items() if key.partition(".")[2] == row.clock]
        timer = reading.machine.timers[row.clock]
        if running:  # whoever sees a region sees its clocks
            return reading.sight.region(running[0].region)
        return reading.sight.region(f"{timer.process}.{timer.owner.rpartition('.')[2]}") and _sees_all(reading, timer.due.of)
    return row.due is None or _sees_all(reading, row.due.of)


def _sees_all(reading: _Reading, types: Iterable[str]) -> bool:
    return all(reading.whole(document) for document in reading.docs.documents if document.type in set(types))


def _cost(reading: _Reading, payable: Payable) -> Cost:
    """What is billed for a debt, where the reader sees the bill."""
    state = reading.state
    for document in reversed(reading.docs.documents):
        entry = state.documents[f"{document.type}:{document.number}"]
        path = BILLS.get(document.type)
        if path and (entry.instance == payable.instance or document.type == OF_KIND.get(payable.kind)) and reading.whole(document):
            value, currency = document.get(f"{path}.value"), document.get(f"{path}.currency")
            if value is not None and currency:
                return Cost(payable.kind, str(value), str(currency))
    return Cost(payable.kind)


def _disagreements(reading: _Reading) -> int:
    state = reading.state
    standing = (known.finding for known in state.findings.values() if not state.accepts(known.finding.id))
    return sum(finding.severity == Severity.ERROR and readable(finding, state, reading.sight) is not None for finding in standing)


def _words(reading: _Reading) -> frozenset[str]:
    """What the trade is found by: its reference, numbers of documents, parties by id and name, containers."""
    state, sight = reading.state, reading.sight
    found = {state.trade_id, *reading.names, *(word for name in reading.names.values() for word in name.split())}
    found |= {entry.number for entry in state.documents.values() if sight.message(entry.message_id) is not None}
    if sight.process_seen("transport") or sight.region("transport.equipment"):
        found |= set(state.containers)
    return frozenset(word.lower().replace("\n", " ")[:200] for word in found if word.strip())


def _within(line: Line, caller: Caller) -> Line:
    """The line for a user who may not act in all roles of its party: less rather than more than its roles see."""
    if caller.roles is None or set(line.held) <= caller.roles:
        return line
    items = [item if caller.may_act_as(item.role) else Item(item.messages, item.role, item.parties) for item in line.items]
    held = [role for role in line.held if caller.may_act_as(role)]
    return msgspec.structs.replace(line, held=held, items=items, costs=[], stays=[], counted={}, findings=0, stage="")


def _cursor(after: str, only: str) -> tuple[str, datetime | None]:
    trade_id, _, moment = after.partition("@")
    if only != "late" or not trade_id:
        return trade_id, None
    try:
        return trade_id, datetime.fromisoformat(moment)
    except ValueError:
        raise BadInput("INVALID_REQUEST", "this is no page of the board", 422) from None


def _next(row: dict[str, Any], only: str) -> str:
    return f"{row['trade_id']}@{row['late_at'].isoformat()}" if only == "late" and row["late_at"] else str(row["trade_id"])
