"""Verification, open to all: whoever holds a document or its print learns whether it is authentic and current, and nothing more."""

import re
from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.app.authenticity import Authenticity, of_file, of_hash
from tradeflow.language.catalogues import N_
from tradeflow.portal.page import HOME, Nav, Page, shows, takes

BYTES_MAX = 12_000_000
TradeId = Annotated[str, PathParameter(name="trade_id")]
Hash = Annotated[str, PathParameter(name="sha256")]
_CODE = re.compile(r"/verify/([^/\s]+)/([0-9a-fA-F]{64})")


@shows("/verify", public=True)
async def verify(page: NamedDependency[Page]) -> Response[str]:
    """The form for a file, or for what stands on paper."""
    return page.html("verify.html", found=None, sha256="", trade_id="", crumbs=[(page._("Verify"), "")])


@shows("/verify/{trade_id:str}/{sha256:str}", public=True)
async def coded(page: NamedDependency[Page], trade_id: TradeId, sha256: Hash) -> Response[str]:
    """Where the code on a print leads."""
    return _answer(page, await of_hash(page.hub.printing, trade_id, sha256.lower()), trade_id, sha256)


@takes("/verify", scope="", public=True, bytes_max=BYTES_MAX)
async def verified(page: NamedDependency[Page]) -> Response[str]:
    """A file, or a trade reference with the hash or the address of the code."""
    sent = page.form.file("file")
    if sent is not None:
        return _answer(page, await of_file(page.hub.printing, await sent.read()), "", "")
    trade_id, sha256 = page.form.text("trade_id")[:200].upper(), "".join(page.form.text("sha256")[:500].split())
    if code := _CODE.search(sha256):
        trade_id, sha256 = code[1], code[2]
    return _answer(page, await of_hash(page.hub.printing, trade_id, sha256.lower()), trade_id, sha256)


def _answer(page: Page, found: Authenticity, trade_id: str, sha256: str) -> Response[str]:
    return page.html("verify.html", found=found, trade_id=trade_id, sha256=sha256, crumbs=[(page._("Verify"), "")])


handlers = [verify, coded, verified]
nav = [Nav(N_("Verify"), f"{HOME}/verify", 80)]
