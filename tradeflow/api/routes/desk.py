"""Writing documents: checking without lodging, drafts that are kept, comments."""

from typing import Annotated

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.auth import AnyRequest
from tradeflow.api.body import bounded
from tradeflow.api.operations import operation
from tradeflow.api.parameters import TradeIdPath, TypePath
from tradeflow.api.routes.documents import Number
from tradeflow.api.shapes_desk import ChangedDraft, NewComment, NewDraft
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.codec.intake import media_type

DraftIdPath = Annotated[str, PathParameter(name="draft_id", description="The id of the draft.")]
OfTrade = Annotated[str, QueryParameter(name="trade_id", description="Only those for this trade.", max_length=35)]


@post(
    "/v1/check",
    **operation(
        "checkMessage", "Messages", "What lodging it would answer", views.Check, refuses=(400, 403, 404, 413, 415, 422, 503), scope="lodge"
    ),
)
async def check(request: AnyRequest, hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """Everything that lodging this message now would be told, in any form that can be lodged; nothing is stored, not even a refusal.

    A message that is not finished gets what its schema misses and what every rule can say already. `computed` are the totals and other
    values that follow from what stands in it.
    """
    content_type = request.headers.get("content-type", "")
    media_type(content_type)
    body = await bounded(request, hub.settings.body_bytes_max)
    return json(await hub.checking.check(caller, body, content_type))


@get("/v1/drafts", **operation("listDrafts", "Messages", "Drafts", views.SavedDrafts, refuses=(503,)))
async def drafts(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: OfTrade = "") -> Response[bytes]:
    """The drafts that the caller's party keeps, the last saved first: the last 500. Nobody else sees them."""
    return json({"items": await hub.drafts.of(caller, trade_id)})


@post(
    "/v1/drafts",
    **operation("addDraft", "Messages", "Keep a draft", views.SavedDraft, status=201, body=NewDraft, refuses=(404, 503), scope="lodge"),
)
async def add(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewDraft]) -> Response[bytes]:
    """A document as far as somebody wrote it, for anybody of the party to finish. Nothing of it is in the trade."""
    return json(await hub.drafts.add(caller, given.trade_id, given.message, given.document), 201)


@get("/v1/drafts/{draft_id:str}", **operation("getDraft", "Messages", "A draft", views.SavedDraftWhole, refuses=(404, 503)))
async def draft(hub: NamedDependency[Hub], caller: NamedDependency[Caller], draft_id: DraftIdPath) -> Response[bytes]:
    """One with its document. Lodge it with `POST /v1/messages` when it is finished."""
    return json(await hub.drafts.draft(caller, draft_id))


@put(
    "/v1/drafts/{draft_id:str}",
    **operation("keepDraft", "Messages", "Keep it anew", views.SavedDraft, body=ChangedDraft, refuses=(404, 409, 503), scope="lodge"),
)
async def keep(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], draft_id: DraftIdPath, given: NamedDependency[ChangedDraft]
) -> Response[bytes]:
    """What was written since. Where somebody else kept it after `revision` nothing is overwritten."""
    return json(await hub.drafts.keep(caller, draft_id, given.document, given.revision))


@delete(
    "/v1/drafts/{draft_id:str}",
    **operation("dropDraft", "Messages", "Throw it away", status=204, refuses=(404, 503), scope="lodge"),
)
async def drop(hub: NamedDependency[Hub], caller: NamedDependency[Caller], draft_id: DraftIdPath) -> None:
    """It is gone for everybody of the party; nothing in the trade changes."""
    await hub.drafts.drop(caller, draft_id)


@get(
    "/v1/trades/{trade_id:str}/comments/{type:str}/{number:path}",
    **operation("listComments", "Documents", "What is said about a document", views.Comments, refuses=(404, 503)),
)
async def comments(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, type: TypePath, number: Number
) -> Response[bytes]:
    """The comments of everybody who sees the document, and the internal ones of the caller's own party."""
    return json({"items": await hub.comments.about(caller, trade_id, type, number.removeprefix("/"))})


@post(
    "/v1/trades/{trade_id:str}/comments/{type:str}/{number:path}",
    **operation(
        "addComment", "Documents", "Say something about it", views.Comment, status=201, body=NewComment, refuses=(404, 503), scope="lodge"
    ),
)
async def say(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    type: TypePath,
    number: Number,
    given: NamedDependency[NewComment],
) -> Response[bytes]:
    """A comment in the name of the caller's party; it stays. It is no message: it moves nothing in the trade and is delivered to nobody."""
    made = await hub.comments.say(caller, trade_id, type, number.removeprefix("/"), given.text, given.internal)
    return json(made, 201)


handlers = [check, drafts, add, draft, keep, drop, comments, say]
