"""What a fired transition does besides moving its region: the verbs of the effect grammar."""

from collections.abc import Callable

from tradeflow.machine import changes as c
from tradeflow.machine.admit import CANCELS
from tradeflow.machine.answers import Notice
from tradeflow.machine.attributes import value_of
from tradeflow.machine.case import Case
from tradeflow.machine.tables import Effect
from tradeflow.machine.timers import due_at
from tradeflow.machine.titles import pass_title
from tradeflow.machine.turn import Turn, belonging, holds
from tradeflow.machine.words.transport import containers_of
from tradeflow.model.trade import Payable

OF_THE_GOODS = ("hold.", "customs.")  # facts that hold for the trade whichever instance found them
OPEN_STATES = frozenset({"none", "invoiced", "approved", "disputed", "overdue"})


def run(turn: Turn, case: Case, effects: tuple[Effect, ...]) -> None:
    """Run the effects of one transition, in order."""
    for effect in effects:
        if effect.when is None or holds(effect.when, case).holds:
            VERBS[effect.verb](turn, case, *effect.args)


def start(turn: Turn, case: Case, target: str) -> None:
    """start(process[.region]): the work is under way; a process starts in its first region."""
    process, _, region = target.partition(".")
    region = region or next(iter(turn.machine.processes[process].regions))
    suffix = case.instance.partition("#")[2]
    key = f"{process}#{suffix}.{region}" if suffix and f"{process}#{suffix}.{region}" in turn.state.regions else f"{process}.{region}"
    if not turn.state.regions[key].started:
        turn.emit(c.RegionStarted(key))


def signal(turn: Turn, case: Case, target: str, event: str) -> None:
    """signal(process.region, event): delivered after the current message is finished."""
    turn.signal(case.instance, target, event)


def arm(turn: Turn, case: Case, timer: str) -> None:
    """arm(timer): starts the clock, again if it runs (unless it keeps a later end); not armed if no known fact gives its end."""
    row = turn.machine.timers[timer]
    instance = owner(turn, case, row.process)
    at = case.at(f"{row.process}.{row.owner}", instance)
    running = turn.state.timers.get(f"{instance}.{timer}") if row.due.keep else None
    if (due := due_at(row.due, at)) and not (running and running.due_at >= due[0]):
        turn.emit(c.Armed(f"{instance}.{timer}", f"{instance}.{row.target}", row.fires, *due))


def disarm(turn: Turn, case: Case, timer: str) -> None:
    """disarm(timer): stops the clock if it runs."""
    key = f"{owner(turn, case, turn.machine.timers[timer].process)}.{timer}"
    if key in turn.state.timers:
        turn.emit(c.Disarmed(key))


def owner(turn: Turn, case: Case, process: str) -> str:
    """The instance of a process that belongs to this case: its own, the one that belongs to its own, or the base one."""
    if case.region.process == process:
        return case.instance
    return belonging(turn.state, case.instance, process) or process


def require(turn: Turn, case: Case, message: str) -> None:
    """require(message): a task for whoever has to send it."""
    if message not in turn.state.tasks:
        turn.emit(c.TaskOpened(message, case.key))


def charge(turn: Turn, case: Case, kind: str) -> None:
    """charge(kind): a payable with an instance of its own; one of the kind that nobody has begun to pay grows instead."""
    process = turn.machine.processes["payment"]
    base = f"payment#{process.instances[kind]}"
    instance, n = base, 1
    while (key := f"{instance}.payable") in turn.state.regions:
        if turn.state.regions[key].state in OPEN_STATES:
            break
        n += 1
        instance = f"{base}-{n}"
    if key not in turn.state.regions:
        turn.emit(c.InstanceStarted(instance, {r.id: r.initial for r in process.regions.values()}))
    if instance not in turn.state.payables:
        turn.emit(c.PayableCreated(Payable(kind, instance, turn.context.now)))
        turn.queue.append((key, "payable_created"))
    if case.document is not None and case.document.number not in turn.state.keys.get(instance, ()):
        turn.emit(c.KeysAdded(instance, [case.document.number]))


