"""What a message has to satisfy before any region is asked: who sends it to whom, and which version of a document it is."""

from tradeflow.machine.answers import Refusal
from tradeflow.machine.commands import Lodge
from tradeflow.machine.refuse import refuse
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import MessageType
from tradeflow.model.trade import DocumentEntry

CANCELS, CHANGES, REPEATS, CONFIRMS = ("1",), ("4", "5"), ("7", "31"), ("6",)


def admit(turn: Turn, command: Lodge, kind: MessageType) -> Refusal | None:
    """The refusal of a message that may not be sent so, or None."""
    envelope, state = command.envelope, turn.state
    held = state.roles_of(envelope.sender)
    if envelope.role not in kind.from_roles:
        return refuse(turn, "WRONG_SENDER", f"a {kind.id} is sent by {' or '.join(kind.from_roles)}, not by {envelope.role}")
    if envelope.role not in held:
        says = f"{envelope.sender} is {', '.join(sorted(held)) or 'no participant'} in this trade, not {envelope.role}"
        return refuse(turn, "WRONG_SENDER", says)
    for party, role in envelope.recipients:
        if role not in kind.to_roles:
            return refuse(turn, "WRONG_RECIPIENT", f"a {kind.id} goes to {' or '.join(kind.to_roles)}, not to {role}")
        if role not in state.roles_of(party):
            return refuse(turn, "WRONG_RECIPIENT", f"{party} is not {role} in this trade")
    return version(turn, command, state.documents.get(f"{kind.id}:{command.document.number}"))


def version(turn: Turn, command: Lodge, stored: DocumentEntry | None) -> Refusal | None:
    """STALE_VERSION unless number, version and function of the document fit what is stored (M-GEN-05)."""
    document, function = command.document, command.envelope.function
    name = f"{document.type} {document.number}"
    if function == "9":
        if stored is not None:
            return _stale(turn, f"{name} is already in the trade: function 5 with version {stored.version + 1} replaces it, 31 re-sends it")
        return None if document.version == 1 else _stale(turn, f"{name} is new: its version is 1, not {document.version}")
    if stored is None:
        return None if function in CONFIRMS else _stale(turn, f"{name} is not in the trade: send it with function 9 first")
    if function in CHANGES and document.version != stored.version + 1:
        return _stale(turn, f"{name} stands at version {stored.version}: the next one is {stored.version + 1}, not {document.version}")
    if function in (*CANCELS, *CONFIRMS) and document.version != stored.version:
        return _stale(turn, f"{name} stands at version {stored.version}, not {document.version}")
    if function in REPEATS and (document.version, document.payload_sha256) != (stored.version, stored.payload_sha256):
        return _stale(
            turn, f"{name} is not what was lodged as version {stored.version} (sha256 {stored.payload_sha256}): re-send it unchanged"
        )
    return None


def _stale(turn: Turn, detail: str) -> Refusal:
    return refuse(turn, "STALE_VERSION", detail)
