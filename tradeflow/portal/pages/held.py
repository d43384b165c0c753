"""Four eyes: messages that wait for a second person, to be read, released or rejected; and the rules that say which wait."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.app.holding import ANY
from tradeflow.codec import intake
from tradeflow.errors import BadInput, Missing, Problem
from tradeflow.language.catalogues import N_
from tradeflow.model.catalogue import catalogue
from tradeflow.portal import addresses
from tradeflow.portal.page import HOME, Nav, Page, shows, takes
from tradeflow.portal.reading import rows
from tradeflow.store.held import ReleaseRule

HERE = f"{HOME}/held"
NEW = 3  # blank rows under the rules
HeldId = Annotated[str, PathParameter(name="held_id")]


@shows("/held")
async def held(page: NamedDependency[Page]) -> Response[str]:
    """What waits for a second person, and what became of earlier ones."""
    items = await page.hub.releases.everything(page.caller)
    waiting = [item for item in items if item["state"] == "waiting"]
    return page.html(
        "held.html",
        waiting=waiting,
        settled=[item for item in items if item["state"] != "waiting"][:50],
        rules=await page.hub.releases.rules(page.caller),
        where=addresses,
        now=await page.hub.store.now(),
        crumbs=[(page._("Approvals"), "")],
    )


@shows("/held/{held_id:str}")
async def one(page: NamedDependency[Page], held_id: HeldId) -> Response[str]:
    """One message that waits, as it would be lodged."""
    return await _one(page, held_id, None)


@takes("/held/{held_id:str}/release", scope="decide")
async def release(page: NamedDependency[Page], held_id: HeldId) -> Response[str]:
    """Let it into the trade. Where the trade does not take it, it waits on and the page says why."""
    try:
        await page.hub.releases.release(page.caller, held_id)
    except Problem as problem:
        return await _refused(page, held_id, problem)
    return page.go(HERE, page._("Released: it is in the trade now, and on its way to its recipients."))


@takes("/held/{held_id:str}/reject", scope="decide")
async def reject(page: NamedDependency[Page], held_id: HeldId) -> Response[str]:
    """End it."""
    try:
        await page.hub.releases.reject(page.caller, held_id, page.form.text("note")[:200])
    except Problem as problem:
        return await _refused(page, held_id, problem)
    return page.go(HERE, page._("Rejected. Nothing of it is in the trade."))


@shows("/held-rules", scope="admin")
async def rules_form(page: NamedDependency[Page]) -> Response[str]:
    """Which messages of the company need a second person."""
    return await _rules(page, None)


@takes("/held-rules", scope="admin")
async def set_rules(page: NamedDependency[Page]) -> Response[str]:
    """These rules instead of those before."""
    form = page.form
    given = zip(form.all("type"), form.all("amount_from"), form.all("currency"), strict=False)
    try:
        await page.hub.releases.set_rules(page.caller, [_rule(page, *row) for row in given if row[0]])
    except Problem as problem:
        if problem.status in (401, 403) or problem.status >= 500:
            raise
        return await _rules(page, problem)
    return page.go(HERE, page._("The rules hold from now on. What waits already goes on waiting."))


def _rule(page: Page, type: str, amount: str, currency: str) -> ReleaseRule:
    if type != ANY and type not in catalogue().ids():
        raise BadInput("INVALID_REQUEST", page._("There is no such message."), 422)
    try:
        least = Decimal(amount.replace(",", "")) if amount else None
    except InvalidOperation:
        least = Decimal("NaN")
    if least is not None and not (least.is_finite() and least >= 0):
        raise BadInput("INVALID_REQUEST", page._("An amount is a number, for example 50000.00."), 422)
    if (least is None) != (not currency) or (currency and currency not in catalogue().codelists["currency"].codes):
        raise BadInput("INVALID_REQUEST", page._("A threshold is an amount with its currency, for example 50000.00 USD."), 422)
    return ReleaseRule(type, least, currency or None)


async def _rules(page: Page, problem: Problem | None) -> Response[str]:
    known = catalogue()
    types = sorted(((id, page._(known.message(id).name)) for id in known.ids()), key=lambda pair: pair[1])
    rules = await page.hub.releases.rules(page.caller)
    if problem:
        sent = (page.form.all(name) for name in ("type", "amount_from", "currency"))
        rules = [dict(zip(("type", "amount_from", "currency"), row, strict=True)) for row in zip(*sent, strict=False) if row[0]]
    blank = [{"type": "", "amount_from": "", "currency": ""}] * NEW
    crumbs = [(page._("Approvals"), HERE), (page._("Rules"), "")]
    return page.html(
        "held_rules.html",
        problem.status if problem else 200,
        rules=[*rules, *blank],
        types=[(ANY, page._("every other message")), *types],
        problem=problem,
        crumbs=crumbs,
    )


async def _refused(page: Page, held_id: str, problem: Problem) -> Response[str]:
    if problem.status in (401, 404) or problem.status >= 500:
        raise problem
    return await _one(page, held_id, problem)


async def _one(page: Page, held_id: str, problem: Problem | None) -> Response[str]:
    item = next((one for one in await page.hub.releases.everything(page.caller) if str(one["held_id"]) == held_id), None)
    if item is None:
        raise Missing("UNKNOWN_HELD", page._("There is no such message that waits."), 404)
    body, content_type = await page.hub.releases.content(page.caller, held_id)
    document = intake.read(body, content_type)
    return page.html(
        "held_one.html",
        problem.status if problem else 200,
        item=item,
        number=document.number,
        rows=rows(document),
        recipients=[(one["party_id"], one["role"]) for one in document.data["message"]["recipients"]],
        mine=item["held_by"] == page.caller.key_id,
        problem=problem,
        where=addresses,
        crumbs=[(page._("Approvals"), HERE), (document.number, "")],
    )


handlers = [held, one, release, reject, rules_form, set_rules]
nav = [Nav(N_("Approvals"), HERE, 60, shown=lambda page: not page.caller.operator)]
