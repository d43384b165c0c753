"""The documents of a trade and its deliveries."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import JSON, json
from tradeflow.api.auth import AnyRequest
from tradeflow.api.operations import operation
from tradeflow.api.parameters import TradeIdPath, TypePath
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.errors import BadInput

FORMS = {JSON: "json", "application/xml": "xml", "text/xml": "xml"}
Number = Annotated[str, PathParameter(name="number", description="The number of the document; a slash in it is written %2F.")]
Version = Annotated[int | None, QueryParameter(description="A version of it; the newest if absent.", ge=1, le=2**31 - 1)]


@get(
    "/v1/trades/{trade_id:str}/documents",
    **operation("listDocuments", "Documents", "Current documents", views.Documents, refuses=(404, 503)),
)
async def documents(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath) -> Response[bytes]:
    """The shared set of a trade: type, number, version and hashes of every current document."""
    return json(await hub.queries.documents(caller, trade_id))


@get(
    "/v1/trades/{trade_id:str}/documents/{type:str}/{number:path}",
    **operation("getDocument", "Documents", "One document", (JSON, "application/xml"), refuses=(404, 406, 503)),
)
async def document(
    request: AnyRequest,
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    type: TypePath,
    number: Number,
    version: Version = None,
) -> Response[bytes]:
    """A document in the form that Accept asks for: canonical JSON (RFC 8785) or XML, whatever form it was lodged in."""
    form = FORMS.get(request.accept.best_match(list(FORMS)) or "") if request.headers.get("accept") else "json"
    if form is None:
        raise BadInput("NOT_ACCEPTABLE", "A document comes as application/json or application/xml.", 406)
    body, content_type = await hub.queries.document(caller, trade_id, type, number.removeprefix("/"), version, form)
    return Response(body, media_type=content_type, headers={"Vary": "Accept"})


@get(
    "/v1/trades/{trade_id:str}/deliveries",
    **operation("listDeliveries", "Deliveries", "Deliveries of a trade", views.Deliveries, refuses=(404, 503)),
)
async def deliveries(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath) -> Response[bytes]:
    """Every delivery the caller sent or receives, with all attempts, the next one and the last error: both sides see the same."""
    return json(await hub.queries.deliveries(caller, trade_id))


handlers = [documents, document, deliveries]
