"""Where everybody begins: signing in and out, signing up, taking an invitation up, choosing a language."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from babel import Locale
from litestar import Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api.auth import cookie_of
from tradeflow.api.routes.identity import binding
from tradeflow.api.routes.session import session_cookie
from tradeflow.app.demo import PASSWORD
from tradeflow.errors import Problem
from tradeflow.language.catalogues import languages
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.page import HOME, LANGUAGE, Page, shows, takes

YEAR_SECONDS = 31_536_000
Next = Annotated[str, QueryParameter(description="Where to go afterwards.", max_length=500)]
Refused = Annotated[str, QueryParameter(description="Why the organisation's provider did not sign somebody in.", max_length=40)]
Token = Annotated[str, QueryParameter(description="The token of an invitation.", max_length=200)]


@shows("/sign-in", public=True)
async def sign_in_page(page: NamedDependency[Page], next: Next = "", refused: Refused = "") -> Response[str]:
    """The form to sign in; after a refusal of the organisation's provider, what that means."""
    if page.user:
        return page.go(_inside(next))
    return await _sign_in(page, 200, next, refused=refused)


@takes("/sign-in", scope="", public=True)
async def sign_in(page: NamedDependency[Page]) -> Response[str]:
    """Begin a session."""
    form, hub = page.form, page.hub
    email, onward = form.text("email"), form.text("next")
    try:
        before = cookie_of(page.request, hub)
        signed = await hub.sessions.sign_in(email[:200], form.text("password")[:200], form.text("code")[:6], before)
    except Problem as problem:
        if problem.status not in (401, 429):
            raise
        totp = problem.code == "TOTP_REQUIRED" or "code" in form
        answer = await _sign_in(page, problem.status, onward, email=email, totp=totp, problem=problem)
        if problem.wait_seconds:
            answer.headers["Retry-After"] = str(problem.wait_seconds)
        return answer
    return page.signed_in(signed, _inside(onward))


@takes("/sign-in/organisation", scope="", public=True)
async def sign_in_elsewhere(page: NamedDependency[Page]) -> Response[str]:
    """On to the provider of one's company. It is a page of its own: no form of the hub may lead to another host."""
    form, hub = page.form, page.hub
    party, onward = form.text("party_id")[:63], form.text("next")
    await hub.guests.take(page.request.client.host if page.request.client else "")
    try:
        url, cookie = await hub.organisations.begin(party, _inside(onward))
    except Problem as problem:
        if problem.status >= 500 and problem.code != "PROVIDER_FAILED":
            raise
        return await _sign_in(page, problem.status, onward, party=party, refused=problem.code)
    answer = page.html("sign_in_onward.html", url=url, host=urlsplit(url).netloc)
    answer.set_cookie(binding(hub, cookie))
    return answer


async def _sign_in(page: Page, status: int, next: str, **shown: Any) -> Response[str]:
    blank = {"email": "", "totp": False, "problem": None, "party": "", "refused": ""}
    demo = await page.hub.demo.people()
    return page.html("sign_in.html", status, next=next, demo=demo, password=PASSWORD, **{**blank, **shown})


@takes("/sign-out", scope="")
async def sign_out(page: NamedDependency[Page]) -> Response[str]:
    """End the session."""
    await page.hub.sessions.sign_out(cookie_of(page.request, page.hub))
    answer = page.go(f"{HOME}/sign-in", page._("You are signed out."))
    answer.set_cookie(session_cookie(page.hub, ""))
    return answer


@shows("/sign-up", public=True)
async def sign_up_page(page: NamedDependency[Page]) -> Response[str]:
    """The form by which a company joins the hub."""
    return page.html("sign_up.html", problem=None, open=page.hub.users.sign_up_open, countries=_countries(page))


@takes("/sign-up", scope="", public=True)
async def sign_up(page: NamedDependency[Page]) -> Response[str]:
    """A party and its first user, who is signed in at once."""
    form, hub = page.form, page.hub
    address = page.request.client.host if page.request.client else ""
    given = [form.text(name)[:200] for name in ("company", "party_id", "country", "name", "email", "password")]
    try:
        await hub.users.sign_up(*given, address=address)
        signed = await hub.sessions.sign_in(form.text("email"), form.text("password"), "", cookie_of(page.request, hub))
    except Problem as problem:
        if problem.status >= 500:
            raise
        return page.html("sign_up.html", problem.status, problem=problem, open=hub.users.sign_up_open, countries=_countries(page))
    return page.signed_in(signed, HOME, page._("Welcome. Your company is on the hub."))


@shows("/invitation", public=True)
async def invitation_page(page: NamedDependency[Page], token: Token = "") -> Response[str]:
    """The form by which somebody who was invited becomes a user."""
    return page.html("invitation.html", token=token, problem=None)


@takes("/invitation", scope="", public=True)
async def invitation(page: NamedDependency[Page]) -> Response[str]:
    """Become a user with a password of one's own choice, and be signed in."""
    form, hub = page.form, page.hub
    token, password = form.text("token")[:200], form.text("password")[:200]
    try:
        made = await hub.users.accept(token, form.text("name")[:200], password)
        signed = await hub.sessions.sign_in(made["email"], password, "", cookie_of(page.request, hub))
    except Problem as problem:
        if problem.status >= 500:
            raise
        return page.html("invitation.html", problem.status, token=token, problem=problem)
    return page.signed_in(signed, HOME, page._("Welcome."))


@takes("/language", scope="", public=True)
async def language(page: NamedDependency[Page]) -> Response[str]:
    """Another language, kept by the browser."""
    wanted = page.form.text("language")
    answer = page.go(_inside(page.form.text("next")))
    if wanted in languages():
        answer.set_cookie(Cookie(key=LANGUAGE, value=wanted, path="/", max_age=YEAR_SECONDS, httponly=True, samesite="lax"))
    return answer


def _inside(path: str) -> str:
    """An address of the portal; anything else is its first page, so that no link leads a user who signs in elsewhere."""
    plain = path.startswith(f"{HOME}/") and not set(path) & set("\\\r\n\t") and "//" not in path and ".." not in path
    return path if plain and path.isascii() else HOME


def _countries(page: Page) -> list[tuple[str, str]]:
    names = Locale.parse(page.language).territories
    found = [(code, names.get(code, code)) for code in catalogue().codelists["country"].codes]
    return sorted(found, key=lambda pair: pair[1])


handlers = [sign_in_page, sign_in, sign_in_elsewhere, sign_out, sign_up_page, sign_up, invitation_page, invitation, language]
