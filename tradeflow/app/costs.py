"""What a trade costs a reader: sums that documents state, and containers whose free time runs or is over.

Everything follows from the documents that the reader sees whole (workflows/_common/costs.toml names them); nothing is estimated. What a
container costs by now is its tariff, day by day, as the rules of a notice of detention reckon it (rules/words/detention.py).
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec

from tradeflow.app.sight import NOTHING, Sight
from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.machine.calendars import zone
from tradeflow.machine.case import Case
from tradeflow.machine.tables import Machine
from tradeflow.machine.timers import free_until, place_of
from tradeflow.machine.words.payables import INVOICES, SETTLED
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.content import load
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.money import round_half_up
from tradeflow.model.trade import TradeState
from tradeflow.rules.words.detention import chargeable_days, days_at_rates

TRADERS = frozenset({"exporter", "importer"})
GOODS = "commercial_invoice"  # what is bought is no cost of buying it
Is = Literal["billed", "deducted", "credited", "announced"]


class StatedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"kind": "is"}):
    """A sum in a document: a row of costs.toml."""

    message: str
    amount: str
    kind: Is
    name: str = ""
    debtor: str = ""
    payable: str = ""
    of: str = ""


class StayRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stay of a container: a row of costs.toml."""

    after: str
    clock: str
    message: str
    container: str
    when: dict[str, str]
    at: str
    state: str = ""
    notices: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """costs.toml."""

    stated: tuple[StatedRow, ...] = ()
    stay: tuple[StayRow, ...] = ()


class Stated(msgspec.Struct, omit_defaults=True):
    """A sum that a document states. `state` is that of the payable that follows it; `others` says that another party owes it."""

    type: str
    number: str
    is_: Is
    value: Decimal
    currency: str
    name: str = ""
    state: str = ""
    debtor: str = ""
    others: bool = False

    @property
    def settled(self) -> bool:
        return self.state in SETTLED

    @property
    def counted(self) -> Decimal | None:
        """What it adds to the reader's total; None for what another party owes, or what is only announced."""
        if self.others or self.is_ == "announced":
            return None
        return -self.value if self.is_ == "credited" else self.value


class Step(msgspec.Struct):
    """A step of a tariff: the rate for a container and day, from one day to another (None: on)."""

    from_day: int
    rate: Decimal
    to_day: int | None = None


class Stay(msgspec.Struct, omit_defaults=True):
    """A container that somebody waits for. `kind` is DEM, DET, PDM or STO; type and number are those of the document with the tariff."""

    container: str
    kind: str
    since: datetime
    free_until: datetime
    days: int
    type: str
    number: str
    currency: str = ""
    tariff: list[Step] = []

    def charged(self, now: datetime) -> int:
        """Days charged up to today, today included."""
        return chargeable_days(self.free_until, now.astimezone(self.free_until.tzinfo).date()) if now >= self.free_until else 0

    def cost(self, now: datetime) -> Decimal | None:
        """What it costs by now; None where no tariff is known and something would be charged."""
        days = self.charged(now)
        if days and not self.tariff:
            return None
        return round_half_up(sum((count * step["rate"] for count, step in self._stays(days)), Decimal(0)), self.currency)

    def rate(self, now: datetime) -> Decimal | None:
        """What today costs; None while the time is free or the tariff is unknown."""
        stays = self._stays(self.charged(now))
        return Decimal(stays[-1][1]["rate"]) if stays else None

    def _stays(self, days: int) -> list[tuple[int, Any]]:
        steps = [{k: v for k, v in msgspec.structs.asdict(step).items() if v is not None} for step in self.tariff]
        return days_at_rates(steps, self.days, days)


