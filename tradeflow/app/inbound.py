"""What arrives by a channel other than HTTP: the same main path, and a visible quarantine for what cannot be taken."""

import hashlib
import logging
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

import msgspec

from tradeflow.app.access import OPERATOR, Caller
from tradeflow.app.acknowledging import Acknowledging
from tradeflow.app.handle import Answer, Handler
from tradeflow.app.translation import adapter_of, named, taken
from tradeflow.codec import formats, intake
from tradeflow.errors import BadInput, Problem, Unavailable
from tradeflow.language.sentences import say
from tradeflow.model.ids import uuid7
from tradeflow.ports import Arrival, Taken
from tradeflow.store import quarantine
from tradeflow.store.uow import Store

_log = logging.getLogger(__name__)

REASONS: Final = {
    "unknown_sender": "nobody on this hub is known by where it came from",
    "unreadable": "it is not a message in JSON or XML of a type the hub knows",
    "wrong_sender": "it names another sender than the party it came from",
    "unknown_trade": "there is no such trade, or its sender takes no part in it, or does no longer",
    "unknown_reference": "it acknowledges something that was never sent to its sender",
    "recipient_gone": "it is for a party that takes no part in the trade, or does no longer",
    "refused": "the trade, or the rules for its content, do not accept it as it stands",
    "bounced": "an e-mail to this party came back; the mail says why",
    "failed": "the hub failed over it; nothing is known to be wrong with it",
}
_BY_CODE: Final = {
    "MALFORMED": "unreadable",
    "UNSUPPORTED_MEDIA_TYPE": "unreadable",
    "UNKNOWN_MESSAGE": "unreadable",
    "TOO_LARGE": "unreadable",
    "WRONG_SENDER": "wrong_sender",
    "UNKNOWN_TRADE": "unknown_trade",
    "UNKNOWN_DELIVERY": "unknown_reference",
    "WRONG_RECIPIENT": "recipient_gone",
    "UNKNOWN_PARTY": "recipient_gone",
}
_STRANGER = Problem("UNAUTHENTICATED", "the hub does not know the sender; its operator has been told", 401)


