"""Random walks: decide() and a second, plain reading of the tables agree on every step.

A bounded share runs here; `make walk` runs TRADEFLOW_WALK_STEPS of them, from seeds of the day unless TRADEFLOW_WALK_SEED says which.
"""

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.cases.walk import FIRED, TOLD, Walk

STEPS = int(os.environ.get("TRADEFLOW_WALK_STEPS", "5000"))
SEED = int(os.environ.get("TRADEFLOW_WALK_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
LENGTH = 100  # steps of one trade


def test_walks_agree_with_the_plain_reading(capsys):
    TOLD.clear()
    with capsys.disabled():
        print(f"\nwalk: seed {SEED}; TRADEFLOW_WALK_SEED={SEED} plays it again")
    walks = settings(
        max_examples=max(1, STEPS // LENGTH), stateful_step_count=LENGTH, deadline=None, database=None, print_blob=True,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    number = SEED
    while TOLD.total() < STEPS:  # some walks end early
        run_state_machine_as_test(seed(number)(Walk), settings=walks if number == SEED else settings(walks, max_examples=20))
        number += 1
    with capsys.disabled():
        said = ", ".join(f"{what} {times}" for what, times in TOLD.most_common())
        print(f"walk: {TOLD.total()} steps, 0 divergences, {len(FIRED)} transitions fired ({said})")
    assert TOLD["accepted"] > TOLD.total() // 10
    assert all(
        TOLD[code]
        for code in (
            "GUARD_FAILED",
            "OUT_OF_ORDER",
            "WRONG_SENDER",
            "STALE_VERSION",
            "DEPENDENCY_OPEN",
            "clock",
            "clock held back",
            "event fired",
        )
    )


SPOILT: dict[str, Callable[..., object]] = {
    "waits": lambda self, *args: False,
    "stale": lambda self, *args: False,
    "closed": lambda self, *args: False,
    "charge": lambda self, *args: None,
    "sibling": lambda self, *args: "payment",
    "related": lambda self, instance, process: "",
    "first": lambda self, key: self.table(key)["initial"],
    "taken_back": lambda self, *args: False,
    "withdraw": lambda self, *args: None,
    "waiting": lambda self, *args: False,
    "catch_up": lambda self, *args: None,
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_wrong_reading_is_noticed(spoilt, monkeypatch):
    """The walk compares something: a second opinion that is wrong in one place differs soon."""
    monkeypatch.setattr(f"tests.unit.cases.walk.Reference.{spoilt}", SPOILT[spoilt])
    walks = settings(
        max_examples=200,
        stateful_step_count=LENGTH,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises((AssertionError, KeyError)):
        run_state_machine_as_test(seed(1)(Walk), settings=walks)
