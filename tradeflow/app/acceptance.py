"""From a decision to the rows of one commit, and to the answer the sender gets."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from tradeflow.app.access import Caller
from tradeflow.app.consistency import Consistency
from tradeflow.errors import BadInput
from tradeflow.machine import changes as change
from tradeflow.machine.answers import Decision
from tradeflow.machine.fold import fold
from tradeflow.model.document import Document
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.ids import uuid7
from tradeflow.model.trade import DocumentEntry, TradeState
from tradeflow.rules.evaluate import Report
from tradeflow.store.chain import link
from tradeflow.store.rows import Acceptance, DeliveryRow, EventRow, LeftRow, MessageRow, RedirectRow, TradeRow

_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Lodged:
    """A message as it came in: the document, its envelope and the very bytes."""

    document: Document
    body: bytes
    content_type: str
    envelope: Envelope
    original_sha256: str

    @classmethod
    def of(cls, document: Document, body: bytes, content_type: str) -> "Lodged":
        """Raises BadInput SCHEMA_INVALID where message.id is no UUID: replays are found by it."""
        check_id(document.data["message"]["id"])
        media_type = content_type.partition(";")[0].strip().lower()
        return cls(document, body, media_type, Envelope.of(document), hashlib.sha256(body).hexdigest())


def check_id(said: str) -> None:
    """Raises BadInput SCHEMA_INVALID where the id of a message is no UUID."""
    try:
        UUID(said)
    except ValueError:
        what = "The message identifier must be a UUID."
        hint = "Make a new one for every message, for example a UUID version 7 (RFC 9562)."
        finding = Finding("M-GEN-02", Severity.ERROR, "/message/id", what, hint, said)
        raise BadInput("SCHEMA_INVALID", what, 422, findings=[finding]) from None


@dataclass(frozen=True, slots=True)
class Command:
    """Who did what: the audit side of an event."""

    kind: str  # open | seed | message | event | clock | upgrade
    caller: Caller
    role: str
    message_id: UUID | None = None
    name: str = ""  # message type, event or ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows to commit and the bytes to answer with once they are."""

    acceptance: Acceptance
    answer: bytes
    status: int = 201


@dataclass(slots=True)
class _Net:
    """Timers after all changes of one command: armed again counts once, armed and disarmed not at all."""

    armed: dict[str, tuple[str, str, str, datetime]] = field(default_factory=dict)
    disarmed: set[str] = field(default_factory=set)

    def add(self, c: change.AnyChange) -> None:
        if isinstance(c, change.Armed):
            self.armed[c.timer] = (c.timer, c.region, c.event, c.due_at)
            self.disarmed.discard(c.timer)
        elif isinstance(c, change.Disarmed):
            self.armed.pop(c.timer, None)
            self.disarmed.add(c.timer)


def outcome(
    row: TradeRow,
    command: Command,
    decision: Decision,
    lodged: Lodged | None = None,
    report: Report | None = None,
    consistency: Consistency | None = None,
    history: Sequence[Document] = (),
) -> Outcome:
    """What one accepted command writes and answers."""
    if command.caller.how != change.ActedFor():
        decision = replace(decision, changes=[*decision.changes, command.caller.how])
    state = fold(row.state, decision.changes, row.now)
    body = change.dump(decision.changes)
    actor = (command.caller.party_id, command.role, command.caller.key_id)
    digest = link(row.head_hash, state.trade_id, state.version, row.now, actor, command.kind, command.message_id, body)
    event = EventRow(command.kind, *actor, command.message_id, body, row.now, row.head_hash, digest)
    deliveries = _deliveries(state, command, decision, lodged)
    said = _receipt(row, state, command, decision, lodged, deliveries, digest)
    answer = _json.encode(said | _found(state, report, consistency or Consistency()))
    net = _Net()
    for c in decision.changes:
        net.add(c)
    acceptance = Acceptance(
        state=state,
        event=event,
        message=_message_row(lodged, answer, row.now) if lodged else None,
        payloads=[*_payloads(lodged), *{d.sha256: d.canonical for d in history}.items()],
        document=_document_added(decision) if lodged else None,
        deliveries=deliveries,
        armed=list(net.armed.values()),
        disarmed=sorted(net.disarmed),
        participants=state.participants if command.kind in ("open", "seed") else [],
        joined=[c.participant for c in decision.changes if isinstance(c, change.ParticipantAdded)],
        left=[_left(c) for c in decision.changes if isinstance(c, change.ParticipantLeft)],
        redirected=[_redirected(c) for c in decision.changes if isinstance(c, change.DeliveryRedirected)],
        filed=_filed(decision) if command.kind == "seed" else [],
    )
    return Outcome(acceptance, answer)


