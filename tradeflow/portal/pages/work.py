"""Work lists: what waits at the desk of a bank, an insurer, a carrier, an inspector, an authority, customs, or a trader."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.app.desks import desks
from tradeflow.language.catalogues import N_
from tradeflow.machine.load import machine
from tradeflow.portal import addresses
from tradeflow.portal.page import HOME, Nav, Page, shows

DeskId = Annotated[str, PathParameter(name="desk")]
SectionId = Annotated[str, QueryParameter(description="Only this section.", max_length=40)]
Before = Annotated[str, QueryParameter(description="Only trades with a reference before this one.", max_length=35)]


@shows("/desks")
async def work(page: NamedDependency[Page]) -> Response[str]:
    """The desk of the company, or a choice where it has several."""
    mine = await page.hub.worklists.mine(page.caller)
    if len(mine) == 1:
        return page.go(addresses.desk(mine[0]))
    return page.html("work.html", desks=[(id, desks()[id]) for id in mine], where=addresses, crumbs=[(page._("My work"), "")])


@shows("/desks/{desk:str}")
async def at_desk(page: NamedDependency[Page], desk: DeskId, section: SectionId = "", before: Before = "") -> Response[str]:
    """What waits at one desk, section by section."""
    found = await page.hub.worklists.page(page.caller, desk, section, before)
    mine = await page.hub.worklists.mine(page.caller)
    return page.html(
        "desk.html",
        id=desk,
        found=found,
        chosen=section,
        before=before,
        others=[(id, desks()[id]) for id in mine if id != desk],
        where=addresses,
        processes={process.id: process.short for process in machine().processes.values()},
        crumbs=[(page._("My work"), f"{HOME}/desks"), (page._(found.desk.name), "")],
    )


handlers = [work, at_desk]
nav = [Nav(N_("My work"), f"{HOME}/desks", 20, shown=lambda page: not page.caller.operator)]
