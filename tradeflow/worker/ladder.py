"""The ladder of retries: how long a delivery waits after each try that did not work. The page for operators shows it."""

import random

# 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h, 12 h, 24 h, 24 h: 13 tries over 75 hours and 42 minutes, a long weekend
LADDER_SECONDS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 86_400)
JITTER = 0.1  # of a step, on top: many that failed together do not come back together
RETRY_AFTER_SECONDS_MAX = 86_400  # a partner may ask to be left alone for this long at once


def wait_seconds(step: int, asked_seconds: float | None = None, chance: float | None = None) -> float | None:
    """How long to wait after the try at this step (0 is the first); None after the last one. What the partner asked for is a minimum."""
    if step >= len(LADDER_SECONDS):
        return None
    ours = LADDER_SECONDS[step] * (1 + JITTER * (random.random() if chance is None else chance))  # noqa: S311 - spreads load, hides nothing
    return max(ours, asked(asked_seconds) or 0)


def asked(seconds: float | None) -> float | None:
    """What a partner asked for, as far as it is listened to."""
    return None if seconds is None else min(max(seconds, 0), RETRY_AFTER_SECONDS_MAX)
