"""What the sentences, dates and findings of an answer tell a reader: no figure that stands only where it may not look.

Guards, clocks and rules explain themselves with values of documents. Whatever they quote, a sentence that quotes something withheld from
the reader loses every figure that the reader cannot read elsewhere: also those worked out of it.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import msgspec
from msgspec import structs

from tradeflow.app.acceptance import Lodged
from tradeflow.app.access import Caller
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.findings import readable
from tradeflow.app.redaction import without
from tradeflow.app.sight import Sight
from tradeflow.errors import Problem
from tradeflow.machine.answers import Allowed, GuardView
from tradeflow.machine.owed import Owed
from tradeflow.machine.whynot import WhyNot
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.finding import Finding
from tradeflow.model.trade import TradeState
from tradeflow.store.circulation import circulation
from tradeflow.store.uow import Store

WITHHELD = "(withheld)"
UNSEEN = "it depends on the state of a process that you do not see"
SHORT = 3  # what has fewer characters is a count of days or an index, not a figure of somebody
PROSE = 8  # a text without digits and as long as this, in several words, is a name or a description
KEPT_MAX = 32  # readings of a whole trade by one reader, half a megabyte each; their words are those of one version
_kept: WeakKeyDictionary[DocumentLoader, OrderedDict[Any, "Telling"]] = WeakKeyDictionary()
_TOKEN = re.compile(r"[0-9A-Za-z]+(?:[-./,:_+][0-9A-Za-z]+)*")
_NUMBER = re.compile(r"(?:[A-Z]{3})?([0-9][0-9,]*(?:\.[0-9]+)?)")

Explained = TypeVar("Explained", Allowed, GuardView)


@dataclass(frozen=True, slots=True)
class Telling:
    """One reader of one trade. `hidden` stands only in what is withheld from it."""

    sight: Sight
    state: TradeState
    known: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    prose: tuple[str, ...] = ()
    own: str = ""  # "type number" of the document the reader is about to send

    def text(self, said: str) -> str:
        """The sentence without the figures that the reader may not learn."""
        if not self._tells(said):
            return said
        for text in self.prose:
            said = said.replace(text, WITHHELD)
        return _TOKEN.sub(lambda found: found[0] if self._may(found[0]) else WITHHELD, said)

    def _tells(self, said: str) -> bool:
        return any(_forms(token) & self.hidden for token in _TOKEN.findall(said)) or any(text in said for text in self.prose)

    def _may(self, token: str) -> bool:
        forms = _forms(token)
        return not forms or bool(forms & self.known)

    def value(self, value: Any) -> bool:
        """Whether a value may be told as it is."""
        return not any(self._tells(_written(leaf)) for leaf in _leaves(value))

    def moment(self, due: datetime | None, why: str) -> bool:
        """Whether the end of a clock may be told: neither it nor the sentence that explains it is withheld."""
        return self.text(why) == why and (due is None or (self.value(due) and self.value((due - timedelta(microseconds=1)).date())))

    def finding(self, finding: Finding) -> Finding | None:
        """The finding as the reader may have it; None where it is about documents that are not for its eyes at all."""
        told = readable(finding, self.state, self.sight, self.own) if finding.document else finding
        if told is None or self.sight.everything:
            return told
        hides = tuple(name for name in ("found", "expected") if not self.value(getattr(told, name)))
        values: dict[str, Any] = dict.fromkeys(hides)
        return structs.replace(
            told, message=self.text(told.message), hint=self.text(told.hint), withheld=(*told.withheld, *hides), **values
        )

    def explained(self, entries: Iterable[Explained]) -> list[Explained]:
        """Actions or conditions, with what they say about the trade as the reader may have it."""
        return [self._explained(entry) for entry in entries]

    def _explained(self, entry: Explained) -> Explained:
        if isinstance(entry, GuardView):
            return structs.replace(entry, because=self.text(entry.because))
        return structs.replace(entry, guards=self.explained(entry.guards))

    def why_not(self, answer: WhyNot, own: bool = True) -> WhyNot:
        """What stands in the way of a message, as the reader may have it: of another's not how far a region it does not see has come."""
        if not own and answer.region and not self.sight.region(answer.region):
            return structs.replace(answer, because=UNSEEN, region="", conditions=[], unlock=[])
        return structs.replace(answer, because=self.text(answer.because), conditions=self.explained(answer.conditions))

    def owed(self, item: Owed) -> Owed:
        """A document that is owed, as the reader may have it: a last day that others agreed is not told."""
        told = structs.replace(
            item,
            condition=[self.text(one) for one in item.condition],
            due_why=self.text(item.due_why),
            blocked_by=self.text(item.blocked_by),
        )
        if self.moment(item.due, item.due_why):
            return told
        return structs.replace(told, due=None, due_why="", due_withheld=True, overdue=False)

    def problem(self, problem: Problem) -> Problem:
        """A refusal as its sender may read it."""
        extra = dict(problem.extra)
        if extra.get("allowed"):
            extra["allowed"] = self.explained(extra["allowed"])
        if extra.get("candidates"):
            extra["candidates"] = [self.text(one) for one in extra["candidates"]]
        findings = [told for one in problem.findings if (told := self.finding(one)) is not None]
        return replace(problem, detail=self.text(problem.detail), findings=findings, extra=extra)


