"""Delegations: who may act in the name of the company, and for whom it acts. And links to single documents."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.app.links import LinkSpec
from tradeflow.app.mandates import Wanted
from tradeflow.errors import Problem
from tradeflow.model.catalogue import catalogue
from tradeflow.portal import addresses, choosing
from tradeflow.portal.page import HOME, Page, shows, takes

MANDATES, LINKS = f"{HOME}/company/mandates", f"{HOME}/company/links"
Id = Annotated[str, PathParameter(name="id")]
Given = Annotated[str, QueryParameter(max_length=80)]


@shows("/company/mandates")
async def mandates(page: NamedDependency[Page]) -> Response[str]:
    """What the company gave and holds."""
    return await _mandates(page, None)


@takes("/company/mandates", scope="admin")
async def give(page: NamedDependency[Page]) -> Response[str]:
    """Let another party act."""
    try:
        await page.hub.mandates.give(page.caller, _wanted(page))
    except Problem as problem:
        if problem.status not in (403, 404, 422):
            raise
        return await _mandates(page, problem)
    return page.go(MANDATES, page._("Given. It counts at once, and stands in every event made under it."))


@takes("/company/mandates/{id:str}/revoke", scope="admin")
async def revoke(page: NamedDependency[Page], id: Id) -> Response[str]:
    """Take it back, or give it up."""
    await page.hub.mandates.revoke(page.caller, id)
    return page.go(MANDATES, page._("Ended."))


def _wanted(page: Page) -> Wanted:
    form = page.form
    roles, types = form.all("roles"), form.all("types")
    if set(roles) - set(catalogue().roles) or set(types) - set(catalogue().ids()):
        raise choosing.wrong(page, "/roles", page._("There is no such role or message."))
    amount: Decimal | None = None
    if text := form.text("amount_max").replace(",", ""):
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not (amount.is_finite() and amount > 0):
            raise choosing.wrong(page, "/amount_max", page._("An amount is a number, for example 50000.00."))
    ends = choosing.day(page, "ends_at")
    assert ends is not None, "a day that is needed is there or refused"
    currency = form.text("currency").upper()
    if currency and currency not in catalogue().codelists["currency"].codes:
        raise choosing.wrong(page, "/currency", page._("A currency has three letters, for example USD."))
    return Wanted(form.text("agent")[:63], ends, roles or None, types or None, form.text("trade_id")[:35] or None, amount, currency or None)


async def _mandates(page: Page, problem: Problem | None) -> Response[str]:
    return page.html(
        "company_mandates.html",
        problem.status if problem else 200,
        items=await page.hub.mandates.everything(page.caller),
        me=page.caller.party_id,
        now=await page.hub.store.now(),
        problem=problem,
        all_roles=choosing.roles(page),
        all_types=choosing.messages(page),
        where=addresses,
        crumbs=[(page._("Company"), f"{HOME}/company"), (page._("Delegations"), "")],
    )


@shows("/company/links")
async def links(
    page: NamedDependency[Page], trade_id: Given = "", type: Given = "", number: Given = "", party_id: Given = "", role: Given = ""
) -> Response[str]:
    """The links there are, and the form for another one; a document's page leads here with its fields filled in."""
    known = {"trade_id": trade_id, "type": type, "number": number, "party_id": party_id, "role": role}
    return await _links(page, None, known)


@takes("/company/links", scope="decide")
async def make(page: NamedDependency[Page]) -> Response[str]:
    """A link, shown this once."""
    form = page.form
    known = {name: form.text(name)[:80] for name in ("trade_id", "type", "number", "party_id", "role")}
    try:
        days, uses = choosing.whole(page, "days", 1, 30, 7), choosing.whole(page, "uses_max", 1, 100, 20)
        spec = LinkSpec(known["type"], known["number"], known["party_id"], known["role"], form.all("answers")[:5], days, uses)
        made = await page.hub.links.make(page.caller, known["trade_id"], spec)
    except Problem as problem:
        if problem.status not in (403, 404, 409, 422):
            raise
        return await _links(page, problem, known)
    return await _links(page, None, {}, made)


@takes("/company/links/{id:str}/revoke", scope="decide")
async def end(page: NamedDependency[Page], id: Id) -> Response[str]:
    """End a link."""
    await page.hub.links.revoke(page.caller, id)
    return page.go(LINKS, page._("The link is ended."))


async def _links(page: Page, problem: Problem | None, known: dict[str, str], made: dict[str, Any] | None = None) -> Response[str]:
    return page.html(
        "company_links.html",
        problem.status if problem else 201 if made else 200,
        items=await page.hub.links.everything(page.caller),
        now=await page.hub.store.now(),
        known=known,
        made=made,
        problem=problem,
        base=(page.hub.settings.public_url or str(page.request.base_url)).rstrip("/"),
        all_roles=choosing.roles(page),
        all_types=choosing.messages(page),
        where=addresses,
        crumbs=[(page._("Company"), f"{HOME}/company"), (page._("Links"), "")],
    )


handlers = [mandates, give, revoke, links, make, end]
