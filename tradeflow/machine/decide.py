"""decide(): what a command does to a trade. Pure: the same machine, state, command and context give the same answer."""

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine import effects
from tradeflow.machine.admit import CONFIRMS, KEPT, admit
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Accept, Command, Context, Join, Leave, Lodge, Open, Raise, Redirect, Seed
from tradeflow.machine.correlate import Ambiguous, Unknown, answers_unknown, keys_of, offers
from tradeflow.machine.deviations import accept_deviation
from tradeflow.machine.dispatch import Miss, Offer, closest, match, veto
from tradeflow.machine.gates import gate
from tradeflow.machine.leave import leave, redirect
from tradeflow.machine.open import join, open_trade
from tradeflow.machine.raised import raise_event
from tradeflow.machine.refuse import refuse
from tradeflow.machine.seed import seed
from tradeflow.machine.settle import fire, settle
from tradeflow.machine.tables import Machine, Transition
from tradeflow.machine.turn import Turn, begins
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import DocumentEntry, TradeState


def decide(machine: Machine, state: TradeState, command: Command, context: Context) -> Decision | Refusal:
    """The changes a command causes, or the reason it is refused. Never raises for what a party may send."""
    turn = Turn.begin(machine, state, context)
    if isinstance(command, Lodge):
        return lodge(turn, command)
    if isinstance(command, Raise):
        return raise_event(turn, command)
    if isinstance(command, Seed):
        return seed(turn, command)
    if isinstance(command, Accept):
        return accept_deviation(turn, command)
    if isinstance(command, Join):
        return join(turn, command)
    if isinstance(command, Leave):
        return leave(turn, command)
    if isinstance(command, Redirect):
        return redirect(turn, command)
    assert isinstance(command, Open)
    return open_trade(turn, command)


def admission(machine: Machine, state: TradeState, command: Lodge, context: Context) -> Refusal | None:
    """Why this party may not send this at all; asked before any rule judges the content: a stranger learns nothing from findings."""
    turn = Turn.begin(machine, state, context)
    turn.document, turn.envelope = command.document, command.envelope
    return admit(turn, command, catalogue().message(command.document.type))


def lodge(turn: Turn, command: Lodge) -> Decision | Refusal:
    """Admit the message, offer it to every region it correlates with, fire, then deliver the signals."""
    turn.document, turn.envelope = command.document, command.envelope
    trigger, envelope = command.document.type, command.envelope
    if refused := admit(turn, command, catalogue().message(trigger)):
        return refused
    if (closed := turn.machine.closed(turn.state)) and trigger not in closed[1]:
        return refuse(
            turn,
            "TERMINAL_STATE",
            say("%(closed)s: only %(closed2)s are still taken", closed=closed[0], closed2=", ".join(sorted(closed[1]))),
        )
    try:
        asked = offers(turn, trigger)
    except Unknown as unknown:
        return refuse(turn, "CORRELATION_NOT_FOUND", str(unknown))
    except Ambiguous as ambiguous:
        found = ambiguous.args[0]
        return refuse(
            turn,
            "CORRELATION_AMBIGUOUS",
            say("%(trigger)s fits %(found)s: name one in process_instance", trigger=trigger, found=" and ".join(found)),
            found,
        )
    matched = [(offer, match(turn, offer, trigger, envelope.function, envelope.role)) for offer in asked]
    firing = [(offer, found) for offer, found in matched if isinstance(found, Transition)]
    misses = [found for _, found in matched if isinstance(found, Miss)]
    if not firing or veto(misses, trigger, turn.machine):
        return _missed(turn, trigger, misses)
    if waits := next((text for offer, _ in firing if (text := gate(turn, offer))), ""):
        return refuse(turn, "DEPENDENCY_OPEN", waits)
    _file(turn, command, firing)
    for offer, transition in firing:
        fire(turn, offer, transition, trigger, envelope.id, envelope.role)
    settle(turn)
    return Decision(turn.changes, turn.notices, turn.fired)


def _missed(turn: Turn, trigger: str, misses: list[Miss]) -> Refusal:
    best = veto(misses, trigger, turn.machine) or closest(misses)
    if best is None:
        says = (
            say("%(trigger)s answers nothing that waits for an answer", trigger=trigger)
            if trigger == "application_response"
            else say("no process takes a %(trigger)s here", trigger=trigger)
        )
        return refuse(turn, "CORRELATION_NOT_FOUND" if trigger == "application_response" else "OUT_OF_ORDER", says)
    if best.rank == "OUT_OF_ORDER" and best.code == best.rank and (unknown := answers_unknown(turn, trigger)):
        return refuse(
            turn,
            "CORRELATION_NOT_FOUND",
            say("%(trigger)s answers %(unknown)s, which is not in this trade", trigger=trigger, unknown=unknown),
        )
    return refuse(turn, best.code, best.detail, [m.key for m in misses], best.findings)


def _file(turn: Turn, command: Lodge, firing: list[tuple[Offer, Transition]]) -> None:
    """New instances, the document, its keys, and the task it fulfils: before any effect runs."""
    document, envelope = command.document, command.envelope
    for offer, _ in firing:
        if offer.fresh and offer.key not in turn.state.regions:
            regions = turn.machine.processes[offer.region.process].regions.values()
            turn.emit(c.InstanceStarted(offer.instance, {r.id: begins(turn.machine, turn.state, offer.instance, r) for r in regions}))
    if envelope.function in KEPT:
        stored = turn.state.documents.get(f"{document.type}:{document.number}")
        entry = DocumentEntry(
            document.type, document.number, document.version, document.sha256, document.payload_sha256, envelope.id, envelope.role,
            firing[0][0].instance, turn.context.now, False if stored is None else stored.presented and envelope.function in CONFIRMS,
        )  # fmt: skip
        turn.emit(c.DocumentAdded(entry))
    for offer, _ in firing:
        effects.bill(turn, offer.region.process, offer.instance)
        known = set(turn.state.keys.get(offer.instance, ()))
        process = turn.machine.processes[offer.region.process]
        if process.keys and (fresh := [key for key in keys_of(process, document) if key not in known]):
            turn.emit(c.KeysAdded(offer.instance, fresh))
    if document.type in turn.state.tasks:
        turn.emit(c.TaskDone(document.type))
