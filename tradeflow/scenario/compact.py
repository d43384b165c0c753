"""Scenarios in the short form of a specification: who sends what when, and what follows. The rest is made from the content.

A file is a list of [[scenario]] tables with `id`, `title`, `steps`, and if need be `given`, `facts` and `cast`. A step is a table of
d (date), m (a message, or several) or e (an event), by, to, fn (function), at (instances), note, x (states afterwards), err (the error it
must be refused with), t and f (guards that hold, and that do not). Parties, terms, documents and times are derived: a role nobody names is
played by a party of its own, a fact becomes the term it speaks of, a document the sample that fits the step best.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import tomli
from msgspec.structs import replace

from tradeflow.errors import ContentError
from tradeflow.machine.load import machine
from tradeflow.machine.routes import OnFile, ways
from tradeflow.machine.tables import Guard, Machine
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.scenario.choose import Choice
from tradeflow.scenario.load import Cast, Made, Scenario, Step

FIRST_HOUR = "T09:00:00+08:00"
BETWEEN = timedelta(minutes=10)
EVERYBODY = ("exporter", "importer", "notify_party")
NAMED_IN = {"house_bill_of_lading": "destination_agent"}  # a document that names a party of the trade which may do nothing else in it
PASSED_BY = "title_transfer"  # the message by which a bill goes from hand to hand
PASSING = (PASSED_BY, "lc_collection_letter")  # ... and the one that a bank sends it on with, among the documents
ORDERED = {"action_endorse", "action_surrender_delivery"}  # what only the party may do to whose order the bill is
NO_EVENT = {("", "platform")}
PLAYED_BY = {"notify_party": "importer"}  # a role that the party of another one has as well


class ShortStep(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One row of `steps`."""

    d: date
    m: str | list[str] = []
    e: str = ""
    by: str = "platform"
    to: list[str] = []
    fn: str = "9"
    note: str = ""
    x: list[str] = []
    t: list[str] = []
    f: list[str] = []
    at: list[str] = []
    err: str = ""

    @property
    def messages(self) -> list[str]:
        return [self.m] if isinstance(self.m, str) else self.m


