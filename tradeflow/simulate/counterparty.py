"""One simulated party: takes its deliveries over, and answers as its roles would."""

import contextlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tradeflow.client import AsyncClient, HubProblem, InboxItem, Receipt, Trade
from tradeflow.codec import intake
from tradeflow.errors import BadInput
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.simulate.choose import Act, Chooser, Cue, Heard
from tradeflow.simulate.table import ACCEPT, DELAY, GARBAGE, SILENCE, Counterparties, counterparties
from tradeflow.simulate.write import Writer

Tree = dict[str, Any]
RUBBISH = b'{"message": {"type": "\xf0\x9f\x97\x91'
TRIES_MAX = 12  # of one act, each when the trade or the day is another: what is refused that often is not going to be taken
PATIENCE = timedelta(hours=1)  # by the clock of the hub


@dataclass(frozen=True, slots=True)
class Sent:
    """What the counterparty did: an act that was carried out."""

    act: Act
    receipt: Receipt
    tree: Tree | None


@dataclass(slots=True)
class _Open:
    """Something heard that is not dealt with yet."""

    heard: Heard
    role: str
    outcome: str
    heard_at: datetime
    due: datetime
    answered: bool = False
    done: set[str] = field(default_factory=set)
    tries: int = 0
    tried_at: tuple[int, datetime] | None = None  # version and time of the trade at the last refusal

    def rests(self, trade: Trade) -> bool:
        """Whether nothing has changed since it was refused."""
        return self.tried_at is not None and self.tried_at[0] == trade.version and trade.now - self.tried_at[1] < PATIENCE


@dataclass(slots=True)
class _Case:
    """One trade as this party knows it."""

    writer: Writer
    open: list[_Open] = field(default_factory=list)


