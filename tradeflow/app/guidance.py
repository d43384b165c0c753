"""What the hub can tell a party about its next step: the document it would send, as far as the trade can write it."""

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import uuid4

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.machines import Machines
from tradeflow.app.optional import Option, options, over
from tradeflow.app.placing import Place, placed
from tradeflow.app.redaction import redacted
from tradeflow.app.refusals import known
from tradeflow.app.sight import Sight
from tradeflow.app.telling import telling
from tradeflow.codec import canonical
from tradeflow.draft import Card, Draft, copied, draft, to_type
from tradeflow.draft import Missing as MissingField
from tradeflow.errors import Missing, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.allowed import allowed
from tradeflow.machine.answers import COPY, Allowed
from tradeflow.machine.case import ORDERS
from tradeflow.machine.commands import Context
from tradeflow.machine.kin import kin, nearest
from tradeflow.machine.needs import documents_for
from tradeflow.machine.owed import owed
from tradeflow.machine.owed import reads as reads_of_owed
from tradeflow.machine.whynot import why_not
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document
from tradeflow.model.trade import Participant, TradeState
from tradeflow.store import desk, parties
from tradeflow.store.circulation import circulation
from tradeflow.store.rows import TradeRow
from tradeflow.store.uow import Store

Json = dict[str, Any]
NOBODY = ("sender", "participants")
OF_GOODS = ("commercial_invoice", "purchase_order", "packing_list", "shipping_instruction")
SENT_BEFORE = 12  # of each: whoever ships the same goods again finds them


