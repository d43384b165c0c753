"""Accepting a conflict between documents: who the caller acts as, and which finding is meant."""

from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer, Handler
from tradeflow.app.refusals import known
from tradeflow.errors import BadInput, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.commands import Accept
from tradeflow.model.finding import Finding, Severity
from tradeflow.store.uow import Store


class Deviations:
    """What parties accept as it stands."""

    def __init__(self, store: Store, handler: Handler) -> None:
        self._store, self._handler = store, handler

    async def accept(self, caller: Caller, trade: str, id: str, finding: Finding | None, role: str, note: str) -> Answer:
        """Accept a conflict across documents in one of the caller's roles: an open one by its id, a refused one as it was stated."""
        if finding and id and finding.id != id:
            raise BadInput("INVALID_REQUEST", "id and finding.id are two different findings", 422)
        state = known(await self._store.acting(caller.acting).read(trade), caller, trade).state
        held = {"platform"} if caller.operator else {one for one in state.roles_of(caller.party_id) if caller.may_act_as(one)}
        if role and role not in held:
            raise Refused(
                "WRONG_SENDER", say("%(party_id)s does not act as %(role)s in this trade", party_id=caller.party_id, role=role), 403
            )
        if not role and len(held) != 1:
            raise Problem("INVALID_REQUEST", say("say in which role: %(held)s", held=", ".join(sorted(held))), 422)
        stated = finding or Finding("", Severity.CONFLICT, "", "", id=id)
        return await self._handler.accept(caller, trade, Accept(stated, caller.party_id, role or min(held), note))
