"""Scenario files: a cast, terms, what is on file at the start, and dated steps in TOML. The format is described in docs/scenarios.md."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import tomli

from tradeflow.errors import ContentError


class Cast(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One party and the roles it plays in this trade."""

    party: str
    name: str
    roles: list[str]
    country: str = ""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that happens: a message somebody lodges, or an event somebody reports.

    `by` and `to` are roles, or "role:party" where two parties of the cast play the same role.
    """

    date: datetime
    message: str = ""
    event: str = ""
    by: str = "platform"
    to: list[str] = []
    sample: str = ""  # which valid sample of the message to start from; "" = the first
    format: str = ""  # "json" or "xml"; "" = the player's choice
    function: str = "9"
    instance: str = ""  # message.process_instance, or the region an event is for
    note: str = ""
    set: dict[str, Any] = {}  # path = value; a path that starts with "-" is removed
    expect: list[str] = []  # "region=state" after the step
    error: str = ""  # the code the step must be refused with; then nothing may change
    resend: bool = False  # by reference: the document as it was lodged before, function 7 or 31


class Made(Step, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A step of the short form: nobody wrote what its document says, so it may be any that does what the step says."""

    granted: list[str] = []  # the guards that hold
    denied: list[str] = []  # the guards that do not
    heir: str = ""  # who passes the bill on next, and has to hold it after this step
    endorsee: str = ""  # who writes on the bill next: it has to be to the order of that one, or of nobody


class Filed(Step, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A document on file that nobody wrote and that is known whole, but for its envelope."""

    content: dict[str, Any] = {}


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole trade. `reference` is its trade id; a run that finds it taken uses one of its own."""

    id: str
    title: str
    reference: str
    terms: dict[str, str]
    cast: list[Cast]
    step: list[Step]
    given: list[str] = []  # "region=state" before the first step
    history: list[Step] = []  # documents on file before the first step

    facts: list[str] = []  # guards that hold throughout, as far as documents on file decide them

    @property
    def states(self) -> dict[str, str]:
        """`given` by region."""
        return dict(entry.split("=", 1) for entry in self.given)

    def party(self, who: str) -> tuple[str, str]:
        """(party id, role) of a step's `by` or `to` entry."""
        role, _, party = who.partition(":")
        if role == "platform":
            return "operator", "platform"
        for member in self.cast:
            if role in member.roles and party in ("", member.party):
                return member.party, role
        raise KeyError(f"{who}: nobody in the cast plays this role")


def load(file: Path) -> Scenario:
    """Read and check a scenario file. Raises ContentError with the line of the first defect."""
    text = file.read_text(encoding="utf-8")
    try:
        scenario = msgspec.convert(tomli.loads(text), Scenario)
    except tomli.TOMLDecodeError as error:
        raise ContentError(str(file), getattr(error, "lineno", 1), str(error)) from None
    except msgspec.ValidationError as error:
        raise ContentError(str(file), _line_of_step(text, str(error)), str(error)) from None
    for entry in scenario.given:
        if not _is_state(entry):
            raise ContentError(str(file), _line_of(text, "given"), f"given {entry!r} is not region=state")
    for index, step in enumerate(scenario.history):
        if defect := _defect(scenario, step) or _defect_of_history(scenario, step):
            raise ContentError(str(file), _line_of_step(text, f"$.history[{index}]"), f"history {index + 1}: {defect}")
    for index, step in enumerate(scenario.step):
        if defect := _defect(scenario, step):
            raise ContentError(str(file), _line_of_step(text, f"$.step[{index}]"), f"step {index + 1}: {defect}")
    return scenario


def _defect(scenario: Scenario, step: Step) -> str:
    if bool(step.message) == bool(step.event):
        return "needs exactly one of message and event"
    if step.date.tzinfo is None:
        return "date needs an offset, for example 2025-01-06T10:00:00+08:00"
    if step.format not in ("", "json", "xml"):
        return f"format {step.format!r} is neither json nor xml"
    for who in [step.by, *step.to]:
        try:
            scenario.party(who)
        except KeyError as error:
            return str(error.args[0])
    for expectation in step.expect:
        if not _is_state(expectation):
            return f"expect {expectation!r} is not region=state"
    return ""


def _is_state(entry: str) -> bool:
    return entry.count("=") == 1 and "." in entry.partition("=")[0]


def _defect_of_history(scenario: Scenario, step: Step) -> str:
    """What is on file was accepted when it came: it is a message, and it is older than the first step."""
    if step.event or step.expect or step.error or step.format:
        return "a document on file has no event, expect, error or format"
    if scenario.step and step.date > scenario.step[0].date:
        return "is dated after the first step"
    return ""


def _line_of(text: str, key: str) -> int:
    return next((n for n, line in enumerate(text.splitlines(), 1) if line.partition("=")[0].strip() == key), 1)


def _line_of_step(text: str, message: str) -> int:
    """The line of the [[step]], [[history]] or [[cast]] table an error message speaks of ("$.step[4].date"), else 1."""
    for table in ("step", "history", "cast"):
        _, found, rest = message.partition(f"$.{table}[")
        if found:
            wanted = int(rest.partition("]")[0])
            lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == f"[[{table}]]"]
            return lines[wanted] if wanted < len(lines) else 1
    return 1
