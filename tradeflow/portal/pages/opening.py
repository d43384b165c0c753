"""Opening a trade, naming partners or inviting them, and joining by an invitation."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api.parameters import TradeIdPath
from tradeflow.app.trades import TradeSpec
from tradeflow.errors import Problem
from tradeflow.language.catalogues import N_
from tradeflow.machine.open import OPENERS
from tradeflow.model.catalogue import catalogue
from tradeflow.model.ids import uuid7
from tradeflow.model.trade import Participant
from tradeflow.portal.entry.lookups import offered
from tradeflow.portal.page import Page, shows, takes
from tradeflow.portal.wording import chosen

TRADES = "/portal/trades"
ROWS, LIKE_SHOWN = 6, 3
INVITED_DAYS = 14
USUAL = {
    "exporter": ["importer", "advising_bank", "insurer", "freight_forwarder", "sea_carrier"],
    "importer": ["exporter", "issuing_bank", "customs_broker"],
}
TERMS = (
    ("incoterm", N_("Delivery term (Incoterms 2020)"), "incoterm_2020"),
    ("payment_method", N_("How it is paid"), "payment_method"),
    ("transport_mode", N_("How it travels"), "transport_mode"),
    ("load_type", N_("Load"), "load_type"),
)
Like = Annotated[str, QueryParameter(description="A trade whose partners and terms this one begins with.", max_length=35)]
Token = Annotated[str, QueryParameter(description="The token of an invitation into a trade.", max_length=200)]


@shows("/trades-new", scope="lodge")
async def new_page(page: NamedDependency[Page], like: Like = "") -> Response[str]:
    """The form to open a trade; with the partners and terms of an earlier one if it is to be like that."""
    return await _form(page, like=like)


@takes("/trades-new", scope="lodge")
async def new(page: NamedDependency[Page]) -> Response[str]:
    """Open it, under a reference of one's own or of the hub's."""
    form = page.form
    roles, parties = form.all("partner_role"), form.all("partner")
    named = [Participant(party, role) for party, role in zip(parties, roles, strict=False) if party and role]
    terms = {name: value for name, _, _ in TERMS if (value := form.text(name)[:200])}
    own = Participant(page.caller.party_id, form.text("role"))
    try:
        answer = await page.hub.trades.open(
            page.caller, TradeSpec([own, *named], form.text("trade_id"), terms), form.text("once")[:100] or None
        )
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _form(page, problem)
    trade_id = msgspec.json.decode(answer.body)["trade_id"]
    return page.go(f"{TRADES}/{trade_id}", page._("The trade is open. Your partners see it now."))


@takes("/trades/{trade_id:str}/partners", scope="decide")
async def add(page: NamedDependency[Page], trade_id: TradeIdPath) -> Response[str]:
    """Name a partner who is on the hub, or make an invitation for one who may not be."""
    form, partners = page.form, page.hub.partners
    party, role = form.text("party_id")[:63], form.text("role")
    if party:
        await partners.add(page.caller, trade_id, party, role)
        return page.go(f"{TRADES}/{trade_id}#people", page._("%(party)s takes part from now on.", party=party))
    made = await partners.invite(page.caller, trade_id, role, INVITED_DAYS, form.text("note")[:200])
    address = f"{page.request.base_url}portal/join?token={made['token']}"
    crumbs = [(page._("Trades"), TRADES), (trade_id, f"{TRADES}/{trade_id}"), (page._("Invitation"), "")]
    return page.html("opening_invited.html", crumbs=crumbs, made=made, address=address, trade_id=trade_id)


@shows("/join", scope="decide")
async def join_page(page: NamedDependency[Page], token: Token = "") -> Response[str]:
    """The form by which a party joins a trade."""
    return page.html("opening_join.html", token=token, problem=None)


@takes("/join", scope="decide")
async def join(page: NamedDependency[Page]) -> Response[str]:
    """Take part from now on."""
    token = page.form.text("token")[:200]
    try:
        answer = await page.hub.partners.accept(page.caller, token)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return page.html("opening_join.html", problem.status, token=token, problem=problem)
    trade_id = msgspec.json.decode(answer.body)["trade_id"]
    return page.go(f"{TRADES}/{trade_id}", page._("Your company takes part in this trade from now on."))


@takes("/trades/{trade_id:str}/departures", scope="decide")
async def leave(page: NamedDependency[Page], trade_id: TradeIdPath) -> Response[str]:
    """Take part no longer, or have a partner take part no longer."""
    form, here = page.form, f"{TRADES}/{trade_id}"
    party, role, successor = form.text("party_id")[:63], form.text("role"), form.text("successor")[:63]
    try:
        await page.hub.partners.leave(page.caller, trade_id, Participant(party, role), successor, form.text("note")[:1000])
    except Problem as problem:
        if problem.status >= 500 or problem.status == 404:
            raise
        return page.go(f"{here}#people", problem.detail, "bad")
    says = page._("%(party)s takes part no longer as %(role)s.", party=party, role=page._(catalogue().roles[role].name))
    if await page.hub.queries.version(page.caller, trade_id) is None:
        return page.go(TRADES, says)
    return page.go(f"{here}#people", says)


def partner_roles(page: Page) -> list[tuple[str, str]]:
    """Every role somebody may be named in, by its name in the reader's language."""
    found = [(id, page._(role.name)) for id, role in catalogue().roles.items() if id != "platform"]
    return sorted(found, key=lambda pair: pair[1])


