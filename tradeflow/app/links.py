"""A link to one document, for a counterparty without an account: it shows that document and takes one answer."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.document_queries import DocumentQueries
from tradeflow.app.handle import Answer, Handler
from tradeflow.app.refusals import known
from tradeflow.codec import intake
from tradeflow.errors import BadInput, Missing, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.changes import ActedFor
from tradeflow.machine.open import OPENERS
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.store import links
from tradeflow.store.links import Link
from tradeflow.store.uow import Store

HIDDEN = {"secret_sha256"}


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A link to be made: which document, for whom, which answers it takes."""

    type: str
    number: str
    party_id: str
    role: str
    answers: list[str]
    days: int
    uses_max: int


class Links:
    """Making, ending, opening and answering links."""

    def __init__(self, store: Store, handler: Handler, documents: DocumentQueries) -> None:
        self._store, self._handler, self._documents = store, handler, documents

    async def make(self, caller: Caller, trade_id: str, spec: LinkSpec) -> dict[str, Any]:
        """A link for one's own party; or, by an owner of the trade, for a party that has neither users nor keys. Shown this once."""
        state = known(await self._store.read(trade_id), caller, trade_id).state
        if spec.role not in state.roles_of(spec.party_id):
            raise Refused("WRONG_RECIPIENT", say("%(party_id)s is not %(role)s in this trade", party_id=spec.party_id, role=spec.role), 403)
        if spec.party_id == caller.party_id:
            if not caller.may_act_as(spec.role):
                raise Refused("WRONG_SENDER", say("this key may not act as %(role)s", role=spec.role), 403)
        elif not state.roles_of(caller.party_id) & OPENERS or await links.has_people(self._store, spec.party_id):
            says = "a party with users or keys makes its own links; for one that has none, the exporter or the importer does"
            raise Refused("WRONG_SENDER", says, 403)
        wrong = [one for one in spec.answers if one not in catalogue().ids() or spec.role not in catalogue().message(one).from_roles]
        if wrong:
            raise BadInput("INVALID_REQUEST", say("a %(role)s does not send %(wrong)s", role=spec.role, wrong=", ".join(wrong)), 422)
        speaks = Caller(spec.party_id, "", frozenset({spec.role}))
        await self._documents.document(speaks, trade_id, spec.type, spec.number, None, "json")  # Missing where it may not see it
        now, link_id, secret = await self._store.now(), secrets.token_hex(8), secrets.token_urlsafe(32).replace("_", "-")
        made = Link(
            link_id=link_id,
            secret_sha256=hashlib.sha256(secret.encode()).digest(),
            party_id=spec.party_id,
            made_by_party=caller.party_id,
            made_by=caller.key_id,
            for_trade=trade_id,
            type=spec.type,
            number=spec.number,
            role=spec.role,
            answers=spec.answers,
            uses_max=spec.uses_max,
            created_at=now,
            ends_at=now + timedelta(days=spec.days),
        )
        await links.add(self._store, made)
        return shown(made) | {"token": f"tl_{link_id}_{secret}"}

    async def everything(self, caller: Caller) -> list[dict[str, Any]]:
        """The links that the caller's party made, or that speak for it."""
        return [shown(row) for row in await links.of_party(self._store.acting(caller.acting), caller.party_id)]

    async def revoke(self, caller: Caller, link_id: str) -> None:
        """End a link."""
        row = await links.find(self._store, link_id)
        if row is None or caller.party_id not in (row.party_id, row.made_by_party):
            raise Missing("UNKNOWN_LINK", say("there is no link %(link_id)s", link_id=link_id), 404)
        await links.revoke(self._store, link_id)

    async def open(self, token: str) -> dict[str, Any]:
        """The document as the role may see it, and which answers the link takes. Each look counts."""
        link = await links.use(self._store, (await self._of(token)).link_id)
        if link is None:
            raise _ended()
        document = await self._documents.document(speaker(link), link.for_trade, link.type, link.number, None, "json")
        told = {name: value for name, value in shown(link).items() if name not in ("made_by", "link_id")}
        return told | {"document": msgspec.Raw(document[0]), "answered": link.answered_at is not None}

    async def answer(self, token: str, body: bytes, content_type: str) -> Answer:
        """One message about this document, in the name of the link's party, through the main path. A refusal leaves the answer free."""
        link = await self._of(token)
        document = intake.read(body, content_type)
        envelope = Envelope.of(document)
        await self._about(link, document.number, envelope)
        if not await links.answer(self._store, link.link_id):
            raise Refused("LINK_ANSWERED", "this link has taken its one answer, or has ended", 409)
        try:
            return await self._handler.lodge(speaker(link), body, content_type)
        except Problem:
            await links.give_back(self._store, link.link_id)
            raise

    async def _about(self, link: Link, number: str, envelope: Envelope) -> None:
        if envelope.trade_id != link.for_trade or envelope.sender != link.party_id or envelope.type not in link.answers:
            says = say(
                "this link takes %(answers)s from %(party_id)s in trade %(for_trade)s",
                answers=" or ".join(link.answers),
                party_id=link.party_id,
                for_trade=link.for_trade,
            )
            raise Refused("LINK_EXCEEDED", says, 403)
        row = await self._store.read(link.for_trade)
        entry = row.state.documents.get(f"{link.type}:{link.number}") if row else None
        same = envelope.type == link.type and number == link.number
        answers = entry is not None and _same_id(envelope.in_reply_to, entry.message_id)
        if not same and not answers:
            says = say(
                "an answer names %(type)s %(number)s in in_reply_to, or is another version of it", type=link.type, number=link.number
            )
            raise Refused("LINK_EXCEEDED", says, 403)

    async def _of(self, token: str) -> Link:
        prefix, _, rest = token.partition("_")
        link_id, _, secret = rest.partition("_")
        row = await links.find(self._store, link_id) if prefix == "tl" and link_id.isalnum() and len(token) < 200 else None
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        if row is None or not hmac.compare_digest(digest, row.secret_sha256) or row.revoked_at or row.ends_at <= await self._store.now():
            raise _ended()
        return row


def speaker(link: Link) -> Caller:
    """The party that a link speaks for, in the one role, and how it came to it."""
    how = ActedFor(link=link.link_id, link_by=link.made_by_party)
    return Caller(link.party_id, f"link:{link.link_id}", frozenset({link.role}), frozenset({"read", "lodge"}), how=how)


def shown(row: Link) -> dict[str, Any]:
    """A link without its secret."""
    said = {name: getattr(row, name) for name in Link.__slots__ if name not in HIDDEN}
    return said | {"trade_id": said.pop("for_trade")}


def _same_id(one: str, other: str) -> bool:
    try:
        return UUID(one) == UUID(other)
    except ValueError:
        return False


def _ended() -> Missing:
    return Missing("UNKNOWN_LINK", "the link is unknown, ended, or was opened as often as it may be; ask for a new one", 404)
