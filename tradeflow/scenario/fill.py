"""The full document of a step: the message's sample, what the trade already knows, and the step's own values."""

import copy
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, count
from typing import Any

from tradeflow.codec import canonical
from tradeflow.machine.admit import KEPT
from tradeflow.model.catalogue import Catalogue, MessageType
from tradeflow.scenario.load import Filed, Scenario, Step
from tradeflow.scenario.paths import put
from tradeflow.scenario.worlds import Sample, Translator, objects, renumber, samples_of

Tree = dict[str, Any]
# Facts of the trade that every document repeats. Names such as "issuer" or "carrier" mean another party on each document.
_TRADE_FACTS = {"buyer", "seller", "terms", "payment", "currency", "port_of_loading", "port_of_discharge", "applicant", "beneficiary"}

HANDED_ON = {"licence"}  # what an authority gives to a party, which lodges it again with others
CHAINED = ("bill_of_lading", "house_bill_of_lading", "title_transfer")


class Filler:
    """Makes the documents of one run and remembers them, so that later ones repeat what earlier ones said."""

    def __init__(self, catalogue: Catalogue, scenario: Scenario, trade_id: str) -> None:
        self._catalogue, self._scenario, self.trade_id = catalogue, scenario, trade_id
        self._known: dict[tuple[str, str], Any] = {}
        self._lodged: dict[tuple[str, str], Tree] = {}  # (type, document number) -> as lodged
        self._sent: dict[str, tuple[str, str]] = {}  # message id -> (type, document number)
        self._latest: dict[str, Tree] = {}
        self._ids: dict[str, str] = {}  # id in a sample -> id in this run
        self._links: dict[str, str] = {}  # bill -> payload hash of what moved its control last
        self._translator = Translator(catalogue, scenario)
        self._renamed: dict[str, str] = {}  # a number that the scenario gives -> what its sender calls it

    def document(self, step: Step, message: str, message_id: str, manner: str = "all") -> Tree:
        """The JSON form of the message of a step, envelope included; `manner`: how a sample of another trade is translated."""
        kind = self._catalogue.message(message)
        if isinstance(step, Filed):
            base = self._linked(message, {**copy.deepcopy(step.content), "message": {}})
        else:
            base = self._again(step, message) if step.resend else self._fresh(kind, step, manner)
        sample_id = base["message"].get("id", "")
        base["message"] = self._envelope(step, message, message_id, base["message"])
        for path, value in step.set.items():
            put(base, path, _plain(value))
        for old, new in self._renamed.items():
            renumber(base, old, new)
        if replies := base["message"].get("in_reply_to"):
            base["message"]["in_reply_to"] = self._replied(base, replies)
        answered = self._answered(base)
        if answered and "answers_message_id" not in step.set:
            base["answers_message_id"] = answered
        if sample_id and not step.resend:
            self._ids[sample_id] = message_id
        return base

    def _replied(self, base: Tree, replies: str) -> str:
        """The message a reply is to: of several of its kind the one that the document refers to."""
        kind = next((kind for (kind, _), tree in self._lodged.items() if tree["message"]["id"] == replies), "")
        named = (self._lodged.get((kind, str(node.get("number")))) for node in objects(base) if node.get("type") == kind)
        return next((str(tree["message"]["id"]) for tree in named if tree), replies)

    def _answered(self, base: Tree) -> str:
        """The message id in this run of what an answer names, by type and number or by the id in its sample; "" if it names nothing."""
        if "answers_message_id" not in base:
            return ""
        lodged = self._lodged.get((base["answers"]["type"], base["answers"]["number"]))
        return str(lodged["message"]["id"]) if lodged else self._ids.get(base["answers_message_id"], "")

    def own(self, sample: Sample) -> bool:
        """Whether a sample speaks of this very trade."""
        return self._translator.own(sample)

    @property
    def worlds(self) -> set[str]:
        """The trades whose samples the documents of this run were made from."""
        return {trade for message, trade in self._translator.spoken.items() if message in self._latest}

    def card(self, who: str) -> Tree:
        """How documents name who plays a role."""
        party, _ = self._scenario.party(who)
        return {"party_id": party, "name": next(member.name for member in self._scenario.cast if member.party == party)}

    def latest(self, message: str) -> Tree | None:
        """The document of a type that was lodged last."""
        return self._latest.get(message)

    def has(self, message: str, number: str) -> bool:
        """Whether a document of this type and number was lodged."""
        return (message, number) in self._lodged

    def sent(self, message_id: str) -> tuple[str, str] | None:
        """Type and number of the document that a message of this run brought."""
        return self._sent.get(message_id)

    def sample(self, message: str) -> str:
        """The name of the sample that a step starts from which names none."""
        return self._sample(self._catalogue.message(message), "").name

    def lodged(self, message: str, tree: Tree) -> None:
        """Remember an accepted document."""
        self._sent[tree["message"]["id"]] = (message, tree["document"]["number"])
        self._latest[message] = tree
        self._lodged[message, tree["document"]["number"]] = tree
        self._translator.learn(message, tree)
        if message in CHAINED and tree["message"]["function"] in KEPT:
            self._links[_bill(tree)] = canonical.document(message, tree).payload_sha256
        for name, kind in self._facts(self._catalogue.message(message)):
            if name in tree:
                self._known[name, kind] = tree[name]

    def renamed(self, told: Tree, tree: Tree) -> None:
        """A document has come whose sender numbers it otherwise than the scenario does: what later steps call it follows."""
        if "document" in told:
            self._rename(told["document"]["number"], tree["document"]["number"])
        for name in told.keys() & tree.keys():
            if name.endswith("_no") and isinstance(told[name], str) and isinstance(tree[name], str):
                self._rename(told[name], tree[name])

    def _rename(self, old: str, new: str) -> None:
        if old != new and not any(number == old for _, number in self._lodged):
            self._renamed[old] = new

    def _fresh(self, kind: MessageType, step: Step, manner: str) -> Tree:
        sample = self._sample(kind, step.sample)
        received = self._received(kind.id, sample, step)
        base = copy.deepcopy(received) if received else self._translator.document(sample, step, manner)
        for fact in self._facts(kind) if manner != "own" else ():
            if fact[0] in base and fact in self._known:
                base[fact[0]] = copy.deepcopy(self._known[fact])
        if not self._translator.own(sample):
            self._fit(kind.id, base, step)
        return self._linked(kind.id, base)

    def _received(self, message: str, sample: Sample, step: Step) -> Tree | None:
        """What the sender had of this kind from somebody else, and hands on: a sample speaks of the first who sent it."""
        latest, told = self._latest.get(message), sample.tree["message"]["sender"]["role"]
        if latest is None or message not in HANDED_ON or told == step.by or self.own(sample):
            return None
        here = latest["message"]
        handed = here["sender"]["role"] == told and self._scenario.party(step.by)[0] in [party["party_id"] for party in here["recipients"]]
        return latest if handed else None

    def _linked(self, message: str, base: Tree) -> Tree:
        """A transfer follows what moved the control of its bill last."""
        if message == "title_transfer" and "previous_link_hash" in base:
            base["previous_link_hash"] = self._links.get(_bill(base), base["previous_link_hash"])
        return base

    def _sample(self, kind: MessageType, name: str) -> Sample:
        """The valid sample of that name; without a name the first of this trade, or the first."""
        known = samples_of(self._catalogue, kind.id)
        if name:
            found = next((sample for sample in known if sample.name == name), None)
            if found is None:
                raise KeyError(f"{kind.id} has no valid sample {name!r}")
            return found
        if not known:
            raise KeyError(f"{kind.id} has no valid sample to start from")
        return next((sample for sample in known if self._translator.own(sample)), known[0])

    def _fit(self, message: str, base: Tree, step: Step) -> None:
        """Number, version and references of a document that comes from a sample of another trade, as this trade has them."""
        number, latest = base["document"]["number"], self._latest.get(message)
        if step.function == "9":
            base["document"]["version"] = 1
            used = {n for kind, n in self._lodged if kind == message}
            renumber(base, number, next(n for n in chain([number], (f"{number[:30]}-{i}" for i in count(2))) if n not in used))
        elif latest is not None:
            renumber(base, number, latest["document"]["number"])
            base["document"]["version"] = latest["document"]["version"] + (step.function in ("4", "5"))
        named: dict[str, list[str]] = {}
        for node in objects(base):
            if "type" in node and "number" in node:
                named.setdefault(str(node["type"]), []).append(str(node["number"]))
        for node in objects(base):
            self._refer(node, named.get(str(node.get("type")), ()))
        if "references" in base:
            known = {(one["type"], one["number"]): one for one in base["references"] if (one["type"], one["number"]) in self._lodged}
            base["references"] = list(known.values())
            if not known:
                del base["references"]

    def _refer(self, node: Tree, named: Sequence[str]) -> None:
        """A reference to a document of a type that is in the trade names the one that is.

        Of several different ones that a document names the first stands for it, unless one of them is in the trade: the others are not it.
        """
        latest = self._latest.get(str(node.get("type")))
        if latest is None or "number" not in node or any((node["type"], number) in self._lodged for number in named):
            return
        if node["number"] != named[0]:
            return
        node["number"] = latest["document"]["number"]
        if "date" in node and "issue_date" in latest["document"]:
            node["date"] = latest["document"]["issue_date"]

    def _again(self, step: Step, message: str) -> Tree:
        number = step.set.get("document.number")
        earlier = self._lodged.get((message, number)) if number else self._latest.get(message)
        if earlier is None:
            raise KeyError(f"{message} cannot be sent again: it was not lodged before")
        return copy.deepcopy(earlier)

    def _facts(self, kind: MessageType) -> Iterable[tuple[str, str]]:
        """(name, type) of the top-level fields that state a fact of the trade: who, where, on what terms.

        The currency of a waybill is that of its freight, not of the goods.
        """
        meant = _TRADE_FACTS - {"currency"} if kind.category == "transport" else _TRADE_FACTS
        return [(f.path, f.of or f.type) for f in kind.fields if f.path in meant]

    def _envelope(self, step: Step, message: str, message_id: str, sample_envelope: Tree) -> Tree:
        party, role = self._scenario.party(step.by)
        envelope: Tree = {
            "id": message_id,
            "type": message,
            "schema_version": self._catalogue.message(message).schema_version,
            "function": step.function,
            "created_at": step.date.isoformat(),
            "sender": {"party_id": party, "role": role},
            "recipients": [dict(zip(("party_id", "role"), self._scenario.party(who), strict=True)) for who in step.to],
            "trade_id": self.trade_id,
        }
        if step.instance:
            envelope["process_instance"] = step.instance
        if answered := self._ids.get(sample_envelope.get("in_reply_to", "")):
            envelope["in_reply_to"] = answered
        return envelope


def _bill(tree: Tree) -> str:
    """The number of the bill a document is, or is about."""
    return str((tree.get("bill") or tree["document"])["number"])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, float) else value
