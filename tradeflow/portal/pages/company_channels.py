"""Channels: how deliveries leave the hub besides the inbox; made from what each kind wants to be told, tried out, looked after."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.app.kinds import Kind, kinds
from tradeflow.errors import Missing, Problem
from tradeflow.model.ids import PARTY_ID
from tradeflow.model.setting import Given
from tradeflow.portal import addresses, choosing
from tradeflow.portal.page import HOME, Page, shows, takes

HERE = f"{HOME}/company/channels"
Name = Annotated[str, PathParameter(name="channel")]
KindId = Annotated[str, QueryParameter(name="kind", description="The kind of a new channel.", max_length=40)]


@shows("/company/channels")
async def channels(page: NamedDependency[Page]) -> Response[str]:
    """The channels there are, and the kinds there could be."""
    items = (await page.hub.channels.of_party(page.caller, page.caller.party_id))["items"]
    crumbs = [(page._("Company"), f"{HOME}/company"), (page._("Channels"), "")]
    return page.html("company_channels.html", items=items, kinds=kinds(), crumbs=crumbs)


@shows("/company/channel", scope="admin")
async def new(page: NamedDependency[Page], kind: KindId = "") -> Response[str]:
    """The form for a new channel of a kind."""
    return _form(page, _kind(page, kind), "", {}, None)


@takes("/company/channel", scope="admin")
async def make(page: NamedDependency[Page]) -> Response[str]:
    """Make or change a channel."""
    kind, name = _kind(page, page.form.text("kind")), page.form.text("name")
    try:
        if not PARTY_ID.fullmatch(name):
            raise choosing.wrong(page, "/name", page._("Two to 63 small letters, digits and hyphens."))
        given = _given(page, kind)
        made, _ = await page.hub.channels.put(page.caller, page.caller.party_id, name, given)
    except Problem as problem:
        if problem.status != 422:
            raise
        return _form(page, kind, name, {}, problem)
    issued = made.get("issued") or {}
    if issued:
        return await _one(page, name, issued=issued)
    return page.go(f"{HERE}/{name}", page._("Saved. Try it out with a test delivery."))


@shows("/company/channels/{channel:str}")
async def one(page: NamedDependency[Page], channel: Name) -> Response[str]:
    """One channel: how it fares, and what went through it."""
    return await _one(page, channel)


@shows("/company/channels/{channel:str}/change", scope="admin")
async def change(page: NamedDependency[Page], channel: Name) -> Response[str]:
    """The form of a channel as it is set; secrets are not shown, and stay where they are left empty."""
    found = await page.hub.channels.one(page.caller, page.caller.party_id, channel)
    return _form(page, _kind(page, found["kind"]), channel, found, None)


@takes("/company/channels/{channel:str}/test", scope="admin")
async def test(page: NamedDependency[Page], channel: Name) -> Response[str]:
    """Send a test delivery now, and say what came of it."""
    return await _one(page, channel, tried=await page.hub.channels.test(page.caller, page.caller.party_id, channel))


@takes("/company/channels/{channel:str}/pause", scope="admin")
async def pause(page: NamedDependency[Page], channel: Name) -> Response[str]:
    """Hold everything back."""
    await page.hub.channels.pause(page.caller, page.caller.party_id, channel, page.form.text("reason")[:200])
    return page.go(f"{HERE}/{channel}", page._("Paused. What arrives meanwhile waits, and is in the inbox."), "warn")


@takes("/company/channels/{channel:str}/resume", scope="admin")
async def resume(page: NamedDependency[Page], channel: Name) -> Response[str]:
    """Go on."""
    await page.hub.channels.resume(page.caller, page.caller.party_id, channel)
    return page.go(f"{HERE}/{channel}", page._("It goes on: what waited goes out now, in its order."))


@takes("/company/channels/{channel:str}/rotate", scope="admin")
async def rotate(page: NamedDependency[Page], channel: Name) -> Response[str]:
    """A new secret, made by the hub, shown this once."""
    made = await page.hub.channels.rotate(page.caller, page.caller.party_id, channel, page.form.text("secret")[:40], "", 86_400)
    return await _one(page, channel, issued=made.get("issued") or {})


@takes("/company/channels/{channel:str}/remove", scope="admin")
async def remove(page: NamedDependency[Page], channel: Name) -> Response[str]:
    """Take it away."""
    await page.hub.channels.remove(page.caller, page.caller.party_id, channel)
    return page.go(HERE, page._("The channel is gone. What waited for it is in the inbox."))


def _kind(page: Page, id: str) -> Kind:
    found = kinds().get(id)
    if found is None:
        raise Missing("NOT_FOUND", page._("There is no such kind of channel."), 404)
    return found


def _given(page: Page, kind: Kind) -> dict[str, Any]:
    form = page.form
    settings = {row.name: value for row in kind.settings.values() if (value := _setting(page, row)) is not None}
    secrets = {row.name: value for row in kind.secrets.values() if (value := form.text(f"secret-{row.name}"))}
    patterns = form.text("message_types").replace(",", " ").split() or ["*"]
    hours = None
    if form.text("zone"):
        hours = {"zone": form.text("zone"), "days": form.all("days"), "from": form.text("from"), "to": form.text("to")}
        if not all(hours.values()):
            raise choosing.wrong(page, "/hours", page._("Working hours have a time zone, days, a beginning and an end."))
    shape = "xml" if form.text("format") == "xml" else "json"
    told = {"settings": settings, "secrets": secrets, "message_types": patterns[:100], "hours": hours}
    return {"kind": kind.id, "notices": bool(form.text("notices")), "format": shape, **told}


def _setting(page: Page, row: Given) -> Any:
    text = page.form.text(f"setting-{row.name}")
    if row.type == "boolean":
        return bool(text)
    if not text:
        return None
    if row.type == "integer":
        return choosing.whole(page, f"setting-{row.name}", 0, 99_999_999, 0)
    return [part for part in text.replace(",", " ").split() if part] if row.type == "list" else text


def _form(page: Page, kind: Kind, name: str, known: dict[str, Any], problem: Problem | None) -> Response[str]:
    crumbs = [(page._("Company"), f"{HOME}/company"), (page._("Channels"), HERE), (name or page._(kind.name), "")]
    status = problem.status if problem else 200
    return page.html("company_channel_form.html", status, kind=kind, name=name, known=known, problem=problem, crumbs=crumbs)


async def _one(page: Page, name: str, tried: dict[str, Any] | None = None, issued: dict[str, str] | None = None) -> Response[str]:
    found = await page.hub.channels.one(page.caller, page.caller.party_id, name)
    return page.html(
        "company_channel.html",
        found=found,
        kind=kinds().get(found["kind"]),
        tried=tried,
        issued=issued or {},
        log=await page.hub.deliveries.by_channel(page.caller, name),
        now=await page.hub.store.now(),
        where=addresses,
        crumbs=[(page._("Company"), f"{HOME}/company"), (page._("Channels"), HERE), (name, "")],
    )


handlers = [channels, new, make, one, change, test, pause, resume, rotate, remove]
