"""Inbox and outbox: what arrived, how what was sent fares, what is stuck, and what came in by a channel and could not be taken."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api.parameters import DeliveryIdPath, TradeIdPath
from tradeflow.api.routes.quarantine import CaseId
from tradeflow.app.access import OPERATOR
from tradeflow.errors import Problem
from tradeflow.language.catalogues import N_
from tradeflow.portal.page import Nav, Page, shows, takes

HERE = "/portal/inbox"
SHOWN = 50
After = Annotated[int, QueryParameter(description="The position of the page before.", ge=0, le=2**62)]
Before = Annotated[UUID | None, QueryParameter(description="The end of the page before.")]
New = Annotated[str, QueryParameter(description="`all` shows what was acknowledged too.", max_length=3)]


@shows("/inbox")
async def inbox(page: NamedDependency[Page], after: After = 0, show: New = "") -> Response[str]:
    """What arrived and was not acknowledged yet, or everything."""
    found = await page.hub.queries.inbox(page.caller, after, SHOWN, 0, show != "all")
    names = await page.hub.keys.names(page.caller, [item["from"]["party_id"] for item in found["items"]])
    more = found["next"] if len(found["items"]) == SHOWN else 0
    return page.html("mailbox_in.html", items=found["items"], names=names, more=more, show=show, here="inbox")


@takes("/inbox/acknowledge", scope="read")
async def acknowledge(page: NamedDependency[Page]) -> Response[str]:
    """Say of deliveries that they were taken over: the ticked ones."""
    wanted = [id for id in (_uuid(text) for text in page.form.all("delivery")) if id]
    for delivery_id in wanted[:SHOWN]:
        await page.hub.queries.acknowledge(page.caller, delivery_id)
    return page.go(HERE, page._("%(n)s acknowledged.", n=len(wanted[:SHOWN])))


@shows("/outbox")
async def outbox(page: NamedDependency[Page], before: Before = None) -> Response[str]:
    """What is still on its way, and what is stuck, sent or received."""
    deliveries, caller = page.hub.deliveries, page.caller
    stuck = await deliveries.by_state(caller, "quarantined", None, SHOWN)
    pending = await deliveries.by_state(caller, "pending", before, SHOWN)
    names = await _names(page, stuck["items"] + pending["items"])
    await _heirs(page, stuck["items"], names)
    now = await page.hub.store.now()
    return page.html("mailbox_out.html", stuck=stuck["items"], pending=pending, names=names, here="outbox", now=now)


@shows("/trades/{trade_id:str}/deliveries")
async def of_trade(page: NamedDependency[Page], trade_id: TradeIdPath) -> Response[str]:
    """Every delivery of a trade that the reader's party sent or receives, with all attempts."""
    found = await page.hub.deliveries.of_trade(page.caller, trade_id)
    crumbs = [(page._("Trades"), "/portal/trades"), (trade_id, f"/portal/trades/{trade_id}"), (page._("Deliveries"), "")]
    items = found["items"][::-1]
    names, now = await _names(page, items), await page.hub.store.now()
    await _heirs(page, items, names)
    return page.html("mailbox_trade.html", crumbs=crumbs, items=items, names=names, trade_id=trade_id, here="", now=now)


@takes("/deliveries/{delivery_id:uuid}/resend", scope="decide")
async def resend(page: NamedDependency[Page], delivery_id: DeliveryIdPath) -> Response[str]:
    """Send it once more."""
    return await _done(page, page.hub.deliveries.resend(page.caller, delivery_id), page._("It is sent once more."))


@takes("/deliveries/{delivery_id:uuid}/release", scope="decide")
async def release(page: NamedDependency[Page], delivery_id: DeliveryIdPath) -> Response[str]:
    """Let it out of quarantine."""
    return await _done(page, page.hub.deliveries.release(page.caller, delivery_id), page._("It is tried again from the beginning."))


@takes("/deliveries/{delivery_id:uuid}/hand-over", scope="decide")
async def hand_over(page: NamedDependency[Page], delivery_id: DeliveryIdPath) -> Response[str]:
    """Give it to whoever plays the role now, because its receiver left the trade."""
    party = page.form.text("party_id")[:63]
    work = page.hub.deliveries.redirect(page.caller, delivery_id, "handed_over", party)
    return await _done(page, work, page._("%(party)s gets it.", party=party))


@takes("/deliveries/{delivery_id:uuid}/discard", scope="decide")
async def discard(page: NamedDependency[Page], delivery_id: DeliveryIdPath) -> Response[str]:
    """Deliver it to nobody, because its receiver left the trade."""
    work = page.hub.deliveries.redirect(page.caller, delivery_id, "discarded", note=page.form.text("note")[:1000] or "-")
    return await _done(page, work, page._("Nobody gets it; the message stays in the trade."))


@shows("/quarantine")
async def quarantine(page: NamedDependency[Page], before: Before = None) -> Response[str]:
    """What arrived by file, SFTP or e-mail and could not be taken."""
    cases = await page.hub.quarantine.list(page.caller, "", before, SHOWN)
    more = cases[-1]["quarantine_id"] if len(cases) == SHOWN else None
    return page.html("mailbox_quarantine.html", cases=cases, more=more, here="quarantine")


@takes("/quarantine/{quarantine_id:uuid}/retry", scope="lodge")
async def retry(page: NamedDependency[Page], quarantine_id: CaseId) -> Response[str]:
    """Lodge it once more; a refusal leaves it waiting."""
    return await _settled(page, page.hub.quarantine.retry(page.caller, quarantine_id), page._("It was taken."))


@takes("/quarantine/{quarantine_id:uuid}/reject", scope="decide")
async def reject(page: NamedDependency[Page], quarantine_id: CaseId) -> Response[str]:
    """Decide that it will not be lodged."""
    note = page.form.text("note")[:200] or "-"
    return await _settled(page, page.hub.quarantine.reject(page.caller, quarantine_id, note), page._("It was rejected, and stays on file."))


async def _done(page: Page, work: Any, say: str) -> Response[str]:
    back = page.form.text("back")
    back = back if back.startswith("/portal/trades/") and back.endswith("/deliveries") else "/portal/outbox"
    try:
        await work
    except Problem as problem:
        if problem.status >= 500:
            raise
        return page.go(back, problem.detail, "bad")
    return page.go(back, say)


async def _settled(page: Page, work: Any, say: str) -> Response[str]:
    try:
        await work
    except Problem as problem:
        if problem.status >= 500:
            raise
        return page.go("/portal/quarantine", problem.detail, "bad")
    return page.go("/portal/quarantine", say)


async def _heirs(page: Page, items: list[dict[str, Any]], names: dict[str, str]) -> None:
    """Beside what waits for the reader because its receiver left: who plays that role now, under `heirs`."""
    for item in items:
        if item["status"] == "quarantined" and item["reason"] == "recipient_gone" and page.caller.party_id in (item["owner"], OPERATOR):
            item["heirs"] = await page.hub.partners.playing(page.caller, item["trade_id"], item["role"])
            names |= await page.hub.keys.names(page.caller, item["heirs"])


async def _names(page: Page, items: list[dict[str, Any]]) -> dict[str, str]:
    return await page.hub.keys.names(page.caller, [item[side] for item in items for side in ("sender", "party_id")])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


handlers = [inbox, acknowledge, outbox, of_trade, resend, release, hand_over, discard, quarantine, retry, reject]
nav = [Nav(N_("Inbox"), HERE, 30)]
