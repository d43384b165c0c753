"""The first page: what waits for whoever signed in, and what to do next."""

from litestar import Response
from litestar.di import NamedDependency

from tradeflow.language.catalogues import N_
from tradeflow.portal.page import HOME, Nav, Page, shows

SHOWN = 5


@shows("/")
async def home(page: NamedDependency[Page]) -> Response[str]:
    """What waits, trade by trade; else what to begin with."""
    boards = page.hub.boards
    waiting = await boards.page(page.caller, "mine", "", "", SHOWN)
    any_trade = waiting["items"] or (await boards.page(page.caller, "", "", "", 1))["items"]
    late = await boards.page(page.caller, "late", "", "", SHOWN)
    steps = [
        (row["trade_id"], item)
        for row in waiting["items"]
        for item in row["line"].items
        if item.possible and (item.role in row["line"].held or page.caller.operator)
    ]
    steps.sort(key=lambda step: (step[1].due is None, step[1].due))
    return page.html("home.html", steps=steps, now=waiting["now"], any_trade=bool(any_trade), late=late["items"], tour_of=await _tour(page))


async def _tour(page: Page) -> str:
    """The trade that a demo shows its visitors around in: the newest that is not over; "" where this is no demo."""
    if not page.hub.demo.shown:
        return ""
    found = await page.hub.boards.page(page.caller, "open", "", "", 1)
    return found["items"][0]["trade_id"] if found["items"] else ""


handlers = [home]
nav = [Nav(N_("Start"), HOME, 0)]
