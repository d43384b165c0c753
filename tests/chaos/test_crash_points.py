"""kill -9 at every crash point of the main path and of the workers, then go on: as if nothing had happened."""

import asyncio
import contextlib
import io
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos import trader
from tests.chaos.conftest import SECONDS_MAX, Run, finished, process, story, told
from tests.variants import variants
from tests.verified import verified
from tradeflow import fault

STEPS = 16
DATABASES = Callable[[], str]


def turns(n: int) -> list[int]:
    """The first time that a point is passed, or, of every other one, the fifth; `make variants` takes both."""
    return variants(5, 1) if n % 2 else variants(1, 5)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """The story of an undisturbed run; filled by the first test that needs it."""
    return {}


def traded(dsn: str) -> Run:
    """A run that nobody kills. Its hub is a new one, as after a start; what it needs of the machine is here already."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        asyncio.run(asyncio.wait_for(trader.main(dsn, STEPS), SECONDS_MAX))
    return told(0, said.getvalue())


def undisturbed(reference: dict[str, Any], databases: DATABASES) -> dict[str, Any]:
    if not reference:
        dsn = databases()
        run = traded(dsn)
        assert run.done and len(run.answers) == STEPS
        assert verified(dsn).faults == []
        reference.update(story(dsn))
    return reference


@pytest.mark.parametrize(("point", "turn"), [(point, turn) for n, point in enumerate(fault.POINTS) for turn in turns(n)])
def test_killed_there_and_started_again_it_ends_as_if_nothing_had_happened(
    point: str, turn: int, databases: DATABASES, reference: dict[str, Any]
) -> None:
    expected = undisturbed(reference, databases)
    dsn = databases()
    killed = finished(process("trader", dsn, str(STEPS), fault=f"{point}:kill:{turn}"))
    assert (killed.code, killed.done) == (-9, False), f"{point} was never passed"
    found = verified(dsn)
    assert found.faults == [], "a hub that was killed leaves nothing half done"
    began = time.monotonic()
    again = traded(dsn)
    assert again.done and time.monotonic() - began < 45 + trader.LEASE_SECONDS
    assert killed.answers.items() <= again.answers.items(), "a party that asks again gets the answer it got before, byte for byte"
    assert verified(dsn).faults == []
    assert story(dsn) == expected
