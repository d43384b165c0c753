"""A running trade under other process tables: the changes that takes, or why a person has to look first.

Nothing is guessed: a state that the new tables do not have is mapped where somebody said to which. Clocks keep the moment they run out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine.tables import Machine, Region
from tradeflow.model.trade import RegionState, TradeState

Renamed = Mapping[tuple[str, str], str]  # ("process.region", state of the old tables) -> state of the new ones


@dataclass(slots=True)
class Repinning:
    """`changes` move the trade if nobody is needed; each of `needs` is a sentence about what somebody has to decide."""

    changes: list[c.AnyChange] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)


def ended(machine: Machine, state: TradeState) -> bool:
    """Whether the trade as a whole is over under its tables: it stays with them, so that what happened can be explained by them."""
    for process in machine.processes.values():
        main = next(iter(process.regions.values()))
        if process.number == 0 and state.state_of(f"{process.id}.{main.id}") in main.terminal:
            return True
    return False


def repin(old: Machine, new: Machine, state: TradeState, renamed: Renamed | None = None) -> Repinning:
    """What moves this trade from the tables it runs on to others."""
    found = Repinning()
    regions: dict[str, tuple[str, str]] = {}
    for key, now in state.regions.items():
        _region(found, regions, old.region(key), new.region(key), key, now, renamed or {})
    found.changes.append(c.Repinned(new.hash, regions))
    _new_regions(found, new, state)
    _clocks(found, new, state)
    _tasks(found, new, state)
    return found


def _region(
    found: Repinning,
    regions: dict[str, tuple[str, str]],
    before: Region | None,
    after: Region | None,
    key: str,
    now: RegionState,
    renamed: Renamed,
) -> None:
    if after is None:
        found.needs.append(say("%(key)s is %(state)s, and the new tables have no such region", key=key, state=now.state))
        return
    table = f"{after.process}.{after.id}"
    name = renamed.get((table, now.state), now.state)
    if name not in after.states:
        found.needs.append(
            say(
                "%(key)s is %(state)s, which the new tables do not know: say what it is now with --rename %(table)s:%(state)s=...",
                key=key,
                state=now.state,
                table=table,
            )
        )
    elif name in after.terminal and before is not None and now.state not in before.terminal:
        found.needs.append(
            say("%(key)s is %(state)s, from which the new tables lead nowhere: it would end unnoticed", key=key, state=now.state)
        )
    previous = renamed.get((table, now.previous), now.previous)
    previous = previous if previous in after.states else ""
    if (name, previous) != (now.state, now.previous):
        regions[key] = (name, previous)


def _new_regions(found: Repinning, new: Machine, state: TradeState) -> None:
    """What the new tables have besides, in its initial state: in every instance there is, and the base instance of new processes."""
    instances = dict.fromkeys([*(key.partition(".")[0] for key in state.regions), *new.processes])
    for instance in instances:
        process = new.processes.get(instance.partition("#")[0])
        fresh = {r.id: r.initial for r in process.regions.values() if f"{instance}.{r.id}" not in state.regions} if process else {}
        if fresh:
            found.changes.append(c.InstanceStarted(instance, fresh))


def _clocks(found: Repinning, new: Machine, state: TradeState) -> None:
    for key, clock in sorted(state.timers.items()):
        instance, _, id_ = key.partition(".")
        timer = new.timers.get(id_)
        if timer is None:
            found.needs.append(
                say(
                    "the clock %(id)s runs until %(due_at)s (%(why)s), and the new tables have no such clock",
                    id=id_,
                    due_at=clock.due_at.isoformat(),
                    why=clock.why,
                )
            )
            continue
        heard = (f"{instance}.{timer.target}", timer.fires)
        if heard != (clock.region, clock.event):
            found.changes.append(c.Armed(key, *heard, clock.due_at, clock.why))


def _tasks(found: Repinning, new: Machine, state: TradeState) -> None:
    """A task is dropped with the message it waits for."""
    found.changes += [c.TaskDone(message) for message in state.tasks if message not in new.on]
