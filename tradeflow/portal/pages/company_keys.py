"""API keys of the company: made, shown once, ended."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.errors import Problem
from tradeflow.portal import choosing
from tradeflow.portal.page import HOME, Page, shows, takes

HERE = f"{HOME}/company/keys"
KeyId = Annotated[str, PathParameter(name="key_id")]


@shows("/company/keys", scope="admin")
async def keys(page: NamedDependency[Page]) -> Response[str]:
    """The keys there are, and the form for another one."""
    return await _keys(page, None)


@takes("/company/keys", scope="admin")
async def issue(page: NamedDependency[Page]) -> Response[str]:
    """A new key, shown this once."""
    name = page.form.text("name")[:200]
    try:
        if not name:
            raise choosing.wrong(page, "/name", page._("Say what the key is for."))
        roles, scopes = choosing.limits(page)
        ends = choosing.day(page, "expires_at", needed=False)
        made = await page.hub.keys.issue(page.caller, page.caller.party_id, name, roles, ends, scopes)
    except Problem as problem:
        if problem.status not in (403, 422):
            raise
        return await _keys(page, problem)
    return await _keys(page, None, made)


@takes("/company/keys/{key_id:str}/revoke", scope="admin")
async def revoke(page: NamedDependency[Page], key_id: KeyId) -> Response[str]:
    """End a key."""
    await page.hub.keys.revoke(page.caller, key_id)
    return page.go(HERE, page._("The key is ended; other processes of the hub follow within five seconds."))


async def _keys(page: Page, problem: Problem | None, made: dict[str, Any] | None = None) -> Response[str]:
    return page.html(
        "company_keys.html",
        problem.status if problem else 201 if made else 200,
        keys=await page.hub.keys.list(page.caller, page.caller.party_id),
        problem=problem,
        made=made,
        all_roles=choosing.roles(page),
        all_scopes=choosing.scopes(page),
        crumbs=[(page._("Company"), f"{HOME}/company"), (page._("API keys"), "")],
    )


handlers = [keys, issue, revoke]