class Guidance:
    """Reads only; everything it says is computed from what the caller may read."""

    def __init__(self, store: Store, machines: Machines, documents: DocumentLoader) -> None:
        self._store, self._machines, self._documents = store, machines, documents

    async def draft(
        self, caller: Caller, trade_id: str, message: str, role: str, number: str, copy: bool = False, instance: str = ""
    ) -> Json:
        """The draft of a message for the caller: the document, the origin of each value, and what is still to be typed.

        `instance` is the shipment, bill, declaration ... it belongs to; without it the only one that takes such a message now.
        `copy` takes what the trade cannot say from the newest document of the same type that the caller sent in another trade.
        """
        row = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id)
        kind = message_type(message)
        acts_as = sender_role(caller, row.state, kind, role)
        sender = caller.party_id if not caller.operator else next(iter(row.state.parties_with(acts_as)), "")
        sight = Sight.of(Caller(sender, ""), row.state, await circulation(self._store, trade_id))
        machine = await self._machines.of(row.state.machine)
        place = placed(machine, row.state, kind, acts_as, instance)
        known_here = kin(row.state, await self._readable(row.state, sight), place.standpoints)
        made = draft(
            kind,
            acts_as,
            known_here.documents,
            row.state.terms,
            row.state.participants,
            row.now,
            party=sender,
            register=await self._cards(row.state),
            clocks={
                key.partition(".")[2]: timer.due_at
                for key, timer in nearest(row.state.timers, place.standpoints, lambda timer: timer.region)
                if sight.region(timer.region)
            },
            number=number,
            titles=[title for _, title in nearest(row.state.titles, place.standpoints, lambda title: title.instance)],
            everything=known_here.everything,
            above=known_here.above,
        )
        if copy and (last := await desk.last_sent(self._store.acting(caller.acting), sender, kind.id, trade_id)):
            copied(made, kind, canonical.load(kind.id, last))
        head = envelope(kind, row, sender, acts_as, made.to) | ({"process_instance": place.named} if place.named else {})
        return _answer(kind, made, head, place)

    async def passed_on(self, caller: Caller, trade_id: str, message: str, number: str) -> Json:
        """A document of the trade as it is passed on by reference (function 31): unchanged, in the role and to the banks of its process.

        Missing NOT_FOUND where the caller sees no such document, Refused FORBIDDEN_VIEW where no process takes it from the caller again.
        """
        row = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id)
        kind = message_type(message)
        sight = Sight.of(caller, row.state, await circulation(self._store, trade_id))
        readable = await self._readable(row.state, sight)
        found = next((one for one in readable if (one.type, one.number) == (message, number)), None)
        if found is None:
            raise Missing(
                "NOT_FOUND",
                say(
                    "there is no %(message)s %(number)s that %(party_id)s sees in this trade",
                    message=message,
                    number=number,
                    party_id=caller.party_id,
                ),
                404,
            )
        held = {role for role in row.state.roles_of(caller.party_id) if caller.may_act_as(role)}
        entries = allowed(await self._machines.of(row.state.machine), row.state, held)
        roles = [role for entry in entries if takes_again(entry, message) for role in entry.by if role in held]
        if not roles:
            raise Refused(
                "FORBIDDEN_VIEW",
                say("nothing takes a %(message)s again from %(party_id)s now", message=message, party_id=caller.party_id),
                403,
            )
        letter = draft(
            message_type("lc_collection_letter"),
            roles[0],
            readable,
            row.state.terms,
            row.state.participants,
            row.now,
            party=caller.party_id,
            register=await self._cards(row.state),
        )
        head = envelope(kind, row, caller.party_id, roles[0], letter.to) | {"function": COPY}
        made: Json = json.loads(canonical.encode({**found.data, "message": head}))
        return made

    async def missing(self, caller: Caller, trade_id: str) -> Json:
        """What the shipment still needs, and what each role may send now."""
        row = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id)
        machine = await self._machines.of(row.state.machine)
        wanted = reads_of_owed() | {kind for timer in machine.timers.values() for kind in timer.due.of} | set(ORDERS) | {"proforma_invoice"}
        context = Context(row.now, await self._documents.load(row.state, wanted))
        entries = allowed(machine, row.state, {p.role for p in row.state.participants})
        told = await telling(self._store, self._documents, caller, row.state)
        return {
            "trade_id": trade_id,
            "now": row.now,
            "items": [told.owed(item) for item in owed(machine, row.state, context)],
            "may_send": _may_send(entries),
        }

    async def may_also(self, caller: Caller, trade_id: str, waited_for: AbstractSet[str]) -> tuple[Option, ...]:
        """What the caller may send besides: in its own roles, but for the messages that are shown as waited for."""
        row = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id)
        machine = await self._machines.of(row.state.machine)
        held = {role for role in row.state.roles_of(caller.party_id) if caller.may_act_as(role)}
        return () if over(machine, row.state) else options(machine, row.state, allowed(machine, row.state, held), waited_for)

    async def why_not(self, caller: Caller, trade_id: str, message: str, role: str) -> Json:
        """What stands in the way of a message and what would change that: for every role that may send it, or for the one asked about.

        The answer itself is that of the caller's own role, where that may send the message, else that of the role that is nearest to it.
        """
        row = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id)
        kind, machine = message_type(message), await self._machines.of(row.state.machine)
        held = {p.role for p in row.state.participants} if caller.operator else row.state.roles_of(caller.party_id)
        if role and not caller.operator and role not in held:
            raise Refused(
                "FORBIDDEN_VIEW", say("%(party_id)s does not act as %(role)s in this trade", party_id=caller.party_id, role=role), 403
            )
        docs = await self._documents.load(row.state, documents_for(machine, message) | set(ORDERS) | {"proforma_invoice"})
        told = await telling(self._store, self._documents, caller, row.state)
        found = [
            told.why_not(why_not(machine, row.state, message, one, Context(row.now, docs)), own=one in held)
            for one in ([role] if role else kind.from_roles)
        ]
        mine = [answer for answer in found if answer.role in held and not caller.operator]
        best = min(mine or found, key=lambda answer: (not answer.taken, answer.blocked_by in NOBODY, len(answer.unlock)))
        may_not = "" if role or mine or caller.operator else _may_not(kind, caller, held)
        return {**msgspec.to_builtins(best), "may_not": may_not, "roles": found}

    async def _readable(self, state: TradeState, sight: Sight) -> list[Document]:
        """Those the sender may read, without what is withheld from its roles: a draft must not tell what a document does not."""
        found = []
        for document in (await self._documents.load(state, {e.type for e in state.standing})).documents:
            withheld = sight.message(state.documents[f"{document.type}:{document.number}"].message_id, document.data)
            if withheld is not None:
                data, _ = redacted(document, withheld)
                found.append(Document(document.type, data, document.canonical, document.sha256, document.payload_sha256))
        return found

    async def readable(self, caller: Caller, trade_id: str) -> list[Document]:
        """The documents in force that the caller may read, without what is withheld from it."""
        state = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id).state
        return await self._readable(state, Sight.of(caller, state, await circulation(self._store, trade_id)))

    async def sent_before(self, caller: Caller) -> list[tuple[str, bytes]]:
        """The type and canonical form of what the caller's party sent about goods last, in any trade; the newest first."""
        return await desk.sent_before(self._store.acting(caller.acting), caller.party_id, OF_GOODS, SENT_BEFORE, caller.roles)

    async def _cards(self, state: TradeState) -> Mapping[str, Card]:
        found = await parties.cards(self._store, sorted({p.party_id for p in state.participants}))
        return {row["party_id"]: Card(row["party_id"], row["name"], row["country"] or "") for row in found}


