"""What the hub says about a party's next step."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from tradeflow.draft import Missing, Origin
from tradeflow.machine.answers import GuardView
from tradeflow.machine.owed import Owed
from tradeflow.machine.route import Step

Pointer = Annotated[str, Meta(description="JSON Pointer into `document`.")]


class DraftOrigin(Struct):
    """Where one value of a draft comes from."""

    pointer: Pointer
    origin: Origin


class DraftCounts(Struct):
    """How much of the draft is done."""

    filled: Annotated[int, Meta(description="Single values that the draft holds, without the envelope.")]
    to_type: Annotated[int, Meta(description="Required fields that are still empty.")]


class DraftAnswer(Struct):
    """The next document as far as the trade can write it."""

    message: str
    role: str
    instance: Annotated[str, Meta(description="The instance of a process it is drafted for; empty where it could be any of `candidates`.")]
    candidates: Annotated[list[str], Meta(description="The instances that such a message can be for.")]
    document: Annotated[dict[str, Any], Meta(description="As it would be lodged, envelope included; nothing is stored.")]
    origins: list[DraftOrigin]
    to_type: list[Missing]
    counts: DraftCounts


class WhyNotOfRole(Struct):
    """What stands between a role and a message."""

    message: str
    role: str
    taken: Annotated[bool, Meta(description="The message is taken now, under `conditions`.")]
    code: Annotated[str, Meta(description="What a sender would be refused with.")] = ""
    because: str = ""
    blocked_by: Annotated[str, Meta(description="`sender`, `participants`, `state`, `gate`, `guard` or `closed`.")] = ""
    region: str = ""
    conditions: list[GuardView] = []
    unlock: Annotated[list[Step], Meta(description="What has to happen first, in order; empty where nothing leads there any more.")] = []


class WhyNotAnswer(WhyNotOfRole):
    """What stands between a message and whoever may send it; itself the answer of the caller's own role, or of the nearest one."""

    may_not: Annotated[str, Meta(description="That no role of the caller may send the message, and whose may; empty if one may.")] = ""
    roles: Annotated[list[WhyNotOfRole], Meta(description="The answer of each role that may send it, or of the one asked about.")] = []


class MissingAnswer(Struct):
    """What a shipment still needs."""

    trade_id: str
    now: Annotated[datetime, Meta(description="The hub's time of reading.")]
    items: Annotated[list[Owed], Meta(description="In the order of a shipment.")]
    may_send: Annotated[dict[str, list[str]], Meta(description="By role, the messages that are taken now if their conditions hold.")]
