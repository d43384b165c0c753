"""After a decision: the rules across documents run over the shared set, and what they find becomes part of the decision."""

from dataclasses import dataclass, field

from msgspec.structs import replace

from tradeflow.app.documents import DocumentLoader
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision
from tradeflow.machine.in_force import CHANGE, OF_CONTRACT, OF_CREDIT, in_force
from tradeflow.machine.needs import with_changes
from tradeflow.model.credit import CREDIT
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding, place
from tradeflow.model.trade import OpenFinding, TradeState
from tradeflow.rules.shared_set import Judgement, concerning, judge, types_of


@dataclass(frozen=True, slots=True)
class Consistency:
    """What a command did to the agreement of the documents: rules evaluated, findings that are new, findings that are gone."""

    evaluated: int = 0
    raised: list[Finding] = field(default_factory=list)
    cured: list[Finding] = field(default_factory=list)
    after: TradeState | None = None


async def kept_consistent(
    loader: DocumentLoader, before: TradeState, decision: Decision, document: Document | None = None
) -> tuple[Decision, Consistency]:
    """The decision with what changed in the findings across documents. Nothing is read where no document entered or changed."""
    after = _documents_after(before, decision)
    changed = _changed(before, after, decision)
    if not changed:
        return decision, Consistency()
    rules = concerning({key.partition(":")[0] for key in changed}, {entry.type for entry in after.standing})
    if not (rules or before.findings):
        return decision, Consistency()
    docs = await loader.load(after, with_changes(types_of(rules)), document)
    judged = judge(rules, in_force(docs, after), changed)
    message_id = str(document.get("message.id")) if document is not None else ""
    raised, cured = _difference(before, after, judged, message_id, changed)
    gone = [before.findings[change.finding].finding for change in cured]
    answered = Consistency(judged.evaluated, [change.finding for change in raised], gone, after)
    if not (raised or cured):
        return decision, answered
    return replace(decision, changes=[*decision.changes, *cured, *raised]), answered


def _documents_after(before: TradeState, decision: Decision) -> TradeState:
    """As much of the state after the decision as the documents in force depend on."""
    documents, attributes = dict(before.documents), dict(before.attributes)
    for change in decision.changes:
        if isinstance(change, c.DocumentAdded):
            documents[f"{change.entry.type}:{change.entry.number}"] = change.entry
        elif isinstance(change, c.DocumentWithdrawn):
            documents[change.document] = replace(documents[change.document], withdrawn=True)
        elif isinstance(change, c.AttributeSet):
            attributes[change.attribute] = change.value
    return replace(before, documents=documents, attributes=attributes)


def _changed(before: TradeState, after: TradeState, decision: Decision) -> set[str]:
    """The documents that entered, and those whose content in force is another since something was accepted."""
    changed = set()
    for change in decision.changes:
        if isinstance(change, c.DocumentAdded):
            key = f"{change.entry.type}:{change.entry.number}"
            earlier = before.documents.get(key)
            if earlier is None or earlier.payload_sha256 != change.entry.payload_sha256:
                changed.add(key)
        elif isinstance(change, c.DocumentWithdrawn):
            changed.add(change.document)
        elif isinstance(change, c.AttributeSet):
            instance, _, fact = change.attribute.rpartition("/")
            if fact == OF_CREDIT:
                changed |= {k for k, e in after.documents.items() if e.type == CREDIT and instance in ("", e.instance)}
            elif fact == OF_CONTRACT:
                changed.add(f"{CHANGE}:{change.value[-1]}")
    return changed


def _difference(
    before: TradeState, after: TradeState, judged: Judgement, message_id: str, changed: set[str]
) -> tuple[list[c.FindingRaised], list[c.FindingCured]]:
    at_place = {place(known.finding): id for id, known in before.findings.items()}
    raised = [
        c.FindingRaised(replace(finding, cure=_cure(after, keys)), list(keys), message_id, at_place.get(place(finding), ""))
        for id, (finding, keys) in judged.found.items()
        if id not in before.findings
    ]
    replaced = {change.replaces for change in raised}
    cured = [
        c.FindingCured(id, sorted(changed & set(known.documents)) or sorted(changed))
        for id, known in before.findings.items()
        if id not in replaced and id not in judged.found and (_was_judged(known, judged) or _withdrawn(known, after))
    ]
    return raised, cured


def _withdrawn(known: OpenFinding, after: TradeState) -> bool:
    """Whether one of its documents is no longer in force."""
    return any(after.documents[key].withdrawn for key in known.documents if key in after.documents)


def _was_judged(known: OpenFinding, judged: Judgement) -> bool:
    """Whether its documents were compared again, or are no longer compared with each other."""
    question = (known.finding.rule, tuple(known.documents))
    return known.finding.rule in judged.rules and (question in judged.compared or question not in judged.standing)


def _cure(state: TradeState, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Who can lodge a version without the finding: the roles that lodged the documents."""
    return tuple(dict.fromkeys(state.documents[key].role for key in keys if key in state.documents))