class Costs(msgspec.Struct, omit_defaults=True):
    """What one reader's documents say that a trade costs."""

    stated: list[Stated] = []
    stays: list[Stay] = []

    def totals(self, now: datetime) -> list[tuple[str, Decimal]]:
        """What is billed to the reader, kept back from it, and charged for containers by now, less what was credited: by currency."""
        return total(self.counted, self.stays, now)

    @property
    def counted(self) -> dict[str, Decimal]:
        """The stated part of the totals."""
        found: dict[str, Decimal] = {}
        for one in self.stated:
            if one.counted is not None:
                found[one.currency] = found.get(one.currency, Decimal(0)) + one.counted
        return found


def total(counted: dict[str, Decimal], stays: Iterable[Stay], now: datetime) -> list[tuple[str, Decimal]]:
    """Stated sums and what containers cost by now, by currency."""
    found = dict(counted)
    for stay in stays:
        if cost := stay.cost(now):
            found[stay.currency] = found.get(stay.currency, Decimal(0)) + cost
    return sorted(found.items())


class Reading(msgspec.Struct):
    """One reader of one trade."""

    machine: Machine
    state: TradeState
    docs: DocumentSet
    sight: Sight
    party_id: str

    def whole(self, document: Document) -> bool:
        """Whether the reader sees a document, and all of it."""
        entry = self.state.documents.get(f"{document.type}:{document.number}")
        return entry is not None and self.sight.message(entry.message_id, document.data) == NOTHING


def costs(reader: Reading) -> Costs:
    """What a trade costs the reader. Pure."""
    seen = DocumentSet([document for document in reader.docs.documents if reader.whole(document)])
    rows = table(content_roots())
    return Costs(
        [one for row in rows.stated for document in seen.of(row.message) for one in _stated(reader, row, document)],
        [stay for row in rows.stay for stay in _stays(reader, row, seen)],
    )


def reads(machine: Machine) -> set[str]:
    """The documents in which costs stand."""
    rows = table(content_roots())
    stays = {name for row in rows.stay for name in (row.message, *row.notices, *machine.timers[row.clock].due.of)}
    return stays | {row.message for row in rows.stated}


def _stated(reader: Reading, row: StatedRow, document: Document) -> Iterator[Stated]:
    if row.of and document.get(row.of) == GOODS:
        return
    debtor = document.get(row.debtor) if row.debtor else None
    owes = str((debtor or {}).get("party_id", ""))
    names = [str(name) for _, name in document.each(row.name)] if row.name else []
    for index, (_, amount) in enumerate(document.each(row.amount)):
        if amount.get("value"):
            yield Stated(
                *(document.type, document.number, row.kind, amount["value"], str(amount["currency"])),
                name=names[index] if index < len(names) else "",
                state=_payable(reader, row, document),
                debtor=str((debtor or {}).get("name", owes)),
                others=owes != reader.party_id if owes else not _concerns(reader, document),
            )


def _concerns(reader: Reading, document: Document) -> bool:
    """Whether a sum that names no debtor is the reader's: of the traders it is addressed to, or, sent to their agents, that see it."""
    traders = [one["party_id"] for one in document.get("message.recipients") or () if one["role"] in TRADERS]
    return reader.party_id in traders if traders else bool(reader.state.roles_of(reader.party_id) & TRADERS)


def _payable(reader: Reading, row: StatedRow, document: Document) -> str:
    """The state of the payable that follows a bill, where the reader sees it; "" where none does."""
    entry = reader.state.documents[f"{document.type}:{document.number}"]
    for payable in reader.state.payables.values():
        key = f"{payable.instance}.payable"
        follows = payable.kind == row.payable or (document.type in INVOICES and payable.instance == entry.instance)
        if follows and reader.sight.payable(payable.kind) and reader.sight.region(key):
            return reader.state.state_of(key)
    return ""


def _stays(reader: Reading, row: StayRow, seen: DocumentSet) -> Iterator[Stay]:
    timer = reader.machine.timers[row.clock]
    kinds = timer.due.free_time.get(row.state) or timer.due.free_time.get("", [])
    for container, verb in sorted(reader.state.containers.items()):
        told = [d for d in reversed(seen.of(row.message)) if d.get(row.container) == container and _is(d, row.when)]
        if verb == row.after and told:
            yield from _stay(reader, row, seen, kinds, container, told[0].get(row.at))


