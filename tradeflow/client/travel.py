"""How a call travels, whoever waits for it: the request, what an answer means, when to try again."""

from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from tradeflow.client.calls import Call
from tradeflow.client.problems import HubProblem, Unreachable, problem_of
from tradeflow.client.retrying import AGAIN, Retries, retry_after_seconds

T = TypeVar("T")
ANSWER_SECONDS_MAX = 60.0
CONNECT_SECONDS_MAX = 10.0
FAILURES = (httpx.TransportError,)


def options(base_url: str, key: str, seconds_max: float) -> dict[str, Any]:
    """What both kinds of connection are made with. Redirects are not followed: the key is for this hub only."""
    return {
        "base_url": base_url.rstrip("/"),
        "headers": {"Authorization": f"Bearer {key}"} if key else {},
        "timeout": httpx.Timeout(seconds_max, connect=CONNECT_SECONDS_MAX),
        "follow_redirects": False,
        "trust_env": False,
    }


def request(call: Call[Any], seconds_max: float) -> dict[str, Any]:
    """The arguments of one request; a long poll may take as long as it asked for on top."""
    timeout = httpx.Timeout(seconds_max + call.waits_seconds, connect=CONNECT_SECONDS_MAX)
    return {"params": call.query or None, "content": call.body, "headers": call.headers, "timeout": timeout}


@dataclass(slots=True)
class Journey:
    """One call until it is answered, or given up."""

    retries: Retries
    again: bool
    attempt: int = 0
    waited_seconds: float = 0.0

    def answered(self, call: Call[T], response: httpx.Response) -> T | float:
        """The answer, or how many seconds to wait before the next attempt. Raises the problem where there is none."""
        self.attempt += 1
        if response.is_success:
            replayed = response.headers.get("Idempotency-Replayed") == "true"
            return call.read(response.content, response.headers.get("Content-Type", ""), replayed)
        problem = problem_of(response.status_code, response.content)
        if not self._worth_trying(problem):
            raise problem
        wait = self._wait(retry_after_seconds(response.headers))
        if wait is None:
            raise problem
        return wait

    def failed(self, call: Call[Any], error: httpx.TransportError) -> float:
        """How many seconds to wait after no answer came. Raises Unreachable where that is all."""
        self.attempt += 1
        not_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        wait = self._wait(0.0) if self.again or not_sent else None
        if wait is None:
            tries = "1 try" if self.attempt == 1 else f"{self.attempt} tries"
            raise Unreachable(f"{call.method} {call.path}: no answer after {tries}: {type(error).__name__} {error}") from error
        return wait

    def _worth_trying(self, problem: HubProblem) -> bool:
        """A problem says itself whether the same call may work later; one that is not the hub's goes by its status."""
        refused_unseen = problem.status in (429, 503)
        later = problem.retry or (problem.status in AGAIN and not problem.code) or refused_unseen
        return later and (self.again or refused_unseen)

    def _wait(self, asked_seconds: float) -> float | None:
        wait = self.retries.wait_seconds(self.attempt, self.waited_seconds, asked_seconds)
        self.waited_seconds += wait or 0.0
        return wait