class Inbound:
    """Takes what arrives. The same bytes twice have one effect: the first answer again, or the same case in quarantine."""

    def __init__(self, store: Store, handler: Handler) -> None:
        self._store, self._handler, self._acknowledging = store, handler, Acknowledging(store)

    async def take(self, arrival: Arrival) -> Taken:
        """Lodge it as its party, or keep it in quarantine. Raises Unavailable where neither can be done now: leave it where it is."""
        if not arrival.party_id:
            return await self._keep(arrival, OPERATOR, "unknown_sender", *refusal(_STRANGER))
        if arrival.reason:
            return await self._keep(
                arrival, arrival.party_id, arrival.reason, *refusal(Problem("UNDELIVERABLE", REASONS[arrival.reason], 422))
            )
        arrival = replace(arrival, content_type=named(arrival.content_type, arrival.format))
        try:
            caller = Caller(arrival.party_id, f"channel:{arrival.channel}")
            return await self._replied(arrival, await self.lodge(caller, arrival.body, arrival.content_type, arrival.name), None)
        except Unavailable:
            raise
        except Problem as problem:
            return await self._replied(arrival, await self._keep(arrival, arrival.party_id, reason_of(problem), *refusal(problem)), problem)
        except Exception:  # noqa: BLE001 - one file that the hub fails over must not hold up those behind it
            _log.exception("%s from %s by %s", arrival.name, arrival.party_id, arrival.channel)
            failed = Problem("INTERNAL", "the hub failed over this; its operator has been told", 500)
            return await self._keep(arrival, OPERATOR, "failed", *refusal(failed))

    async def lodge(self, caller: Caller, body: bytes, content_type: str, name: str = "") -> Taken:
        """The main path. Raises what it raises."""
        answer = await self.answered(caller, body, content_type, name)
        return Taken(answer.status, answer.body)

    async def answered(self, caller: Caller, body: bytes, content_type: str, name: str = "") -> Answer:
        """The same as an answer: a message goes into its trade, an acknowledgement to the delivery that it answers."""
        kind = None if body.lstrip()[:1] in (b"{", b"<") else formats.detect(body)  # JSON and XML have no interchanges
        if kind is None:
            return await self._handler.lodge(caller, *await self.translated(caller, body, content_type, name))
        if taken := await self._acknowledging.take(caller, body, kind.id):
            return taken
        reference = await self._acknowledging.first(caller, body, kind.id)
        answer = await self._handler.lodge(caller, *await self.translated(caller, body, content_type, name))
        await self._acknowledging.accepted(caller, reference, body)
        return answer

    async def translated(self, caller: Caller, body: bytes, content_type: str, name: str = "") -> tuple[bytes, str]:
        """The bytes of a message and their content type: as they are, or by the adapter that the content type names."""
        adapter, content_type = adapter_of(content_type)
        found = await taken(self._store, caller, adapter, body) if adapter else None
        return found or (body, form(body, content_type, name))

    async def _replied(self, arrival: Arrival, taken: Taken, problem: Problem | None) -> Taken:
        """The same with the answer that the format of the file has itself: CONTRL for an interchange."""
        kind = formats.detect(arrival.body)
        reply = formats.answer(arrival.body, kind.id, problem, await self._store.now()) if kind else None
        return replace(taken, reply=reply, reply_name=f"reply{kind.suffixes[0]}") if kind and reply else taken

    async def _keep(self, arrival: Arrival, owner: str, reason: str, status: int, answer: bytes) -> Taken:
        arrival = replace(arrival, name=_printable(arrival.name), address=_printable(arrival.address))
        says = (hashlib.sha256(arrival.body).hexdigest(), *_about(arrival))
        id = await quarantine.keep(self._store, uuid7(), arrival, owner, reason, says, (status, answer))
        if id is None:
            raise Unavailable(
                "TRY_AGAIN",
                say(
                    "%(WAITING_MAX)s cases wait for %(owner)s already; this one stays where it is",
                    WAITING_MAX=quarantine.WAITING_MAX,
                    owner=owner,
                ),
                503,
                retry=True,
            )
        _log.warning("%s by %s from %s is in quarantine %s: %s", arrival.name, arrival.channel, arrival.address, id, reason)
        return Taken(status, msgspec.json.encode({**msgspec.json.decode(answer), "quarantine_id": id}), id)


def reason_of(problem: Problem) -> str:
    """The reason of a quarantine for a refusal of the main path."""
    return _BY_CODE.get(problem.code, "refused")


def refusal(problem: Problem) -> tuple[int, bytes]:
    """Status and body of a refusal, as its sender reads it."""
    body = {"code": problem.code, "status": problem.status, "detail": problem.detail, "findings": problem.findings, **problem.extra}
    return problem.status, msgspec.json.encode(body)


def form(body: bytes, declared: str, name: str = "") -> str:
    """The content type of a file: what its sender declares if it is one of ours, else what it looks like."""
    try:
        intake.media_type(declared)
    except BadInput:
        start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] == b"{":
            return "application/json"
        if start[:1] == b"<" or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "application/xml"
        kind = formats.by_suffix(PurePosixPath(name).suffix) or formats.detect(body)
        return kind.media_type if kind else declared or "application/octet-stream"
    return declared


def _printable(text: str) -> str:
    """A name that a stranger chose, as a person can read it and the database can keep it."""
    return "".join(c if c.isprintable() else "?" for c in text[:200])


def _about(arrival: Arrival) -> tuple[str, str]:
    """The trade and the type that the bytes name, where they can be read: so that a person finds the case."""
    try:
        document = intake.read(arrival.body, form(arrival.body, arrival.content_type, arrival.name))
    except Problem:
        return "", ""
    return str(document.get("message.trade_id") or ""), document.type
