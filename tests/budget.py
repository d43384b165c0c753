"""What a hostile input may cost: a second of an idle core of today. Machines differ and are shared, so the bound is a ratio, not a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

CHEAP_SECONDS = 0.5  # nobody doubts it
TRIES = 4
YARDSTICKS_MAX = 20  # of about 0.07 seconds of a 3 GHz core; what is sent in these tests costs at most 11 of them


def yardstick_seconds() -> float:
    """CPU seconds of a fixed piece of work that counts and allocates, as parsers do, in the process as it now is."""
    began = time.process_time()
    assert sum(len((number, str(number & 255))) for number in range(600_000)) == 1_200_000  # nothing is kept: peaks are measured too
    return time.process_time() - began


def yardsticks(call: Callable[[], object]) -> float:
    """What a call costs at its best of five, in yardsticks."""

    def seconds() -> float:
        began = time.process_time()
        call()
        return time.process_time() - began

    return min(seconds() for _ in range(5)) / min(yardstick_seconds() for _ in range(3))


def a_second(call: Callable[[], T]) -> T:
    """What the call returns, if it costs no more CPU than YARDSTICKS_MAX yardsticks. A neighbour on the machine may double what one
    run costs, but not of each: a bound is missed only by who misses it TRIES times, each beside a yardstick of its own."""
    costs = []
    for _ in range(TRIES):
        began = time.process_time()
        result = call()
        cost = time.process_time() - began
        if cost <= CHEAP_SECONDS:
            return result
        costs.append(cost / yardstick_seconds())
        if costs[-1] <= YARDSTICKS_MAX:
            return result
    raise AssertionError(f"{min(costs):.1f} yardsticks of CPU at the best of {TRIES}, where {YARDSTICKS_MAX} are a second of an idle core")
