"""Walking regions along their ways: every document on file does what it did when it came, and nothing leaves the ways."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tradeflow.machine import changes as c
from tradeflow.machine import effects
from tradeflow.machine.admit import KEPT
from tradeflow.machine.commands import Lodge
from tradeflow.machine.correlate import keys_of
from tradeflow.machine.dispatch import Miss, Offer, match
from tradeflow.machine.routes import Leg, is_for
from tradeflow.machine.settle import deliver, fire
from tradeflow.machine.tables import Region
from tradeflow.machine.turn import Turn
from tradeflow.model.trade import DocumentEntry, Payable

PRESENT = ("document.presented", "true")


@dataclass(frozen=True, slots=True)
class Way:
    """How one given region got where it is."""

    key: str
    legs: list[Leg]


def kind_of(turn: Turn, instance: str) -> str | None:
    """The kind of payable an instance stands for: "payment#premium-2" is an INSURANCE_PREMIUM."""
    suffix = instance.partition("#")[2]
    kinds = turn.machine.processes["payment"].instances
    return next((kind for kind, name in kinds.items() if suffix == name or suffix.startswith(f"{name}-")), None)


class Walk:
    """The given regions on their ways. What is still ahead of each stands in `ahead`."""

    def __init__(self, turn: Turn, ways: Sequence[Way]) -> None:
        self._turn = turn
        self._ahead = {way.key: deque(way.legs) for way in ways}

    def file(self, index: int, lodge: Lodge) -> None:
        """One document joins the shared set; the regions on whose way it stands move, others take note of it and stay."""
        turn = self._turn
        self._wait_for(index)
        turn.document, turn.envelope = lodge.document, lodge.envelope
        keys = [o.key for o in self._offers(lodge)]
        self._keep(lodge, keys)
        for key in keys:
            ahead = self._ahead.get(key)
            if ahead and ahead[0].filed == index:
                self._fire(key, ahead.popleft())
            elif (stays := self._stays(key, lodge.document.type, lodge.envelope.function, lodge.envelope.role)) is not None:
                self._fire(key, stays)

    def finish(self) -> None:
        """What happened without a document after the last one, and the clocks that ran out before now."""
        turn = self._turn
        turn.document = turn.envelope = None
        for key, ahead in self._ahead.items():
            while ahead:
                self._fire(key, ahead.popleft())
        for timer in [timer for timer, running in turn.state.timers.items() if running.due_at <= turn.context.now]:
            turn.emit(c.Disarmed(timer))

    def _wait_for(self, index: int) -> None:
        """Events that no signal brought, and that must have happened before this document."""
        self._turn.document = self._turn.envelope = None
        for key, ahead in self._ahead.items():
            if any(leg.filed == index for leg in ahead):
                while ahead[0].filed != index:
                    self._fire(key, ahead.popleft())

    def _offers(self, lodge: Lodge) -> list[Offer]:
        turn, named = self._turn, lodge.envelope.process_instance
        return [
            Offer(region, key.partition(".")[0])
            for region in turn.machine.on.get(lodge.document.type, ())
            for key in turn.state.regions
            if turn.machine.region(key) is region and is_for(key, named)
        ]

    def _keep(self, lodge: Lodge, keys: Sequence[str]) -> None:
        """The document as the shared set shows it, and the keys later messages may name its instances by."""
        turn, document, envelope = self._turn, lodge.document, lodge.envelope
        instances = list(dict.fromkeys(key.partition(".")[0] for key in keys))
        if envelope.function in KEPT:
            entry = DocumentEntry(
                document.type, document.number, document.version, document.sha256, document.payload_sha256, envelope.id, envelope.role,
                instances[0] if instances else "", turn.context.now,
            )  # fmt: skip
            turn.emit(c.DocumentAdded(entry))
        for instance in instances:
            process = turn.machine.processes[instance.partition("#")[0]]
            known = set(turn.state.keys.get(instance, ()))
            if process.keys and (fresh := [key for key in keys_of(process, document) if key not in known]):
                turn.emit(c.KeysAdded(instance, fresh))
        if document.type in turn.state.tasks:
            turn.emit(c.TaskDone(document.type))

    def _stays(self, key: str, trigger: str, function: str = "", role: str = "") -> Leg | None:
        """What a document or a signal does to a region without moving it."""
        region = self._region(key)
        if trigger not in region.on:
            return None
        found = match(self._turn, Offer(region, key.partition(".")[0]), trigger, function, role)
        state = self._turn.state.regions[key].state
        if isinstance(found, Miss) or found.to not in ("same", state):
            return None
        return Leg(found, state, state, trigger)

    def _fire(self, key: str, leg: Leg) -> None:
        turn, region, instance = self._turn, self._region(key), key.partition(".")[0]
        if leg.source != leg.target:
            self._present(region, leg)
        if region.process == "payment" and instance not in turn.state.payables and (kind := kind_of(turn, instance)):
            turn.emit(c.PayableCreated(Payable(kind, instance, turn.context.now)))
        effects.bill(turn, region.process, instance)
        message, sender = (turn.envelope.id, turn.envelope.role) if turn.envelope and leg.transition.messages else ("", "")
        fire(turn, Offer(region, instance), leg.transition, leg.trigger, message, sender)
        self._signals()

    def _signals(self) -> None:
        """A signal moves a region whose way says so; others take note of it and stay. A payable that a charge made is told so."""
        turn = self._turn
        while turn.queue:
            key, event = turn.queue.popleft()
            ahead = self._ahead.get(key)
            if ahead and ahead[0].trigger == event:
                self._fire(key, ahead.popleft())
            elif event == "payable_created" and ahead is None:
                deliver(turn, key, event)
            elif key in turn.state.regions and (stays := self._stays(key, event)) is not None:
                self._fire(key, stays)

    def _present(self, region: Region, leg: Leg) -> None:
        """A region that leaves the state in which documents are sent in again: those on file were, if the history does not say which."""
        turn = self._turn
        adding = [t for t in region.open[leg.source] if t.to == "same" and any(e.verb == "set" and e.args == PRESENT for e in t.effects)]
        if not adding or not leg.transition.messages or any(entry.presented for entry in turn.state.documents.values()):
            return
        types = {message for transition in adding for message in transition.messages}
        for key in [key for key, entry in turn.state.documents.items() if entry.type in types]:
            turn.emit(c.DocumentPresented(key))

    def _region(self, key: str) -> Region:
        region = self._turn.machine.region(key)
        assert region is not None, key
        return region
