"""The state of one trade: what the events of its timeline add up to. Stored as the snapshot of the trade's row."""

from datetime import datetime
from typing import Any

import msgspec

from tradeflow.model.finding import Finding


class Participant(msgspec.Struct, frozen=True):
    """A party in one of its roles in a trade."""

    party_id: str
    role: str


class Departure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A party that takes part no longer in this role, since when, and who took over from it if somebody was named."""

    party_id: str
    role: str
    at: datetime
    successor: str = ""


class RegionState(msgspec.Struct):
    """One parallel region of one process instance."""

    state: str
    previous: str = ""
    since: datetime | None = None
    started: bool = False
    last_message: str = ""  # id of the message that last fired here (what application_response answers)
    last_type: str = ""
    last_sender: str = ""  # role


class DocumentEntry(msgspec.Struct):
    """The newest version of one document of the shared set."""

    type: str
    number: str
    version: int
    sha256: str  # of the canonical message
    payload_sha256: str
    message_id: str
    role: str  # of the party that lodged this version
    instance: str = ""
    lodged_at: datetime | None = None
    presented: bool = False  # sent again with function 31 in a bank presentation
    withdrawn: bool = False  # with function 1: on file, but nothing rests on it any more


class TimerState(msgspec.Struct):
    """A running clock: fires `event` at `due_at` in `region` ("instance.region")."""

    region: str
    event: str
    armed_at: datetime
    due_at: datetime
    why: str


class TitleState(msgspec.Struct):
    """Control of one bill (ControlState of the catalogue): who holds it and to whose order it is."""

    document: str  # "bill_of_lading:BLEN…"
    holder: str = ""  # party id; empty = nobody (spent or void)
    order_party: str = ""  # party id; empty = blank endorsed or bearer
    originals: int = 0
    medium: str = "PAPER"
    status: str = "ISSUED"
    presenter: str = ""
    last_action: str = ""
    chain: int = 0  # number of title transfers so far
    last_link: str = ""  # payload hash of the last title_transfer; of the bill itself before the first one
    instance: str = ""  # the transport instance that issued it
    issuer: str = ""  # party id of the carrier that issued it
    form: str = ""  # consignment form: STRAIGHT, TO_ORDER, ...
    restricted: bool = False  # the last endorsement was restrictive (ENDORSE): no further endorsement


class Payable(msgspec.Struct):
    """A debt that came up in the trade; the payment instance of the same name follows it."""

    kind: str
    instance: str
    created_at: datetime
    open: bool = True


class OpenFinding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a rule across documents finds in the shared set as it stands: until a version cures it, or the parties accept it."""

    finding: Finding
    documents: list[str]  # "type:number" of every document the rule compared
    since: datetime
    message_id: str = ""  # of the message that brought it up


class Consent(msgspec.Struct, frozen=True, omit_defaults=True):
    """A party that accepts a deviation, in a role, in its own words."""

    party: str
    role: str
    at: datetime
    note: str = ""


class Deviation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conflict that parties accept as it stands. It holds once each of `needs` has consented, in one of the roles it names."""

    finding: Finding
    needs: list[list[str]]
    consents: list[Consent]

    @property
    def holds(self) -> bool:
        given = {consent.role for consent in self.consents}
        return all(given & set(roles) for roles in self.needs)

    @property
    def missing(self) -> list[list[str]]:
        """The roles that have not consented yet; any one of each group does."""
        given = {consent.role for consent in self.consents}
        return [roles for roles in self.needs if not given & set(roles)]


class TradeState(msgspec.Struct):
    """state = fold(events). Keys of `regions` are "instance.region"; an instance is "payment" or "payment#premium"."""

    trade_id: str
    version: int = 0
    machine: str = ""  # hash of the process tables this trade is pinned to
    terms: dict[str, Any] = msgspec.field(default_factory=dict)
    participants: list[Participant] = msgspec.field(default_factory=list)
    regions: dict[str, RegionState] = msgspec.field(default_factory=dict)
    documents: dict[str, DocumentEntry] = msgspec.field(default_factory=dict)  # "type:number"
    timers: dict[str, TimerState] = msgspec.field(default_factory=dict)  # "instance.timer_id"
    titles: dict[str, TitleState] = msgspec.field(default_factory=dict)  # "type:number"
    payables: dict[str, Payable] = msgspec.field(default_factory=dict)  # instance
    keys: dict[str, list[str]] = msgspec.field(default_factory=dict)  # instance -> business keys it correlates with
    tasks: dict[str, str] = msgspec.field(default_factory=dict)  # message type required -> "instance.region" that asked
    attributes: dict[str, Any] = msgspec.field(default_factory=dict)
    containers: dict[str, str] = msgspec.field(default_factory=dict)  # number -> last verb
    findings: dict[str, OpenFinding] = msgspec.field(default_factory=dict)  # what the shared set disagrees on now, by id
    deviations: dict[str, Deviation] = msgspec.field(default_factory=dict)  # what parties accept, by the id of the finding
    departed: list[Departure] = msgspec.field(default_factory=list)  # who left, in order

    @property
    def standing(self) -> list[DocumentEntry]:
        """The newest version of every document that was not withdrawn."""
        return [entry for entry in self.documents.values() if not entry.withdrawn]

    def state_of(self, key: str) -> str:
        """The state of "instance.region", or "" if there is no such region."""
        region = self.regions.get(key)
        return region.state if region else ""

    def roles_of(self, party_id: str) -> set[str]:
        return {p.role for p in self.participants if p.party_id == party_id}

    def left_as(self, party_id: str) -> set[str]:
        """The roles a party played and plays no longer."""
        return {d.role for d in self.departed if d.party_id == party_id} - self.roles_of(party_id)

    def accepts(self, finding: str) -> bool:
        """Whether the parties concerned accept this finding, by its id."""
        deviation = self.deviations.get(finding)
        return deviation is not None and deviation.holds

    def parties_with(self, role: str) -> list[str]:
        return [p.party_id for p in self.participants if p.role == role]
