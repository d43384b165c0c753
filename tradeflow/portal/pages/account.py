"""My account: the password, the second factor with its code to scan, the sessions."""

import segno
from litestar import Response
from litestar.di import NamedDependency

from tradeflow.api.auth import cookie_of
from tradeflow.errors import Problem
from tradeflow.portal.page import HOME, Page, shows, takes

HERE = f"{HOME}/account"


@shows("/account", scope="")
async def account(page: NamedDependency[Page]) -> Response[str]:
    """Who is signed in, and how that is protected."""
    return await _account(page, None)


@takes("/account/password", scope="")
async def password(page: NamedDependency[Page]) -> Response[str]:
    """Another password; every other session ends."""
    form = page.form
    if form.text("password") != form.text("again"):
        return await _account(page, Problem("INVALID_REQUEST", page._("The new password and its repetition are not the same."), 422))
    try:
        await page.hub.sessions.change_password(page.caller, form.text("present")[:200], form.text("password")[:200], _token(page))
    except Problem as problem:
        return await _again(page, problem)
    return page.go(HERE, page._("The password is changed. Every other session was ended."))


@takes("/account/second-factor", scope="")
async def begin(page: NamedDependency[Page]) -> Response[str]:
    """A secret for the authenticator, as a code to scan. It counts once a code of it was confirmed."""
    try:
        made = await page.hub.sessions.begin_totp(page.caller)
    except Problem as problem:
        return await _again(page, problem)
    return await _account(page, None, made)


@takes("/account/second-factor/confirm", scope="")
async def confirm(page: NamedDependency[Page]) -> Response[str]:
    """From now on it is asked for."""
    try:
        await page.hub.sessions.confirm_totp(page.caller, _code(page))
    except Problem as problem:
        return await _again(page, problem)
    return page.go(HERE, page._("The second factor is on: whoever signs in as you needs a code of it."))


@takes("/account/second-factor/remove", scope="")
async def remove(page: NamedDependency[Page]) -> Response[str]:
    """Give it up."""
    try:
        await page.hub.sessions.remove_totp(page.caller, _code(page))
    except Problem as problem:
        return await _again(page, problem)
    return page.go(HERE, page._("The second factor is off."), "warn")


@takes("/account/sessions/end", scope="")
async def end_others(page: NamedDependency[Page]) -> Response[str]:
    """Sign out everywhere but here."""
    await page.hub.sessions.end_others(page.caller, _token(page))
    return page.go(HERE, page._("You are signed out everywhere else."))


def _token(page: Page) -> str:
    return cookie_of(page.request, page.hub)


def _code(page: Page) -> str:
    return "".join(page.form.text("code").split())[:6]


async def _again(page: Page, problem: Problem) -> Response[str]:
    if problem.status == 401 or problem.status >= 500:
        raise problem
    return await _account(page, problem)


async def _account(page: Page, problem: Problem | None, made: dict[str, str] | None = None) -> Response[str]:
    answer = page.html(
        "account.html",
        problem.status if problem else 200,
        problem=problem,
        made=made,
        image=segno.make(made["uri"], error="m", micro=False).svg_data_uri(border=2, scale=4) if made else "",
        sessions=await page.hub.sessions.open(page.caller, _token(page)),
        crumbs=[(page._("My account"), "")],
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


handlers = [account, password, begin, confirm, remove, end_others]
