"""The document a counterparty sends: a sample told as this trade, completed with what the hub drafts from the trade's own documents."""

import contextlib
import copy
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tradeflow.client import Draft, Trade
from tradeflow.codec import canonical
from tradeflow.errors import BadInput
from tradeflow.machine.commands import Context, Lodge
from tradeflow.machine.seed import unmet
from tradeflow.machine.tables import Guard, Machine
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.document import DocumentSet, get
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import TradeState
from tradeflow.rules.cross import check_set
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Cast, Scenario, Step
from tradeflow.scenario.paths import put
from tradeflow.scenario.worlds import Sample, objects, renumber, samples_of
from tradeflow.simulate.choose import Act, Heard

Tree = dict[str, Any]
AGREED = ("document", "trade terms", "party register")  # kinds of origins that the trade stands for


class Writer:
    """Writes for one party in one trade; remembers every document it was shown, so that later ones repeat what earlier ones said."""

    def __init__(self, machine: Machine, book: Catalogue, trade: Trade, names: dict[str, str], scripted: bool = False) -> None:
        self._machine, self._book, self._scripted = machine, book, scripted
        roles: dict[str, list[str]] = {}
        for one in trade.participants:
            roles.setdefault(one.party_id, []).append(one.role)
        self._cast = [Cast(party, names.get(party, party), held) for party, held in roles.items()]
        terms = {name: str(value) for name, value in trade.terms.items()}
        self._scenario = Scenario(trade.trade_id, "", trade.trade_id, terms, self._cast, [])
        self._filler = Filler(book, self._scenario, trade.trade_id)
        self._turn = Turn.begin(machine, TradeState(trade.trade_id), Context(trade.now))
        self._docs: dict[tuple[str, str], Lodge] = {}

    def shown(self, tree: Tree) -> None:
        """A document that was received or sent."""
        message = tree["message"]["type"]
        with contextlib.suppress(BadInput, KeyError):  # what is withheld may be what is remembered of it
            self._filler.lodged(message, tree)
        if lodge := _lodge(message, tree):
            self._docs[message, tree["document"]["number"]] = lodge

    def documents(self, act: Act, party: str, heard: Heard, now: datetime, draft: Draft | None, says: Mapping[str, Any]) -> Iterator[Tree]:
        """The documents to try, the likeliest first: a sample of this very trade as it is, another with the draft over it. `says`, by path,

        is what each of them has to say.
        """
        for tree in self._documents(act, party, heard, now, draft):
            for path, value in says.items():
                put(tree, path, value)
            yield tree

    def misses(self, act: Act, tree: Tree) -> bool:
        """Whether the guards of all transitions that are meant miss something in a document, as far as this party can tell."""
        lodge = _lodge(act.trigger, tree)
        if lodge is None:
            return True
        docs = DocumentSet([one.document for one in self._docs.values()])
        whole = docs.with_(lodge.document)
        turn = Turn.begin(
            self._machine, self._turn.state, Context(lodge.envelope.created_at, docs, (), lambda rules: check_set(rules, whole))
        )
        return all(unmet(turn, key, t, lodge, docs) for key, t in act.meant)

    def _documents(self, act: Act, party: str, heard: Heard, now: datetime, draft: Draft | None) -> Iterator[Tree]:
        for sample in self._ranked(act, party, heard)[:3]:
            step = self._step(act, party, heard, now, sample, draft)
            if not step.to:
                continue
            told = self._filler.document(step, act.trigger, str(uuid.uuid4()))
            if self._filler.own(sample) and not (self._own(sample) and sample.tree["message"]["sender"]["party_id"] == party):
                number = str(told["document"]["number"])
                renumber(told, number, f"{number[:30]}-{party[:3].upper()}")
            if draft and not self._own(sample):
                yield _again(completed(told, draft, {path.partition(".")[0] for path in [*_guarded(act), *step.set]}))
                yield _again(drafted(told, draft))
            yield told

    def _own(self, sample: Sample) -> bool:
        """Whether a sample may be sent as it is: it tells of this trade or, in a scenario, of one between the same parties."""
        return self._filler.own(sample) if self._scripted else self._scenario.reference.startswith(sample.trade)

    def _ranked(self, act: Act, party: str, heard: Heard) -> list[Sample]:
        """Samples of this trade first, then by how well they fit the transition meant, and what was heard."""
        from_party = str(get(heard.tree, "message.sender.party_id") or "")

        def rank(sample: Sample) -> tuple[Any, ...]:
            envelope, lodge = sample.tree["message"], sample.lodge
            docs = DocumentSet([one.document for one in self._docs.values()])
            missed = min((unmet(self._turn, key, t, lodge, docs) for key, t in act.meant), default=0)
            recipients = {r["party_id"] for r in envelope["recipients"]}
            own, said = self._own(sample), heard.number
            return (
                own and (sample.message, sample.tree["document"]["number"]) in self._docs,
                not (own and envelope["sender"]["party_id"] == party),
                "#" in act.instance and envelope.get("process_instance") != act.instance,
                missed,
                envelope["sender"]["role"] != act.role,
                not (said and any(said in node.values() for node in objects(sample.tree))),
                not own,
                envelope["function"] != act.function,
                from_party not in recipients,
            )

        return sorted(samples_of(self._book, act.trigger), key=rank)

    def _step(self, act: Act, party: str, heard: Heard, now: datetime, sample: Sample, draft: Draft | None) -> Step:
        return Step(
            date=now,
            message=act.trigger,
            by=f"{act.role}:{party}",
            to=self._recipients(act, party, heard, sample, draft),
            sample=sample.name,
            instance=_instance(act, sample) or (str(draft.document["message"].get("process_instance", "")) if draft else ""),
            set={**dict(self._deciding(act, sample)), **({} if self._own(sample) else self._answering(act, heard))},
        )

    def _recipients(self, act: Act, party: str, heard: Heard, sample: Sample, draft: Draft | None) -> list[str]:
        """As the sample says, by party where it is of this trade, else by role: whoever is answered before anybody else in that role."""
        kind = self._book.message(act.trigger)
        held = {member.party: member.roles for member in self._cast if member.party != party}
        said = sample.tree["message"]["recipients"]
        if self._own(sample) and all(r["role"] in held.get(r["party_id"], ()) for r in said):
            return [f"{r['role']}:{r['party_id']}" for r in said]
        sender = get(heard.tree, "message.sender") or {}
        wanted = [r["role"] for r in said if r["role"] in kind.to_roles]
        if not heard.sent_by_me and sender.get("role") in kind.to_roles:
            wanted = [sender["role"], *wanted]
        drafted = [r["role"] for r in draft.document["message"]["recipients"]] if draft else []
        found: list[str] = []
        for role in dict.fromkeys([*wanted, *(drafted if not wanted else [])]):
            parties = [one for one, roles in held.items() if role in roles]
            parties.sort(key=lambda one: one != sender.get("party_id"))
            found += [f"{role}:{parties[0]}"] if parties else []
        return found

    def _answering(self, act: Act, heard: Heard) -> Tree:
        """What an answer says about what it answers."""
        if not act.answer:
            return {}
        fields: Tree = {"answers.type": heard.trigger, "answers.number": heard.number}
        kind = self._book.message(act.trigger)
        said = fields if kind.field_at("answers") else {}
        return said | ({"answers_message_id": get(heard.tree, "message.id")} if kind.field_at("answers_message_id") else {})

    def _deciding(self, act: Act, sample: Sample) -> Iterator[tuple[str, Any]]:
        """The fields that decide a guard of the transition alone, where the sample says otherwise."""
        if not act.meant:
            return
        _, best = min(act.meant, key=lambda one: unmet(self._turn, one[0], one[1], sample.lodge, DocumentSet()))
        for guard in best.guards:
            for path, values in _fields(guard):
                said = get(sample.tree, path)
                text = str(said).lower() if isinstance(said, bool) else str(said)
                if text not in values and self._book.message(act.trigger).field_at(path):
                    yield path, {"true": True, "false": False}.get(values[0], values[0])


