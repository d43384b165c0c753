"""How a call travels, whoever waits for it: what an answer means, and when to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from tradeflow import __version__
from tradeflow.client.calls import Call
from tradeflow.client.problems import HubProblem, Unreachable, problem_of
from tradeflow.client.retrying import AGAIN, Retries, retry_after_seconds

T = TypeVar("T")
ANSWER_SECONDS_MAX = 60.0
CONNECT_SECONDS_MAX = 10.0


class NotSent(Exception):
    """There was no connection: the hub has not seen the call."""


class NoAnswer(Exception):
    """The connection ended without an answer: the hub may have carried the call out."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers (names in small letters) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def address(call: Call[Any]) -> str:
    """Path and query of a call."""
    if not call.query:
        return call.path
    return f"{call.path}{'&' if '?' in call.path else '?'}{urlencode(call.query)}"


def headers(call: Call[Any], key: str) -> dict[str, str]:
    """What a call is sent with."""
    return {"User-Agent": f"tradeflow/{__version__}", **({"Authorization": f"Bearer {key}"} if key else {}), **call.headers}


@dataclass(slots=True)
class Journey:
    """One call until it is answered, or given up."""

    retries: Retries
    again: bool
    attempt: int = 0
    waited_seconds: float = 0.0

    def answered(self, call: Call[T], response: Response) -> T | float:
        """The answer, or how many seconds to wait before the next attempt. Raises the problem where there is none."""
        self.attempt += 1
        if response.status < 300:
            replayed = response.headers.get("idempotency-replayed") == "true"
            return call.read(response.body, response.headers.get("content-type", ""), replayed)
        problem = problem_of(response.status, response.body)
        if not self._worth_trying(problem):
            raise problem
        wait = self._wait(retry_after_seconds(response.headers))
        if wait is None:
            raise problem
        return wait

    def failed(self, call: Call[Any], error: NotSent | NoAnswer) -> float:
        """How many seconds to wait after no answer came. Raises Unreachable where that is all."""
        self.attempt += 1
        wait = self._wait(0.0) if self.again or isinstance(error, NotSent) else None
        if wait is None:
            tries = "1 try" if self.attempt == 1 else f"{self.attempt} tries"
            raise Unreachable(f"{call.method} {call.path}: no answer after {tries}: {error}") from error
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
