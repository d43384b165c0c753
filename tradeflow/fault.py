"""Named crash points: no-ops, unless a test arms one with TRADEFLOW_FAULT="after_commit:kill" (or ":kill:7" for the seventh pass)."""

import itertools
import os
import signal

POINTS = ("after_parse", "before_commit", "after_commit", "after_claim", "after_send", "after_mark")

_armed = os.environ.get("TRADEFLOW_FAULT", "")
_passes = itertools.count(1)


def point(name: str) -> None:
    """Die here if this point is armed and it is its turn."""
    if _armed and _armed.partition(":")[0] == name:
        _pass()


def _pass() -> None:
    _, _, turn = _armed.partition(":")[2].partition(":")
    if next(_passes) >= int(turn or 1):
        os.kill(os.getpid(), signal.SIGKILL)
