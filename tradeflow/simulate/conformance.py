"""The conformance kit: a partner's own system plays one role in the scenarios that come with tradeflow; the kit plays everybody else.

The partner is connected to a sandbox hub with its own key. The kit opens a trade of each scenario with the partner in its role, sends what
the others send, sets the clock to the date of each step, and waits for what the partner has to send. Where the scenario's own words do not
fit what the partner wrote, a simulated counterparty answers. Nobody can know that it is its turn to begin: so the kit says what it waits
for, and for how long, and prompts the partner with the document that the scenario would send.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tradeflow.model.catalogue import catalogue
from tradeflow.model.ids import trade_id
from tradeflow.scenario.compact import is_short, scenarios
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario, Step, load
from tradeflow.scenario.play import Outcome, Player
from tradeflow.scenario.seats import Done
from tradeflow.simulate.seats import Awaited, Simulated

Json = dict[str, Any]
PASSED, FAILED, NOT_REACHED = "passed", "failed", "not reached"


class Prompt(Struct, frozen=True):
    """What is waited for, told to the partner's system. `example` is a document to lodge, or the body of a decision, as it may be sent."""

    trade_id: str
    scenario: str
    step: int
    date: str
    role: str
    message: str  # one of the two
    event: str
    to: list[str]
    expect: list[str]
    instance: str  # of which shipment, bill, declaration ... it is: transport#2
    refers: list[Json]  # the documents of the trade that it is about, each with type and number
    says: Json  # path -> the party, code, or yes or no, that the document has to say; all else is the partner's own
    seconds: float  # how long the kit waits
    example: Json


class StepReport(Struct, frozen=True):
    """One thing the partner had to do."""

    step: int
    date: str
    what: str
    to: list[str]
    verdict: str
    seconds: float = 0.0
    why: str = ""
    refused: list[Json] = []  # the problems the partner was answered with while it was waited for
    hint: str = ""


class ScenarioReport(Struct, frozen=True):
    """One scenario with the partner in it."""

    scenario: str
    title: str
    role: str
    trade_id: str
    passed: bool
    steps: list[StepReport]
    difference: str = ""


class Report(Struct, frozen=True):
    """Everything that was tried."""

    roles: list[str]
    party: str
    hub: str
    passed: bool
    scenarios: list[ScenarioReport]
    not_asked: list[str] = []  # messages that the roles may send, and that no step of these scenarios asked for


def seated(scenario: Scenario, role: str, party: str, name: str) -> Scenario | None:
    """The scenario with the partner in this role; None where it takes no part.

    Where several of the cast play the role, the partner is the one with most to do. It plays all the roles of that one. Steps that must be
    refused are left out: they are mistakes that a partner is not asked to make.
    """
    acting = [_party(scenario, step.by) for step in scenario.step if step.by.partition(":")[0] == role and not step.error]
    if not acting:
        return None
    place = max(sorted(set(acting)), key=acting.count)
    cast = [replace(member, party=party, name=name) if member.party == place else member for member in scenario.cast]

    def who(entry: str) -> str:
        as_, _, named = entry.partition(":")
        return f"{as_}:{party}" if place in (named, _party(scenario, entry)) else entry

    filler = Filler(catalogue(), scenario, scenario.reference)

    def moved(step: Step) -> Step:
        """The same step with the partner in its place, from the sample it has without the partner."""
        sample = step.sample or (filler.sample(step.message) if step.message and not step.resend else "")
        return replace(step, by=who(step.by), to=[who(one) for one in step.to], sample=sample)

    steps = [moved(step) for step in scenario.step if not step.error]
    return replace(scenario, reference=trade_id(), cast=cast, step=steps, history=[moved(step) for step in scenario.history])


def _party(scenario: Scenario, who: str) -> str:
    return scenario.party(who)[0]


@dataclass(slots=True)
class Kit:
    """Runs scenarios against one partner. `said` is told every line that somebody who waits wants to read."""

    base_url: str
    operator_key: str
    roles: Sequence[str]
    party: str
    name: str
    seconds_max: float
    said: Callable[[str], None]
    prompt: Callable[[Prompt], Awaitable[None]] | None = None
    prompt_after: float = 0.0  # seconds in which the partner may begin or answer by itself

    async def run(self, wanted: Sequence[tuple[str, Scenario]]) -> Report:
        """All scenarios in which the role has something to do; of several roles each is tried."""
        reports, asked = [], set[str]()
        for id_, scenario in wanted:
            for role in self.roles:
                ours = seated(scenario, role, self.party, self.name)
                if ours is not None:
                    asked |= {step.message for step in ours.step if _party(ours, step.by) == self.party}
                    reports.append(await self._one(id_, ours, role))
        passed = bool(reports) and all(one.passed for one in reports)
        book = catalogue()
        not_asked = [id_ for id_ in book.ids() if set(self.roles) & set(book.message(id_).from_roles) and id_ not in asked]
        return Report(list(self.roles), self.party, self.base_url, passed, reports, not_asked)

    async def _one(self, id_: str, scenario: Scenario, role: str) -> ScenarioReport:
        partner = _Timed(self, scenario)
        seats = {member.party: Simulated(second=True) for member in scenario.cast} | {self.party: partner}
        self.said(f"{id_}: {scenario.title}; trade {scenario.reference}, {self.party} as {role}")
        outcome: Outcome = await Player(self.base_url, self.operator_key, catalogue(), "mixed", seats=seats).play(scenario)
        steps = partner.reports + self._not_reached(scenario, partner.reports)
        passed = not outcome.difference and all(step.verdict == PASSED for step in steps)
        return ScenarioReport(id_, scenario.title, role, outcome.trade_id, passed, steps, outcome.difference)

    def _not_reached(self, scenario: Scenario, done: Sequence[StepReport]) -> list[StepReport]:
        seen = {report.step for report in done}
        return [
            reported(number, step, NOT_REACHED)
            for number, step in enumerate(scenario.step, 1)
            if number not in seen and _party(scenario, step.by) == self.party
        ]


