"""workflows/_common/counterparties.toml: what the process tables leave open to a simulated counterparty."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.machine.tables import Machine
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.content import Table, load

FILE = Path("workflows/_common/counterparties.toml")
ACCEPT, REFUSE, QUERY, DELAY, GARBAGE, SILENCE = OUTCOMES = ("accept", "refuse", "query", "delay", "garbage", "silence")


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The transitions that are this outcome's, by their guards, and which event it raises in place of another."""

    guards: list[str] = []
    events: dict[str, str] = {}
    note: str = ""


class Aside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is no answer unless somebody decides so."""

    guards: list[str] = []
    messages: list[str] = []


class Then(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a role sends, or decides, after something was received or sent."""

    role: str
    after: str  # a message type or an event
    send: str = ""
    event: str = ""
    says: dict[str, str] = {}  # what the document of `after` must say, by path
    to: str = ""  # the state it is meant to lead to, where a message may lead to several
    days: int = 0  # how much later, by the clock of the hub

    @property
    def trigger(self) -> str:
        return self.send or self.event


class Counterparties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    delay_days: int = 0
    letters: dict[str, str] = {}
    outcome: dict[str, Outcome] = {}
    aside: Aside = Aside()
    then: list[Then] = []

    def outcome_of(self, *references: str) -> str:
        """What the first letter of the first reference that has a say chooses."""
        return next((self.letters[one[0]] for one in references if one[:1] in self.letters), ACCEPT)

    def belongs(self, guards: Sequence[str]) -> str:
        """Which outcome a transition with these guards is; "" if it is nobody's answer."""
        if set(guards) & set(self.aside.guards):
            return ""
        return next((name for name, one in self.outcome.items() if set(guards) & set(one.guards)), ACCEPT)

    def after(self, role: str, trigger: str) -> Iterator[Then]:
        """The rows of a role for something that was received or sent."""
        yield from (row for row in self.then if (row.role, row.after) == (role, trigger))


@cache
def counterparties() -> Counterparties:
    """The table of tradeflow, with the rows that further content roots add."""
    tables = [read(load(root / FILE)) for root in content_roots() if (root / FILE).is_file()]
    first = tables[0]
    return msgspec.structs.replace(
        first,
        then=[row for table in tables for row in table.then],
        aside=Aside(*([word for table in tables for word in getattr(table.aside, name)] for name in ("guards", "messages"))),
    )


def read(table: Table) -> Counterparties:
    """One file of it. Raises ContentError."""
    try:
        return msgspec.convert(table.data, Counterparties)
    except msgspec.ValidationError as error:
        raise table.defect(str(error)) from None


def check(machine: Machine, book: Catalogue) -> list[ContentError]:
    """Every word of the tables that means nothing, with its line."""
    found: list[ContentError] = []
    for root in content_roots():
        if (root / FILE).is_file():
            table = load(root / FILE)
            try:
                found += [table.defect(what, word) for what, word in _defects(read(table), machine, book)]
            except ContentError as error:
                found.append(error)
    return found


def _defects(known: Counterparties, machine: Machine, book: Catalogue) -> Iterator[tuple[str, str]]:
    for letter, outcome in known.letters.items():
        if outcome not in OUTCOMES or len(letter) != 1 or not letter.isupper():
            yield f"{letter} = {outcome}: a capital letter, and one of {', '.join(OUTCOMES)}", letter
    guards = [*known.aside.guards, *(guard for one in known.outcome.values() for guard in one.guards)]
    yield from ((f"there is no guard {guard}", guard) for guard in guards if guard not in machine.guards)
    events = [event for one in known.outcome.values() for pair in one.events.items() for event in pair]
    yield from ((f"there is no event {event}", event) for event in events if event not in machine.events)
    messages = set(book.ids())
    yield from ((f"there is no message {message}", message) for message in known.aside.messages if message not in messages)
    for row in known.then:
        yield from _of_row(row, machine, book)


def _of_row(row: Then, machine: Machine, book: Catalogue) -> Iterator[tuple[str, str]]:
    messages: set[str] = set(book.ids())
    if row.role not in book.roles:
        yield f"there is no role {row.role}", row.role
    if row.after not in messages and row.after not in machine.events:
        yield f"after {row.after}: no message and no event", row.after
    if bool(row.send) == bool(row.event):
        yield f"after {row.after}: exactly one of send and event", row.after
    elif row.send and (row.send not in messages or row.role not in book.message(row.send).from_roles):
        yield f"a {row.role} sends no {row.send}", row.send
    elif row.event and row.event not in machine.events:
        yield f"there is no event {row.event}", row.event
    if row.to and not any(row.to in region.states for process in machine.processes.values() for region in process.regions.values()):
        yield f"there is no state {row.to}", row.to
    fields: Any = book.message(row.after).field_at if row.after in messages else lambda path: None
    yield from ((f"{row.after} has no {path}", path) for path in row.says if fields(path) is None)
