"""The first page: what waits for whoever signed in, and what to do next."""

from litestar import Response
from litestar.di import NamedDependency

from tradeflow.portal.page import HOME, Page, shows

TRADES_SHOWN = 5


@shows("/")
async def home(page: NamedDependency[Page]) -> Response[str]:
    """A greeting, the last trades, and the next step."""
    trades = await page.hub.queries.trades(page.caller, "", TRADES_SHOWN)
    return page.html("home.html", trades=trades["items"], home=HOME)


handlers = [home]
