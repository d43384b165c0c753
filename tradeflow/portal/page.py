"""What a page knows: the hub, who looks, in which language, and what was sent."""

import base64
import contextlib
import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup

from tradeflow.api import PORTAL
from tradeflow.api.auth import CSRF_HEADER, AnyRequest, admitted, cookie_of
from tradeflow.api.routes.session import session_cookie
from tradeflow.app.access import Caller, scope_needed
from tradeflow.app.sessions import SignedIn, SignedInUser
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem, Refused
from tradeflow.language.catalogues import chosen, translations
from tradeflow.portal import form as forms
from tradeflow.portal.render import rendered

HTML = "text/html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LANGUAGE, FLASH = "tf_language", "tf_said"
HOME = PORTAL
LIVE = "live"  # opt of a handler that answers bit by bit, as something happens
FORM_BYTES_MAX = 1_000_000
Crumbs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Nav:
    """An entry of the navigation. `shown` says for whom; a scope that the user lacks hides it too."""

    text: str
    path: str
    order: int
    scope: str = "read"
    shown: Callable[["Page"], bool] = lambda page: True


@dataclass
class Page:
    """One request for a page."""

    request: AnyRequest
    hub: Hub
    language: str
    user: SignedInUser | None
    nav: Sequence[Nav]
    form: forms.Form = field(default_factory=forms.Form)

    @property
    def caller(self) -> Caller:
        """Who looks, as every use case takes it. Raises Problem UNAUTHENTICATED."""
        if self.user is None:
            raise Problem("UNAUTHENTICATED", "Sign in to see this page.", 401)
        return self.user.caller

    def _(self, text: str, **values: Any) -> str:
        """A text in the reader's language; `%(name)s` are filled in."""
        said = translations(self.language).gettext(text)
        return said % values if values else said

    @functools.cached_property
    def csrf_token(self) -> str:
        """What the forms of this page carry; "" where nobody is signed in."""
        return self.user.csrf_masked if self.user else ""

    @property
    def htmx(self) -> bool:
        """Whether a part of the page is asked for by script."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def was_told(self) -> bool:
        """Whether something was just done on another page, and is said on this one."""
        return FLASH in self.request.cookies

    def may(self, scope: str) -> bool:
        return self.user is not None and self.user.caller.may(scope)

    def html(self, template: str, status: int = 200, crumbs: Crumbs = (), **values: Any) -> Response[str]:
        """A page. What was said on the way to it is shown, once."""
        said = self._said()
        context = {"page": self, "user": self.user, "crumbs": crumbs, "said": said, "csrf": self._csrf, "entries": self._entries()}
        answer = self._answer(rendered(self.language, template, context | values), status)
        if said:
            answer.set_cookie(Cookie(key=FLASH, value="", path=HOME, max_age=0, httponly=True, samesite="lax"))
        return answer

    def part(self, template: str, status: int = 200, **values: Any) -> Response[str]:
        """A part of a page, for a script that asked for it."""
        context = {"page": self, "user": self.user, "csrf": self._csrf}
        return self._answer(rendered(self.language, template, context | values), status)

    def go(self, path: str, say: str = "", kind: str = "good") -> Response[str]:
        """On to another page, with a sentence to be shown there; `kind` is good, warn or bad."""
        if self.htmx:
            answer = Response("", status_code=200, media_type=HTML, headers={"HX-Redirect": path})
        else:
            answer = Response("", status_code=303, media_type=HTML, headers={"Location": path})
        if say:
            value = base64.urlsafe_b64encode(json.dumps([kind, say]).encode()).decode()
            answer.set_cookie(Cookie(key=FLASH, value=value, path=HOME, max_age=60, httponly=True, samesite="lax"))
        return answer

    def signed_in(self, signed: SignedIn, path: str, say: str = "") -> Response[str]:
        """On to another page with a new session."""
        answer = self.go(path, say)
        answer.set_cookie(session_cookie(self.hub, signed.token))
        return answer

    def _answer(self, text: str, status: int) -> Response[str]:
        headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", "Vary": "Cookie, Accept-Language, HX-Request"}
        return Response(text, status_code=status, media_type=HTML, headers=headers)

    def _entries(self) -> list[Nav]:
        return [entry for entry in self.nav if self.user and self.may(entry.scope) and entry.shown(self)]

    def _csrf(self) -> Markup:
        return Markup('<input type="hidden" name="csrf_token" value="{}">').format(self.csrf_token)

    def _said(self) -> tuple[str, str] | None:
        with contextlib.suppress(ValueError, msgspec.MsgspecError):
            raw = base64.urlsafe_b64decode(self.request.cookies.get(FLASH, "")[:4_000])
            kind, text = msgspec.json.decode(raw, type=tuple[str, str])
            return (kind if kind in ("good", "warn", "bad") else "good"), text
        return None


def shows(path: str, *, scope: str = "read", public: bool = False) -> Callable[[Any], HTTPRouteHandler]:
    """Decorates a handler that shows a page."""
    return get(path, opt={"scope": scope, "public": public})


def takes(path: str, *, scope: str, public: bool = False, bytes_max: int = FORM_BYTES_MAX) -> Callable[[Any], HTTPRouteHandler]:
    """Decorates a handler that takes a form. It is asked only with the token of the session, from a page of this hub."""
    return post(path, status_code=200, opt={"scope": scope, "public": public, "bytes_max": bytes_max})


async def page_of(request: AnyRequest, hub: Hub, nav: Sequence[Nav]) -> Page:
    """What the handler of a page gets. Raises Problem UNAUTHENTICATED, Refused CSRF_TOKEN, SCOPE_MISSING; no body is read before."""
    opt = request.route_handler.opt
    language = chosen(request.cookies.get(LANGUAGE, ""), request.headers.get("accept-language", ""))
    page = Page(request, hub, language, None, nav)
    request.scope["tradeflow.page"] = page  # type: ignore[typeddict-unknown-key]
    token = cookie_of(request, hub)
    if token:
        with contextlib.suppress(Problem) if opt.get("public") else contextlib.nullcontext():
            page.user = await hub.sessions.user(token)
    if not opt.get("public"):
        request.scope["tradeflow.party"] = page.caller.party_id  # type: ignore[typeddict-unknown-key]
        await admitted(request, hub, page.caller)
    elif page.user:
        scope_needed(page.user.caller, "")
    if request.method == "POST":
        _from_here(request)
        page.form = await forms.read(request, int(opt.get("bytes_max", FORM_BYTES_MAX)))
        if page.user and not page.user.sent_by_it(request.headers.get(CSRF_HEADER, "") or page.form.text("csrf_token")):
            raise Refused("CSRF_TOKEN", "This form was opened before you signed in anew. Load its page again and send it once more.", 403)
    return page


def _from_here(request: AnyRequest) -> None:
    """Browsers say where a form stood: another site's does not count, signed in or not."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused("CSRF_TOKEN", "This form was sent by another site.", 403)