class _Timed(Awaited):
    """The partner's seat: waits for it, and writes down how it went."""

    def __init__(self, kit: Kit, scenario: Scenario) -> None:
        super().__init__(kit.seconds_max)
        self._kit, self._scenario = kit, scenario
        self.reports: list[StepReport] = []

    async def act(self, step: Step) -> Done | None:
        number = next(n for n, one in enumerate(self._scenario.step, 1) if one is step)
        whom = f" to {', '.join(step.to)}" if step.to else ""
        self._kit.said(f"  waiting {self.seconds_max:g} s for {self._kit.party}: {what(step)}{whom}{aim(step)}")
        try:
            async with self._prompting(number, step):
                done, seconds = await self.waited(step)
        except Exception as absent:
            report = reported(number, step, FAILED, self.seconds_max, str(absent), await self.refusals(), await self.hint(step))
            self.reports.append(report)
            self._kit.said(f"  FAILED: {absent}")
            raise
        self.reports.append(reported(number, step, PASSED, round(seconds, 2), "", await self.refusals()))
        return done

    @asynccontextmanager
    async def _prompting(self, number: int, step: Step) -> AsyncIterator[None]:
        """While the partner is waited for: after some time it is told what to send, once."""
        task = asyncio.create_task(self._prompt(number, step))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _prompt(self, number: int, step: Step) -> None:
        if self._kit.prompt is None:
            return
        await asyncio.sleep(self._kit.prompt_after)
        role = step.by.partition(":")[0]
        date = f"{step.date:%Y-%m-%d}"
        asked = (self._trade_id, self._scenario.id, number, date, role, step.message, step.event, list(step.to), list(step.expect))
        refers = [{"type": type_, "number": number_} for type_, number_ in self.due.refers]
        try:
            await self._kit.prompt(Prompt(*asked, self.due.instance, refers, self.due.says, self.seconds_max, self.due.example))
        except OSError as failed:
            self._kit.said(f"  the prompt failed: {failed}")


def aim(step: Step) -> str:
    """Where the scenario goes with it, for whoever sits at the partner's system."""
    return (f", so that {' and '.join(step.expect)}" if step.expect else "") + (f" ({step.note})" if step.note else "")


def what(step: Step) -> str:
    """The message or the event of a step."""
    return step.message or f"({step.event})"


def reported(
    number: int, step: Step, verdict: str, seconds: float = 0.0, why: str = "", refused: Sequence[Json] = (), hint: str = ""
) -> StepReport:
    """A line of the report."""
    return StepReport(number, f"{step.date:%Y-%m-%d}", what(step), list(step.to), verdict, seconds, why, list(refused), hint)


def as_text(report: Report) -> str:
    """The report for people."""
    lines = [
        f"Conformance of {report.party} as {' and '.join(report.roles)} on {report.hub}: {'passed' if report.passed else 'NOT PASSED'}"
    ]
    for one in report.scenarios:
        passed = sum(step.verdict == PASSED for step in one.steps)
        lines.append(f"\n{one.scenario} as {one.role}, {one.title}: {passed}/{len(one.steps)} steps, trade {one.trade_id}")
        for step in one.steps:
            lines.append(f"  {step.verdict:<11} {step.step:>3} {step.date} {step.what}" + (f" to {', '.join(step.to)}" if step.to else ""))
            lines += [f"              {text}" for text in (step.why, step.hint) if text]
            for problem in step.refused:
                lines.append(f"              refused on the way: {problem['message']}: {problem['code']} {problem['detail']}")
                lines += [f"                {f['rule']} {f['pointer']}: {f['message']} {f.get('hint', '')}" for f in problem["findings"]]
        if one.difference and not any(step.verdict == FAILED for step in one.steps):
            lines.append(f"  {one.difference}")
    if report.scenarios and report.not_asked:
        lines.append(f"\nnot asked for here, and yet {' and '.join(report.roles)} may send it: {', '.join(report.not_asked)}")
    if not report.scenarios:
        lines.append(f"no scenario has anything to do for {' or '.join(report.roles)}")
    return "\n".join(lines)


def shipped(folder: Path) -> list[tuple[str, Scenario]]:
    """The scenarios that come with tradeflow, by id; a file in the short form holds many."""
    files = sorted(folder.glob("*.toml"), key=lambda file: [int(n) if n.isdecimal() else n for n in re.split(r"(\d+)", file.stem)])
    return [(one.id, one) if short else (file.stem, one) for file in files for short in [is_short(file)] for one in _of(file, short)]


def _of(file: Path, short: bool) -> list[Scenario]:
    return scenarios(file) if short else [load(file)]
