"""The audit trail: every event of a trade with who, when, what and its hash; and the evidence of a trade as one file."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.portal import addresses
from tradeflow.portal.page import HOME, Page, shows

HERE = f"{HOME}/audit"
TRADES, EVENTS = 25, 100
TradeId = Annotated[str, PathParameter(name="trade_id")]
Before = Annotated[str, QueryParameter(description="Only trades with a reference before this one.", max_length=35)]
Up = Annotated[int, QueryParameter(name="up_to", description="Only events up to this number.", ge=0, le=2**53)]


@shows("/audit")
async def audit(page: NamedDependency[Page], before: Before = "") -> Response[str]:
    """The trades of the company, each with its trail and its evidence."""
    found = await page.hub.queries.trades(page.caller, before, TRADES)
    return page.html("audit.html", items=found["items"], next=found["next"], before=before, crumbs=[(page._("Audit trail"), "")])


@shows("/audit/{trade_id:str}")
async def trail(page: NamedDependency[Page], trade_id: TradeId, up_to: Up = 0) -> Response[str]:
    """The events of one trade, the newest first."""
    seen = await page.hub.queries.trade(page.caller, trade_id)
    events = [event for event in reversed(seen["timeline"]) if not up_to or event["seq"] <= up_to]
    rows = events[:EVENTS]
    return page.html(
        "audit_trail.html",
        trade_id=trade_id,
        version=seen["version"],
        events=rows,
        names=await page.hub.keys.names(page.caller, _parties(rows)),
        more=events[EVENTS]["seq"] if len(events) > EVENTS else 0,
        where=addresses,
        crumbs=[(page._("Audit trail"), HERE), (trade_id, "")],
    )


@shows("/audit/{trade_id:str}/evidence")
async def evidence(page: NamedDependency[Page], trade_id: TradeId) -> Response[bytes]:
    """The evidence as a ZIP."""
    body = await page.hub.evidence.export(page.caller, trade_id)
    headers = {"Content-Disposition": f'attachment; filename="{trade_id}-evidence.zip"', "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type="application/zip", headers=headers | {"Cache-Control": "no-store"})


def _parties(events: list[dict[str, Any]]) -> set[str]:
    """Who acted, and whoever did it for them."""
    acted = (change for event in events for change in event["changes"] if change["change"] == "acted_for")
    return {*(event["party"] for event in events), *(change.get(who, "") for change in acted for who in ("agent", "link_by"))} - {""}


handlers = [audit, trail, evidence]
