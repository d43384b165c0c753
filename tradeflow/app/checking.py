"""What a message would be told, without lodging it: everything that is wrong, what it would do, and what can be computed in it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.handle import Handler
from tradeflow.codec import intake, json
from tradeflow.codec.canonical import clean
from tradeflow.codec.scalars import text_of
from tradeflow.codec.validator import partial
from tradeflow.draft import computed
from tradeflow.errors import BadInput, Problem, Refused
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document, Tree
from tradeflow.model.finding import Finding
from tradeflow.model.trade import TradeState
from tradeflow.rules.evaluate import check_unfinished
from tradeflow.store.uow import Store

Json = dict[str, Any]
MISSING = "is missing"  # how the schema's findings end where nothing stands


class Checking:
    """Reads only; a check leaves no trace, not even a refusal."""

    def __init__(self, store: Store, handler: Handler) -> None:
        self._store, self._handler = store, handler

    async def check(self, caller: Caller, body: bytes, content_type: str) -> Json:
        """What lodging these bytes now would answer. A message that is not finished gets the findings of every rule that can speak already.

        Raises BadInput only where the bytes cannot be read as a message at all.
        """
        try:
            lodged, outcome, waits = await self._handler.rehearse(caller, body, content_type)
        except (BadInput, Refused) as problem:
            if isinstance(problem, BadInput) and problem.code not in ("SCHEMA_INVALID", "RULE_VIOLATION"):
                raise
            return await self._refused(caller, body, content_type, problem)
        answer = msgspec.json.decode(outcome.answer)
        kind = intake.message_type(catalogue(), lodged.envelope.type)
        return _answer(kind, lodged.document.data, await self._store.now()) | {
            "would": "wait" if waits else "accept",
            "waits_because": waits,
            "findings": answer["findings"],
            "moved": answer["response"]["moved"],
        }

    async def _refused(self, caller: Caller, body: bytes, content_type: str, problem: Problem) -> Json:
        kind, tree, found = await asyncio.to_thread(_unfinished, body, content_type)
        now, findings = await self._store.now(), list(problem.findings)
        if problem.code == "SCHEMA_INVALID":
            gaps = [one.pointer for one in found]
            document = Document(kind.id, tree, b"", "", "")
            state = await self._state(caller, tree)
            findings = [*found, *check_unfinished(document, now, gaps, state).findings]
        return _answer(kind, tree, now) | {
            "would": "refuse",
            "code": problem.code,
            "detail": problem.detail,
            "findings": findings,
        }

    async def _state(self, caller: Caller, tree: Tree) -> TradeState | None:
        """The trade that the message names, where its writer takes part in it."""
        trade_id = tree.get("message", {}).get("trade_id")
        row = await self._store.acting(caller.acting).read(trade_id) if trade_id else None
        return row.state if row and (caller.operator or row.state.roles_of(caller.party_id)) else None


def missing(finding: Finding) -> bool:
    """Whether a finding of the schema says that something required is not there yet."""
    return finding.message.endswith(MISSING)


def _unfinished(body: bytes, content_type: str) -> tuple[MessageType, Tree, list[Finding]]:
    """The valid part of a message, and what its schema says of the rest."""
    if intake.media_type(content_type)[0] != "json":
        try:
            document = intake.read(body, content_type)
        except BadInput as problem:
            known = next((f.source.split()[1] for f in problem.findings if f.source.startswith("catalogue: ")), "")
            return intake.message_type(catalogue(), known or None), {}, problem.findings
        return intake.message_type(catalogue(), document.type), document.data, []
    tree = json.parse(body)
    envelope = tree.get("message")
    kind = intake.message_type(catalogue(), envelope.get("type") if isinstance(envelope, Mapping) else None)
    return kind, *partial(kind, clean(kind, tree))


def _answer(kind: MessageType, tree: Tree, now: datetime) -> Json:
    values = computed(kind, tree, now)
    return {
        "message": kind.id,
        "would": "",
        "code": "",
        "detail": "",
        "waits_because": "",
        "findings": [],
        "moved": [],
        "computed": [{"pointer": pointer, "value": _text(value), "origin": origin} for pointer, (value, origin) in sorted(values.items())],
    }


def _text(value: Any) -> Any:
    return value if isinstance(value, str | int | bool) else text_of(value)
