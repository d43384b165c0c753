"""Accepting a conflict between documents as it stands: a decision of the parties concerned, one by one."""

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Notice, Refusal
from tradeflow.machine.commands import Accept
from tradeflow.machine.refuse import refuse
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding, Severity, identity
from tradeflow.model.trade import TradeState

CONTRACT_PARTIES = ("exporter", "importer")


def accept_deviation(turn: Turn, command: Accept) -> Decision | Refusal:
    """Record that a party accepts this finding, values and all. It holds once every party concerned has said so."""
    state = turn.state
    known = state.findings.get(command.finding.id)
    deviation = state.deviations.get(command.finding.id)
    finding = known.finding if known else deviation.finding if deviation else command.finding
    if known is None and deviation is None and (wrong := _unfounded(finding)):
        return refuse(turn, "UNKNOWN_FINDING", wrong)
    if finding.severity != Severity.CONFLICT:
        return refuse(
            turn,
            "GUARD_FAILED",
            say("%(rule)s is a %(severity)s: it blocks nothing and needs nobody's consent", rule=finding.rule, severity=finding.severity),
        )
    if command.role != "platform" and command.role not in state.roles_of(command.party):
        return refuse(turn, "WRONG_SENDER", say("%(party)s is not %(role)s in this trade", party=command.party, role=command.role))
    needs = deviation.needs if deviation else needs_of(finding, state)
    if not any(command.role in roles for roles in needs):
        who = " and ".join(" or ".join(roles) for roles in needs)
        return refuse(
            turn, "WRONG_SENDER", say("%(rule)s is for %(who)s to accept, not for %(role)s", rule=finding.rule, who=who, role=command.role)
        )
    if deviation and any(consent.role == command.role for consent in deviation.consents):
        return refuse(turn, "OUT_OF_ORDER", say("%(role)s has accepted this already", role=command.role))
    turn.emit(c.DeviationAccepted(finding, needs, command.party, command.role, command.note))
    for role in sorted({role for roles in needs for role in roles} - {command.role}):
        if state.parties_with(role):
            turn.notices.append(
                Notice(
                    role,
                    say(
                        "%(role)s accepts %(rule)s between %(document)s and %(other_of)s",
                        role=command.role,
                        rule=finding.rule,
                        document=finding.document,
                        other_of=other_of(finding),
                    ),
                )
            )
    return Decision(turn.changes, turn.notices)


def needs_of(finding: Finding, state: TradeState) -> list[list[str]]:
    """Who has to accept: whoever lodged each of the two documents (or may lodge one that is not there yet).

    Where that is one role, exporter and importer join it: nobody alone waives a conflict between documents of his own.
    """
    needs: list[list[str]] = []
    for name in (finding.document, other_of(finding)):
        type_, _, number = name.partition(" ")
        entry = state.documents.get(f"{type_}:{number}")
        authors = [entry.role] if entry else sorted(r for r in catalogue().message(type_).from_roles if state.parties_with(r))
        if authors and authors not in needs:
            needs.append(authors)
    if len(needs) < 2:
        needs += [[role] for role in CONTRACT_PARTIES if [role] not in needs]
    return needs


def other_of(finding: Finding) -> str:
    """The other document of a finding: "packing_list GL-PL-25-0098"; its own where the rule names no second place."""
    return finding.other.partition("#")[0] or finding.document


def _unfounded(finding: Finding) -> str:
    """Why nobody can accept this in advance: it must say what a refusal said, word for word, so that it is clear what is accepted."""
    if not finding.rule or not finding.document:
        return "no such finding is open in this trade; a finding of a refused message is accepted by repeating it whole"
    types = {finding.document.partition(" ")[0], other_of(finding).partition(" ")[0]}
    if unknown := sorted(types - set(catalogue().ids())):
        return say("there is no document %(unknown)s", unknown=", ".join(unknown))
    if finding.id != identity(finding):
        return "the finding is not as the hub stated it: repeat rule, document, pointer, other, found and expected unchanged"
    return ""
