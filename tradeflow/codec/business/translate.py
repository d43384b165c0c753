"""Both ways through an adapter: a document of ours as its partner's system takes it, a file of that system as a document of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from tradeflow.codec import canonical, formats, xml
from tradeflow.codec.business import carry, decisions, words
from tradeflow.codec.business.carry import MEDIA_TYPES
from tradeflow.codec.business.manifest import OWN, RECORDS, Adapter, Flow
from tradeflow.codec.business.records import Record, record
from tradeflow.codec.loss import losses
from tradeflow.codec.shape import NAMESPACE
from tradeflow.codec.wording import finding, printable
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.document import Document, Tree
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.format import ASIDE, DROPPED, Loss


@dataclass(frozen=True, slots=True)
class Translated:
    """A file for the partner's system, what of the document is not in it as it was, and what a person should know of its leaving."""

    body: bytes
    media_type: str
    suffix: str
    losses: tuple[Loss, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A file of the partner's system: the message it is, its tree in our words, and what of the file no row takes."""

    flow: Flow
    tree: Tree
    not_taken: tuple[Loss, ...] = ()
    read: Tree | None = None  # the tree as the file has it, where a format of the outside read it


def outgoing(adapter: Adapter, document: Document, settings: Mapping[str, Any], now: datetime | None = None) -> Translated:
    """A document as the partner's system takes it. BadInput NOT_ACCEPTABLE, with findings, where it cannot be said to it."""
    flow = adapter.out.get(document.type) or Flow(document.type, adapter.others)
    decided = decisions.decided(adapter, document)
    if missing := [name for name in flow.needs if name not in decided]:
        what = f"{adapter.name} cannot take this {document.type}: nothing decides its {' and '.join(missing)}"
        raise _unsaid(what, [finding("", f"{what}. A row in decisions.toml of the adapter {adapter.id} would.")])
    made = _written(adapter, flow, document, settings, decided)
    due = decided.get(flow.late)
    if now is None or due is None or not decisions.overdue(due, now):
        return made
    late = f"late: {flow.late.replace('_', ' ')} was {due.isoformat()}"
    return replace(made, remarks=(late,))


def answered(adapter: Adapter, document: Document, settings: Mapping[str, Any]) -> Translated:
    """What the partner's system would send to say this document: for simulated partners, and for tests."""
    flow = adapter.in_.get(document.type) or Flow(document.type, adapter.others)
    return _written(adapter, flow, document, settings, {})


def _written(adapter: Adapter, flow: Flow, document: Document, settings: Mapping[str, Any], decided: Mapping[str, Any]) -> Translated:
    if flow.form in OWN:
        body = document.canonical if flow.form == "json" else xml.write(document)
        return Translated(body, MEDIA_TYPES[flow.form], f".{flow.form}")
    tree, faults = words.theirs(adapter, document.type, msgspec.json.decode(document.canonical))
    if faults:
        raise _unsaid(faults[0].message, faults)
    if flow.form == RECORDS:
        rows = record(adapter.folder, document.type)
        more = {"settings": adapter.whole(settings), "decided": {name: _text(value) for name, value in decided.items()}}
        body, media_type, suffix = carry.write(rows, tree, more), MEDIA_TYPES[rows.form], f".{rows.form}"
        losses_ = _lost(adapter, document, rows, body)
    else:
        kind = formats.kinds()[flow.form]
        written = formats.write(canonical.load(document.type, canonical.encode(tree)), flow.form)
        lost = {loss.pointer for loss in written.losses if loss.kind != ASIDE}
        if unsaid := [pointer for pointer in words.exchanged(adapter, document, tree) if pointer in lost]:
            what = f"{kind.name} has codes of its own at {', '.join(unsaid)}; a word in status.toml has no place there"
            raise _unsaid(what, [finding(unsaid[0], f"{what}.")])
        body, losses_, media_type, suffix = written.body, written.losses, kind.media_type, kind.suffixes[0]
    hooks = adapter.hooks(settings)
    body = hooks.outgoing(body) if hooks else body
    if len(body) > adapter.bytes_max:
        what = f"The file has {len(body):,} bytes, {adapter.name} takes {adapter.bytes_max:,}"
        raise _unsaid(what, [finding("", f"{what}.", found=len(body), expected=adapter.bytes_max)])
    return Translated(body, media_type, suffix, losses_)


def _lost(adapter: Adapter, document: Document, rows: Record, body: bytes) -> tuple[Loss, ...]:
    """The whole truth about what a record loses: it is read back, in our words again, and compared."""
    there = carry.parsed(body)[2]
    back = words.ours(adapter, document.type, _typed_tree(rows, there))[0]
    in_rows = carry.read(replace(rows, aside=""), there)[0]
    tree = words.theirs(adapter, document.type, msgspec.json.decode(document.canonical))[0]
    aside = [Loss(at, ASIDE, f"It stands in {rows.aside}") for at, _ in carry.left(rows, tree, in_rows) if rows.aside]
    return (*losses(document, back, {}), *aside)


def _typed_tree(rows: Record, there: Tree) -> Tree:
    tree = carry.read(rows, there)[0]
    tree.setdefault("message", {}).setdefault("type", rows.message.id)
    return tree


def incoming(adapter: Adapter, body: bytes, settings: Mapping[str, Any]) -> Heard | None:
    """A file of the partner's system in our words; None for one in a form that is none of the adapter's: it says its own type.

    BadInput with all findings: TOO_LARGE 413, MALFORMED 400, UNKNOWN_MESSAGE 400, SCHEMA_INVALID 422 for words that nobody knows.
    """
    if len(body) > adapter.bytes_max:
        what = say(
            "The file has %(body)s bytes, %(name)s sends at most %(bytes_max)s.",
            body=f"{len(body):,}",
            name=adapter.name,
            bytes_max=f"{adapter.bytes_max:,}",
        )
        raise BadInput("TOO_LARGE", what, 413, findings=[finding("", what, found=len(body), expected=adapter.bytes_max)])
    hooks = adapter.hooks(settings)
    body = hooks.incoming(body) if hooks else body
    kind = formats.detect(body)
    if kind:
        return _of_format(adapter, kind.id, body) if any(flow.form == kind.id for flow in adapter.in_.values()) else None
    rows = [(flow, record(adapter.folder, flow.message)) for flow in adapter.in_.values() if flow.form == RECORDS]
    if not rows:
        return None
    form, root, tree = carry.parsed(body)
    for flow, one in rows:
        if carry.tells(one, form, root, tree):
            return _in_our_words(adapter, _heard(adapter, flow, one, tree))
    if root.startswith("{" + NAMESPACE) or isinstance(tree.get("message"), dict):
        return None
    known = sorted(f"{one.tells.place[0]} = {one.tells.text}" if one.tells else f"<{one.root}>" for _, one in rows)
    raise _unknown(f"{adapter.name} has no such record", f"Known are {', '.join(known)}.")


def _of_format(adapter: Adapter, form: str, body: bytes) -> Heard:
    reading = formats.codec(form).read(body)
    flow = adapter.in_.get(reading.type)
    if flow is None:
        raise _unknown(f"{adapter.name} sends no {reading.type}", f"It sends {', '.join(sorted(adapter.in_))}.")
    return _in_our_words(adapter, Heard(flow, reading.tree, reading.losses, reading.tree))


def _heard(adapter: Adapter, flow: Flow, rows: Record, there: Tree) -> Heard:
    tree, faults, left = carry.read(rows, there)
    if faults:
        raise BadInput("MALFORMED", faults[0].message, 400, findings=faults)
    tree.setdefault("message", {}).setdefault("type", flow.message)
    return Heard(flow, tree, tuple(Loss(place, DROPPED, f"{place} is not taken") for place in left))


def _in_our_words(adapter: Adapter, heard: Heard) -> Heard:
    tree, faults = words.ours(adapter, heard.flow.message, heard.tree)
    if faults:
        raise BadInput("SCHEMA_INVALID", faults[0].message, 422, findings=faults)
    return replace(heard, tree=tree)


def _unsaid(what: str, findings: list[Finding]) -> BadInput:
    return BadInput("NOT_ACCEPTABLE", what, 406, findings=findings)


def _unknown(what: str, hint: str) -> BadInput:
    refusal = Finding("M-ADP-02", Severity.ERROR, "", f"{printable(what)}.", hint=hint)
    return BadInput("UNKNOWN_MESSAGE", f"{printable(what)}. {hint}", 400, findings=[refusal])


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