async def telling(
    store: Store, loader: DocumentLoader, caller: Caller, state: TradeState, lodged: Lodged | None = None, as_role: str = ""
) -> Telling:
    """What may be told to a caller about a trade; `lodged` is what it is about to send, which it knows.

    Reading every document is the costliest part of a page, and the same for the same reader of the same version: the last ones are kept.
    """
    if caller.operator and not as_role:
        return Telling(Sight.of(caller, state, {}, as_role), state)
    held = frozenset(role for role in state.roles_of(caller.party_id) if caller.may_act_as(role))
    key = (state.trade_id, state.version, caller.party_id, held, as_role)
    kept = _kept.setdefault(loader, OrderedDict())
    if lodged is None and (found := kept.get(key)):
        kept.move_to_end(key)
        return found
    circulated = await circulation(store, state.trade_id)
    docs = await loader.load(state, {entry.type for entry in state.documents.values()}, withdrawn=True)
    made = of_trade(Sight.of(caller, state, circulated, as_role), state, docs, lodged.document if lodged else None)
    if lodged is None:
        kept[key] = made
        if len(kept) > KEPT_MAX:
            kept.popitem(last=False)
    return made


async def as_told(
    store: Store, loader: DocumentLoader, caller: Caller, state: TradeState, problem: Problem, lodged: Lodged | None
) -> Problem:
    """A refusal as the caller may read it. The operator, and whoever takes no part, is told the same as before: nothing or all."""
    if caller.operator or not state.roles_of(caller.party_id):
        return problem
    return (await telling(store, loader, caller, state, lodged)).problem(problem)


def of_trade(sight: Sight, state: TradeState, docs: DocumentSet, own: Document | None = None) -> Telling:
    """The same from what is at hand. Pure."""
    if sight.everything:
        return Telling(sight, state)
    seen: list[Any] = [state.trade_id, state.terms, [p.party_id for p in state.participants], list(state.regions)]
    unseen: list[Any] = []
    for document in docs.documents:
        entry = state.documents[f"{document.type}:{document.number}"]
        withheld = sight.message(entry.message_id, document.data)
        if withheld is None:
            unseen.append(document.data)
            continue
        shown, hidden = without(document, withheld)
        seen.append(shown)
        unseen += hidden
    if own is not None:
        seen.append(own.data)
    for name, value in state.attributes.items():
        (seen if sight.fact(name) else unseen).append(value)
    for timer in state.timers.values():
        (seen if sight.region(timer.region) else unseen).append(timer.due_at)
    for payable in state.payables.values():
        (seen if sight.payable(payable.kind) else unseen).append(msgspec.to_builtins(payable))
    known, _ = _words_of(seen)
    hidden_words, prose = _words_of(unseen)
    told = "\n".join(_written(leaf) for leaf in _leaves(seen))
    name = f"{own.type} {own.number}" if own else ""
    texts = tuple(sorted((text for text in prose if text not in told), key=len, reverse=True))
    return Telling(sight, state, known, hidden_words - known, texts, name)


def _words_of(values: Iterable[Any]) -> tuple[frozenset[str], set[str]]:
    """Every figure in the values, and every longer text that has none."""
    figures: set[str] = set()
    prose: set[str] = set()
    for leaf in _leaves(values):
        written = _written(leaf)
        forms = [form for token in _TOKEN.findall(written) for form in _forms(token)]
        figures.update(forms)
        if not forms and len(written) >= PROSE and " " in written:
            prose.add(written)
    return frozenset(figures), prose


def _forms(token: str) -> set[str]:
    """How a figure may be written: as it stands, a number without grouping and trailing zeros, the date of a moment."""
    if len(token) < SHORT or not any(c.isdigit() for c in token):
        return set()
    if number := _NUMBER.fullmatch(token):
        plain = number[1].replace(",", "")
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return {plain} if len(plain) >= SHORT else set()
    return {token, token[:10]} if re.match(r"\d{4}-\d\d-\d\dT", token) else {token}


def _leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, Mapping):
        for name, inner in node.items():
            if name != "message":  # the envelope: ids and times of the lodging
                yield from _leaves(inner)
    elif isinstance(node, (list, tuple, set, frozenset)):
        for inner in node:
            yield from _leaves(inner)
    elif node is not None and not isinstance(node, bool):
        yield node


def _written(leaf: Any) -> str:
    if isinstance(leaf, (date, datetime)):
        return leaf.isoformat()
    return f"{leaf:f}" if isinstance(leaf, Decimal) else str(leaf)
