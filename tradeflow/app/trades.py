"""Opening trades, and what a person decides about one."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from tradeflow.app.acceptance import Command, Outcome, check_id, outcome
from tradeflow.app.access import Caller
from tradeflow.app.handle import CLOCK, Answer, Handler
from tradeflow.app.machines import Machines
from tradeflow.app.refusals import decided
from tradeflow.codec import intake
from tradeflow.errors import BadInput, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.commands import Context, Lodge, Open, Raise, Seed
from tradeflow.machine.decide import decide
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.ids import TRADE_ID, trade_id
from tradeflow.model.trade import Participant, TradeState
from tradeflow.rules.cross import check_set
from tradeflow.store import reads
from tradeflow.store.chain import GENESIS
from tradeflow.store.due import DueTimer
from tradeflow.store.rows import KeptAnswer, TradeRow
from tradeflow.store.uow import Duplicate, Store, TradeTaken

PARTICIPANTS_MAX = 100


class TradeSpec(msgspec.Struct, forbid_unknown_fields=True):
    """A trade to be opened. Terms are what the parties already agree on: incoterm, payment_method, transport_mode, load_type."""

    participants: list[Participant]
    trade_id: str = ""
    terms: dict[str, str] = {}


class SeedSpec(TradeSpec, forbid_unknown_fields=True):
    """A trade that begins in the middle: "instance.region=state" entries, and the messages on file as JSON documents."""

    given: list[str] = []
    history: list[dict[str, Any]] = []


class Trades:
    """Commands about whole trades."""

    def __init__(self, store: Store, machines: Machines, handler: Handler) -> None:
        self._store, self._machines, self._handler = store, machines, handler

    async def open(self, caller: Caller, spec: TradeSpec, idempotency_key: str | None) -> Answer:
        """Open a trade. With an Idempotency-Key the first answer is given again to the same request."""
        request = hashlib.sha256(msgspec.json.encode(spec)).hexdigest()
        try:
            return await self._replayed(caller, idempotency_key, request) or await self._open(caller, spec, idempotency_key, request)
        except Duplicate:
            answer = await self._replayed(caller, idempotency_key, request)
            assert answer is not None, "the same call at the same moment was first, and its answer is kept"
            return answer

    async def _replayed(self, caller: Caller, key: str | None, request: str) -> Answer | None:
        earlier = await reads.idempotent(self._store.acting(caller.acting), caller.party_id, "trades", key) if key else None
        if earlier is None:
            return None
        if earlier["request_sha256"] != request:
            raise Refused("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request", 409)
        return Answer(earlier["status"], earlier["answer"], replayed=True)

    async def _open(self, caller: Caller, spec: TradeSpec, key: str | None, request: str) -> Answer:
        reference = _reference(spec)
        now: datetime = await self._store.now()
        row = TradeRow(TradeState(reference), GENESIS, now)
        command = Open(reference, dict[str, Any](spec.terms), spec.participants, "" if caller.operator else caller.party_id)
        decision = decided(decide(self._machines.current, row.state, command, Context(now)))
        result = outcome(row, Command("open", caller, _role(caller, spec), name="open"), decision)
        kept = KeptAnswer(caller.party_id, "trades", key, request, 201, result.answer) if key else None
        return await self._store_new(caller, result, kept)

    async def seed(self, caller: Caller, spec: SeedSpec) -> Answer:
        """Open a trade in the middle, with documents on file. They satisfy their schemas; the rules of their contents are not asked."""
        reference = _reference(spec)
        now: datetime = await self._store.now()
        documents = [intake.read(msgspec.json.encode(_in_trade(tree, reference)), "application/json") for tree in spec.history]
        history = tuple(Lodge(document, _envelope(document)) for document in documents)
        command = Seed(reference, dict[str, Any](spec.terms), spec.participants, _given(spec.given), history)
        row = TradeRow(TradeState(reference), GENESIS, now)
        context = Context(now, cross=lambda rules: check_set(rules, DocumentSet(documents)))
        decision = decided(decide(self._machines.current, row.state, command, context))
        return await self._store_new(caller, outcome(row, Command("seed", caller, "platform", name="seed"), decision, history=documents))

    async def _store_new(self, caller: Caller, result: Outcome, kept: KeptAnswer | None = None) -> Answer:
        try:
            await self._store.acting(caller.acting).open_trade(result.acceptance, kept)
        except TradeTaken:
            reference = result.acceptance.state.trade_id
            raise Refused(
                "TRADE_EXISTS",
                say("trade %(reference)s exists already; choose another reference or leave it to the hub", reference=reference),
                409,
            ) from None
        return Answer(201, result.answer)

    async def decision(self, caller: Caller, trade: str, event: str, region: str, role: str, note: str) -> Answer:
        """Raise an event that a person decides or reports, in one of the roles the caller holds in the trade."""
        if event not in self._machines.current.events:
            raise BadInput("UNKNOWN_EVENT", say("there is no event %(event)s", event=repr(event)), 400)
        row = await self._store.acting(caller.acting).read(trade)
        held = {"platform"} if caller.operator else row.state.roles_of(caller.party_id) if row else set()
        if role and (role not in held or not caller.may_act_as(role)) and held:
            raise Refused(
                "WRONG_SENDER", say("%(party_id)s does not act as %(role)s in this trade", party_id=caller.party_id, role=role), 403
            )
        acting = role or (min(held) if len(held) == 1 else "")
        if held and not acting:
            raise Problem("INVALID_REQUEST", say("say in which role: %(held)s", held=", ".join(sorted(held))), 422)
        if held and not caller.may_act_as(acting):
            raise Refused("WRONG_SENDER", say("%(key_id)s may not act as %(acting)s", key_id=caller.key_id, acting=acting), 403)
        return await self._handler.raise_event(caller, trade, Raise(event, region, caller.party_id, acting or "platform", note))

    async def fire(self, timer: DueTimer) -> Answer:
        """A timer came due: the event it stands for, raised by the platform."""
        event = Raise(timer.event, timer.region, "", "platform", f"timer {timer.key} due {timer.due_at.isoformat()}")
        return await self._handler.raise_event(CLOCK, timer.trade_id, event)


def _reference(spec: TradeSpec) -> str:
    reference = spec.trade_id or trade_id()
    if not TRADE_ID.fullmatch(reference):
        raise BadInput("INVALID_REQUEST", "trade_id has 6 to 35 capital letters, digits, dots and hyphens, for example GLL-2025-0117", 422)
    if len(spec.participants) > PARTICIPANTS_MAX:
        raise BadInput(
            "INVALID_REQUEST", say("a trade has at most %(PARTICIPANTS_MAX)s participants", PARTICIPANTS_MAX=PARTICIPANTS_MAX), 422
        )
    return reference


def _given(entries: list[str]) -> dict[str, str]:
    given = dict(entry.split("=", 1) for entry in entries if "=" in entry)
    if len(given) != len(entries):
        raise BadInput("INVALID_REQUEST", 'given lists each region once, as "contract.main=agreed"', 422)
    return given


def _in_trade(tree: dict[str, Any], reference: str) -> dict[str, Any]:
    """A message on file belongs to the trade it is filed in, whatever reference the hub gave it."""
    message = tree.get("message")
    return {**tree, "message": {**message, "trade_id": reference}} if isinstance(message, dict) else tree


def _envelope(document: Document) -> Envelope:
    check_id(document.data["message"]["id"])
    return Envelope.of(document)


def _role(caller: Caller, spec: TradeSpec) -> str:
    return next((p.role for p in spec.participants if p.party_id == caller.party_id), "platform")
