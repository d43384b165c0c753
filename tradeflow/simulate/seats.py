"""Others at the table of a scenario: simulated counterparties, and a partner whose messages are waited for."""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

from tradeflow.client import AsyncClient, HubProblem, TimelineEvent
from tradeflow.codec import intake
from tradeflow.errors import BadInput
from tradeflow.scenario.load import Step
from tradeflow.scenario.seats import Absent, Done
from tradeflow.simulate.counterparty import Counterparty

Json = dict[str, Any]
POLL_SECONDS = 0.25


class Simulated:
    """A simulated counterparty in a scenario: the scenario says when, the tables say what. What they leave open stays with the scenario."""

    away = False

    def __init__(self) -> None:
        self._counterparty: Counterparty | None = None
        self._trade_id = ""

    async def take(self, operator: AsyncClient, own: AsyncClient | None, party: str, trade_id: str) -> None:
        """Sit down with the connection of the party."""
        assert own is not None, "a simulated party has a key of the player's making"
        self._counterparty, self._trade_id = Counterparty(own, party, by_document=False), trade_id

    async def act(self, step: Step) -> Done | None:
        """What the tables answer, if it is what the step is about."""
        if self._counterparty is None or step.resend:
            return None
        await self._counterparty.collect()
        sent = await self._counterparty.turn(self._trade_id, only={step.message or step.event})
        return Done.of(sent[0].receipt, sent[0].tree, by_others=True) if sent else None

    @property
    def refusals(self) -> list[str]:
        """What of its own was refused."""
        return self._counterparty.refusals if self._counterparty else []


class Awaited:
    """A partner with its own system: a step of its is done when the trade has it."""

    away = True

    def __init__(self, seconds_max: float) -> None:
        self._seconds_max = seconds_max
        self._operator: AsyncClient | None = None
        self._party = self._trade_id = ""
        self._used: set[int] = set()
        self._refused: set[str] = set()

    async def take(self, operator: AsyncClient, own: AsyncClient | None, party: str, trade_id: str) -> None:
        """Look at the trade as the operator of the sandbox."""
        self._operator, self._party, self._trade_id = operator, party, trade_id

    async def act(self, step: Step) -> Done | None:
        """Wait for it. Raises Absent when the time is over, with what the partner was refused meanwhile."""
        assert self._operator is not None, "take() comes first"
        until = time.monotonic() + self._seconds_max
        while True:
            trade = await self._operator.trade(self._trade_id)
            for event in self._of(trade.timeline, step):
                self._used.add(event.seq)
                return Done(event.moved, [], None, await self._document(event, step), by_others=True, early=True)
            if time.monotonic() > until:
                raise Absent(await self._said(step))
            await asyncio.sleep(POLL_SECONDS)

    def _of(self, timeline: list[TimelineEvent], step: Step) -> Iterator[TimelineEvent]:
        """Events of the partner that are what the step is about and were not counted for another one."""
        wanted = step.message or step.event
        for event in timeline:
            if event.party == self._party and event.seq not in self._used:
                triggers = {change.get("trigger") for change in event.changes} | {
                    change["entry"]["type"] for change in event.changes if change.get("change") == "document_added"
                }
                if wanted in triggers:
                    yield event

    async def _document(self, event: TimelineEvent, step: Step) -> Json | None:
        if self._operator is None or not step.message or not event.message_id:
            return None
        answer = await self._operator.message((self._trade_id, event.message_id))
        with contextlib.suppress(BadInput):
            read: Json = json.loads(intake.read(answer.body, answer.content_type).canonical)
            return read
        return None

    async def refusals(self) -> list[Json]:
        """The problems the partner was answered with since this was asked last."""
        assert self._operator is not None, "take() comes first"
        try:
            kept = await self._operator.refusals(self._trade_id)
        except HubProblem:
            return []
        fresh = [one for one in reversed(kept) if one.sender == self._party and f"{one.message_id} {one.received_at}" not in self._refused]
        self._refused |= {f"{one.message_id} {one.received_at}" for one in fresh}
        return [{"message": one.type, **one.problem} for one in fresh]

    async def _said(self, step: Step) -> str:
        return f"no {step.message or step.event} from {self._party} within {self._seconds_max:g} s"
