"""Drafts that somebody of the company keeps, and the documents that a trade takes now."""

from typing import Annotated
from urllib.parse import quote

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.language.catalogues import N_
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.page import HOME, Nav, Page, shows, takes

TradeId = Annotated[str, PathParameter(name="trade_id")]
nav = [Nav(N_("Drafts"), f"{HOME}/drafts", 40, scope="lodge")]


@shows("/drafts", scope="lodge")
async def drafts(page: NamedDependency[Page]) -> Response[str]:
    """Every draft of the company, the last saved first."""
    return page.html("drafts.html", crumbs=[(page._("Drafts"), f"{HOME}/drafts")], items=await page.hub.drafts.of(page.caller))


@takes("/drafts/drop", scope="lodge")
async def drop(page: NamedDependency[Page]) -> Response[str]:
    """A draft is thrown away."""
    await page.hub.drafts.drop(page.caller, page.form.text("draft_id"))
    return page.go(f"{HOME}/drafts", page._("The draft is gone."))


@shows("/trades/{trade_id:str}/write", scope="lodge")
async def choose(page: NamedDependency[Page], trade_id: TradeId) -> Response[str]:
    """Which document: those the trade takes now first, then those it still needs, then all that one may ever send."""
    told = await page.hub.guidance.missing(page.caller, trade_id)
    participants = await page.hub.queries.participants(page.caller, trade_id)
    roles = {p.role for p in participants if p.party_id == page.caller.party_id and page.caller.may_act_as(p.role)}
    now = sorted({message for role in roles for message in told["may_send"].get(role, ())})
    ever = [id_ for id_ in catalogue().ids() if id_ not in now and roles & set(catalogue().message(id_).from_roles)]
    here = f"{HOME}/trades/{quote(trade_id, safe='')}"
    kept = await page.hub.drafts.of(page.caller, trade_id)
    crumbs = [(page._("Trades"), HOME), (trade_id, here), (page._("Write a document"), f"{here}/write")]
    return page.html("choose.html", crumbs=crumbs, now=now, ever=ever, kept=kept, here=here, trade_id=trade_id)


handlers = [drafts, drop, choose]