def _message_row(lodged: Lodged, answer: bytes, now: datetime) -> MessageRow:
    e, d = lodged.envelope, lodged.document
    return MessageRow(
        *(UUID(e.id), e.sender, e.role, e.type, e.function, lodged.content_type),
        *(lodged.original_sha256, d.sha256, d.payload_sha256, 201, answer, now),
    )


def _payloads(lodged: Lodged | None) -> list[tuple[str, bytes]]:
    """The bytes as they came and the canonical form; one row where they are the same."""
    if lodged is None:
        return []
    return list({lodged.original_sha256: lodged.body, lodged.document.sha256: lodged.document.canonical}.items())


def _document_added(decision: Decision) -> DocumentEntry | None:
    return next((c.entry for c in decision.changes if isinstance(c, change.DocumentAdded)), None)


def _left(c: change.ParticipantLeft) -> LeftRow:
    gone = c.participant
    heir = f"; {c.successor} took over as {gone.role}" if c.successor else ""
    return LeftRow(gone.party_id, gone.role, f"{gone.party_id} left the trade before this reached it{heir}")


def _redirected(c: change.DeliveryRedirected) -> RedirectRow:
    status = "pending" if c.way == "sent_anyway" else "withdrawn"
    copy = uuid7()
    says = {"handed_over": f"handed over to {c.to} as delivery {copy}", "discarded": "discarded by its sender"}.get(c.way, "")
    return RedirectRow(UUID(c.delivery_id), status, f"{says}: {c.note}" if says and c.note else says, copy, c.to)


def _filed(decision: Decision) -> list[DocumentEntry]:
    """The documents a seeded trade begins with, each version once."""
    entries = [c.entry for c in decision.changes if isinstance(c, change.DocumentAdded)]
    return list({(e.type, e.number, e.version): e for e in entries}.values())


def _deliveries(state: TradeState, command: Command, decision: Decision, lodged: Lodged | None) -> list[DeliveryRow]:
    """A copy for every recipient the sender named, and one status line for every other party the process tells."""
    name, function = (lodged.envelope.type, lodged.envelope.function) if lodged else (command.name, "")
    sender = (name, function, command.caller.party_id, command.role)
    rows = [DeliveryRow(uuid7(), "message", party, role, *sender) for party, role in (lodged.envelope.recipients if lodged else ())]
    told = {row.party_id for row in rows} | {command.caller.party_id}
    for notice in decision.notices:
        for party in [notice.party] if notice.party else state.parties_with(notice.role):
            if party not in told:
                told.add(party)
                rows.append(
                    DeliveryRow(
                        uuid7(), "notice", party, notice.role, *sender, _json.encode({"text": notice.text, "regions": notice.regions})
                    )
                )
    return rows


def _receipt(
    row: TradeRow,
    state: TradeState,
    command: Command,
    decision: Decision,
    lodged: Lodged | None,
    deliveries: list[DeliveryRow],
    digest: bytes,
) -> dict[str, Any]:
    """Two acknowledgements with two names: `receipt` says we have it, `response` says what it did."""
    receipt: dict[str, Any] = {
        "trade_id": state.trade_id,
        "version": state.version,
        "received_at": row.now,
        "event_sha256": digest.hex(),
    }
    if lodged:
        e, d = lodged.envelope, lodged.document
        receipt |= {"message_id": e.id, "type": e.type, "sha256": d.sha256, "payload_sha256": d.payload_sha256}
    else:
        receipt |= {"event": command.name}
    moved = [
        {"region": c.region, "transition": c.transition, "from": c.source, "to": c.target}
        for c in decision.changes
        if isinstance(c, change.Moved)
    ]
    return {
        "trade_id": state.trade_id,
        "receipt": receipt,
        "response": {"code": "accepted", "moved": moved},
        "deliveries": [
            {"delivery_id": d.delivery_id, "party_id": d.party_id, "role": d.role, "kind": d.kind}
            for d in deliveries
            if d.kind == "message"
        ],
        "links": {"trade": f"/v1/trades/{state.trade_id}", "allowed": f"/v1/trades/{state.trade_id}/allowed"},
    }


def _found(state: TradeState, report: Report | None, consistency: Consistency) -> dict[str, Any]:
    """All findings of the message and across the documents, how many rules said so, and what the command cured or left open."""
    return {
        "findings": [*(report.findings if report else ()), *consistency.raised],
        "rules_evaluated": {"message": report.evaluated if report else 0, "across_documents": consistency.evaluated},
        "across_documents": {
            "raised": [finding.id for finding in consistency.raised],
            "cured": consistency.cured,
            "open": sum(not state.accepts(id) for id in state.findings),
            "accepted": sum(state.accepts(id) for id in state.findings),
        },
    }
