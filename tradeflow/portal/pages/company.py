"""The company: its profile, its users and their invitations."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.errors import Problem
from tradeflow.language.catalogues import N_
from tradeflow.portal import choosing
from tradeflow.portal.page import HOME, Nav, Page, shows, takes

HERE = f"{HOME}/company"
UserId = Annotated[str, PathParameter(name="user_id")]
InvitationId = Annotated[str, PathParameter(name="invitation_id")]


@shows("/company")
async def company(page: NamedDependency[Page]) -> Response[str]:
    """The profile."""
    return await _profile(page, None)


@takes("/company", scope="admin")
async def describe(page: NamedDependency[Page]) -> Response[str]:
    """Another name or country."""
    try:
        await page.hub.keys.describe(page.caller, page.caller.party_id, page.form.text("name"), page.form.text("country"))
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _profile(page, problem)
    return page.go(HERE, page._("Saved. Documents that were sent keep what they say."))


async def _profile(page: Page, problem: Problem | None) -> Response[str]:
    card = await page.hub.keys.party(page.caller, page.caller.party_id)
    status = problem.status if problem else 200
    crumbs = [(page._("Company"), "")]
    return page.html("company_profile.html", status, card=card, problem=problem, countries=choosing.countries(page), crumbs=crumbs)


@shows("/company/users", scope="admin")
async def users(page: NamedDependency[Page]) -> Response[str]:
    """Who may sign in, who is invited."""
    return await _users(page, None)


@takes("/company/users", scope="admin")
async def invite(page: NamedDependency[Page]) -> Response[str]:
    """An invitation, whose address is shown this once."""
    form = page.form
    email, name = form.text("email")[:200], form.text("name")[:200]
    try:
        roles, scopes = choosing.limits(page)
        if "@" not in email.strip("@"):
            raise choosing.wrong(page, "/email", page._("This is no e-mail address."))
        made = await page.hub.users.invite(page.caller, "", email, name or "-", roles, scopes, choosing.whole(page, "days", 1, 30, 7))
    except Problem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _users(page, problem)
    return await _users(page, None, made)


@shows("/company/users/{user_id:str}", scope="admin")
async def user(page: NamedDependency[Page], user_id: UserId) -> Response[str]:
    """What one user may do."""
    return await _user(page, user_id, None)


@takes("/company/users/{user_id:str}", scope="admin")
async def change(page: NamedDependency[Page], user_id: UserId) -> Response[str]:
    """Limit, widen, disable or enable a user."""
    try:
        roles, scopes = choosing.limits(page)
        await page.hub.users.change(page.caller, user_id, roles, scopes, bool(page.form.text("disabled")))
    except Problem as problem:
        if problem.status not in (403, 409, 422):
            raise
        return await _user(page, user_id, problem)
    return page.go(f"{HERE}/users", page._("Saved. It counts from the next request on."))


@takes("/company/invitations/{invitation_id:str}/revoke", scope="admin")
async def revoke(page: NamedDependency[Page], invitation_id: InvitationId) -> Response[str]:
    """End an invitation."""
    await page.hub.users.revoke(page.caller, invitation_id)
    return page.go(f"{HERE}/users", page._("The invitation is ended."))


async def _users(page: Page, problem: Problem | None, made: dict[str, Any] | None = None) -> Response[str]:
    now = await page.hub.store.now()
    invitations = await page.hub.users.invitations(page.caller)
    open_ = [one for one in invitations if not (one["used_at"] or one["revoked_at"]) and one["kind"] == "user"]
    base = (page.hub.settings.public_url or str(page.request.base_url)).rstrip("/")
    return page.html(
        "company_users.html",
        problem.status if problem else 201 if made else 200,
        users=await page.hub.users.everybody(page.caller),
        invitations=open_,
        now=now,
        problem=problem,
        made=made,
        link=f"{base}{HOME}/invitation?token={made['token']}" if made else "",
        all_roles=choosing.roles(page),
        all_scopes=choosing.scopes(page),
        crumbs=[(page._("Company"), HERE), (page._("Users"), "")],
    )


async def _user(page: Page, user_id: str, problem: Problem | None) -> Response[str]:
    found = next((one for one in await page.hub.users.everybody(page.caller) if one["user_id"] == user_id), None)
    if found is None:
        raise Problem("UNKNOWN_USER", page._("There is no such user in your company."), 404)
    crumbs = [(page._("Company"), HERE), (page._("Users"), f"{HERE}/users"), (found["name"], "")]
    return page.html(
        "company_user.html",
        problem.status if problem else 200,
        found=found,
        problem=problem,
        myself=user_id == page.caller.user_id,
        all_roles=choosing.roles(page),
        all_scopes=choosing.scopes(page),
        crumbs=crumbs,
    )


handlers = [company, describe, users, invite, user, change, revoke]
nav = [Nav(N_("Company"), HERE, 70)]