class Counterparty:
    """`roles` limits what it answers as; `by_document` lets the reference of a document choose the outcome, not only that of the trade.

    `told` hears a line about everything it does.
    """

    def __init__(
        self,
        client: AsyncClient,
        party: str,
        roles: Collection[str] = (),
        table: Counterparties | None = None,
        by_document: bool = True,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._client, self.party, self._roles, self._by_document, self._told = client, party, roles, by_document, told
        self._table = table or counterparties()
        self._chooser = Chooser(machine(), catalogue(), self._table)
        self._cases: dict[str, _Case] = {}
        self._position = 0
        self.refusals: list[str] = []  # what of its own was refused, for whoever looks after it

    async def run(self) -> None:
        """Take and answer deliveries until cancelled."""
        while True:
            await self.collect(wait_seconds=1)
            for trade_id in list(self._cases):
                await self.turn(trade_id)

    async def collect(self, wait_seconds: int = 0) -> int:
        """Take over everything that is in the inbox, and acknowledge it. Says how many there were."""
        taken = 0
        while page := (await self._client.inbox(self._position, 100, 0 if taken else wait_seconds)).items:
            for item in page:
                await self._take(item)
                await self._client.acknowledge(item.delivery_id)
                self._position = item.position
            taken += len(page)
        return taken

    async def turn(self, trade_id: str, cue: Cue | None = None) -> list[Sent]:
        """Do what is due in a trade; with a cue, what it says and nothing else, whatever the time."""
        case, done = self._cases.get(trade_id), list[Sent]()
        while case and case.open:
            trade = await self._client.trade(trade_id)
            sent = await self._next(case, trade, cue)
            if sent is None:
                break
            done.append(sent)
            if cue:
                break
        return done

    async def _next(self, case: _Case, trade: Trade, cue: Cue | None) -> Sent | None:
        """The first act that is carried out; what it hears of it is heard, too."""
        for one in list(case.open):
            if (one.due > trade.now or one.rests(trade)) if not cue else not cue.about(one.heard):
                continue
            allowed = [e for e in trade.allowed if one.role in e.by and (not cue or cue.takes(e, trade.allowed))]
            states = {key: region.state for key, region in trade.regions.items()}
            acts = [act.now(states) for act in self._chooser.acts(one.heard, one.role, allowed, one.outcome, one.answered)]
            one.answered |= any(act.answer and act.trigger in one.done for act in acts)
            acts = [act for act in acts if act.trigger not in one.done]
            for act in acts:
                if trade.now < one.heard_at + timedelta(days=act.days) and not cue:
                    continue
                meant = cue.only(act) if cue else act
                if meant and (sent := await self._carry_out(case, trade, one, meant, cue)):
                    return sent
            if not acts and not cue and not self._waits(one):
                case.open.remove(one)
        return None

    def _waits(self, one: _Open) -> bool:
        """Whether something of it may still become possible."""
        besides = {row.trigger for row in self._table.after(one.role, one.heard.trigger)}
        return bool(besides - one.done) and one.tries < TRIES_MAX

    async def _carry_out(self, case: _Case, trade: Trade, one: _Open, act: Act, cue: Cue | None) -> Sent | None:
        try:
            receipt, tree = await (self._decide(trade, act) if act.event else self._send(case, trade, one.heard, act, cue))
        except (HubProblem, BadInput, KeyError) as refused:
            self.refusals.append(f"{trade.trade_id} {act.trigger} by {act.role}: {refused}")
            self._tell(f"refused {self.refusals[-1]}")
            one.tries, one.tried_at = one.tries + 1, (trade.version, trade.now)
            if one.tries >= TRIES_MAX:
                one.done.add(act.trigger)
            return None
        one.answered |= act.answer
        self._tell(f"{trade.trade_id} {self.party} as {act.role}: {act.trigger} after {one.heard.trigger}")
        for other in case.open:  # whatever else asked for it has its answer
            if other.role == one.role:
                other.done.add(act.trigger)
        moved = frozenset(move.region for move in receipt.response.moved)
        case.open.append(_Open(Heard(act.trigger, tree or {}, moved, sent_by_me=True), act.role, one.outcome, trade.now, trade.now))
        return Sent(act, receipt, tree)

    def _tell(self, line: str) -> None:
        if self._told:
            self._told(line)

    async def _decide(self, trade: Trade, act: Act) -> tuple[Receipt, None]:
        note = next((out.note for out in self._table.outcome.values() if act.trigger in out.events.values()), "")
        return await self._client.decide(
            trade.trade_id, act.trigger, act.region, act.role, note or "Decided by a simulated counterparty."
        ), None

    async def _send(self, case: _Case, trade: Trade, heard: Heard, act: Act, cue: Cue | None) -> tuple[Receipt, Tree]:
        """Lodge the first document that is taken and, where that is asked for, can lead where it is meant to."""
        draft = None
        with contextlib.suppress(HubProblem):
            draft = await self._client.draft(trade.trade_id, act.trigger, act.role, instance=act.instance)
        refused: HubProblem | None = None
        for tree in case.writer.documents(act, self.party, heard, trade.now, draft, cue.says if cue else {}):
            if cue and cue.strict and case.writer.misses(act, tree):
                continue
            try:
                receipt = await self._client.lodge(msgspec.json.encode(tree))
            except HubProblem as problem:
                refused = refused or problem
                continue
            case.writer.shown(tree)
            return receipt, tree
        raise refused or KeyError(f"no sample of a {act.trigger} to start from, or nobody to send it to")

    async def _take(self, item: InboxItem) -> None:
        if item.kind != "message" or (self._roles and item.role not in self._roles):
            return
        trade = await self._client.trade(item.trade_id)
        case = self._cases.get(item.trade_id) or await self._case(trade)
        tree = _tree(await self._client.message(item))
        if tree is None:
            return
        case.writer.shown(tree)
        moved = frozenset(move.region for event in trade.timeline if event.message_id == item.message_id for move in event.moved)
        heard = Heard(item.type, tree, moved)
        references = (heard.number, item.trade_id) if self._by_document else (item.trade_id,)
        outcome = self._table.outcome_of(*references)
        if outcome == GARBAGE:
            with contextlib.suppress(HubProblem):  # that it is refused is what it is for
                await self._client.lodge(RUBBISH)
        if outcome not in (SILENCE, GARBAGE):
            wait = timedelta(days=self._table.delay_days) if outcome == DELAY else timedelta(0)
            case.open.append(_Open(heard, item.role, ACCEPT if outcome == DELAY else outcome, trade.now, trade.now + wait))

    async def _case(self, trade: Trade) -> _Case:
        """A trade that is new to this party, with everybody's name."""
        names = {party: (await self._client.party(party)).name for party in sorted({p.party_id for p in trade.participants})}
        return self._cases.setdefault(trade.trade_id, _Case(Writer(machine(), catalogue(), trade, names, not self._by_document)))


def _tree(answer: Any) -> Tree | None:
    """The document of a delivery, in whatever format it was lodged; None if it cannot be read."""
    if answer.content_type.partition(";")[0].strip() == "application/json":
        tree: Tree = json.loads(answer.body)
        tree.pop("withheld", None)
        return tree
    try:
        read: Tree = json.loads(intake.read(answer.body, answer.content_type).canonical)
    except BadInput:
        return None
    return read
