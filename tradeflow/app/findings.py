"""Findings across documents as a reader sees them: open, accepted and cured, with both documents, and who can cure them."""

import dataclasses
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from tradeflow.app.access import Caller
from tradeflow.app.consistency import Consistency
from tradeflow.app.sight import Sight
from tradeflow.machine import changes as c
from tradeflow.machine.deviations import other_of
from tradeflow.machine.sight import ALL
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding
from tradeflow.model.trade import OpenFinding, TradeState
from tradeflow.rules.cross import cross_rules
from tradeflow.store import reads
from tradeflow.store.circulation import Circulation, circulation
from tradeflow.store.uow import Store

Json = dict[str, Any]
VALUES = ("found", "expected")
_changes = msgspec.json.Decoder(list[c.AnyChange])


def readable(finding: Finding, state: TradeState, sight: Sight, own: str = "") -> Finding | None:
    """The finding for this reader; None where it sees neither document, without the values where one of them is withheld.

    `own` is the document it is about to send ("packing_list GL-PL-25-0098"), which is in no trade yet.
    """
    places = [(finding.document, finding.pointer)]
    if finding.other:
        document, _, pointer = finding.other.partition("#")
        places.append((document, pointer))
    seen = [document == own or _seen(document, pointer, state, sight) for document, pointer in places]
    if all(one is None for one in seen):
        return None
    if all(seen):
        return finding
    text = next((rule.row.text for rule in cross_rules() if rule.id == finding.rule), "Two documents of the trade disagree.")
    return replace(finding, message=text, found=None, expected=None, withheld=VALUES)


async def as_answered(store: Store, caller: Caller, consistency: Consistency, envelope: Envelope | None) -> Consistency:
    """What a command did, as its sender may read it: it may have broken documents whose values it never sees."""
    after = consistency.after
    if caller.operator or after is None or not (consistency.raised or consistency.cured):
        return consistency
    known = await circulation(store, after.trade_id)
    if envelope is not None:
        known[UUID(envelope.id)] = Circulation(envelope.type, (envelope.sender, envelope.role), set(envelope.recipients))
    sight = Sight.of(caller, after, known)
    raised, cured = ([one for f in found if (one := readable(f, after, sight))] for found in (consistency.raised, consistency.cured))
    return dataclasses.replace(consistency, raised=raised, cured=cured)


def _seen(document: str, pointer: str, state: TradeState, sight: Sight) -> bool | None:
    """Whether the place in a document may be read; None where the document may not be seen at all."""
    type_, _, number = document.partition(" ")
    entry = state.documents.get(f"{type_}:{number}")
    withheld = sight.message(entry.message_id) if entry else frozenset[str]() if sight.everything else None
    if withheld is None:
        return None
    return not any(path == ALL or _touch(path, pointer) for path in withheld)


def _touch(path: str, pointer: str) -> bool:
    """Whether a JSON Pointer leads to a withheld path, below it, or to something that holds it."""
    parts = [part for part in pointer.split("/")[1:] if not part.isdecimal()]
    names = [segment.removesuffix("[]") for segment in path.split(".")]
    return all(a == b for a, b in zip(parts, names, strict=False))


def shown(known: OpenFinding, state: TradeState, sight: Sight) -> Json | None:
    """One finding that stands, open or accepted; None where the reader sees none of its documents."""
    finding = readable(known.finding, state, sight)
    if finding is None:
        return None
    deviation = state.deviations.get(known.finding.id)
    return {
        "id": known.finding.id,
        "status": "accepted" if state.accepts(known.finding.id) else "open",
        "finding": finding,
        "documents": known.documents,
        "since": known.since,
        "raised_by": known.message_id or None,
        "accepted_by": deviation.consents if deviation else [],
        "still_to_accept": deviation.missing if deviation else [],
    }


def history(state: TradeState, sight: Sight, timeline: Iterable[reads.Row]) -> list[Json]:
    """Every finding the trade ever had, the newest first: those that stand, and those that were cured, with what cured them."""
    raised: dict[str, tuple[c.FindingRaised, Any]] = {}
    cured: list[Json] = []
    for row in timeline:
        for change in _changes.decode(row["body"]):
            if isinstance(change, c.FindingRaised):
                _gone(cured, raised.pop(change.replaces, None), row, [], state, sight)
                raised[change.finding.id] = (change, row["at"])
            elif isinstance(change, c.FindingCured):
                _gone(cured, raised.pop(change.finding, None), row, change.by, state, sight)
    standing = [view for known in state.findings.values() if (view := shown(known, state, sight)) is not None]
    return [*reversed(standing), *reversed(cured)]


def _gone(
    cured: list[Json], earlier: tuple[c.FindingRaised, Any] | None, row: reads.Row, by: list[str], state: TradeState, sight: Sight
) -> None:
    if earlier is None:
        return
    change, since = earlier
    finding = readable(change.finding, state, sight)
    if finding is None:
        return
    deviation = state.deviations.get(change.finding.id)
    cured.append(
        {
            "id": change.finding.id,
            "status": "cured",
            "finding": finding,
            "documents": change.documents,
            "since": since,
            "raised_by": change.message_id or None,
            "accepted_by": deviation.consents if deviation else [],
            "still_to_accept": [],
            "cured_at": row["at"],
            "cured_by": UUID(str(row["message_id"])) if row["message_id"] else None,
            "cured_in": by or change.documents,
        }
    )


def about(view: Json, document: str) -> bool:
    """Whether a finding concerns a document, given as "type:number" or as a type."""
    finding: Finding = view["finding"]
    names = {finding.document, other_of(finding), *(key.replace(":", " ", 1) for key in view["documents"])}
    return any(name in (document, document.replace(":", " ", 1)) or name.partition(" ")[0] == document for name in names)
