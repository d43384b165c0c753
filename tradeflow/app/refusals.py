"""What is not accepted, and how it is said."""

import hashlib
from uuid import UUID

import msgspec

from tradeflow.app.acceptance import Lodged
from tradeflow.app.access import Caller
from tradeflow.errors import BadInput, Missing, Problem, Refused, Unavailable
from tradeflow.language.sentences import say
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.model.finding import Finding, Severity
from tradeflow.store.rows import Earlier, RefusalRow, TradeRow
from tradeflow.store.uow import Store


def known(row: TradeRow | None, caller: Caller, trade_id: str, left: bool = False) -> TradeRow:
    """The trade, if there is one and the caller takes part in it, or did where that is enough; otherwise the same Missing for both."""
    held = row is not None and (row.state.roles_of(caller.party_id) or (left and row.state.left_as(caller.party_id)))
    if row is None or not (caller.operator or held):
        raise Missing(
            "UNKNOWN_TRADE",
            say("there is no trade %(trade_id)s, or %(party_id)s takes no part in it", trade_id=trade_id, party_id=caller.party_id),
            404,
        )
    return row


def replay(row: TradeRow, lodged: Lodged | None) -> Earlier | None:
    """The first answer to the same message; Refused DUPLICATE_MESSAGE where the id was used for another (M-GEN-02)."""
    if lodged is None or row.earlier is None:
        return None
    if row.earlier.trade_id == row.state.trade_id and row.earlier.sha256 == lodged.document.sha256:
        return row.earlier
    says = say("message id %(id)s was used for another message; give this one an id of its own", id=lodged.envelope.id)
    raise Refused("DUPLICATE_MESSAGE", says, 409, findings=[_used_before(row.earlier, lodged)])


def _used_before(earlier: Earlier, lodged: Lodged) -> Finding:
    says = say("The message id %(id)s was used for another message; give this one an id of its own.", id=lodged.envelope.id)
    hint = "A new message gets a new UUID; to send the first one again, repeat it unchanged."
    source = "tradeflow rule catalogue 1.1 M-GEN-02"
    return Finding("M-GEN-02", Severity.ERROR, "/message/id", says, hint, lodged.document.sha256, earlier.sha256, source=source)


def if_errors(findings: list[Finding]) -> None:
    """Raise BadInput with all findings if one of them is an error."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if errors:
        said = "1 rule is not met; nothing was changed"
        if errors > 1:
            said = say("%(n)s rules are not met; nothing was changed", n=errors)
        raise BadInput("RULE_VIOLATION", said, 422, findings=findings)


def of(refusal: Refusal) -> Refused:
    """A machine's refusal as the problem its sender reads."""
    extra = {"allowed": refusal.allowed, "candidates": refusal.candidates}
    return Refused(refusal.code, refusal.detail, refusal.status, findings=refusal.findings, extra=extra)


def decided(answer: Decision | Refusal) -> Decision:
    """The decision; raises Refused where it is a refusal."""
    if isinstance(answer, Refusal):
        raise of(answer)
    return answer


def busy() -> Unavailable:
    """Nobody else can hold the trade, and yet it moved: say so rather than loop."""
    return Unavailable("TRY_AGAIN", "the trade is busy; send the same message again", 503, retry=True)


async def keep(store: Store, lodged: Lodged, problem: Problem) -> None:
    """Keep what was refused for its sender to look at. It changes nothing and leaves the message id free."""
    e = lodged.envelope
    row = await store.read(e.trade_id)
    if row is None or not row.state.roles_of(e.sender):
        return
    answer = msgspec.json.encode({"code": problem.code, "detail": problem.detail, "status": problem.status, "findings": problem.findings})
    sha256 = hashlib.sha256(lodged.body).hexdigest()
    await store.refuse(RefusalRow(e.trade_id, UUID(e.id), e.sender, e.type, sha256, lodged.body, answer, row.now))
