"""Words about the state of the trade: regions, attributes, documents that are on file."""

from tradeflow.language.sentences import say
from tradeflow.machine.case import Case, scalar
from tradeflow.machine.words import Verdict, word


@word(state_only=True)
def region_in(case: Case, region: str, states: list[str]) -> Verdict:
    """ "process.region", as this instance sees it, is in one of these states."""
    found = case.state_of(region)
    return Verdict(
        found in states,
        say("%(region)s is %(found)s", region=region, found=found or "not started"),
        say("%(region)s in %(states)s", region=region, states=", ".join(states)),
    )


@word(state_only=True)
def no_region_in(case: Case, region: str, states: list[str]) -> Verdict:
    """ "process.region" is in none of these states, in no instance."""
    wrong = [say("%(key)s is %(state)s", key=key, state=state) for key, state in case.states_of(region).items() if state in states]
    return Verdict(
        not wrong,
        "; ".join(wrong) or say("%(region)s is in none of %(states)s", region=region, states=", ".join(states)),
        say("only before %(region)s gets there", region=region),
    )


@word(state_only=True)
def attribute_is(case: Case, attribute: str, value: bool) -> Verdict:
    """A yes-or-no fact of the trade has this value; a fact nobody set is no."""
    found = bool(case.attribute(attribute))
    return Verdict(
        found is value, say("%(attribute)s is %(scalar)s", attribute=attribute, scalar=scalar(found)), f"{attribute} = {scalar(value)}"
    )


@word(state_only=True)
def no_hold(case: Case, holds: list[str]) -> Verdict:
    """None of these holds is on the goods."""
    found = [name for name in holds if case.attribute(name)]
    return Verdict(
        not found,
        say("%(found)s is in force", found=", ".join(found)) if found else "no hold is in force",
        "whoever placed the hold has to lift it",
    )


@word()
def not_presented(case: Case) -> Verdict:
    """The document the message replaces is not in a bank presentation."""
    entry = case.state.documents.get(f"{case.document.type}:{case.document.number}") if case.document else None
    held = entry is not None and entry.presented
    return Verdict(not held, "a bank holds the version before" if held else "no bank holds it", "have the bank return the documents first")


@word(state_only=True)
def all_done(case: Case, ignore: list[str]) -> Verdict:
    """Every region that was started is in a goal or terminal state. A charge nobody billed is not counted."""
    wrong = []
    for key, value in sorted(case.state.regions.items()):
        region = case.machine.region(key)
        instance, _, name = key.partition(".")
        if region is None or not value.started or f"{region.process}.{name}" in ignore:
            continue
        if instance in case.state.payables and not value.last_message:
            continue
        if value.state not in region.goal and value.state not in region.terminal:
            wrong.append(say("%(key)s is %(state)s (%(states)s)", key=key, state=value.state, states=region.states[value.state]))
    return Verdict(not wrong, "; ".join(wrong) or "every started region is done", "finish what is still open")


@word(reads=("non_conformity_report", "inspection_certificate"))
def reinspection_open(case: Case) -> Verdict:
    """The last inspection report allows another inspection; a certificate without such a statement does not forbid it."""
    report = case.latest("non_conformity_report", "inspection_certificate")
    if report is None:
        return Verdict(False, "no report is in this trade", "wait for the report")
    allowed = report.type == "inspection_certificate" or bool(report.get("reinspection_allowed"))
    return Verdict(
        allowed,
        say(
            "%(type)s %(number)s %(words)s re-inspection", type=report.type, number=report.number, words="allows" if allowed else "forbids"
        ),
    )
