"""Decisions: what a person decides or reports in a trade (a bank's examination, an inspector's start, a dispute), as forms."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.app.desks import desks
from tradeflow.errors import Missing, Problem
from tradeflow.machine.answers import Allowed
from tradeflow.machine.load import machine
from tradeflow.portal import addresses
from tradeflow.portal.page import Page, shows, takes

TradeId = Annotated[str, PathParameter(name="trade_id")]
EventId = Annotated[str, PathParameter(name="event")]
Region = Annotated[str, QueryParameter(description="The region, as instance.region.", max_length=120)]
Role = Annotated[str, QueryParameter(description="The role to act in.", max_length=40)]


@shows("/trades/{trade_id:str}/decisions")
async def decisions(page: NamedDependency[Page], trade_id: TradeId) -> Response[str]:
    """Every decision that is the reader's to make now."""
    found = [entry for entry in await page.hub.queries.allowed(page.caller, trade_id, "") if entry.event]
    crumbs = [(trade_id, addresses.trade(trade_id)), (page._("Decisions"), "")]
    return page.html("decisions.html", trade_id=trade_id, items=found, where=addresses, crumbs=crumbs, meaning=_meaning)


@shows("/trades/{trade_id:str}/decisions/{event:str}")
async def decision(page: NamedDependency[Page], trade_id: TradeId, event: EventId, region: Region = "", role: Role = "") -> Response[str]:
    """The form of one decision: what it means, where it leads, what has to hold, and what there is to read for it."""
    return await _form(page, trade_id, event, region, role, None)


@takes("/trades/{trade_id:str}/decisions/{event:str}", scope="decide")
async def decide(page: NamedDependency[Page], trade_id: TradeId, event: EventId) -> Response[str]:
    """Decide. A refusal is shown above the form, with what was typed."""
    region, role, note = (page.form.text(name) for name in ("region", "role", "note"))
    try:
        await page.hub.trades.decision(page.caller, trade_id, event, region[:120], role[:40], note[:1000])
    except Problem as problem:
        if problem.status in (401, 404) or problem.status >= 500:
            raise
        return await _form(page, trade_id, event, region, role, problem)
    return page.go(addresses.trade(trade_id), page._("Decided: %(what)s.", what=page._(_meaning(event))))


async def _form(page: Page, trade_id: str, event: str, region: str, role: str, problem: Problem | None) -> Response[str]:
    entries = [one for one in await page.hub.queries.allowed(page.caller, trade_id, "") if one.event == event]
    chosen = [one for one in entries if region in ("", one.region) and (not role or role in one.by)]
    if event not in machine().events or not (entries or problem):
        raise Missing("NOT_FOUND", page._("This decision is not open in this trade now. Look at the trade for what is."), 404)
    documents = (await page.hub.queries.documents(page.caller, trade_id))["items"]
    read = {type_ for desk in desks().values() for section in desk.section if event in section.does for type_ in section.documents}
    found = await page.hub.queries.findings(page.caller, trade_id, "open", "") if read else {"items": []}
    return page.html(
        "decision.html",
        problem.status if problem else 200,
        trade_id=trade_id,
        event=event,
        text=_meaning(event),
        options=chosen or entries,
        region=region,
        role=role,
        problem=problem,
        documents=[one for one in documents if one.type in read and not one.withdrawn],
        findings_open=found["items"],
        where=addresses,
        meaning=_state_meaning,
        crumbs=[
            (trade_id, addresses.trade(trade_id)),
            (page._("Decisions"), f"{addresses.trade(trade_id)}/decisions"),
            (page._(event.replace("_", " ")), ""),
        ],
    )


def _meaning(event: str) -> str:
    known = machine().events.get(event)
    return known.text if known else event.replace("_", " ")


def _state_meaning(entry: Allowed, state: str) -> Any:
    region = machine().region(entry.region)
    return region.states.get(state, "") if region else ""


handlers = [decisions, decision, decide]
