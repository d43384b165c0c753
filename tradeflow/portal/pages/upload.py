"""A file instead of typing: what was read of it, what was not, and what the hub says of it, before it is sent."""

import asyncio
import base64
import binascii
from typing import Annotated
from urllib.parse import quote

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.app.uploads import Upload
from tradeflow.codec import canonical, formats
from tradeflow.codec.validator import partial
from tradeflow.errors import BadInput, Problem
from tradeflow.pdf.reader import Reader
from tradeflow.pdf.sheet import Sheet
from tradeflow.portal.page import HOME, Page, shows, takes
from tradeflow.portal.pages.document import at

TradeId = Annotated[str, PathParameter(name="trade_id")]
FILE_BYTES_MAX = 5_000_000


@shows("/trades/{trade_id:str}/upload", scope="lodge")
async def choose(page: NamedDependency[Page], trade_id: TradeId) -> Response[str]:
    """A file is chosen."""
    await page.hub.queries.participants(page.caller, trade_id)
    return _page(page, trade_id)


def _page(page: Page, trade_id: str, problem: Problem | None = None, **read: object) -> Response[str]:
    trade = f"{HOME}/trades/{quote(trade_id, safe='')}"
    crumbs = [(page._("Trades"), HOME), (trade_id, trade), (page._("Upload"), f"{trade}/upload")]
    known = [(kind.name, ", ".join(kind.suffixes)) for kind in formats.kinds().values()]
    shown = {"upload": None, "blocks": [], "checked": None, "file": "", "name": "", **read}
    return page.html("upload.html", 200, crumbs, trade_id=trade_id, here=f"{trade}/upload", problem=problem, known=known, **shown)


@takes("/trades/{trade_id:str}/upload", scope="lodge", bytes_max=FILE_BYTES_MAX)
async def uploaded(page: NamedDependency[Page], trade_id: TradeId) -> Response[str]:
    """Look at a file, send it as it is, or go on with it in the form."""
    try:
        name, body, content_type = await _file(page)
        read = await page.hub.uploads.read(page.caller, trade_id, name, body, content_type)
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 404, 429):
            raise
        return _page(page, trade_id, problem)
    if page.form.text("do") == "edit":
        kept = await page.hub.drafts.add(page.caller, trade_id, read.kind.id, read.tree)
        trade = f"{HOME}/trades/{quote(trade_id, safe='')}"
        return page.go(f"{trade}/write/{read.kind.id}?draft={kept['draft_id']}", page._("The file is a draft now: finish it and send it."))
    if page.form.text("do") == "send":
        return await _send(page, trade_id, name, body, read)
    return await _preview(page, trade_id, name, body, read)


async def _file(page: Page) -> tuple[str, bytes, str]:
    """The file that was chosen now, or the one that was looked at before: name, bytes, content type if known."""
    if chosen := page.form.file("file"):
        return chosen.filename or "", await chosen.read(), ""
    try:
        body = base64.b64decode(page.form.text("body"), validate=True)
    except (binascii.Error, ValueError):
        body = b""
    if not body:
        raise BadInput("INVALID_REQUEST", page._("Choose a file first."), 422)
    return page.form.text("name"), body, page.form.text("content_type")


async def _preview(page: Page, trade_id: str, name: str, body: bytes, read: Upload, problem: Problem | None = None) -> Response[str]:
    wanted = (read.body, read.content_type) if read.whole else (canonical.encode(read.tree), "application/json")
    checked = await page.hub.checking.check(page.caller, *wanted)
    valid, _ = partial(read.kind, read.tree)
    blocks = await asyncio.to_thread(Sheet(read.kind, valid, [], Reader(page.language)).blocks)
    file = base64.b64encode(body).decode()
    number = str((read.tree.get("document") or {}).get("number", ""))
    return _page(page, trade_id, problem, upload=read, blocks=blocks, checked=checked, file=file, name=name, number=number)


async def _send(page: Page, trade_id: str, name: str, body: bytes, read: Upload) -> Response[str]:
    wanted = (read.body, read.content_type) if read.whole else (canonical.encode(read.tree), "application/json")
    try:
        answer = await page.hub.handler.lodge(page.caller, *wanted)
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 429):
            raise
        return await _preview(page, trade_id, name, body, read, problem)
    if answer.status == 202:
        why = str(msgspec.json.decode(answer.body).get("because", ""))
        return page.go(f"{HOME}/held", page._("Kept for a second person of your company to release: %(why)s.", why=why), "warn")
    number = str(read.tree["document"]["number"])
    said = page._("%(type)s %(number)s is sent.", type=page._(read.kind.name), number=number)
    return page.go(at(trade_id, "documents", read.kind.id, number), said)


handlers = [choose, uploaded]
