"""What a decision changes, one struct per kind. The events of a timeline are lists of these; fold.py applies them."""

from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from tradeflow.model.finding import Finding
from tradeflow.model.trade import DocumentEntry, Participant, Payable, TitleState


class Change(msgspec.Struct, frozen=True, tag_field="change", omit_defaults=True):
    """Base of all changes; serialised with the name of its kind in the member "change"."""


class Opened(Change, frozen=True, tag="opened"):
    """The trade exists: its terms, its participants and the process tables it is pinned to."""

    trade_id: str
    machine: str
    terms: dict[str, Any]
    participants: list[Participant]


class ParticipantAdded(Change, frozen=True, tag="participant_added"):
    """A party takes part from now on, in a role; where it accepted an invitation, which one, and the key or user that did."""

    participant: Participant
    invitation: str = ""
    accepted_by: str = ""


class ParticipantLeft(Change, frozen=True, tag="participant_left"):
    """A party takes part no longer in this role; who takes over from it if somebody was named, and why."""

    participant: Participant
    successor: str = ""
    note: str = ""


class DeliveryRedirected(Change, frozen=True, tag="delivery_redirected"):
    """A message that waited for a party that left: `way` is handed_over (`to` gets it), sent_anyway or discarded. Changes no state."""

    delivery_id: str
    message_id: str
    participant: Participant
    way: str
    to: str = ""
    note: str = ""


class ActedFor(Change, frozen=True, tag="acted_for"):
    """Who really acted, where it was not the party of the event alone; changes nothing, but stands in the chain.

    An `agent` under a `mandate`; whoever prepared what a second person released; somebody with a `link` to one document.
    """

    agent: str = ""  # the party whose key or user it was
    mandate: str = ""
    prepared_by: str = ""  # key or user
    link: str = ""
    link_by: str = ""  # the party that made the link


class Repinned(Change, frozen=True, tag="repinned"):
    """The trade goes on under other process tables; `regions` gives (state, previous state) where their names changed with them."""

    machine: str
    regions: dict[str, tuple[str, str]] = {}


class InstanceStarted(Change, frozen=True, tag="instance_started"):
    """A process instance exists: every region of it in its initial state."""

    instance: str
    regions: dict[str, str]  # region id -> initial state


class RegionStarted(Change, frozen=True, tag="region_started"):
    """A start() effect named this region: the work it stands for is under way."""

    region: str


class Moved(Change, frozen=True, tag="moved"):
    """A transition fired. source equals target where the transition keeps the state."""

    region: str
    transition: str
    source: str
    target: str
    trigger: str  # message type or event
    message_id: str = ""
    sender: str = ""  # role; "" for events


class KeysAdded(Change, frozen=True, tag="keys_added"):
    """Business keys a later message may name this instance by: document numbers, references, message ids."""

    instance: str
    keys: list[str]


class DocumentAdded(Change, frozen=True, tag="document_added"):
    """A document, or a new version of it, joined the shared set of the trade."""

    entry: DocumentEntry


class DocumentPresented(Change, frozen=True, tag="document_presented"):
    """A document was sent again unchanged with function 31: it is part of a bank presentation (or, false, no longer)."""

    document: str  # "type:number"
    presented: bool = True


class DocumentWithdrawn(Change, frozen=True, tag="document_withdrawn"):
    """Whoever lodged a document took it back (function 1): it is no longer in force."""

    document: str  # "type:number"


class Armed(Change, frozen=True, tag="armed"):
    """A clock started: `event` will be raised in `region` at due_at; `why` is the sentence people read."""

    timer: str  # "instance.timer_id"
    region: str
    event: str
    due_at: datetime
    why: str


class Disarmed(Change, frozen=True, tag="disarmed"):
    """A clock stopped, because it was disarmed, or because it fired."""

    timer: str


class TitlePassed(Change, frozen=True, tag="title_passed"):
    """Control of a bill is now as given in full: who holds it, to whose order it is, in which medium."""

    title: TitleState


class ContainerMoved(Change, frozen=True, tag="container_moved"):
    """A container was released, picked up, gated in, loaded, discharged, gated out or returned."""

    container: str
    verb: str


class PayableCreated(Change, frozen=True, tag="payable_created"):
    """Somebody owes money: a payment instance of its own follows it."""

    payable: Payable


class PayableClosed(Change, frozen=True, tag="payable_closed"):
    """The payable of this instance is settled, credited or given up."""

    instance: str


class TaskOpened(Change, frozen=True, tag="task_opened"):
    """A region waits for a message of this type."""

    message: str
    region: str


class TaskDone(Change, frozen=True, tag="task_done"):
    """The message a region waited for arrived."""

    message: str


class AttributeSet(Change, frozen=True, tag="attribute_set"):
    """A fact of the trade or of an instance ("instance/attribute" or "attribute")."""

    attribute: str
    value: Any


class FindingRaised(Change, frozen=True, tag="finding_raised"):
    """The documents of the trade disagree. `replaces` is the id of the finding at the same place with other values, if there was one."""

    finding: Finding
    documents: list[str]  # "type:number"
    message_id: str = ""
    replaces: str = ""


class FindingCured(Change, frozen=True, tag="finding_cured"):
    """A disagreement is gone: a later version put it right, or its documents are no longer compared."""

    finding: str
    by: list[str]  # the documents whose version did it, "type:number"


class DeviationAccepted(Change, frozen=True, tag="deviation_accepted"):
    """A party accepts a conflict as it stands; `needs` are the roles whose consent makes it hold, any one of each group."""

    finding: Finding
    needs: list[list[str]]
    party: str
    role: str
    note: str = ""


class Recorded(Change, frozen=True, tag="recorded"):
    """A line for the audit trail; changes nothing."""

    region: str
    text: str


class SignalDropped(Change, frozen=True, tag="signal_dropped"):
    """A signal reached a region that did not expect it; changes nothing."""

    region: str
    event: str


AnyChange: TypeAlias = (
    Opened
    | ParticipantAdded
    | ParticipantLeft
    | DeliveryRedirected
    | ActedFor
    | Repinned
    | InstanceStarted
    | RegionStarted
    | Moved
    | KeysAdded
    | DocumentAdded
    | DocumentPresented
    | DocumentWithdrawn
    | Armed
    | Disarmed
    | TitlePassed
    | ContainerMoved
    | PayableCreated
    | PayableClosed
    | TaskOpened
    | TaskDone
    | AttributeSet
    | FindingRaised
    | FindingCured
    | DeviationAccepted
    | Recorded
    | SignalDropped
)

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(list[AnyChange])


def dump(changes: list[AnyChange]) -> bytes:
    """The JSON form of a list of changes, the same bytes for the same changes."""
    return _encoder.encode(changes)


def load(data: bytes | str) -> list[AnyChange]:
    """The changes in their JSON form. Raises msgspec.ValidationError on anything else."""
    return _decoder.decode(data)
