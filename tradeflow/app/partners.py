"""Partners that join a trade after it was opened: named by its exporter or importer, or by an invitation they accept."""

from typing import Any

from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer, Handler
from tradeflow.app.refusals import known
from tradeflow.app.users import issue, opened
from tradeflow.errors import BadInput, Missing, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.commands import Join, Leave
from tradeflow.machine.open import OPENERS
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import Participant
from tradeflow.store import invitations, parties, work
from tradeflow.store.uow import Store

PARTICIPANTS_MAX, EARLIER_TRADES = 100, 10


class Partners:
    """Who takes part in a trade."""

    def __init__(self, store: Store, handler: Handler) -> None:
        self._store, self._handler = store, handler

    async def earlier(self, caller: Caller) -> list[tuple[str, str, str]]:
        """Whom the caller's party had as partners in the newest of its trades: (trade, party, role), the newest reference first."""
        store, every = self._store.acting(caller.acting), list(catalogue().roles)
        newest = [head.trade_id for head in await work.heads(store, caller.party_id, every, "", EARLIER_TRADES)]
        states = await work.states(store, newest)
        cast = [(id, one) for id in newest if id in states for one in states[id].participants]
        return [(id, one.party_id, one.role) for id, one in cast if one.party_id != caller.party_id]

    async def add(self, caller: Caller, trade_id: str, party_id: str, role: str) -> Answer:
        """A party of this hub takes part from now on, in a role."""
        await self._may_ask(caller, trade_id, role)
        if await parties.party(self._store, party_id) is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s on this hub", party_id=party_id), 422)
        return await self._handler.join(caller, trade_id, Join(Participant(party_id, role), caller.party_id))

    async def invite(self, caller: Caller, trade_id: str, role: str, days: int, note: str) -> dict[str, Any]:
        """An invitation for whoever is given its token. The token is shown this once."""
        await self._may_ask(caller, trade_id, role)
        return await issue(self._store, "trade", caller.party_id, caller.key_id, days, into_trade=trade_id, role=role, name=note)

    async def accept(self, caller: Caller, token: str) -> Answer:
        """The caller's party joins the trade. The event is the inviting party's, and names the invitation and who accepted."""
        if caller.operator:
            raise Refused("WRONG_SENDER", "the operator takes no part in trades", 403)
        invitation = await opened(self._store, token, "trade")
        if not caller.may_act_as(invitation.role or ""):
            raise Refused("WRONG_SENDER", say("this key may not act as %(role)s", role=invitation.role), 403)
        if not await invitations.use(self._store, invitation.invitation_id, caller.key_id):
            raise Missing("UNKNOWN_INVITATION", "the invitation is unknown, used, ended or expired; ask for a new one", 404)
        owner = Caller(invitation.party_id, f"invitation:{invitation.invitation_id}")
        joining = Participant(caller.party_id, invitation.role or "")
        try:
            join = Join(joining, invitation.party_id, invitation.invitation_id, caller.key_id)
            return await self._handler.join(owner, invitation.into_trade or "", join)
        except Problem:
            await invitations.give_back(self._store, invitation.invitation_id)
            raise

    async def leave(self, caller: Caller, trade_id: str, leaving: Participant, successor: str, note: str) -> Answer:
        """A party takes part no longer in a role: it says so itself, or the exporter or importer does, who may name a successor."""
        state = known(await self._store.read(trade_id), caller, trade_id).state
        if caller.operator:
            raise Refused("WRONG_SENDER", "the operator takes no part in trades, and has nobody leave them", 403)
        itself = leaving.party_id == caller.party_id
        held = {one for one in state.roles_of(caller.party_id) if caller.may_act_as(one)}
        if itself and not (caller.may_act_as(leaving.role) or (held & OPENERS and leaving.role not in OPENERS)):
            raise Refused("WRONG_SENDER", say("this key may not act as %(role)s", role=leaving.role), 403)
        if not itself and not held & OPENERS:
            raise Refused("WRONG_SENDER", "the exporter or the importer says who takes part; any other party leaves by itself", 403)
        if successor and await parties.party(self._store, successor) is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(successor)s on this hub", successor=successor), 422)
        return await self._handler.leave(caller, trade_id, Leave(leaving, caller.party_id, successor, note))

    async def playing(self, caller: Caller, trade_id: str, role: str) -> list[str]:
        """The parties that take part in a role now."""
        return known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id).state.parties_with(role)

    async def _may_ask(self, caller: Caller, trade_id: str, role: str) -> None:
        state = known(await self._store.read(trade_id), caller, trade_id).state
        held = {one for one in state.roles_of(caller.party_id) if caller.may_act_as(one)}
        if not held & OPENERS:
            raise Refused("WRONG_SENDER", "the exporter or the importer says who else takes part", 403)
        if role not in catalogue().roles:
            raise BadInput("INVALID_REQUEST", say("there is no role %(role)s", role=role), 422)
        if len(state.participants) >= PARTICIPANTS_MAX:
            raise BadInput(
                "INVALID_REQUEST", say("a trade has at most %(PARTICIPANTS_MAX)s participants", PARTICIPANTS_MAX=PARTICIPANTS_MAX), 422
            )