def _is(document: Document, when: dict[str, str]) -> bool:
    return all(document.get(path) == value for path, value in when.items())


def _stay(reader: Reading, row: StayRow, seen: DocumentSet, kinds: Sequence[str], container: str, since: datetime) -> Iterator[Stay]:
    timer, state = reader.machine.timers[row.clock], reader.state
    for document in (d for name in row.notices for d in reversed(seen.of(name))):
        free = document.get("free_time")
        if free and free.get("type") in kinds and container in [number for _, number in document.each("containers[].number")]:
            yield _made(container, free, free["starts_at"], free["expires_at"], document)
            return
    running = [t for key, t in state.timers.items() if key.partition(".")[2] == row.clock and reader.sight.region(t.region)]
    for document in (d for d in reversed(seen.documents) if d.type in timer.due.of):
        for free in document.get("free_time") or ():
            if free.get("type") in kinds:
                where = _where(reader, row, seen, since)
                until = free_until(free, since, where, _zone(where, free))
                # an extension ends later than what was agreed at first
                yield _made(container, free, since, max([until, *(t.due_at for t in running)]), document)
                return


def _made(container: str, free: dict[str, Any], since: datetime, until: datetime, document: Document) -> Stay:
    steps = [Step(step["from_day"], step["rate"]["value"], step.get("to_day")) for step in free.get("tariff") or ()]
    currency = next((str(step["rate"]["currency"]) for step in free.get("tariff") or ()), "")
    return Stay(
        *(container, str(free["type"]), since, until, int(free["days"]), document.type, document.number), currency=currency, tariff=steps
    )


def _where(reader: Reading, row: StayRow, seen: DocumentSet, since: datetime) -> str:
    """The country whose days count, as the clock itself finds it."""
    timer = reader.machine.timers[row.clock]
    region = reader.machine.region(f"{timer.process}.{timer.owner.rpartition('.')[2]}")
    assert region is not None, row.clock
    told = next((d for d in reversed(seen.of(row.message)) if d.get(row.at) == since), None)
    return place_of(timer.due, Case(reader.machine, reader.state, since, region, timer.process, docs=seen, document=told))


def _zone(country: str, free: dict[str, Any]) -> tzinfo | None:
    expires: datetime = free["expires_at"]
    return (zone(country) if country else None) or expires.tzinfo


@functools.cache
def table(roots: tuple[Path, ...]) -> Table:
    """costs.toml of all content roots; ContentError where it is not well formed."""
    found = Table()
    for file in (root / "workflows" / "_common" / "costs.toml" for root in roots):
        if file.is_file():
            read = load(file)
            try:
                made = msgspec.convert(read.data, Table)
            except msgspec.ValidationError as error:
                raise read.defect(f"costs: {error}") from error
            found = Table((*found.stated, *made.stated), (*found.stay, *made.stay))
    return found


def check_costs(machine: Machine, book: Catalogue, roots: Iterable[Path]) -> list[ContentError]:
    """Every row that cannot be read, or names a message, path or clock that there is not."""
    file = next((root / "workflows" / "_common" / "costs.toml" for root in roots), Path("costs.toml"))
    try:
        rows = table(tuple(roots))
    except ContentError as error:
        return [error]
    paths = [(row.message, path) for row in rows.stated for path in (row.amount, row.name, row.debtor) if path]
    paths += [(row.message, path) for row in rows.stay for path in (row.container, row.at, *row.when)]
    wrong = [f"{id} {path}" for id, path in paths if id not in book.ids() or book.message(id).field_at(path) is None]
    clocks = [row.clock for row in rows.stay if row.clock not in machine.timers]
    return [ContentError(str(file), 1, f"costs: there is no {what}") for what in (*wrong, *clocks)]
