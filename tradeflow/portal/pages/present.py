"""Presenting several documents at once: as they are, by reference, to whom their process says; one list, one button."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.app.guidance import takes_again
from tradeflow.codec import canonical
from tradeflow.errors import Problem
from tradeflow.portal import addresses
from tradeflow.portal.page import Page, shows, takes

Json = dict[str, Any]
TradeId = Annotated[str, PathParameter(name="trade_id")]


def passable(page: Page, trade: Json) -> list[Any]:
    """The documents of a trade that the reader may pass on unchanged now, in the order they were lodged."""
    held = {p.role for p in trade["participants"] if p.party_id == page.caller.party_id and page.caller.may_act_as(p.role)}
    types = {entry.message for entry in trade["allowed"] if entry.message and takes_again(entry, entry.message) and held & set(entry.by)}
    found = [entry for entry in trade["documents"] if entry.type in types and not entry.withdrawn]
    return sorted(found, key=lambda entry: str(entry.lodged_at))


@shows("/trades/{trade_id:str}/present", scope="lodge")
async def choose(page: NamedDependency[Page], trade_id: TradeId) -> Response[str]:
    """What can be presented; what was not presented yet is chosen already."""
    return await _page(page, trade_id, [])


@takes("/trades/{trade_id:str}/present", scope="lodge")
async def present(page: NamedDependency[Page], trade_id: TradeId) -> Response[str]:
    """Present those that were chosen, one after the other. One that is refused keeps none of the others from going."""
    offered = passable(page, await page.hub.queries.trade(page.caller, trade_id))
    chosen = set(page.form.all("document"))
    outcomes: list[tuple[Any, str, Problem | None]] = []
    for entry in [one for one in offered if f"{one.type}:{one.number}" in chosen]:
        try:
            made = await page.hub.guidance.passed_on(page.caller, trade_id, entry.type, entry.number)
            answer = await page.hub.handler.lodge(page.caller, canonical.encode(made), "application/json")
            outcomes.append((entry, "waits" if answer.status == 202 else "sent", None))
        except Problem as problem:
            if problem.status >= 500 or problem.status in (401, 429):
                raise
            outcomes.append((entry, "refused", problem))
    if outcomes and all(outcome == "sent" for _, outcome, _ in outcomes):
        return page.go(addresses.trade(trade_id), page._("%(n)s documents are presented.", n=len(outcomes)))
    return await _page(page, trade_id, outcomes)


async def _page(page: Page, trade_id: str, outcomes: list[tuple[Any, str, Problem | None]]) -> Response[str]:
    trade = await page.hub.queries.trade(page.caller, trade_id)
    documents = passable(page, trade)
    to: list[Json] = []
    if documents:
        first = await page.hub.guidance.passed_on(page.caller, trade_id, documents[0].type, documents[0].number)
        to = first["message"]["recipients"]
    names = await page.hub.keys.names(page.caller, [one["party_id"] for one in to])
    crumbs = [(page._("Trades"), addresses.TRADES), (trade_id, addresses.trade(trade_id)), (page._("Present documents"), "")]
    values: Json = {"documents": documents, "outcomes": outcomes, "to": to, "names": names, "where": addresses, "trade_id": trade_id}
    return page.html("present.html", 200, crumbs, **values)


handlers = [choose, present]
