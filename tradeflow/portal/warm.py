"""What the first visitor would wait for: done beforehand, when the hub is ready and nobody waits."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from tradeflow.language.catalogues import DEFAULT
from tradeflow.machine.calendars import is_open
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.entry.view import drawn
from tradeflow.portal.render import environment
from tradeflow.rules.evaluate import rules_of

# what most visits pass through; the others compile in a few milliseconds when somebody asks for them
TEMPLATES = (
    *("layout.html", "parts.html", "problem.html", "sign_in.html", "home.html", "board.html", "trade_map.svg", "trade.html"),
    *("paper.html", "document.html", "entry.html", "checked.html", "write.html", "mailbox_parts.html", "mailbox_in.html", "desk.html"),
)


async def warm() -> None:
    """Bit by bit, so that whoever comes meanwhile is served in between: a second of a core, and 20 MB that first visitors would take."""
    for step in _steps():
        step()
        await asyncio.sleep(0)


def _steps() -> Iterator[Callable[[], object]]:
    for name in TEMPLATES:
        yield partial(environment(DEFAULT).get_template, name)
    yield partial(is_open, datetime.now(UTC).date(), "HK")  # reads the library of holidays
    some = catalogue().message(next(iter(catalogue().ids())))
    yield partial(rules_of, some.id)  # reads the rules that several messages share
    yield partial(drawn, some, {})
