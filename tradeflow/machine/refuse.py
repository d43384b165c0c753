"""Refusals: the code, its HTTP status, the reason, and what would be accepted now from this party."""

from collections.abc import Iterable

from tradeflow.machine.allowed import allowed
from tradeflow.machine.answers import Refusal
from tradeflow.machine.turn import Turn
from tradeflow.model.finding import Finding


def refuse(turn: Turn, code: str, detail: str, candidates: Iterable[str] = (), findings: Iterable[Finding] = ()) -> Refusal:
    """The refusal with this code of workflows/_common/errors.toml."""
    party = turn.envelope.sender if turn.envelope else turn.raised.party if turn.raised else ""
    roles = turn.state.roles_of(party) or ({turn.raised.role} if turn.raised else set())
    return Refusal(
        code=code,
        detail=detail,
        status=turn.machine.errors[code].http,
        allowed=[entry for entry in allowed(turn.machine, turn.state, roles) if entry.open],
        candidates=sorted(candidates),
        findings=list(findings),
    )