def bill(turn: Turn, process: str, instance: str) -> None:
    """A creditor's invoice that no charge announced: the instance it opens is a payable of the kind it bills."""
    kinds = turn.machine.processes[process].kinds
    if turn.document is not None and instance not in turn.state.payables and (kind := kinds.get(turn.document.type)):
        turn.emit(c.PayableCreated(Payable(kind, instance, turn.context.now)))


def title(turn: Turn, case: Case, to: str) -> None:
    """pass_title(x): see titles.py."""
    for passed in pass_title(case, to):
        turn.emit(c.TitlePassed(passed))


def container(turn: Turn, case: Case, verb: str) -> None:
    """container(verb): where the containers of the message are now."""
    for number in containers_of(case):
        turn.emit(c.ContainerMoved(number, verb))


def set_(turn: Turn, case: Case, attribute: str, value: str) -> None:
    """set(attribute, value): a fact of the trade; document.presented, documents.presented and document.withdrawn mark documents."""
    if attribute == "document.presented" and case.document is not None:
        key = f"{case.document.type}:{case.document.number}"
        if key in turn.state.documents and not turn.state.documents[key].presented:
            turn.emit(c.DocumentPresented(key))
    elif attribute == "documents.presented":
        for key in [k for k, entry in turn.state.documents.items() if entry.presented]:
            turn.emit(c.DocumentPresented(key, False))
    elif attribute == "document.withdrawn":
        for key in _withdrawn(turn, case) if value == "true" else _given_up(turn, case, value):
            turn.emit(c.DocumentWithdrawn(key))
    else:
        own = "#" in case.instance and not attribute.startswith(OF_THE_GOODS)
        name = f"{case.instance}/{attribute}" if own else attribute
        turn.emit(c.AttributeSet(name, value_of(case, attribute, value)))


def _withdrawn(turn: Turn, case: Case) -> list[str]:
    """The document of a message with function 1; where another message grants the withdrawal, what this instance may withdraw."""
    document, envelope = case.document, case.envelope
    types = {m for rows in case.region.on.values() for t in rows if CANCELS[0] in t.functions for m in t.messages}
    if document is not None and document.type in types:
        keys = [f"{document.type}:{document.number}"] if envelope and envelope.function in CANCELS else []
    else:
        keys = [key for key, entry in turn.state.documents.items() if entry.type in types and entry.instance in (case.instance, "")]
    return [key for key in keys if key in turn.state.documents and not turn.state.documents[key].withdrawn]


def _given_up(turn: Turn, case: Case, type_: str) -> list[str]:
    """The documents of a type that fall with this instance: the confirmation of a booking that is cancelled."""
    shipment = case.instance.partition("#")[2]
    own = [key for key, entry in turn.state.documents.items() if entry.type == type_ and entry.instance.partition("#")[2] == shipment]
    return [key for key in own if not turn.state.documents[key].withdrawn]


def notify(turn: Turn, case: Case, role: str) -> None:
    """notify(role): a status line for every party in that role; nobody is told where nobody plays it."""
    if turn.state.parties_with(role):
        process = turn.machine.processes[case.region.process]
        meaning = case.region.states[case.here.state]
        what = turn.document.type if turn.document else turn.raised.event if turn.raised else ""
        turn.notices.append(Notice(role, f"{process.name}: {meaning} ({what})", [case.key]))


def record(turn: Turn, case: Case, text: str) -> None:
    """record(text): a line for the audit trail."""
    turn.emit(c.Recorded(case.key, text))


VERBS: dict[str, Callable[..., None]] = {
    "start": start,
    "signal": signal,
    "arm": arm,
    "disarm": disarm,
    "require": require,
    "charge": charge,
    "pass_title": title,
    "container": container,
    "set": set_,
    "notify": notify,
    "record": record,
}
