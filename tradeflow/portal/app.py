"""The hub's HTTP app with the portal in it: the API, and every page found in pages/."""

import functools
import pkgutil
from contextlib import nullcontext
from importlib import import_module
from typing import Any

from litestar import Litestar, Response, Router
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from tradeflow.api.app import create_app as api_app
from tradeflow.api.auth import AnyRequest
from tradeflow.api.problems import on_http as api_on_http
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem
from tradeflow.portal import pages
from tradeflow.portal.compressed import compression
from tradeflow.portal.page import HOME, LIVE, Nav, Page, page_of
from tradeflow.portal.problems import on_error, on_http, on_problem
from tradeflow.store.once import once


@functools.cache
def _found() -> tuple[list[Any], tuple[Nav, ...]]:
    """The handlers and the navigation of every module in portal/pages."""
    modules = [import_module(f"{pages.__name__}.{name}") for name in sorted(m.name for m in pkgutil.iter_modules(pages.__path__))]
    entries = [entry for module in modules for entry in getattr(module, "nav", [])]
    return [handler for module in modules for handler in module.handlers], tuple(sorted(entries, key=lambda entry: entry.order))


class ReadsOnce(ASGIMiddleware):
    """A page that only shows reads each trade once, however many use cases it asks (store/once.py); what goes on and on does not."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = LIVE

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on, its reads shared where it changes nothing."""
        with once() if scope["method"] in ("GET", "HEAD") else nullcontext():  # type: ignore[typeddict-item]
            await next_app(scope, receive, send)


def create_app(hub: Hub) -> Litestar:
    """API and portal over a hub that is open; closing it stays with the caller."""
    handlers, nav = _found()

    async def provide_page(request: AnyRequest, hub: NamedDependency[Hub]) -> Page:
        return await page_of(request, hub, nav)

    router = Router(
        HOME,
        route_handlers=handlers,
        dependencies={"page": Provide(provide_page)},
        exception_handlers={Problem: on_problem, HTTPException: on_http, Exception: on_error},
        middleware=[compression(), ReadsOnce()],
        include_in_schema=False,
    )
    return api_app(hub, [router], _no_handler)


def _no_handler(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Where no handler takes an address: a page below /portal, a problem elsewhere."""
    here = request.url.path == HOME or request.url.path.startswith(f"{HOME}/")
    return on_http(request, error) if here else api_on_http(request, error)
