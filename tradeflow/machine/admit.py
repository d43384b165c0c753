"""What a message has to satisfy before any region is asked: who sends it to whom, and which version of a document it is.

Each refusal carries a finding of the rule behind it, M-GEN-04 or M-GEN-05, as the rule rows do that are judged later.
"""

from typing import Any

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
        says = f"a {kind.id} is sent by {' or '.join(kind.from_roles)}, not by {envelope.role}"
        return _parties(turn, "WRONG_SENDER", says, "/message/sender/role", envelope.role, list(kind.from_roles))
    if envelope.role not in held:
        says = f"{envelope.sender} is {', '.join(sorted(held)) or 'no participant'} in this trade, not {envelope.role}"
        return _parties(turn, "WRONG_SENDER", says, "/message/sender/role", envelope.role, sorted(held))
    for n, (party, role) in enumerate(envelope.recipients):
        if role not in kind.to_roles:
            says = f"a {kind.id} goes to {' or '.join(kind.to_roles)}, not to {role}"
            return _parties(turn, "WRONG_RECIPIENT", says, f"/message/recipients/{n}/role", role, list(kind.to_roles))
        if role not in state.roles_of(party):
            says = f"{party} is not {role} in this trade{_since(state, party, role)}"
            return _parties(turn, "WRONG_RECIPIENT", says, f"/message/recipients/{n}/party_id", party, sorted(state.parties_with(role)))
    return version(turn, command, state.documents.get(f"{kind.id}:{command.document.number}"))


def _since(state: TradeState, party: str, role: str) -> str:
    """For a party that left: when, and who took over."""
    for gone in reversed(state.departed):
        if (gone.party_id, gone.role) == (party, role):
            heir = f"; {gone.successor} took over" if gone.successor else ""
            return f" any more: it left on {gone.at:%Y-%m-%d}{heir}"
    return ""


def version(turn: Turn, command: Lodge, stored: DocumentEntry | None) -> Refusal | None:
    """STALE_VERSION unless number, version and function of the document fit what is stored (M-GEN-05)."""
    document, function = command.document, command.envelope.function
    name, stated = f"{document.type} {document.number}", document.version
    if function == "9":
        if stored is not None:
            says = f"{name} is already in the trade: function 5 with version {stored.version + 1} replaces it, 31 re-sends it"
            return _stale(turn, says, "/message/function", function, ["5", "31"])
        return None if stated == 1 else _stale(turn, f"{name} is new: its version is 1, not {stated}", found=stated, expected=1)
    if stored is None:
        says = f"{name} is not in the trade: send it with function 9 first"
        return None if function in CONFIRMS else _stale(turn, says, "/message/function", function, "9")
    if stored.withdrawn and function not in CHANGES:
        return _stale(turn, f"{name} was withdrawn", "/message/function", function, ["5"])
    if function in CHANGES and stated != stored.version + 1:
        says = f"{name} stands at version {stored.version}: the next one is {stored.version + 1}, not {stated}"
        return _stale(turn, says, found=stated, expected=stored.version + 1)
    if function in (*CANCELS, *CONFIRMS) and stated != stored.version:
        return _stale(turn, f"{name} stands at version {stored.version}, not {stated}", found=stated, expected=stored.version)
    if function in REPEATS and (stated, document.payload_sha256) != (stored.version, stored.payload_sha256):
        says = f"{name} is not what was lodged as version {stored.version} (sha256 {stored.payload_sha256}): re-send it unchanged"
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
