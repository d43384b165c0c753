"""What a party may be told about its next step."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.operations import operation
from tradeflow.api.parameters import TradeIdPath
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub

MessagePath = Annotated[str, PathParameter(name="message", description="A message type of the catalogue.")]
Role = Annotated[str, QueryParameter(description="The role to act in; one that the caller holds, if absent.", max_length=100)]
AboutRole = Annotated[str, QueryParameter(description="One of the caller's roles; if absent, all that may send it.", max_length=100)]
Number = Annotated[str, QueryParameter(description="The number you give the document, for all the places that repeat it.", max_length=100)]
Instance = Annotated[
    str,
    QueryParameter(
        description="The instance of a process that the document belongs to, where there are several: `transport#2`, `insurance#2`, or one "
        "that it begins. Values come from what that instance has, then from what stands above it, then from the trade. If absent, the "
        "only one that takes such a message from the role now.",
        max_length=100,
    ),
]
Copy = Annotated[
    bool, QueryParameter(description="Take what the trade cannot say from the last document of this type that you sent in another trade.")
]


@get(
    "/v1/trades/{trade_id:str}/draft/{message:str}",
    **operation("draft", "Trades", "The next document, filled in", views.DraftAnswer, refuses=(403, 404, 409, 503)),
)
async def draft(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    message: MessagePath,
    role: Role = "",
    number: Number = "",
    copy: Copy = False,
    instance: Instance = "",
) -> Response[bytes]:
    """The document that the caller would send, as far as the trade can write it: each value with its origin, and what is still to be typed.

    Nothing is taken from another shipment of the same trade. Where the answer has no `instance`, nothing tells which of `candidates` is
    meant: then only what holds for all of them is filled in. Only what the caller may read is used.
    Nothing is stored: complete the document and lodge it with `POST /v1/messages`.
    """
    return json(await hub.guidance.draft(caller, trade_id, message, role, number, copy, instance))


@get(
    "/v1/trades/{trade_id:str}/why-not/{message:str}",
    **operation("whyNot", "Trades", "Why a message is not taken now", views.WhyNotAnswer, refuses=(403, 404, 503)),
)
async def why_not(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, message: MessagePath, role: AboutRole = ""
) -> Response[bytes]:
    """The sender, state, gate or guard that stands in the way, and the shortest way to where the message is taken.

    Without `role` every role that may send the message is answered for in `roles`; `may_not` says where none of the caller's may.

    `unlock` names the messages and events of that way in order, each with who sends it and which region it moves. What a document must
    say to be taken is not judged here: conditions that only the message itself can meet are listed in `conditions`.
    """
    return json(await hub.guidance.why_not(caller, trade_id, message, role))


@get(
    "/v1/trades/{trade_id:str}/missing",
    **operation("missing", "Trades", "What is missing for this shipment", views.MissingAnswer, refuses=(404, 503)),
)
async def missing(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath) -> Response[bytes]:
    """Every document that is still owed: by whom, until when, why, and what blocks it; and what each role may send now.

    It follows from the Incoterms rule, the terms of payment, the mode of transport, the goods, and what contract and credit ask for.
    A trade that is over owes nothing.
    """
    return json(await hub.guidance.missing(caller, trade_id))


handlers = [draft, missing, why_not]
