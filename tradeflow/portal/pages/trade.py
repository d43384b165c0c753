"""One trade: where it stands, what is missing and from whom, its clocks, documents, participants and timeline; live."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from tradeflow.api.parameters import TradeIdPath
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.compressed import AS_IT_IS
from tradeflow.portal.linemap import line_map
from tradeflow.portal.page import HOME, LIVE, Page, shows, takes
from tradeflow.portal.pages.opening import agreed, may_leave, may_name, partner_roles
from tradeflow.portal.pages.present import passable
from tradeflow.portal.timeline import entries
from tradeflow.portal.tour import STOPS

Json = dict[str, Any]
STREAM_SECONDS = 300
TIMELINE_SHOWN = 12
Version = Annotated[int, QueryParameter(description="The version the page shows.", ge=0, le=2**62)]
Said = Annotated[str, QueryParameter(description="The last comment the page shows.", max_length=40)]
Number = Annotated[str, QueryParameter(description="The number of a document.", max_length=200)]
Type = Annotated[str, QueryParameter(description="The type of a document.", max_length=60)]
Tour = Annotated[int, QueryParameter(description="The stop of the guided tour, from 1 on; 0 is none.", ge=0, le=len(STOPS))]
Since = Annotated[int | None, QueryParameter(description="The older version.", ge=1, le=100_000)]
To = Annotated[int | None, QueryParameter(description="The newer version.", ge=1, le=100_000)]


@shows("/trades/{trade_id:str}")
async def trade(page: NamedDependency[Page], trade_id: TradeIdPath, tour: Tour = 0) -> Response[str]:
    """The whole picture; with `tour`, a note on one part of it after the other."""
    hub, caller = page.hub, page.caller
    seen = await hub.queries.trade(caller, trade_id)
    missing = await hub.guidance.missing(caller, trade_id)
    held = {p.role for p in seen["participants"] if p.party_id == caller.party_id}
    names = await hub.keys.names(caller, [p.party_id for p in (*seen["participants"], *seen["departed"])])
    told = entries(machine(), seen["timeline"])
    costs, now = await hub.queries.costs(caller, trade_id)
    mine = [item for item in missing["items"] if held & {item.role} or caller.operator]
    values: Json = {
        "trade": seen,
        "names": names,
        "held": held,
        "terms": agreed(page, seen["terms"]),
        "map": line_map(machine(), seen, seen["now"]),
        "mine": sorted(mine, key=lambda item: (item.due is None, item.due)),
        "others": [item for item in missing["items"] if item not in mine],
        "documents": _by_process(seen["documents"]),
        "participants": _by_party(seen["participants"]),
        "leaving": {
            p.party_id: [one.role for one in seen["participants"] if one.party_id == p.party_id and may_leave(caller, held, *_of(one))]
            for p in seen["participants"]
        },
        "costs": costs,
        "totals": costs.totals(now),
        "free_time": catalogue().codelists["freetime_type"].codes,
        "conversation": await hub.comments.conversation(caller, trade_id),
        "timeline": told[::-1],
        "timeline_shown": TIMELINE_SHOWN,
        "open_findings": [item for item in seen["findings"] if item["status"] == "open"],
        "also": await hub.guidance.may_also(caller, trade_id, {item.messages[0] for item in mine if item.possible_now}),
        "processes": {process.id: process.short for process in machine().processes.values()},
        "presentable": page.may("lodge") and [one for one in passable(page, seen) if not one.presented],
        "tour": tour,
        "stops": STOPS,
        "may_name": may_name(caller, held),
        "roles": partner_roles(page),
        "events": sorted({entry.event for entry in seen["allowed"] if entry.event and (held & set(entry.by) or caller.operator)}),
    }
    return page.html("trade.html", crumbs=[(page._("Trades"), "/portal/trades"), (trade_id, "")], **values)


@shows("/trades/{trade_id:str}/versions")
async def versions(
    page: NamedDependency[Page], trade_id: TradeIdPath, type: Type = "", number: Number = "", since: Since = None, to: To = None
) -> Response[str]:
    """The versions of one document, and what two of them differ in."""
    documents = page.hub.documents
    found = await documents.versions(page.caller, trade_id, type, number)
    changed = await documents.difference(page.caller, trade_id, type, number, since, to) if len(found["items"]) > 1 else None
    crumbs = [(page._("Trades"), "/portal/trades"), (trade_id, f"/portal/trades/{trade_id}"), (page._("Versions"), "")]
    return page.html("trade_versions.html", crumbs=crumbs, found=found, changed=changed, trade_id=trade_id)


@get("/trades/{trade_id:str}/live", opt={"scope": "read", AS_IT_IS: True, LIVE: True})
async def live(page: NamedDependency[Page], trade_id: TradeIdPath, version: Version = 0, said: Said = "") -> Stream:
    """Server-sent events: `changed` with the version and the last comment whenever something happened or was said in the trade."""
    changes = page.hub.streams.changes(page.caller, trade_id, version, said, STREAM_SECONDS)

    async def chunks() -> AsyncIterator[bytes]:
        async for now in changes:
            yield b"retry: 2000\n: here\n\n" if now is None else f"event: changed\ndata: {now[0]} {now[1]}\n\n".encode()

    return Stream(chunks(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


@takes("/trades/{trade_id:str}/conversation", scope="read")
async def read(page: NamedDependency[Page], trade_id: TradeIdPath) -> Response[str]:
    """What was said up to the last comment that the page showed has been read."""
    await page.hub.comments.read(page.caller, trade_id, page.form.text("last"))
    return page.go(f"{HOME}/trades/{quote(trade_id, safe='')}#conversation")


def _by_process(documents: list[Any]) -> list[tuple[str, list[Any]]]:
    """The documents by the process that took them, in the order of a trade; the newest first in each."""
    processes = {process.id: process for process in machine().processes.values()}
    groups: dict[str, list[Any]] = {}
    for entry in documents:
        groups.setdefault(entry.instance.partition("#")[0], []).append(entry)
    order = sorted(groups, key=lambda id: processes[id].number if id in processes else 99)
    return [
        (processes[id].short if id in processes else id, sorted(groups[id], key=lambda entry: str(entry.lodged_at), reverse=True))
        for id in order
    ]


def _by_party(participants: list[Any]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for participant in participants:
        found.setdefault(participant.party_id, []).append(participant.role)
    return list(found.items())


def _of(participant: Any) -> tuple[str, str]:
    return participant.party_id, participant.role


handlers = [trade, versions, live, read]
