"""A client of a tradeflow hub: typed, for programs that wait (`Client`) and for those that do not (`AsyncClient`).

    with Client("https://hub.example", key) as hub:
        receipt = hub.lodge(document)
        for item in hub.deliveries(after=position):
            ...
            hub.acknowledge(item.delivery_id)

Every call may be repeated: messages get an id, other commands an Idempotency-Key, before they are sent for the first time. What the hub
refuses is raised as a `HubProblem` with its findings. Importing this package imports nothing of the hub itself.
"""

from tradeflow.client.answers import (
    Acknowledged,
    Allowed,
    Answer,
    Clock,
    DocumentEntry,
    Draft,
    Finding,
    Inbox,
    InboxItem,
    IssuedKey,
    Move,
    Owed,
    Party,
    Receipt,
    Refused,
    Region,
    SentTo,
    TimelineEvent,
    Trade,
    WhyNot,
)
from tradeflow.client.asynchronous import AsyncClient
from tradeflow.client.problems import (
    Conflict,
    Forbidden,
    HubProblem,
    HubUnavailable,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotNow,
    Unreachable,
)
from tradeflow.client.retrying import Retries
from tradeflow.client.synchronous import Client

__all__ = [
    "Acknowledged",
    "Allowed",
    "Answer",
    "AsyncClient",
    "Client",
    "Clock",
    "Conflict",
    "DocumentEntry",
    "Draft",
    "Finding",
    "Forbidden",
    "HubProblem",
    "HubUnavailable",
    "Inbox",
    "InboxItem",
    "Invalid",
    "IssuedKey",
    "Move",
    "NotAuthenticated",
    "NotFound",
    "NotNow",
    "Owed",
    "Party",
    "Receipt",
    "Refused",
    "Region",
    "Retries",
    "SentTo",
    "TimelineEvent",
    "Trade",
    "Unreachable",
    "WhyNot",
]
