"""The ways out of quarantine: try again, give it to a party, reject it."""

from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller, operator_only
from tradeflow.app.handle import Answer
from tradeflow.app.inbound import REASONS, Inbound, reason_of, refusal
from tradeflow.errors import Missing, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.store import parties
from tradeflow.store import quarantine as rows
from tradeflow.store.uow import Store

Case = dict[str, Any]


class Quarantine:
    """The cases of an owner. The operator sees them all; a party those that are its own."""

    def __init__(self, store: Store, inbound: Inbound) -> None:
        self._store, self._inbound = store, inbound

    async def list(self, caller: Caller, state: str, before: UUID | None, limit: int) -> list[Case]:
        """Cases, the newest first."""
        return [_shown(row) for row in await rows.cases(self._store.acting(caller.acting), caller.acting, state, before, limit)]

    async def body(self, caller: Caller, id: UUID) -> bytes:
        """The very bytes that arrived."""
        return bytes((await self._case(caller, id))["body"])

    async def retry(self, caller: Caller, id: UUID) -> Answer:
        """Lodge it once more, as the party that sent it or was named since. Raises what the main path raises; the case then waits on.

        The operator may do so where the channel had authenticated the party: nobody is made the sender of what it did not send.
        """
        case = await self._waiting(caller, id)
        sender = Caller(case["sender"], f"channel:{case['channel']}") if caller.operator else caller
        if not sender.party_id:
            raise Refused("NOT_THE_SENDER", "nobody is known to have sent this; assign it to a party, which can lodge it itself", 409)
        try:
            taken = await self._inbound.lodge(sender, case["body"], case["content_type"], case["name"])
        except Problem as problem:
            await rows.tried(self._store, id, *refusal(problem), reason_of(problem) if problem.status < 500 else None)
            raise
        await rows.tried(self._store, id, taken.status, taken.answer, None)
        await rows.settle(self._store, id, "accepted", case["note"], _by(caller))
        return Answer(taken.status, taken.answer)

    async def assign(self, caller: Caller, id: UUID, party_id: str, note: str) -> Case:
        """Say whose it is: the case is that party's from now on, to lodge or to reject."""
        operator_only(caller)
        await self._waiting(caller, id)
        if await parties.party(self._store, party_id) is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)
        if not await rows.assign(self._store, id, party_id, note):
            raise _settled()
        return _shown(await self._case(caller, id))

    async def reject(self, caller: Caller, id: UUID, note: str) -> Case:
        """End the case: it will not be lodged. The bytes and the note stay."""
        await self._waiting(caller, id)
        if not await rows.settle(self._store, id, "rejected", note, _by(caller)):
            raise _settled()
        return _shown(await self._case(caller, id))

    async def _waiting(self, caller: Caller, id: UUID) -> Case:
        case = await self._case(caller, id)
        if case["state"] != "waiting":
            raise _settled()
        return case

    async def _case(self, caller: Caller, id: UUID) -> Case:
        case = await rows.case(self._store.acting(caller.acting), id, caller.acting)
        if case is None:
            raise Missing("UNKNOWN_CASE", say("there is no case %(id)s in quarantine, or it is not yours", id=id), 404)
        return case


def _shown(row: Case) -> Case:
    """A case as its owner reads it: the last answer as JSON, no bytes."""
    return {
        **{name: value for name, value in row.items() if name not in ("body", "answer")},
        "why": REASONS.get(row["reason"], ""),
        "answer": msgspec.Raw(row["answer"]),
    }


def _settled() -> Refused:
    return Refused("CASE_SETTLED", "this case is settled already", 409)


def _by(caller: Caller) -> str:
    return f"{caller.party_id} {caller.key_id}"
