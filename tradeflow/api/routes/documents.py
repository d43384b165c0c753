"""The documents of a trade."""

from typing import Annotated
from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.api import PORTAL, views
from tradeflow.api.answers import JSON, json
from tradeflow.api.auth import AnyRequest
from tradeflow.api.operations import operation
from tradeflow.api.parameters import AsRole, TradeIdPath, TypePath
from tradeflow.api.reading import Bilingual, Language, language_of
from tradeflow.api.views.trades import Diff, InForce, Verified, Versions
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.codec.formats import kinds
from tradeflow.errors import BadInput
from tradeflow.language.catalogues import tag
from tradeflow.language.sentences import say
from tradeflow.model.format import ASIDE, Loss
from tradeflow.pdf.reader import Reader

PDF = "application/pdf"
FORMS = {JSON: "json", "application/xml": "xml", "text/xml": "xml", PDF: "pdf"}
FORMS |= {media_type: kind.id for kind in kinds().values() for media_type in kind.media_types}
Number = Annotated[str, PathParameter(name="number", description="The number of the document; a slash in it is written %2F.")]
Sha256 = Annotated[
    str, PathParameter(description="The SHA-256 of the canonical document, in lower-case hexadecimal digits.", pattern="^[0-9a-f]{64}$")
]
Version = Annotated[int | None, QueryParameter(description="A version of it; the newest if absent.", ge=1, le=2**31 - 1)]
Since = Annotated[int | None, QueryParameter(name="from", description="The older one; that before `to` if absent.", ge=1, le=2**31 - 1)]
To = Annotated[int | None, QueryParameter(description="The newer version; the newest if absent.", ge=1, le=2**31 - 1)]
WITHHELD_MAX = 40  # pointers in the header; the body lists them all


@get(
    "/v1/trades/{trade_id:str}/documents",
    **operation("listDocuments", "Documents", "Current documents", views.Documents, refuses=(404, 503)),
)
async def documents(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, as_role: AsRole = ""
) -> Response[bytes]:
    """The shared set of a trade: type, number, version and hashes of every current document the caller may read."""
    return json(await hub.queries.documents(caller, trade_id, as_role))


@get(
    "/v1/trades/{trade_id:str}/documents/{type:str}/{number:path}",
    **operation("getDocument", "Documents", "One document", tuple(m for m in FORMS if m != "text/xml"), refuses=(404, 406, 422, 503)),
)
async def document(
    request: AnyRequest,
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    type: TypePath,
    number: Number,
    version: Version = None,
    as_role: AsRole = "",
    language: Language = "",
    bilingual: Bilingual = False,
) -> Response[bytes]:
    """A document in the form that Accept asks for: canonical JSON (RFC 8785), XML, a PDF, or a format, whatever form it was lodged in.

    Where that format has no place for a field, the header `Tradeflow-Lost` names it; `POST /v1/convert` gives the whole report.
    The PDF is PDF/A-3 with the canonical JSON inside, and has a code that leads to `GET /v1/verify/{trade_id}/{sha256}`. Its names, the
    meanings of its codes, its dates and numbers are in the language asked for; what the parties typed stays as they typed it.

    Its sender reads it whole. Others read it without what their roles may not see: the member `withheld` (in XML a comment at the
    end) and the header `Tradeflow-Withheld` name every field that is missing, and the hash given there is that of the original.
    """
    form = FORMS.get(request.accept.best_match(list(FORMS)) or "") if request.headers.get("accept") else "json"
    if form is None:
        raise BadInput("NOT_ACCEPTABLE", say("A document comes as %(FORMS)s.", FORMS=", ".join(FORMS)), 406)
    wanted = (trade_id, type, number.removeprefix("/"), version)
    reader = Reader(language_of(request, language), bilingual)
    if form == "pdf":
        body, withheld = await hub.printing.printed(caller, *wanted, as_role, reader)
        content_type, losses = PDF, tuple[Loss, ...]()
    else:
        body, content_type, withheld, losses = await hub.documents.document(caller, *wanted, form, as_role)
    headers = {"Vary": "Accept"} | ({"Tradeflow-Withheld": " ".join(withheld[:WITHHELD_MAX])} if withheld else {})
    if form == "pdf":
        headers |= {"Vary": "Accept, Accept-Language", "Content-Language": tag(reader.language)}
    if lost := [loss.pointer for loss in losses if loss.kind != ASIDE]:
        headers["Tradeflow-Lost"] = " ".join(lost[:WITHHELD_MAX])
    return Response(body, media_type=content_type, headers=headers)


@get(
    "/v1/verify/{trade_id:str}/{sha256:str}",
    **operation("verifyDocument", "Documents", "Is this paper what was lodged?", Verified, refuses=(404, 422, 503), public=True),
)
async def verify(request: AnyRequest, hub: NamedDependency[Hub], trade_id: TradeIdPath, sha256: Sha256) -> Response[bytes]:
    """Which document has the hash that stands on a print, in its code and in the PDF, and whether it is still the newest version.

    Open to all: whoever knows the hash holds the document. A hash that no document of the trade has is answered with 404. A browser, which
    asks for `text/html`, is led to the page that says the same.
    """
    if "text/html" in request.headers.get("accept", ""):
        page = f"{PORTAL}/verify/{quote(trade_id, safe='')}/{quote(sha256, safe='')}"
        return Response(b"", status_code=303, media_type="text/html", headers={"Location": page, "Vary": "Accept"})
    return json(await hub.printing.verified(trade_id, sha256))


@get(
    "/v1/trades/{trade_id:str}/versions/{type:str}/{number:path}",
    **operation("listVersions", "Documents", "Versions of a document", Versions, refuses=(404, 503)),
)
async def versions(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, type: TypePath, number: Number
) -> Response[bytes]:
    """Every version the caller may read: who lodged it, in which role, when, with which function, and its hashes.

    `GET /v1/trades/{trade_id}/documents/{type}/{number}?version=1` returns one of them.
    """
    return json(await hub.documents.versions(caller, trade_id, type, number.removeprefix("/")))


@get(
    "/v1/trades/{trade_id:str}/diff/{type:str}/{number:path}",
    **operation("diffVersions", "Documents", "What two versions differ in", Diff, refuses=(404, 503)),
)
async def diff(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    type: TypePath,
    number: Number,
    since: Since = None,
    to: To = None,
) -> Response[bytes]:
    """Field by field: JSON Pointer, the name of the field, the old and the new value.

    Lines are matched by what identifies them (line number, item number, number), not by their place. The envelope is left out.
    """
    return json(await hub.documents.difference(caller, trade_id, type, number.removeprefix("/"), since, to))


@get(
    "/v1/trades/{trade_id:str}/in-force/{type:str}/{number:path}",
    **operation("getInForce", "Documents", "A document as agreed now", InForce, refuses=(403, 404, 503)),
)
async def in_force(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, type: TypePath, number: Number
) -> Response[bytes]:
    """The agreed content: a letter of credit with its accepted amendments, an order as last changed, else the newest version.

    Amendments are applied by what the fields of MT707 do. What they only say in words nobody can apply: it stands in `in_words`.
    """
    return json(await hub.documents.agreed(caller, trade_id, type, number.removeprefix("/")))


handlers = [documents, document, verify, versions, diff, in_force]
