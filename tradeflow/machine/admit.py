"""What a message has to satisfy before any region is asked: who sends it to whom, and which version of a document it is.

Each refusal carries a finding of the rule behind it, M-GEN-04 or M-GEN-05, as the rule rows do that are judged later.
"""

from typing import Any

from tradeflow.language.sentences import say
from tradeflow.machine.answers import Refusal
from tradeflow.machine.commands import Lodge
from tradeflow.machine.refuse import refuse
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import MessageType
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import DocumentEntry, TradeState

CANCELS, CHANGES, REPEATS, CONFIRMS = ("1",), ("4", "5"), ("7", "31"), ("6",)
KEPT = ("9", *CHANGES, *CONFIRMS)  # what these send becomes the current version of the document
SENT_BY = "Send it from a party that plays this role in the trade, or have the party added to the trade."
SENT_TO = "Address it to parties of the trade, in roles that receive this message."
FOLLOWS = "Give the next version with function 4 or 5, version 1 with function 9 to something new, or re-send unchanged with function 31."


def admit(turn: Turn, command: Lodge, kind: MessageType) -> Refusal | None:
    """The refusal of a message that may not be sent so, or None."""
    envelope, state = command.envelope, turn.state
    held = state.roles_of(envelope.sender)
    if envelope.role not in kind.from_roles:
        says = say(
            "a %(id)s is sent by %(from_roles)s, not by %(role)s", id=kind.id, from_roles=" or ".join(kind.from_roles), role=envelope.role
        )
        return _parties(turn, "WRONG_SENDER", says, "/message/sender/role", envelope.role, list(kind.from_roles))
    if envelope.role not in held:
        says = say(
            "%(sender)s is %(held)s in this trade, not %(role)s",
            sender=envelope.sender,
            held=", ".join(sorted(held)) or "no participant",
            role=envelope.role,
        )
        return _parties(turn, "WRONG_SENDER", says, "/message/sender/role", envelope.role, sorted(held))
    for n, (party, role) in enumerate(envelope.recipients):
        if role not in kind.to_roles:
            says = say("a %(id)s goes to %(to_roles)s, not to %(role)s", id=kind.id, to_roles=" or ".join(kind.to_roles), role=role)
            return _parties(turn, "WRONG_RECIPIENT", says, f"/message/recipients/{n}/role", role, list(kind.to_roles))
        if role not in state.roles_of(party):
            says = _absent(state, party, role)
            return _parties(turn, "WRONG_RECIPIENT", says, f"/message/recipients/{n}/party_id", party, sorted(state.parties_with(role)))
    return version(turn, command, state.documents.get(f"{kind.id}:{command.document.number}"))


def _absent(state: TradeState, party: str, role: str) -> str:
    """That a party does not play a role; of one that left when, and who took over."""
    for gone in reversed(state.departed):
        if (gone.party_id, gone.role) == (party, role):
            at, heir = f"{gone.at:%Y-%m-%d}", gone.successor
            if heir:
                return say(
                    "%(party)s is not %(role)s in this trade any more: it left on %(at)s; %(heir)s took over",
                    party=party,
                    role=role,
                    at=at,
                    heir=heir,
                )
            return say("%(party)s is not %(role)s in this trade any more: it left on %(at)s", party=party, role=role, at=at)
    return say("%(party)s is not %(role)s in this trade", party=party, role=role)


def version(turn: Turn, command: Lodge, stored: DocumentEntry | None) -> Refusal | None:
    """STALE_VERSION unless number, version and function of the document fit what is stored (M-GEN-05)."""
    document, function = command.document, command.envelope.function
    name, stated = f"{document.type} {document.number}", document.version
    if function == "9":
        if stored is not None:
            says = say(
                "%(name)s is already in the trade: function 5 with version %(version)s replaces it, 31 re-sends it",
                name=name,
                version=stored.version + 1,
            )
            return _stale(turn, says, "/message/function", function, ["5", "31"])
        return (
            None
            if stated == 1
            else _stale(turn, say("%(name)s is new: its version is 1, not %(stated)s", name=name, stated=stated), found=stated, expected=1)
        )
    if stored is None:
        says = say("%(name)s is not in the trade: send it with function 9 first", name=name)
        return None if function in CONFIRMS else _stale(turn, says, "/message/function", function, "9")
    if stored.withdrawn and function not in CHANGES:
        return _stale(turn, say("%(name)s was withdrawn", name=name), "/message/function", function, ["5"])
    if function in CHANGES and stated != stored.version + 1:
        says = say(
            "%(name)s stands at version %(version)s: the next one is %(version2)s, not %(stated)s",
            name=name,
            version=stored.version,
            version2=stored.version + 1,
            stated=stated,
        )
        return _stale(turn, says, found=stated, expected=stored.version + 1)
    if function in (*CANCELS, *CONFIRMS) and stated != stored.version:
        return _stale(
            turn,
            say("%(name)s stands at version %(version)s, not %(stated)s", name=name, version=stored.version, stated=stated),
            found=stated,
            expected=stored.version,
        )
    if function in REPEATS and (stated, document.payload_sha256) != (stored.version, stored.payload_sha256):
        says = say(
            "%(name)s is not what was lodged as version %(version)s (sha256 %(payload_sha256)s): re-send it unchanged",
            name=name,
            version=stored.version,
            payload_sha256=stored.payload_sha256,
        )
        return _stale(turn, says, "", document.payload_sha256, stored.payload_sha256)
    return None


def _parties(turn: Turn, code: str, says: str, pointer: str, found: str, expected: list[str]) -> Refusal:
    hint = SENT_BY if code == "WRONG_SENDER" else SENT_TO
    return refuse(turn, code, says, findings=[_finding("M-GEN-04", pointer, says, hint, found, expected)])


def _stale(turn: Turn, says: str, pointer: str = "/document/version", found: Any = None, expected: Any = None) -> Refusal:
    return refuse(turn, "STALE_VERSION", says, findings=[_finding("M-GEN-05", pointer, says, FOLLOWS, found, expected)])


def _finding(rule: str, pointer: str, says: str, hint: str, found: Any, expected: Any) -> Finding:
    message = f"{says[0].upper()}{says[1:]}."
    return Finding(rule, Severity.ERROR, pointer, message, hint, found, expected, source=f"tradeflow rule catalogue 1.1 {rule}")
