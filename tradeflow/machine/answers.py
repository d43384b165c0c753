"""What decide() answers: a Decision, or a Refusal that says what would be accepted instead."""

import msgspec

from tradeflow.machine.changes import AnyChange
from tradeflow.model.finding import Finding


class GuardView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One condition of an allowed action: holds is None where only the message itself can tell."""

    guard: str
    text: str
    holds: bool | None = None
    because: str = ""


ORIGINAL, COPY = "9", "31"  # UNCL 1225: a new document; one that is in the trade already, passed on unchanged


class Allowed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message or event that a live region would take now, from these roles, and under which conditions."""

    region: str
    instance: str
    by: list[str]
    to: list[str]  # states it may lead to
    message: str = ""
    event: str = ""
    function: list[str] = []
    guards: list[GuardView] = []

    @property
    def open(self) -> bool:
        """Whether no condition is known not to hold."""
        return all(view.holds is not False for view in self.guards)


class Notice(msgspec.Struct, frozen=True):
    """A status line for every party that plays `role`: not a message, nothing to answer."""

    role: str
    text: str
    regions: list[str] = []
    party: str = ""  # set where only this one party is told


class Decision(msgspec.Struct, frozen=True):
    """Accepted: what changes, who is told, and which transitions fired ("p1.t01"), in order."""

    changes: list[AnyChange]
    notices: list[Notice] = []
    fired: list[str] = []


class Refusal(msgspec.Struct, frozen=True):
    """Not accepted, nothing changes. `code` and `status` are those of workflows/_common/errors.toml."""

    code: str
    detail: str
    status: int
    allowed: list[Allowed] = []
    candidates: list[str] = []
    findings: list[Finding] = []
