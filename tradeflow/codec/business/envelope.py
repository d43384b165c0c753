"""The envelope of what a partner's system says that knows no hub: from the message that it answers, and from whom the hub knows."""

import copy
import hashlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tradeflow.codec.business.manifest import Adapter
from tradeflow.codec.business.translate import Heard
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Tree, get
from tradeflow.model.envelope import created_on

_NAMESPACE = uuid.UUID("a6f0c5de-3f0e-5a52-9f0c-6f2f51f2c0a8")  # of messages whose sender gives them no id: made from their bytes
_day = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that is answered: where it is, who sent it in which role, and in which role the partner got it."""

    trade_id: str
    message_id: str
    sender: str
    sender_role: str
    role: str
    version: int = 1
    instance: str = ""  # the process instance that it named


def asked(heard: Heard) -> tuple[str, str]:
    """(type, number) of the message that is answered, as far as the file says it; ("", "") where it need not."""
    number = get(heard.tree, heard.flow.number) if heard.flow.answers else None
    return (heard.flow.answers, str(number)) if number and not isinstance(number, dict | list) else ("", "")


def completed(adapter: Adapter, heard: Heard, party: str, body: bytes, known: Answered | None) -> Tree:
    """The tree with everything in its envelope that the file leaves out and the hub knows. What it says itself stays.

    The id is made from the bytes: the same file twice is one message. What nobody knows stays out, and the schema says so.
    """
    kind, tree = catalogue().message(heard.flow.message), copy.deepcopy(heard.tree)
    envelope: dict[str, Any] = tree.setdefault("message", {})
    if _whole(envelope):
        return tree
    envelope.setdefault("id", str(uuid.uuid5(_NAMESPACE, f"{party}/{hashlib.sha256(body).hexdigest()}")))
    envelope["type"] = kind.id
    envelope.setdefault("schema_version", kind.schema_version)
    envelope.setdefault("function", "9")
    day = get(tree, "document.issue_date")
    if isinstance(day, str) and _day(day):
        envelope.setdefault("created_at", created_on(day))
    recipients = envelope.get("recipients")
    if not recipients or not all(one.get("role") for one in recipients):  # addresses of its own network, which are no parties of ours
        envelope.pop("recipients", None)
        envelope["sender"] = {"party_id": party}
    sender = envelope.setdefault("sender", {})
    sender.setdefault("party_id", party)
    roles = [role for role in adapter.roles if role in kind.from_roles]
    if role := known.role if known else roles[0] if len(roles) == 1 else "":
        sender.setdefault("role", role)
    if known:
        _from_answered(heard, envelope, tree, known)
    header = tree.setdefault("document", {})
    header.setdefault("version", 1)
    return tree


def _whole(envelope: dict[str, Any]) -> bool:
    """Whether a file says everything itself, as one that a hub wrote."""
    parties = [envelope.get("sender", {}), *envelope.get("recipients", ())]
    named = len(parties) > 1 and all(one.get("party_id") and one.get("role") for one in parties)
    return named and all(envelope.get(name) for name in ("id", "type", "function", "created_at", "trade_id"))


def _from_answered(heard: Heard, envelope: dict[str, Any], tree: Tree, known: Answered) -> None:
    envelope.setdefault("trade_id", known.trade_id)
    envelope.setdefault("in_reply_to", known.message_id)
    envelope.setdefault("recipients", [{"party_id": known.sender, "role": known.sender_role}])
    if known.instance:
        envelope.setdefault("process_instance", known.instance)
    if catalogue().message(heard.flow.message).field_at("answers_message_id"):
        tree.setdefault("answers_message_id", known.message_id)
    for reference in _reference(heard, tree):
        reference.setdefault("type", heard.flow.answers)
        reference.setdefault("version", known.version)


def _reference(heard: Heard, tree: Tree) -> Iterator[Tree]:
    """The reference that holds the number, where it is one of the type DocumentReference."""
    owner, _, last = heard.flow.number.rpartition(".")
    node = get(tree, owner) if owner and last == "number" else None
    field = catalogue().message(heard.flow.message).field_at(owner) if owner else None
    if isinstance(node, dict) and field and field.object == "DocumentReference":
        yield node
