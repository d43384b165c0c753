"""Where the documents of a trade disagree: both values side by side, who can cure it and until when, and the way to do so."""

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.machine.in_force import CHANGE
from tradeflow.model.catalogue import catalogue
from tradeflow.model.credit import AMENDMENT, CREDIT
from tradeflow.model.finding import Finding
from tradeflow.model.pointers import path_of
from tradeflow.portal.page import HOME, Page, shows, takes
from tradeflow.portal.pages.document import at

Json = dict[str, Any]
TradeId = Annotated[str, PathParameter(name="trade_id")]
Status = Annotated[str, QueryParameter(pattern="^(open|accepted|cured|all)$")]
# what is agreed is changed by a message of its own; everything else by its next version
AMENDED_BY = {"purchase_order": (CHANGE,), "sales_order": (CHANGE,), CREDIT: (AMENDMENT, "lc_amendment_request")}


@shows("/trades/{trade_id:str}/findings")
async def findings(page: NamedDependency[Page], trade_id: TradeId, status: Status = "open") -> Response[str]:
    """The disagreements of a trade."""
    found = await page.hub.queries.findings(page.caller, trade_id, "" if status == "all" else status, "")
    trade = await page.hub.queries.trade(page.caller, trade_id, timeline=False)
    roles = {p.role for p in trade["participants"] if p.party_id == page.caller.party_id and page.caller.may_act_as(p.role)}
    here = f"{HOME}/trades/{quote(trade_id, safe='')}"
    crumbs = [(page._("Trades"), HOME), (trade_id, here), (page._("Disagreements"), f"{here}/findings")]
    items = [_shown(item, trade_id, roles if page.may("lodge") else set(), trade) for item in found["items"]]
    may_accept = page.may("decide")
    return page.html(
        "findings.html", crumbs=crumbs, items=items, count=found["count"], rules=found["rules"], wanted=status, here=f"{here}/findings",
        roles=sorted(roles), may_accept=may_accept, trade_id=trade_id,
    )  # fmt: skip


def _shown(item: Json, trade_id: str, roles: set[str], trade: Json) -> Json:
    finding: Finding = item["finding"]
    other, _, pointer = finding.other.partition("#")
    sides = [_side(trade_id, finding.document, finding.pointer, finding.found, finding.expected, roles, item)]
    if other:
        sides.append(_side(trade_id, other, pointer, finding.expected, finding.found, roles, item))
    consents = [group for group in item["still_to_accept"] if roles & set(group)]
    due = min((c.due_at for c in trade["timers"] if not c.reminds and _concerns(c, finding, other)), default=None)
    return {
        **item,
        "sides": sides,
        "due": due,
        "may_accept": sorted(roles & {r for group in consents for r in group}) or sorted(roles & set(finding.cure)),
    }


def _side(trade_id: str, document: str, pointer: str, value: Any, wanted: Any, roles: set[str], item: Json) -> Json:
    type_, _, number = document.partition(" ")
    known = catalogue().message(type_) if type_ in catalogue().ids() else None
    field = known.field_at(path_of(pointer)) if known else None
    side = {"type": type_, "number": number, "pointer": pointer, "value": value, "name": field.name if field else "", "fix": ""}
    if known is None:
        return side
    side["path"] = at(trade_id, "documents", type_, number)
    trade = f"{HOME}/trades/{quote(trade_id, safe='')}/write"
    for kind in AMENDED_BY.get(type_, ()):
        if item["status"] == "open" and roles & set(catalogue().message(kind).from_roles):
            fits = catalogue().message(kind).field_at(path_of(pointer)) is not None
            side["fix"], side["with"] = f"{trade}/{kind}?{urlencode(_proposal(pointer, wanted) if fits else {})}", kind
            return side
    if item["status"] == "open" and type_ not in AMENDED_BY and roles & set(known.from_roles) & set(item["finding"].cure):
        side["fix"], side["with"] = f"{trade}/{type_}?{urlencode({'change': number, **_proposal(pointer, wanted)})}", type_
    return side


def _proposal(pointer: str, wanted: Any) -> dict[str, str]:
    plain = isinstance(wanted, str | int) and not isinstance(wanted, bool)
    return {"at": pointer, "value": str(wanted)} if plain and pointer else {}


def _concerns(clock: Any, finding: Finding, other: str) -> bool:
    """Whether a message about one of the two documents stops this clock."""
    types: Iterable[str] = (finding.document.partition(" ")[0], other.partition(" ")[0])
    return any(stop.message and stop.message in types for stop in clock.stopped_by)


@takes("/trades/{trade_id:str}/findings", scope="decide")
async def accept(page: NamedDependency[Page], trade_id: TradeId) -> Response[str]:
    """A party takes a disagreement as it stands."""
    await page.hub.deviations.accept(page.caller, trade_id, page.form.text("id"), None, page.form.text("role"), page.form.text("note"))
    return page.go(f"{HOME}/trades/{quote(trade_id, safe='')}/findings", page._("Your company accepts it as it stands."))


handlers = [findings, accept]
