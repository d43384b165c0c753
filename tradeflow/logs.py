"""Structured logs. A line says what happened and to which id; never a body, a header or a secret."""

import logging
import sys

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from tradeflow.settings import Settings

SECRET = ("password", "secret", "token", "authorization", "api_key", "dsn", "database_url", "redis_url")
BODY = ("body", "payload", "document", "data", "content")
TEXT_MAX = 500


def configure(settings: Settings) -> None:
    """Send structlog and the logging of libraries to standard error, in one form. Call once, at the start of a process."""
    text = settings.log_json is False or (settings.log_json is None and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
    ]
    last: list[Processor] = (
        # rich's traceback would print local variables: headers with keys, bodies
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # what these say at `info` is one line per request or statement, and ours says it better
    for chatty in ("uvicorn.access", "sqlalchemy.engine", "aiohttp.access", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take secrets and bodies out of a log line by the name of the member, and cut long texts: a net below careful callers."""
    for name, value in event.items():
        if name.startswith("_"):
            continue  # structlog's own
        lowered = name.lower()
        if any(word in lowered for word in SECRET):
            event[name] = "***"
        elif lowered in BODY:
            event[name] = f"<{type(value).__name__} left out>"
        elif isinstance(value, bytes):
            event[name] = f"<{len(value)} bytes left out>"
        elif isinstance(value, str) and len(value) > TEXT_MAX and name != "exception":
            event[name] = f"{value[:TEXT_MAX]}…"
    return event
