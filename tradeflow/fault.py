"""Named crash points: no-ops, unless a test arms one with TRADEFLOW_FAULT="after_commit:kill" (or ":kill:7" for the seventh pass).

`stop` freezes the process instead, until somebody sends it SIGCONT.
"""

import os
import signal

# A payload and the row that names it are one statement, so nothing can happen between them: there is no point "after_blob".
POINTS = ("after_parse", "before_commit", "after_commit", "after_claim", "after_send", "after_mark")

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_armed, _, _rest = os.environ.get("TRADEFLOW_FAULT", "").partition(":")
_action, _, _turn = _rest.partition(":")
_passes = 0


def point(name: str) -> None:
    """Die here if this point is armed and it is its turn."""
    if _armed and _armed == name:
        _pass()


def _pass() -> None:
    global _passes  # noqa: PLW0603 - one process, one armed point
    _passes += 1
    if _passes == int(_turn or 1):
        os.kill(os.getpid(), _SIGNALS[_action])
