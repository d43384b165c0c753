"""python -m tests.bench.once_only: how often a person types a datum of scenario S01. The method is described in docs/once-only.md."""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradeflow.codec import canonical
from tradeflow.draft import Card, Draft, draft
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document
from tradeflow.model.pointers import leaves
from tradeflow.model.trade import Participant
from tradeflow.scenario.load import Scenario, Step, load

SCENARIO = Path("workflows/trade/scenarios/S01.toml")
Datum = tuple[str, str, str]  # (the named thing it describes, name of the field, value)
NAMES = ("name", "signatory", "number")
MEASURED = ({"value", "currency"}, {"value", "unit"})


@dataclass(slots=True)
class Lodged:
    """One message of the scenario, value by value."""

    step: int
    message: str
    party: str
    values: int = 0
    drafted: int = 0
    corrected: int = 0  # the draft said something else
    removed: int = 0  # the draft filled what the sender left out
    typed: list[tuple[str, Datum]] = field(default_factory=list)
    baseline: list[Datum] = field(default_factory=list)


def measured(file: Path = SCENARIO) -> list[Lodged]:
    """Each message of the scenario beside the draft that the hub would have given its sender at that moment."""
    return [_compared(number, document, made) for number, document, made in drafted(file)]


def drafted(file: Path = SCENARIO) -> Iterator[tuple[int, Document, Draft]]:
    """Each message as it is lodged, with its step and the draft of it."""
    scenario = load(file)
    participants = [Participant(m.party, role) for m in scenario.cast for role in m.roles]
    register = {m.party: Card(m.party, m.name, m.country) for m in scenario.cast}
    history: list[tuple[Document, set[str]]] = []
    for number, step in enumerate(scenario.step, 1):
        if not step.message or step.error:
            continue
        sender, role = scenario.party(step.by)
        seen = {sender, *(scenario.party(who)[0] for who in step.to)}
        document = _document(scenario, step)
        if step.resend:
            for earlier, readers in history:
                if (earlier.type, earlier.number) == (document.type, document.number):
                    readers.update(seen)
            continue
        roles = {p.role for p in participants if p.party_id == sender}
        visible = [d for d, readers in history if sender in readers or roles & set(catalogue().message(d.type).visible_to)]
        made = draft(
            catalogue().message(step.message), role, visible, scenario.terms, participants, step.date,
            party=sender, register=register, number=document.number, listed=[d for d, _ in history],
        )  # fmt: skip
        yield number, document, made
        history.append((document, seen))


def entries_per_datum(documents: Sequence[Iterable[Datum]]) -> Decimal:
    """On how many documents a datum is typed, on average over the data that are typed at all: cells over elements."""
    cells = [set(typed) for typed in documents]
    different = set().union(*cells)
    return Decimal(sum(map(len, cells))) / len(different) if different else Decimal(0)


def figures(rows: Sequence[Lodged]) -> dict[str, Any]:
    """The figures that docs/once-only.md quotes."""
    typed = [datum for row in rows for _, datum in row.typed]
    by_document = [[datum for _, datum in row.typed] for row in rows]
    values = sum(row.values for row in rows)
    return {
        "messages": len(rows),
        "values": values,
        "typed": len(typed),
        "typed_percent": round(100 * len(typed) / values, 1),
        "different": len(set(typed)),
        "entries_per_datum": str(round(entries_per_datum(by_document), 3)),
        "without_drafts": str(round(entries_per_datum([row.baseline for row in rows]), 3)),
        "corrected": sum(row.corrected for row in rows),
        "removed": sum(row.removed for row in rows),
    }


def _document(scenario: Scenario, step: Step) -> Document:
    folder = catalogue().message(step.message).folder / "samples" / "valid"
    tree = json.loads((folder / f"{step.sample or 's01'}.json").read_text(encoding="utf-8"))
    sender, role = scenario.party(step.by)
    recipients = [dict(zip(("party_id", "role"), scenario.party(who), strict=True)) for who in step.to]
    tree["message"] |= {"sender": {"party_id": sender, "role": role}, "recipients": recipients}
    return canonical.document(step.message, tree)


def _values(tree: Any) -> dict[str, Any]:
    return {pointer: value for pointer, value in leaves(tree) if not pointer.startswith("/message/")}


def _compared(number: int, document: Document, made: Draft) -> Lodged:
    given, wanted = _values(_aligned(made.tree, document.data)), _values(document.data)
    row = Lodged(
        number, document.type, document.data["message"]["sender"]["party_id"], len(wanted), removed=len(given.keys() - wanted.keys())
    )
    for pointer, value in wanted.items():
        datum = _datum(document.data, pointer, value)
        row.baseline.append(datum)
        if pointer in given and _same(given[pointer], value) and pointer != "/document/number":
            row.drafted += 1
        else:
            row.corrected += pointer in given and pointer != "/document/number"
            row.typed.append((pointer, datum))
    return row


def _datum(tree: Any, pointer: str, value: Any) -> Datum:
    """What is meant: an amount or measure with its unit is one datum; the city of a bank is another than the city of a buyer."""
    segments, node, owner, whole = pointer.split("/")[1:], tree, "", None
    for segment in segments[:-1]:
        node = node[int(segment)] if isinstance(node, list) else node[segment]
        if isinstance(node, dict):
            owner = next((str(node[n]) for n in NAMES if n in node), owner)
            whole = node if node.keys() in MEASURED else None
    names = [s for s in segments if not s.isdigit()]
    if whole is not None:
        return ("", names[-2], " ".join(_text(v) for v in whole.values()))
    return (owner if owner != str(value) else "", names[-1], _text(value))


def _aligned(given: Any, wanted: Any) -> Any:
    """The draft with the elements of lists where they were lodged: an element that is right is not typed again to move it."""
    if isinstance(given, dict) and isinstance(wanted, dict):
        return {name: _aligned(value, wanted.get(name)) for name, value in given.items()}
    if not (isinstance(given, list) and isinstance(wanted, list) and all(isinstance(v, dict) for v in [*given, *wanted])):
        return given
    places = [_taken(given, one) for one in wanted]
    left = [one for one in given if all(one is not place for place in places)]
    made = [place if place is not None else left.pop(0) if left else {} for place in places]
    return [_aligned(one, other) for one, other in zip(made, wanted, strict=True)] + left


def _taken(given: list[Any], wanted: Any) -> Any:
    """The element that is the one wanted: equal, or a reference to the same document."""
    for one in given:
        if one == wanted or (wanted.get("number") and (one.get("type"), one.get("number")) == (wanted.get("type"), wanted.get("number"))):
            return one
    return None


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _lines(rows: Sequence[Lodged], detail: bool) -> Iterator[str]:
    often = Counter(datum for row in rows for _, datum in row.typed)
    for row in rows:
        yield f"{row.step:>3} {row.message:<36} {row.values:>4} values, {row.drafted:>4} drafted, {len(row.typed):>3} typed" + (
            f", {row.corrected} corrected, {row.removed} removed" if row.corrected or row.removed else ""
        )
        for pointer, datum in row.typed if detail else ():
            yield f"        {'again ' if often[datum] > 1 else '      '}{pointer} = {datum[-1][:90]}"


def main() -> None:
    """Print the figures of S01."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.once_only", description=__doc__)
    parser.add_argument("--typed", action="store_true", help="every value that is typed")
    rows = measured()
    for line in _lines(rows, parser.parse_args().typed):
        print(line)
    for name, value in figures(rows).items():
        print(f"{name:<20} {value}")


if __name__ == "__main__":
    main()