def _instance(act: Act, sample: Sample) -> str:
    """The instance that the document names: one with a name of its own, else the one that the sample opens."""
    said = str(sample.tree["message"].get("process_instance", ""))
    if "#" in act.instance or said.partition("#")[0] != act.instance:
        return act.instance if "#" in act.instance else ""
    return act.instance if act.answer else said


def _again(tree: Tree) -> Tree:
    """With an id of its own: each try is another message."""
    tree["message"]["id"] = str(uuid.uuid4())
    return tree


def _guarded(act: Act) -> Iterator[str]:
    """The fields by which the message says what it means: those that the guards of the transitions meant read."""
    yield from (path for _, transition in act.meant for guard in transition.guards for path, _ in _fields(guard))


def completed(told: Tree, draft: Draft, deciding: Collection[str]) -> Tree:
    """The hub's draft, with what it leaves open as the sample has it: number, required fields, and what decides the outcome."""
    made = copy.deepcopy(draft.document)
    made["message"] = copy.deepcopy(told["message"])
    made["document"] = {**told["document"], **made.get("document", {}), "number": told["document"]["number"]}
    for missing in draft.to_type:
        _copy(made, missing.pointer, told)
    made |= {name: copy.deepcopy(told[name]) for name in deciding if name in told}
    return made


def _copy(tree: Tree, pointer: str, source: Tree) -> None:
    """Put what stands at a pointer there, making the objects on the way; lists are taken whole."""
    node: Any = tree
    value: Any = source
    *way, last = _parts(pointer)
    for part in way:
        value = _at(value, part)
        if not isinstance(value, dict):
            if isinstance(value, list):
                node.setdefault(part, copy.deepcopy(value))
            return
        node = node.setdefault(part, {})
    if last in value:
        node[last] = copy.deepcopy(value[last])


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def drafted(told: Tree, draft: Draft) -> Tree:
    """The document with everything in it that the trade stands for, as the draft says it; lists keep their length."""
    made = copy.deepcopy(told)
    for origin in draft.origins:
        if origin["origin"]["kind"] in AGREED:
            _replace(made, origin["pointer"], draft.document)
    return made


def _replace(tree: Tree, pointer: str, source: Tree) -> None:
    node: Any = tree
    value: Any = source
    *way, last = _parts(pointer)
    for part in way:
        node, value = _at(node, part), _at(value, part)
    if isinstance(node, dict) and last in node and not isinstance(node[last], dict | list):
        node[last] = _at(value, last)


def _at(node: Any, part: str) -> Any:
    if isinstance(node, list):
        return node[int(part)] if part.isdecimal() and int(part) < len(node) else None
    return node.get(part) if isinstance(node, dict) else None


def _lodge(message: str, tree: Tree) -> Lodge | None:
    """A document as the machine takes it; None for one that is none (a withheld field is missing)."""
    try:
        document = canonical.document(message, tree)
        return Lodge(document, Envelope.of(document))
    except (BadInput, KeyError):
        return None


def _fields(guard: Guard) -> Iterator[tuple[str, Sequence[str]]]:
    for term in guard.when:
        if term.word.name == "field_in":
            yield term.args["path"], term.args["values"]
        elif term.word.name == "event_is":
            yield "event", term.args["events"]
