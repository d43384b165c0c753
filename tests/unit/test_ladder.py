"""The ladder of retries: at least 75 hours, spread, and patient with partners who say when."""

from hypothesis import given
from hypothesis import strategies as st

from tradeflow.worker.ladder import LADDER_SECONDS, RETRY_AFTER_SECONDS_MAX, wait_seconds


def test_it_lasts_at_least_75_hours_without_any_luck():
    assert sum(wait_seconds(step, chance=0) or 0 for step in range(len(LADDER_SECONDS))) >= 75 * 3600
    assert wait_seconds(len(LADDER_SECONDS)) is None
    assert list(LADDER_SECONDS) == sorted(LADDER_SECONDS)


@given(st.integers(0, 11), st.one_of(st.none(), st.floats(-10, 1e9)))
def test_a_step_is_never_shorter_than_it_says_nor_much_longer_than_asked(step, asked):
    wait = wait_seconds(step, asked)
    assert wait is not None
    assert wait >= LADDER_SECONDS[step]
    assert wait >= min(asked or 0, RETRY_AFTER_SECONDS_MAX)
    assert wait <= max(LADDER_SECONDS[step] * 1.1, RETRY_AFTER_SECONDS_MAX)


def test_what_failed_together_does_not_come_back_together():
    assert len({wait_seconds(5) for _ in range(100)}) > 90
