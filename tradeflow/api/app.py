"""The HTTP app of a hub."""

import pkgutil
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException

from tradeflow import errors
from tradeflow.api import routes
from tradeflow.api.auth import provide_caller, provide_hub
from tradeflow.api.edge import Edge
from tradeflow.api.metrics import Metrics
from tradeflow.api.problems import on_http, on_problem, on_unexpected
from tradeflow.app.wiring import Hub


def route_handlers() -> list[Any]:
    """The handlers of every module in api/routes."""
    names = sorted(m.name for m in pkgutil.iter_modules(routes.__path__))
    return [handler for name in names for handler in import_module(f"{routes.__name__}.{name}").handlers]


def create_app(hub: Hub, more: Sequence[Any] = (), on_http: Callable[[Any, HTTPException], Any] = on_http) -> Litestar:
    """The app over a hub that is open; closing it stays with the caller.

    `more` are handlers beside those of the API; `on_http` answers where no handler takes an address or a method.
    """
    metrics = Metrics()
    app = Litestar(
        route_handlers=[*route_handlers(), *more],
        state=State({"hub": hub, "metrics": metrics}, deep_copy=False),
        dependencies={"hub": Provide(provide_hub), "caller": Provide(provide_caller)},
        exception_handlers={errors.Problem: on_problem, HTTPException: on_http, Exception: on_unexpected},
        request_max_body_size=hub.settings.body_bytes_max,
        logging_config=None,
        openapi_config=None,
    )
    # around the router, not in it: addresses and methods that do not exist pass it too
    app.asgi_handler = Edge(app.asgi_handler, metrics)
    return app
