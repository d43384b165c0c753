"""Style sheets and scripts: ours, and htmx."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.api.answers import kept
from tradeflow.api.auth import AnyRequest
from tradeflow.errors import Missing
from tradeflow.portal.page import Page, shows
from tradeflow.portal.places import STATIC

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain", ".woff2": "font/woff2"}
FOR_GOOD = "public, max-age=31536000, immutable"
File = Annotated[str, PathParameter(name="file")]


@get("/static/{file:str}")
async def static(request: AnyRequest, file: File) -> Response[bytes]:
    """A file that every page may name. Its address changes with its content, so that browsers never ask twice."""
    found = {path.name: path for path in STATIC.iterdir()}.get(file)
    if found is None or found.suffix not in TYPES:
        raise Missing("NOT_FOUND", "There is no page at this address.", 404)
    answer = kept(request, found.read_bytes(), TYPES[found.suffix])
    if request.scope["query_string"]:
        answer.headers["Cache-Control"] = FOR_GOOD
    return answer


@shows("/{path:path}", public=True)
async def nothing(page: NamedDependency[Page]) -> None:
    """Every other address below /portal."""
    raise Missing("NOT_FOUND", page._("There is no page at this address."), 404)


handlers = [static, nothing]