class Short(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One [[scenario]] table."""

    id: str
    steps: list[ShortStep]
    title: str = ""
    given: list[str] = []
    facts: list[str] = []
    extra: list[str] = []  # instances there are; they begin with the first message that names them
    cast: str = ""
    data: str = ""


def is_short(file: Path) -> bool:
    """Whether a file is a list of scenarios in the short form."""
    return isinstance(tomli.loads(file.read_text(encoding="utf-8")).get("scenario"), list)


def scenarios(file: Path) -> list[Scenario]:
    """Every scenario of a file in the short form, written out. Raises ContentError for what is not of this form."""
    try:
        rows = msgspec.convert(tomli.loads(file.read_text(encoding="utf-8")).get("scenario"), list[Short])
    except (tomli.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContentError(str(file), 1, str(error)) from None
    return [written_out(short) for short in rows]


def written_out(short: Short) -> Scenario:
    """A scenario in full: cast, terms, and steps with the samples they start from."""
    tables, book = machine(), catalogue()
    terms = dict(_terms(tables, book, short.facts))
    roles = list(dict.fromkeys(_roles(tables, book, short)))
    choice = Choice(tables, book, terms, [(message, step.by) for step in short.steps for message in step.messages], short.facts)
    steps = list(_with_heirs(list(_steps(short, choice, book))))
    return Scenario(short.id, short.title, f"{short.id.upper()}-SHORT-01", terms, _cast(roles, short), steps, short.given, [], short.facts)


def _roles(tables: Machine, book: Catalogue, short: Short) -> Iterator[str]:
    """Everybody who acts in a step or is told, and who must have acted for the given states to be."""
    yield from EVERYBODY
    for step in short.steps:
        yield from (who for who in (step.by, *step.to) if who != "platform")
        yield from (who for message in step.messages for who in _receivers(book, step, message))
        yield from (NAMED_IN[message] for message in step.messages if message in NAMED_IN)
    named = {who for step in short.steps for who in (step.by, *step.to)} | set(EVERYBODY)
    given = dict(entry.split("=", 1) for entry in short.given if "=" in entry)
    given = {key: state for key, state in given.items() if (region := tables.region(key)) and state in region.states}
    while needed := _needed(tables, book, given, named):  # one more role may open another way
        named |= needed
    yield from sorted(named - {"platform"})


def _receivers(book: Catalogue, row: ShortStep, message: str) -> list[str]:
    """Those a row names who may receive the message; whom it may go to, where all of them only see it."""
    may = book.message(message).to_roles
    found = [who for who in row.to if who in may]
    if row.err == "WRONG_RECIPIENT":
        return row.to
    if found or not row.to or row.err:
        return found or row.to
    return [next((who for who in may if who != row.by), may[0])]


def _needed(tables: Machine, book: Catalogue, given: dict[str, str], named: set[str]) -> set[str]:
    """The roles that must join for the next document on the ways to the given states: those that only one role can send first."""
    planned = ways(tables, given, OnFile((), frozenset(named), lambda *_: False))
    legs = [leg for way in planned.values() for leg in way if leg.transition.messages]
    for leg in sorted(legs, key=lambda leg: len(leg.transition.by)):
        senders = sorted(leg.transition.by)
        if not named & set(senders):
            return {senders[0]}
        kind = book.message(leg.transition.messages[0])
        receivers = [role for role in kind.to_roles if role not in senders or named & set(senders) - {role}]
        if not named & set(receivers):
            return {receivers[0]}
    return set()


def _cast(roles: Iterable[str], short: Short) -> list[Cast]:
    """A party for each role, but one party for roles that always go together."""
    held: dict[str, list[str]] = {}
    for role in roles:
        held.setdefault(PLAYED_BY.get(role, role), []).append(role)
    return [Cast(role.replace("_", "-"), _named(role, short.cast), all_roles) for role, all_roles in held.items()]


def _named(role: str, cast: str) -> str:
    """The name that a text such as "exporter Golden Lantern Ltd; carrier Blue Ensign Line" gives to a role, else the role itself."""
    for entry in cast.split(";"):
        words = entry.split()
        label = [word for n, word in enumerate(words) if all(w[0].islower() for w in words[: n + 1])]
        if label and "_".join(label) in role:
            return " ".join(words[len(label) :]).partition(",")[0].partition(" (")[0].strip() or role
    return role.replace("_", " ").title()


def _terms(tables: Machine, book: Catalogue, facts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The terms of the trade under which these facts hold, as far as terms decide them."""
    facts = list(facts)
    spoken_of = {
        value
        for fact in facts
        if fact in tables.guards
        for term in tables.guards[fact].when
        for value in term.args.values()
        if isinstance(value, str)
    }
    for fact in facts:
        guard = tables.guards.get(fact)
        for path, value in _term_of(guard, book, spoken_of) if guard else ():
            yield path.removeprefix("terms.").replace(".", "_"), value


def _term_of(guard: Guard, book: Catalogue, spoken_of: set[str]) -> Iterator[tuple[str, str]]:
    """The term that makes a guard hold: a value that another fact speaks of ("release_da"), else the first."""
    for term in guard.when or guard.any[-1:]:
        path = str(term.args.get("path", ""))
        if term.word.name == "term_in":
            yield path, min(term.args["values"], key=lambda value: value not in spoken_of)
        elif term.word.name == "term_starts":
            row = book.message("purchase_order").field_at(path)
            codes = book.codelists[row.codelist].codes if row else {}
            yield from [(path, code) for code in codes if code.startswith(term.args["prefix"])][:1]


def _with_heirs(steps: list[Step]) -> Iterator[Step]:
    """The steps; one that passes a bill on says who passes it on next, itself or with the set, if nothing else moves it in between."""
    moving = {
        (trigger, role)
        for process in machine().processes.values()
        for region in process.regions.values()
        for transition in region.transitions
        if any(effect.verb == "pass_title" for effect in transition.effects)
        for trigger in (*transition.messages, transition.event)
        for role in transition.by
    }
    moves = [
        (n, step)
        for n, step in enumerate(steps)
        if not step.error and {(step.message, step.by), (step.event, "platform")} & moving - NO_EVENT
    ]
    heirs = {n: later.by for (n, step), (_, later) in pairwise(moves) if step.message == PASSED_BY and later.message in PASSING}
    written = [(n, step) for n, step in moves if step.message == PASSED_BY]
    orders = {n: later.by for (n, _), (_, later) in pairwise(written) if isinstance(later, Made) and set(later.granted) & ORDERED}
    for n, step in enumerate(steps):
        yield replace(step, heir=heirs.get(n, ""), endorsee=orders.get(n, "")) if isinstance(step, Made) else step


def _steps(short: Short, choice: Choice, book: Catalogue) -> Iterator[Step]:
    moment = datetime.min.replace(tzinfo=UTC) + BETWEEN
    for row in short.steps:
        for message in row.messages or [""]:
            moment = max(moment + BETWEEN, datetime.fromisoformat(f"{row.d}{FIRST_HOUR}"))
            last = message == (row.messages or [""])[-1]
            to = _receivers(book, row, message) if message else row.to
            step = Made(
                moment, message, row.e, row.by, to, function=row.fn, note=row.note, expect=row.x if last else [],
                error=row.err, instance=row.at[0] if len(row.at) == 1 else "", resend=row.fn in ("7", "31"), granted=row.t, denied=row.f,
            )  # fmt: skip
            yield choice.made(step, row.t, row.f) if message else step
