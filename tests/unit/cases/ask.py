"""Ask one guard directly, in the first region whose transitions use it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tests.unit.cases.documents import NOW
from tests.unit.cases.given import Given
from tradeflow.machine.case import Case
from tradeflow.machine.commands import Raise
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Region, Transition
from tradeflow.machine.turn import holds
from tradeflow.machine.words import Verdict
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding
from tradeflow.rules.cross import check_set


def home(guard: str) -> tuple[Region, Transition | None]:
    """A region and transition that use the guard, as a condition or in an effect."""
    for process in machine().processes.values():
        for region in process.regions.values():
            for transition in region.transitions:
                if any(g.name == guard for g in transition.guards):
                    return region, transition
                if any(e.when and e.when.name == guard for e in transition.effects):
                    return region, transition
    return machine().processes["trade"].regions["case"], None


def ask(
    guard: str,
    document: Document | None = None,
    *,
    trade: Given | None = None,
    raised: Raise | None = None,
    at: datetime = NOW,
    instance: str = "",
    findings: Iterable[Finding] = (),
    cross: Iterable[Finding] = (),
    judged: bool = False,
    region: str = "",
) -> Verdict:
    """The verdict of a guard of the installed content. With `judged` the rules across documents are asked, else `cross` is what they find."""
    trade = trade or Given()
    found, transition = home(guard)
    if region:
        named = machine().region(region)
        assert named is not None
        found, transition = named, next((t for t in named.transitions if any(g.name == guard for g in t.guards)), None)
    crossing = list(cross)
    stored = DocumentSet(list(trade.docs))

    def across(rules: Sequence[str]) -> list[Finding]:
        if judged and document:
            return check_set(rules, stored.with_(document))
        return [f for f in crossing if f.rule in rules]

    case = Case(
        machine(), trade.state(), at, found, instance or found.process, stored, list(findings),
        across, document, Envelope.of(document) if document else None, raised,
        transition, frozenset([document.data["message"]["sender"]["party_id"]] if document else []),
    )  # fmt: skip
    verdict = holds(machine().guards[guard], case)
    assert verdict.because, f"{guard} says why"
    return verdict
