"""THE main path: from the bytes a party lodges to the answer it gets.

parse -> validate (schema and rules, all findings) -> read the trade at its version -> decide -> events, new state,
deliveries -> one commit -> receipt. A command that meets a newer version reads again; under contention it queues.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from weakref import WeakValueDictionary

from tradeflow import fault
from tradeflow.app import refusals
from tradeflow.app.acceptance import Command, Lodged, Outcome, outcome
from tradeflow.app.access import OPERATOR, Caller, may_lodge_as
from tradeflow.app.consistency import kept_consistent
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.findings import as_answered
from tradeflow.app.holding import Holding
from tradeflow.app.machines import Machines
from tradeflow.app.mandates import Mandates
from tradeflow.app.telling import as_told
from tradeflow.codec import intake
from tradeflow.codec.formats import placed
from tradeflow.errors import BadInput, Refused
from tradeflow.machine.changes import ActedFor
from tradeflow.machine.commands import Accept, Context, Join, Leave, Lodge, Raise, Redirect
from tradeflow.machine.decide import admission, decide
from tradeflow.machine.in_force import in_force
from tradeflow.machine.needs import documents_for
from tradeflow.machine.open import OPENERS
from tradeflow.model.ids import bucket
from tradeflow.ports import Doorbell
from tradeflow.rules.cross import check_set
from tradeflow.rules.evaluate import check_message
from tradeflow.store.held import Held
from tradeflow.store.rows import TradeRow
from tradeflow.store.uow import Duplicate, Store

READS_MAX = 3  # optimistic tries; after that the command queues for the trade
CLOCKS_MAX = 50  # clocks that ran out before one command; a clock that arms itself anew in the past must not hold it up for ever
CLOCK = Caller(OPERATOR, "timer")


Decide = Callable[[TradeRow], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets: the same bytes on every replay."""

    status: int
    body: bytes
    replayed: bool = False


