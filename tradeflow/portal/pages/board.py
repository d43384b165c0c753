"""The shipment board: all trades of a party, whose turn it is, what is late, what is to be paid; filters and search."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from tradeflow.language.catalogues import N_
from tradeflow.portal.compressed import AS_IT_IS
from tradeflow.portal.page import LIVE, Nav, Page, shows

TRADES = "/portal/trades"
SHOWN, EXPORTED_MAX = 25, 100
FILTERS = (
    ("", N_("All")),
    ("mine", N_("My turn")),
    ("late", N_("Late")),
    ("open", N_("Open")),
    ("done", N_("Finished")),
)
Only = Annotated[str, QueryParameter(description="mine, late, open, done, or everything.", max_length=10)]
Search = Annotated[str, QueryParameter(name="q", description="Beginnings of references, numbers, parties, containers.", max_length=200)]
After = Annotated[str, QueryParameter(description="The end of the page before.", max_length=100)]


@shows("/trades")
async def board(page: NamedDependency[Page], only: Only = "", q: Search = "", after: After = "") -> Response[str]:
    """A page of the board."""
    found = await page.hub.boards.page(page.caller, only, q, after, SHOWN)
    unread = await page.hub.comments.unread(page.caller, [row["trade_id"] for row in found["items"]])
    lines = [_shown(row, found["now"], page) | {"unread": unread.get(row["trade_id"], 0)} for row in found["items"]]
    return page.html(
        "board.html", lines=lines, next=found["next"], now=found["now"], only=only, q=q, after=after, filters=FILTERS, here=TRADES
    )


@get("/trades-evidence", opt={"scope": "read", AS_IT_IS: True, LIVE: True})
async def evidence(page: NamedDependency[Page], only: Only = "", q: Search = "") -> Stream:
    """The evidence of the trades that a filter of the board shows, as one ZIP of theirs; it is sent while it is made."""
    found = await page.hub.boards.page(page.caller, only, q, "", EXPORTED_MAX + 1)
    ids = [row["trade_id"] for row in found["items"]]
    parts = page.hub.evidence.exports(page.caller, ids[:EXPORTED_MAX], len(ids) > EXPORTED_MAX)
    headers = {"Content-Disposition": 'attachment; filename="trades-evidence.zip"', "X-Content-Type-Options": "nosniff"}
    return Stream(parts, media_type="application/zip", headers=headers | {"Cache-Control": "no-store"})


def _shown(row: dict[str, Any], now: Any, page: Page) -> dict[str, Any]:
    """A line with what is drawn of it: the next things to do, those of the reader first, and what is late."""
    line, caller = row["line"], page.caller
    held = set(line.held)
    mine = [item for item in line.items if item.possible and (item.role in held or caller.operator)]
    waits = [item for item in line.items if item.possible and item not in mine]
    late = [item for item in line.items if item.due and item.due <= now]
    due = min((item.due for item in line.items if item.due), default=None)
    return row | {"mine": mine, "waits": waits, "late": late, "due": due}


handlers = [board, evidence]
nav = [Nav(N_("Trades"), TRADES, 10)]