def may_leave(caller: Any, held: set[str], party: str, role: str) -> bool:
    """Whether the reader may have this party give up this role: its own, or that of a partner who is not the other side."""
    own = party == caller.party_id and caller.may("decide") and caller.may_act_as(role)
    return own or (role not in OPENERS and may_name(caller, held))


def agreed(page: Page, terms: Mapping[str, Any]) -> list[str]:
    """The terms of a trade as people say them: those of the form in its order, then whatever else is text."""
    known = {name: dict(offered(of)) for name, _, of in TERMS}
    named = [_term(page, str(terms[name]), codes.get(str(terms[name]), "")) for name, codes in known.items() if terms.get(name)]
    return [*named, *(value for name, value in terms.items() if name not in known and isinstance(value, str))]


def may_name(caller: Any, held: set[str]) -> bool:
    """Whether the reader may say who else takes part."""
    return caller.may("decide") and bool({role for role in held if caller.may_act_as(role)} & OPENERS)


async def _form(page: Page, problem: Problem | None = None, like: str = "") -> Response[str]:
    form = page.form
    earlier = await page.hub.partners.earlier(page.caller)
    names = await page.hub.keys.names(page.caller, {party for _, party, _ in earlier})
    rows = list(zip(form.all("partner"), form.all("partner_role"), strict=False))
    role, agreed_then = form.text("role"), dict[str, Any]()
    if like:
        was = await page.hub.queries.trade(page.caller, like, timeline=False)
        rows = [(p.party_id, p.role) for p in was["participants"] if p.party_id != page.caller.party_id]
        role = next((p.role for p in was["participants"] if p.party_id == page.caller.party_id and p.role in OPENERS), "")
        agreed_then = was["terms"]
    if not rows:
        rows = [("", role) for role in USUAL["exporter"]]
    rows += [("", "")] * (ROWS - len(rows))
    terms = [
        (
            name,
            label,
            [(code, _term(page, code, text)) for code, text in offered(of)],
            form.text(name) or agreed_then.get(name, ""),
        )
        for name, label, of in TERMS
    ]
    once = form.text("once") or str(uuid7())  # a form that is sent twice opens one trade
    values: dict[str, Any] = {
        "rows": rows,
        "terms": terms,
        "roles": partner_roles(page),
        "problem": problem,
        "once": once,
        "role": role or "exporter",
        "earlier": list(dict.fromkeys(trade_id for trade_id, _, _ in earlier))[:LIKE_SHOWN] if not like else [],
        "offered": [(party, name, [held for _, one, held in earlier if one == party]) for party, name in sorted(names.items())],
    }
    crumbs = [(page._("Trades"), TRADES), (page._("Open a trade"), "")]
    return page.html("opening_new.html", problem.status if problem else 200, crumbs, **values)


def _term(page: Page, code: str, text: str) -> str:
    """A term by its code and what it means; a number says nothing beside its meaning."""
    said = chosen(page.language, text or code)
    return said.removeprefix(f"{code} – ") if code.isdecimal() else said


handlers = [new_page, new, add, join_page, join, leave]