class Handler:
    """Handles commands. One serves a whole process; it holds no state of any trade."""

    def __init__(self, store: Store, machines: Machines, documents: DocumentLoader, doorbell: Doorbell) -> None:
        self._store, self._machines, self._documents, self._doorbell = store, machines, documents, doorbell
        self.mandates, self.holding = Mandates(store), Holding(store)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def lodge(self, caller: Caller, body: bytes, content_type: str) -> Answer:
        """Take one message. Raises BadInput, Refused, Missing or Unavailable; then nothing has changed.

        One that its party wants a second person to see is not in the trade yet: the answer is 202, and says what waits.
        """
        document, reading = intake.read_placed(body, content_type)
        lodged = Lodged.of(document, body, content_type)
        fault.point("after_parse")
        try:
            return await self._admitted(caller, lodged)
        except (BadInput, Refused) as refusal:
            if reading:
                refusal.findings = placed(refusal.findings, reading)
            raise

    async def _admitted(self, caller: Caller, lodged: Lodged) -> Answer:
        caller = await self.mandates.sender(caller, lodged.document, lodged.envelope)
        may_lodge_as(caller, lodged.envelope)
        if waiting := await self.holding.hold(caller, lodged):
            return Answer(202, waiting)
        return await self._lodge(caller, lodged)

    async def rehearse(self, caller: Caller, body: bytes, content_type: str) -> tuple[Lodged, Outcome, str]:
        """What lodging this message now would do, and why it would wait for a second person, if it would. Nothing is stored.

        Raises what lodging would raise. Clocks that ran out and are not swept yet are not fired for it.
        """
        lodged = Lodged.of(intake.read(body, content_type), body, content_type)
        caller = await self.mandates.sender(caller, lodged.document, lodged.envelope)
        may_lodge_as(caller, lodged.envelope)
        e = lodged.envelope
        row = refusals.known(await self._store.acting(caller.acting).read(e.trade_id, e.sender, UUID(e.id)), caller, e.trade_id)
        refusals.replay(row, lodged)
        result = await self._decided(caller, row, lodged, lambda at: self._message(caller, lodged, at))
        return lodged, result, await self.holding.why(caller, lodged)

    async def released(self, caller: Caller, held: Held) -> Answer:
        """What a second person lets go: the event names both, and the agent that lodged it if there was one."""
        how = ActedFor(agent=held.agent, mandate=held.mandate_id, prepared_by=held.held_by)
        lodged = Lodged.of(intake.read(held.body, held.content_type), held.body, held.content_type)
        return await self._lodge(replace(caller, how=how), lodged)

    async def join(self, caller: Caller, trade_id: str, join: Join) -> Answer:
        """One more party takes part in the trade."""
        return await self._commit(caller, trade_id, None, lambda row: self._membership(caller, join, "participant_added", row))

    async def leave(self, caller: Caller, trade_id: str, leave: Leave) -> Answer:
        """A party takes part no longer in a role; what was about to reach it waits for its senders."""
        return await self._commit(caller, trade_id, None, lambda row: self._membership(caller, leave, "participant_left", row))

    async def redirect(self, caller: Caller, trade_id: str, wanted: Callable[[], Awaitable[Redirect]]) -> Answer:
        """What becomes of a delivery to a party that left; `wanted` is asked again whenever the trade was read again."""

        async def decided(row: TradeRow) -> Outcome:
            return await self._membership(caller, await wanted(), "delivery_redirected", row)

        return await self._commit(caller, trade_id, None, decided)

    async def _lodge(self, caller: Caller, lodged: Lodged) -> Answer:
        try:
            answer = await self._commit(caller, lodged.envelope.trade_id, lodged, lambda row: self._message(caller, lodged, row))
        except (BadInput, Refused) as refusal:
            await refusals.keep(self._store.acting(caller.acting), lodged, refusal)
            raise
        self._documents.keep(lodged.document)
        return answer

    async def raise_event(self, caller: Caller, trade_id: str, event: Raise) -> Answer:
        """Take one event: what a person decided, what came due, what is reported from outside."""
        return await self._commit(caller, trade_id, None, lambda row: self._event(caller, event, row))

    async def accept(self, caller: Caller, trade_id: str, accept: Accept) -> Answer:
        """Take a party's word that it accepts a conflict between documents as it stands."""
        return await self._commit(caller, trade_id, None, lambda row: self._consent(caller, accept, row))

    async def _run_clocks(self, trade_id: str) -> None:
        """Fire what came due in this trade before anything later is decided: a sweep that is late must not change the outcome."""
        for _ in range(CLOCKS_MAX):
            row = await self._store.read(trade_id)
            due = min(_overdue(row), default=None) if row else None
            if row is None or due is None:
                return
            timer = row.state.timers[due[1]]
            event = Raise(timer.event, timer.region, note=f"timer {due[1]} due {due[0].isoformat()}")
            await self.raise_event(CLOCK, trade_id, event)

    async def _commit(self, caller: Caller, trade_id: str, lodged: Lodged | None, decided: Decide) -> Answer:
        """One command of a trade at a time in this process; what other processes do meanwhile is found out by the version."""
        if caller is CLOCK:  # fired from inside a turn, or by the sweeper
            return await self._attempt(caller, trade_id, lodged, decided)
        turn = self._turns.setdefault(trade_id, asyncio.Lock())
        async with turn:
            return await self._attempt(caller, trade_id, lodged, decided)

    async def _attempt(self, caller: Caller, trade_id: str, lodged: Lodged | None, decided: Decide) -> Answer:
        """Read, decide, write; again while somebody else was first."""
        store = self._store.acting(caller.acting)
        sender, message_id = (lodged.envelope.sender, UUID(lodged.envelope.id)) if lodged else ("", None)
        for _ in range(READS_MAX):
            row = refusals.known(await store.read(trade_id, sender, message_id), caller, trade_id)
            if replay := refusals.replay(row, lodged):
                return Answer(replay.status, replay.answer, replayed=True)
            if caller is not CLOCK and any(_overdue(row)):
                await self._run_clocks(trade_id)
                continue
            result = await self._decided(caller, row, lodged, decided)
            try:
                if await store.accept(result.acceptance):
                    return self._accepted(result)
            except Duplicate:
                continue
        async with store.serial(trade_id) as alone:
            row = refusals.known(await store.read(trade_id, sender, message_id, alone), caller, trade_id)
            if replay := refusals.replay(row, lodged):
                return Answer(replay.status, replay.answer, replayed=True)
            result = await self._decided(caller, row, lodged, decided)
            if not await store.accept(result.acceptance, on=alone):
                raise refusals.busy()
        return self._accepted(result)

    async def _decided(self, caller: Caller, row: TradeRow, lodged: Lodged | None, decided: Decide) -> Outcome:
        """What was decided; a refusal quotes nothing that is withheld from whom it is told to."""
        try:
            return await decided(row)
        except (BadInput, Refused) as refusal:
            raise await as_told(self._store, self._documents, caller, row.state, refusal, lodged) from None

    def _accepted(self, result: Outcome) -> Answer:
        self._doorbell.ring(bucket(result.acceptance.state.trade_id))
        return Answer(result.status, result.answer)

    async def _message(self, caller: Caller, lodged: Lodged, row: TradeRow) -> Outcome:
        document, envelope = lodged.document, lodged.envelope
        machine, command = await self._machines.of(row.state.machine), Lodge(document, envelope)
        if not_admitted := admission(machine, row.state, command, Context(row.now)):
            raise refusals.of(not_admitted)
        report = check_message(document, row.now, row.state)
        refusals.if_errors(report.findings)
        docs = await self._documents.load(row.state, documents_for(machine, document.type))
        context = Context(row.now, docs, report.findings, lambda rules: check_set(rules, in_force(docs.with_(document), row.state)))
        decision = refusals.decided(decide(machine, row.state, command, context))
        decision, consistency = await kept_consistent(self._documents, row.state, decision, document)
        consistency = await as_answered(self._store, caller, consistency, envelope)
        by = Command("message", caller, envelope.role, UUID(envelope.id), envelope.type)
        return outcome(row, by, decision, lodged, report, consistency)

    async def _event(self, caller: Caller, event: Raise, row: TradeRow) -> Outcome:
        machine = await self._machines.of(row.state.machine)
        docs = await self._documents.load(row.state, documents_for(machine, event.event))
        context = Context(row.now, docs, cross=lambda rules: check_set(rules, in_force(docs, row.state)))
        decision = refusals.decided(decide(machine, row.state, event, context))
        decision, consistency = await kept_consistent(self._documents, row.state, decision)
        consistency = await as_answered(self._store, caller, consistency, None)
        by = Command("clock" if caller is CLOCK else "event", caller, event.role, name=event.event)
        return outcome(row, by, decision, consistency=consistency)

    async def _membership(self, caller: Caller, command: Join | Leave | Redirect, name: str, row: TradeRow) -> Outcome:
        machine = await self._machines.of(row.state.machine)
        decision = refusals.decided(decide(machine, row.state, command, Context(row.now)))
        return outcome(row, Command("event", caller, _role_of(caller, row, command), name=name), decision)

    async def _consent(self, caller: Caller, accept: Accept, row: TradeRow) -> Outcome:
        machine = await self._machines.of(row.state.machine)
        decision = refusals.decided(decide(machine, row.state, accept, Context(row.now)))
        return outcome(row, Command("event", caller, accept.role, name="deviation_accepted"), decision)


def _role_of(caller: Caller, row: TradeRow, command: Join | Leave | Redirect) -> str:
    """In which role a party says who takes part: the one it gives up, or that of an owner."""
    held = row.state.roles_of(caller.party_id)
    if isinstance(command, Leave) and command.participant.party_id == caller.party_id and command.participant.role in held:
        return command.participant.role
    return min(held & OPENERS or held, default="platform")


def _overdue(row: TradeRow) -> Iterator[tuple[datetime, str]]:
    """(due, key) of every clock that ran out by the hub's time."""
    return ((timer.due_at, key) for key, timer in row.state.timers.items() if timer.due_at <= row.now)