def takes_again(entry: Allowed, message: str) -> bool:
    """Whether an entry takes a document that is in the trade already, unchanged."""
    return entry.message == message and COPY in entry.function


def _may_send(entries: list[Allowed]) -> dict[str, list[str]]:
    """By role, the messages none of whose conditions is known not to hold."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        if entry.message and entry.open:
            for role in entry.by:
                found.setdefault(role, set()).add(entry.message)
    return {role: sorted(messages) for role, messages in sorted(found.items())}


def _may_not(kind: MessageType, caller: Caller, held: set[str]) -> str:
    return f"a {kind.id} is sent by {' or '.join(kind.from_roles)}; {caller.party_id} is {' and '.join(sorted(held))} in this trade"


def message_type(message: str) -> MessageType:
    """The type of that name; Missing if there is none."""
    if message not in catalogue().ids():
        raise Missing("UNKNOWN_MESSAGE_TYPE", say("there is no message type %(message)s", message=message), 404)
    return catalogue().message(message)


def sender_role(caller: Caller, state: TradeState, kind: MessageType, role: str) -> str:
    """The role in which the caller would send a message: the one asked for, else the first it holds that may send it."""
    held = {p.role for p in state.participants} if caller.operator else state.roles_of(caller.party_id)
    held = {one for one in held if caller.may_act_as(one)}
    if role and role not in held:
        raise Refused(
            "FORBIDDEN_VIEW", say("%(party_id)s does not act as %(role)s in this trade", party_id=caller.party_id, role=role), 403
        )
    mine = [one for one in kind.from_roles if one in held and role in ("", one)]
    if not mine:
        raise Refused(
            "FORBIDDEN_VIEW",
            say(
                "a %(id)s is sent by %(from_roles)s; %(party_id)s is none of them here",
                id=kind.id,
                from_roles=" or ".join(kind.from_roles),
                party_id=caller.party_id,
            ),
            403,
        )
    return mine[0]


def envelope(kind: MessageType, row: TradeRow, sender: str, role: str, to: Iterable[Participant]) -> Json:
    """The `message` member of a draft."""
    return {
        "id": str(uuid4()),
        "type": kind.id,
        "schema_version": kind.schema_version,
        "function": "9",
        "created_at": row.now.replace(microsecond=0),
        "sender": {"party_id": sender, "role": role},
        "recipients": [{"party_id": p.party_id, "role": p.role} for p in to],
        "trade_id": row.state.trade_id,
    }


def _answer(kind: MessageType, made: Draft, head: Json, place: Place) -> Json:
    missing = to_type(kind, made.tree)
    if not head["recipients"]:
        missing.insert(0, MissingField("/message/recipients", "Recipients (party id + role)", "Recipient"))
    return {
        "message": kind.id,
        "role": head["sender"]["role"],
        "instance": place.instance,
        "candidates": place.candidates,
        "document": json.loads(canonical.encode({"message": head, **made.tree})),
        "origins": [{"pointer": pointer, "origin": origin} for pointer, origin in sorted(made.origins.items())],
        "to_type": missing,
        "counts": {"filled": len(made.origins), "to_type": len(missing)},
    }
