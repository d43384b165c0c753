"""kill -9 at every crash point of the main path and of the workers, then go on: as if nothing had happened."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.conftest import finished, process, story
from tests.chaos.trader import LEASE_SECONDS
from tests.verified import verified
from tradeflow import fault

STEPS = 16
DATABASES = Callable[[], str]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """The story of an undisturbed run; filled by the first test that needs it."""
    return {}


def undisturbed(reference: dict[str, Any], databases: DATABASES) -> dict[str, Any]:
    if not reference:
        dsn = databases()
        run = finished(process("trader", dsn, str(STEPS)))
        assert run.done and len(run.answers) == STEPS
        assert verified(dsn).faults == []
        reference.update(story(dsn))
    return reference


@pytest.mark.parametrize("turn", [1, 5])
@pytest.mark.parametrize("point", fault.POINTS)
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
    again = finished(process("trader", dsn, str(STEPS)))
    assert again.done and time.monotonic() - began < 45 + LEASE_SECONDS
    assert killed.answers.items() <= again.answers.items(), "a party that asks again gets the answer it got before, byte for byte"
    assert verified(dsn).faults == []
    assert story(dsn) == expected
