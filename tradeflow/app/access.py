"""Who is calling, and on whose behalf."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradeflow.codec.wording import finding
from tradeflow.errors import Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.changes import ActedFor
from tradeflow.model.envelope import Envelope

OPERATOR = "operator"  # the party that runs the hub; its role in every trade is "platform"

SCOPES = {
    "read": "look at trades, documents and deliveries, and take deliveries over",
    "lodge": "open trades and lodge messages",
    "decide": "decide, report events, accept deviations, release what waits for a second person",
    "admin": "manage the keys, users and settings of the party",
}


ITSELF = ActedFor()


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated key or user: the party it is bound to and, if it is limited, the roles it may act in and what it may do."""

    party_id: str
    key_id: str
    roles: frozenset[str] | None = None
    scopes: frozenset[str] | None = None
    user_id: str = ""  # of a person who is signed in
    how: ActedFor = ITSELF  # who really acts, where it is not this party alone

    @property
    def operator(self) -> bool:
        return self.party_id == OPERATOR

    @property
    def acting(self) -> str:
        """For whom the database lets this caller see and write: its party, or "" for the hub itself."""
        return "" if self.operator else self.party_id

    def may_act_as(self, role: str) -> bool:
        return self.roles is None or role in self.roles

    def may(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes


def scope_needed(caller: Caller, scope: str) -> None:
    """Raises Refused SCOPE_MISSING unless the caller's key may be used for this. "" is what everybody may: mind one's own session."""
    if scope and not caller.may(scope):
        held = ", ".join(sorted(caller.scopes or ())) or "nothing"
        raise Refused(
            "SCOPE_MISSING",
            say("this needs the scope %(scope)s (%(SCOPES)s); this key is for %(held)s", scope=scope, SCOPES=SCOPES[scope], held=held),
            403,
        )


def within(caller: Caller, what: str, wanted: Sequence[str] | None) -> None:
    """Nobody hands out more roles or scopes than it has. Raises Refused SCOPE_MISSING."""
    held = caller.roles if what == "roles" else caller.scopes
    if held is not None and (wanted is None or not held >= set(wanted)):
        raise Refused(
            "SCOPE_MISSING",
            say(
                "%(key_id)s may hand out the %(what)s %(held)s at most; say which",
                key_id=caller.key_id,
                what=what,
                held=", ".join(sorted(held)),
            ),
            403,
        )


def may_lodge_as(caller: Caller, envelope: Envelope) -> None:
    """The sender of a message is the party of the key. Raises Refused WRONG_SENDER."""
    if envelope.sender != caller.party_id:
        says = say(
            "this key belongs to %(party_id)s; message.sender.party_id says %(sender)s", party_id=caller.party_id, sender=envelope.sender
        )
        hint = f"Write {caller.party_id} as the sender, or lodge it with the sender's own key."
        about = finding("/message/sender/party_id", f"The sender is {envelope.sender}, the key that of {caller.party_id}.", hint=hint)
        raise Refused("WRONG_SENDER", says, 403, findings=[about])
    if not caller.may_act_as(envelope.role):
        raise Refused("WRONG_SENDER", say("this key may not act as %(role)s", role=envelope.role), 403)


def operator_only(caller: Caller) -> None:
    """Raises Problem FORBIDDEN unless the hub's operator calls."""
    if not caller.operator:
        raise Problem("FORBIDDEN", "only the operator of this hub may do this", 403)
