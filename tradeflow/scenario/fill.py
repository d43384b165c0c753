"""The full document of a step: the message's sample, what the trade already knows, and the step's own values."""

import copy
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from tradeflow.model.catalogue import Catalogue, MessageType
from tradeflow.scenario.load import Scenario, Step
from tradeflow.scenario.paths import put

Tree = dict[str, Any]
# Facts of the trade that every document repeats. Names such as "issuer" or "carrier" mean another party on each document.
_TRADE_FACTS = {"buyer", "seller", "terms", "payment", "currency", "port_of_loading", "port_of_discharge", "applicant", "beneficiary"}


class Filler:
    """Makes the documents of one run and remembers them, so that later ones repeat what earlier ones said."""

    def __init__(self, catalogue: Catalogue, scenario: Scenario, trade_id: str) -> None:
        self._catalogue, self._scenario, self.trade_id = catalogue, scenario, trade_id
        self._known: dict[tuple[str, str], Any] = {}
        self._lodged: dict[tuple[str, str], Tree] = {}  # (type, document number) -> as lodged
        self._latest: dict[str, Tree] = {}
        self._ids: dict[str, str] = {}  # id in a sample -> id in this run

    def document(self, step: Step, message: str, message_id: str) -> Tree:
        """The JSON form of the message of a step, envelope included."""
        kind = self._catalogue.message(message)
        base = self._again(step, message) if step.resend else self._fresh(kind, step)
        sample_id = base["message"].get("id", "")
        base["message"] = self._envelope(step, message, message_id, base["message"])
        for path, value in step.set.items():
            put(base, path, _plain(value))
        answered = self._answered(base)
        if answered and "answers_message_id" not in step.set:
            base["answers_message_id"] = answered
        if sample_id and not step.resend:
            self._ids[sample_id] = message_id
        return base

    def _answered(self, base: Tree) -> str:
        """The message id in this run of what an answer names, by type and number or by the id in its sample; "" if it names nothing."""
        if "answers_message_id" not in base:
            return ""
        lodged = self._lodged.get((base["answers"]["type"], base["answers"]["number"]))
        return str(lodged["message"]["id"]) if lodged else self._ids.get(base["answers_message_id"], "")

    def lodged(self, message: str, tree: Tree) -> None:
        """Remember an accepted document."""
        self._latest[message] = tree
        self._lodged[message, tree["document"]["number"]] = tree
        for name, kind in self._facts(self._catalogue.message(message)):
            if name in tree:
                self._known[name, kind] = tree[name]

    def _fresh(self, kind: MessageType, step: Step) -> Tree:
        base: Tree = copy.deepcopy(json.loads(sample(kind, step.sample).read_text(encoding="utf-8")))
        for fact in self._facts(kind):
            if fact[0] in base and fact in self._known:
                base[fact[0]] = copy.deepcopy(self._known[fact])
        return base

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


def sample(kind: MessageType, name: str = "") -> Path:
    """The valid JSON sample of a message by name ("s01-gate-in-full"), or its first for S01, or its first."""
    folder = kind.folder / "samples" / "valid"
    if name:
        file = folder / f"{name}.json"
        if not file.is_file():
            raise KeyError(f"{kind.id} has no valid sample {name!r}")
        return file
    files = samples(kind)
    if not files:
        raise KeyError(f"{kind.id} has no valid sample to start from")
    return files[0]


def samples(kind: MessageType) -> list[Path]:
    """The valid JSON samples of a message, that for S01 first."""
    return sorted((kind.folder / "samples" / "valid").glob("*.json"), key=lambda file: (file.stem != "s01", file.stem))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, float) else value
