"""What fits to what somebody is typing: for the lists that are too long to come with a page."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.portal.entry.earlier import earlier
from tradeflow.portal.entry.lookups import offers
from tradeflow.portal.page import Page, shows

Asked = Annotated[str, QueryParameter(name="q", max_length=200)]
TradeId = Annotated[str, PathParameter(name="trade_id")]
Name = Annotated[str, PathParameter(name="name")]


@shows("/trades/{trade_id:str}/lookup/{name:str}", scope="lodge")
async def lookup(page: NamedDependency[Page], trade_id: TradeId, name: Name, asked: Asked = "") -> Response[str]:
    """Up to 20 offers as options; those of the trade's own documents first, then what the company used before."""
    documents = await page.hub.guidance.readable(page.caller, trade_id)
    before = await earlier(page.hub.guidance, page.caller, name)
    return page.part("lookup.html", name=name, offers=offers(name, asked, reversed(documents), before, page.language))


handlers = [lookup]
