"""What a shipment still needs: the rows of workflows/_common/owed.toml, asked of one trade."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.language.sentences import say
from tradeflow.machine.case import Case
from tradeflow.machine.commands import Context
from tradeflow.machine.route import Step
from tradeflow.machine.tables import Machine
from tradeflow.machine.timers import Due, due_at
from tradeflow.machine.whynot import why_not
from tradeflow.machine.words import Term, words
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.content import load
from tradeflow.model.trade import TradeState


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of owed.toml."""

    id: str
    messages: tuple[str, ...]
    by: tuple[str, ...]
    why: str
    source: str
    when: tuple[dict[str, Any], ...] = ()
    done: tuple[dict[str, Any], ...] = ()
    due: Due | None = None
    clock: str = ""
    file: str = ""
    line: int = 0

    def defect(self, what: str) -> ContentError:
        """The content error for this row."""
        return ContentError(self.file, self.line, f"owed {self.id}: {what}")


class Owed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One document that is still owed. `due` is the moment the last day ends where it counts."""

    id: str
    messages: list[str]
    role: str
    parties: list[str]
    why: str
    source: str
    condition: list[str] = []  # what makes it owed in this trade
    due: datetime | None = None
    due_why: str = ""
    due_withheld: bool = False  # there is a last day, which documents tell that are not for the reader
    overdue: bool = False
    possible_now: bool = False
    blocked_by: str = ""
    unlock: list[Step] = []


def owed(machine: Machine, state: TradeState, context: Context) -> list[Owed]:
    """Everything the trade still needs, in the order of a shipment; nothing where the trade as a whole is over."""
    if machine.closed(state) or _over(machine, state):
        return []
    table = rows(content_roots())
    found = [_owed(machine, state, context, row) for row in table if _is_owed(machine, state, context, row)]
    known = {message for row in table for message in row.messages}
    tasks = [_task(machine, state, context, m, region) for m, region in state.tasks.items() if m not in known and _has_sender(state, m)]
    return found + [task for task in tasks if task.possible_now or task.unlock]  # what nothing leads to any more is not owed


def _has_sender(state: TradeState, message: str) -> bool:
    return any(state.parties_with(role) for role in catalogue().message(message).from_roles)


def _over(machine: Machine, state: TradeState) -> bool:
    region = machine.region("trade.case")
    return region is not None and state.state_of("trade.case") in region.terminal


def _case(machine: Machine, state: TradeState, context: Context, key: str = "contract.main") -> Case:
    region = machine.region(key)
    assert region is not None, key
    return Case(machine, state, context.now, region, key.partition(".")[0], docs=context.docs)


def _is_owed(machine: Machine, state: TradeState, context: Context, row: Row) -> bool:
    case = _case(machine, state, context)
    if not all(term.holds(case).holds for term in _terms(row.when)):
        return False
    if row.done:
        return not all(term.holds(case).holds for term in _terms(row.done))
    return not any(entry.type in row.messages for entry in state.standing)


def _owed(machine: Machine, state: TradeState, context: Context, row: Row) -> Owed:
    case = _case(machine, state, context)
    role = next((r for r in row.by if state.parties_with(r)), row.by[0])
    due, due_why = _due(machine, state, context, row) or (None, "")
    message = next((m for m in row.messages if role in catalogue().message(m).from_roles), row.messages[0])
    answer = why_not(machine, state, message, role, context)
    return Owed(
        id=row.id,
        messages=list(row.messages),
        role=role,
        parties=sorted(set(state.parties_with(role))),
        why=row.why,
        source=row.source,
        condition=[term.holds(case).because for term in _terms(row.when)],
        due=due,
        due_why=due_why,
        overdue=due is not None and due <= context.now,
        possible_now=answer.taken,
        blocked_by=answer.because,
        unlock=answer.unlock,
    )


def _due(machine: Machine, state: TradeState, context: Context, row: Row) -> tuple[datetime, str] | None:
    """Of a clock that runs, its time; of one that does not run yet, what its rule gives now; else what the row says."""
    if row.clock:
        running = [timer for key, timer in state.timers.items() if key.partition(".")[2] == row.clock]
        if running:
            first = min(running, key=lambda timer: timer.due_at)
            return first.due_at, first.why
        timer = machine.timers[row.clock]
        if not (timer.due.of and (timer.due.after or timer.due.until)):
            return None
        due = timer.due
        case = _case(machine, state, context, f"{timer.process}.{timer.owner.rpartition('.')[2]}")
    else:
        due, case = row.due or Due(), _case(machine, state, context)
    if not (due.until or due.after or due.cutoff or due.free_time):
        return None
    if due.after and "now" not in due.after and case.find(due.after, due.of)[0] is None:
        return None
    return due_at(due, case)


def _task(machine: Machine, state: TradeState, context: Context, message: str, region: str) -> Owed:
    """What a process asked for besides."""
    role = next((r for r in catalogue().message(message).from_roles if state.parties_with(r)), catalogue().message(message).from_roles[0])
    answer = why_not(machine, state, message, role, context)
    parties = sorted(set(state.parties_with(role)))
    return Owed(
        message, [message], role, parties, say("%(region)s asked for it.", region=region), f"process {region}", possible_now=answer.taken,
        blocked_by=answer.because, unlock=answer.unlock,
    )  # fmt: skip


def _terms(rows_: Iterable[Mapping[str, Any]]) -> Iterator[Term]:
    known = words()
    return (Term(known[row["word"]], {k: v for k, v in row.items() if k != "word"}) for row in rows_)


def reads(roots: tuple[Path, ...] | None = None) -> set[str]:
    """The document types that the rows may look at."""
    found: set[str] = set()
    for row in rows(tuple(roots or content_roots())):
        found |= set(row.due.of) if row.due else set()
        for term in _terms((*row.when, *row.done)):
            found |= term.documents()
    return found


@functools.cache
def rows(roots: tuple[Path, ...]) -> tuple[Row, ...]:
    """The rows of all content roots; ContentError at the first that is not well formed."""
    return tuple(row for root in roots for row in _read(root / "workflows" / "_common" / "owed.toml"))


def _read(file: Path) -> Iterator[Row]:
    if not file.is_file():
        return
    table = load(file)
    lines = [n for n, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if re.match(r"\s*\{\s*id\s*=", text)]
    made = table.data.get("owed", [])
    if not isinstance(made, list) or len(made) != len(lines) or table.data.keys() - {"owed"}:
        raise ContentError(str(file), 1, "owed is a list of rows, each on a line of its own that begins with its id")
    for body, line in zip(made, lines, strict=True):
        try:
            yield msgspec.convert({**body, "file": str(file), "line": line}, Row)
        except msgspec.ValidationError as error:
            raise ContentError(str(file), line, f"owed {body.get('id', '?')}: {error}") from error


def check_owed(machine: Machine, roots: Iterable[Path], book: Catalogue) -> list[ContentError]:
    """Every row that is not well formed, stands twice, or names an unknown message, role, word, argument, region, state or timer."""
    try:
        made = rows(tuple(roots))
    except ContentError as error:
        return [error]
    found, seen = [], set()
    for row in made:
        if row.id in seen:
            found.append(row.defect("stands twice"))
        seen.add(row.id)
        found += [row.defect(what) for what in _wrong(machine, book, row)]
    return found


def _wrong(machine: Machine, book: Catalogue, row: Row) -> Iterator[str]:
    yield from (f"there is no message {name}" for name in (*row.messages, *(row.due.of if row.due else ())) if name not in book.ids())
    yield from (f"unknown role {role}" for role in row.by if role not in book.roles)
    senders = {role for name in row.messages if name in book.ids() for role in book.message(name).from_roles}
    yield from (f"{role} sends none of {', '.join(row.messages)}" for role in row.by if role in book.roles and role not in senders)
    if row.clock and row.clock not in machine.timers:
        yield f"there is no timer {row.clock}"
    if row.clock and row.due:
        yield "either clock or due says until when"
    known = words()
    for term in (*row.when, *row.done):
        name, args = str(term.get("word", "")), {k: v for k, v in term.items() if k != "word"}
        if name not in known:
            yield f"unknown word {name}"
            continue
        yield from known[name].defects(args)
        region = machine.region(str(args.get("region", ""))) if "region" in args else None
        if "region" in args and region is None:
            yield f"there is no region {args['region']}"
        if region is not None:
            yield from (f"{args['region']} has no state {state}" for state in args.get("states", ()) if state not in region.states)
        yield from (f"there is no message {name}" for name in Term(known[name], args).documents() if name not in book.ids())
