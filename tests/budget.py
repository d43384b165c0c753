"""What a hostile input may cost: a second of an idle core of today. Machines differ and are shared, so the bound is a ratio, not a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CHEAP_SECONDS = 0.5  # nobody doubts it
YARDSTICKS_MAX = 14  # a yardstick is about 0.07 seconds of a 3 GHz core


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


@contextmanager
def a_second() -> Iterator[None]:
    """The block costs no more CPU than YARDSTICKS_MAX yardsticks."""
    began = time.process_time()
    yield
    cost = time.process_time() - began
    if cost > CHEAP_SECONDS:
        allowed = YARDSTICKS_MAX * max(yardstick_seconds() for _ in range(2))
        assert cost <= allowed, f"{cost:.2f} s of CPU, where {allowed:.2f} s are a second of this machine"
