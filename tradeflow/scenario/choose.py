"""Which sample a step starts from, and which of its fields the step has to say otherwise."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from tradeflow.machine.commands import Context
from tradeflow.machine.seed import unmet
from tradeflow.machine.tables import Guard, Machine, Transition
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.document import DocumentSet, get
from tradeflow.model.trade import TradeState
from tradeflow.scenario.load import Step
from tradeflow.scenario.worlds import Sample, samples_of

TERM_COVERS = 4  # a trade of other terms, which can be said otherwise, is the better one if it tells of so many more of the messages
INSTRUCTED = "collection_released_by"
NOW = datetime.fromisoformat("2025-01-01T00:00:00+00:00")


class Choice:
    """Chooses among the samples for one scenario: by the guards of the transitions meant, its terms, and one trade for all if possible."""

    def __init__(
        self, machine: Machine, book: Catalogue, terms: Mapping[str, str], sent: Sequence[tuple[str, str]], facts: Sequence[str] = ()
    ) -> None:
        self._machine, self._book, self._terms = machine, book, terms
        self._instructed = [guard for name in facts if (guard := machine.guards.get(name)) and _instructs(guard)]
        self._turn = Turn.begin(machine, TradeState("SAMPLES"), Context(NOW))
        self._covers = _told(book, set(sent))

    def made(self, step: Step, true: Sequence[str], false: Sequence[str]) -> Step:
        """The step with its sample, and with the fields set that decide the guards it names."""
        if step.resend:
            return step
        meant = self._meant(step, true)
        known = samples_of(self._book, step.message)
        if not known:
            return step
        sample = min(known, key=lambda one: (*self._fit(one, step, meant), known.index(one)))
        fields = dict(self._fields(sample, step, meant, true, false))
        return replace(step, sample=sample.name, set={**fields, **step.set})

    def _meant(self, step: Step, true: Sequence[str]) -> list[tuple[str, Transition]]:
        """The transitions that ask for the guards named, else those by which this message leads to the states that are expected."""
        states = dict(entry.split("=", 1) for entry in step.expect)
        taking = [
            (f"{region.process}.{region.id}", transition)
            for region in self._machine.on.get(step.message, ())
            for transition in region.on[step.message]
            if step.by in transition.by and step.function in transition.functions
        ]
        named = [(key, t) for key, t in taking if {guard.name for guard in t.guards} & set(true)]
        ends = {_base(key): state for key, state in states.items()}
        leading = [(key, t) for key, t in taking if t.to in (ends.get(key), "same") and key in ends]
        return [one for one in named if one in leading] or named or leading

    def _fit(self, sample: Sample, step: Step, meant: Sequence[tuple[str, Transition]]) -> tuple[Any, ...]:
        envelope = sample.tree["message"]
        roles = {r["role"] for r in envelope["recipients"]}
        return (
            min((unmet(self._turn, key, t, sample.lodge, DocumentSet()) for key, t in meant), default=0),
            TERM_COVERS * sum(1 for path, value in self._conflicts(sample) if value) - self._covers[sample.trade],
            envelope["function"] != step.function,
            envelope["sender"]["role"] != step.by,
            not roles & set(step.to),
        )

    def _conflicts(self, sample: Sample) -> Iterator[tuple[str, bool]]:
        """The terms that the sample states otherwise than the scenario."""
        for name, value in self._terms.items():
            for path in (f"terms.{name}", name.replace("_", ".", 1)):
                if (said := get(sample.tree, path)) is not None:
                    yield path, said != value

    def _fields(
        self, sample: Sample, step: Step, meant: Sequence[tuple[str, Transition]], true: Sequence[str], false: Sequence[str]
    ) -> Iterator[tuple[str, Any]]:
        """Values for fields that decide a guard alone: one that makes it true, or any other that makes it false."""
        yield from ((path, self._terms_at(path)) for path, differs in self._conflicts(sample) if differs)
        wanted = [*(g for g in (self._machine.guards.get(name) for name in true) if g), *self._instructed]
        best = sorted(meant, key=lambda one: unmet(self._turn, one[0], one[1], sample.lodge, DocumentSet()))[:1]
        for guard in [*wanted, *(guard for _, transition in best if not step.error for guard in transition.guards)]:
            for path, values in _fields_of(guard):
                if str(_text(get(sample.tree, path))) not in values and self._states(step.message, path):
                    yield path, _value(values[0])
        for name in false:
            if denied := self._machine.guards.get(name):
                for path, values in _fields_of(denied):
                    row = self._book.message(step.message).field_at(path)
                    if row and _text(get(sample.tree, path)) in values and not _set_by(wanted, path):
                        yield from [(path, _value(code)) for code in self._codes(row.type, row.codelist) if code not in values][:1]

    def _states(self, message: str, path: str) -> bool:
        return self._book.message(message).field_at(path) is not None

    def _codes(self, type_: str, codelist: str) -> Iterable[str]:
        return ("true", "false") if type_ == "bool" else self._book.codelists[codelist].codes if codelist else ()

    def _terms_at(self, path: str) -> str:
        return self._terms.get(path.removeprefix("terms."), "") or self._terms[path.replace(".", "_")]


def _base(key: str) -> str:
    """ "payment#goods.payable" is a payment.payable."""
    instance, _, region = key.partition(".")
    return f"{instance.partition('#')[0]}.{region}"


def _told(book: Catalogue, sent: set[tuple[str, str]]) -> Counter[str]:
    """How much of what is sent each trade tells of: as sent by that role, else, where no trade has it so, as sent by anybody."""
    found: Counter[str] = Counter()
    for message, role in sent:
        samples = samples_of(book, message)
        theirs = [sample for sample in samples if sample.tree["message"]["sender"]["role"] == role]
        found.update({sample.trade for sample in theirs or samples})
    return found


def _fields_of(guard: Guard) -> Iterator[tuple[str, list[str]]]:
    """The fields that a guard reads, with the values that make it hold."""
    for term in guard.when:
        if term.word.name == "field_in":
            yield term.args["path"], term.args["values"]
        elif term.word.name == INSTRUCTED:
            yield "collection.release", [term.args["release"]]
        elif term.word.name == "event_is":
            yield "event", term.args["events"]
            yield "classifier", ["ACT"]


def _instructs(guard: Guard) -> bool:
    """Whether the guard reads what the collection instruction said earlier: a fact that holds throughout begins there."""
    return any(term.word.name == INSTRUCTED for term in guard.when)


def _set_by(guards: Iterable[Guard], path: str) -> bool:
    return any(found == path for guard in guards for found, _ in _fields_of(guard))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)
