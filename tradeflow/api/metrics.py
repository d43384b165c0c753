"""Counters of one process, as Prometheus text (exposition format 0.0.4)."""

import time
from collections import defaultdict
from collections.abc import Iterator

import psutil

from tradeflow import __version__

MEDIA_TYPE = "text/plain; version=0.0.4"
BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class Metrics:
    """Requests by route and status, and how long they took. Labels are route templates, so their number is bounded."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, int], int] = defaultdict(int)
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_SECONDS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)
        self._process = psutil.Process()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One finished request."""
        self._requests[method if method.isalpha() and len(method) < 8 else "OTHER", route, status] += 1
        self._seconds[route] += seconds
        place = next((i for i, bound in enumerate(BUCKETS_SECONDS) if seconds <= bound), len(BUCKETS_SECONDS))
        self._buckets[route][place] += 1

    def text(self) -> bytes:
        """Everything counted so far."""
        return ("\n".join(self._lines()) + "\n").encode()

    def _lines(self) -> Iterator[str]:
        yield "# HELP tradeflow_http_requests_total Requests answered, by method, route and status."
        yield "# TYPE tradeflow_http_requests_total counter"
        for (method, route, status), count in sorted(self._requests.items()):
            yield f'tradeflow_http_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
        yield "# HELP tradeflow_http_request_seconds How long requests took, by route."
        yield "# TYPE tradeflow_http_request_seconds histogram"
        for route, counts in sorted(self._buckets.items()):
            yield from self._histogram(route, counts)
        yield "# HELP tradeflow_build_info The version that runs."
        yield "# TYPE tradeflow_build_info gauge"
        yield f'tradeflow_build_info{{version="{__version__}"}} 1'
        yield "# HELP process_resident_memory_bytes Resident memory of this process."
        yield "# TYPE process_resident_memory_bytes gauge"
        yield f"process_resident_memory_bytes {self._process.memory_info().rss}"
        yield "# HELP process_cpu_seconds_total User and system CPU time of this process."
        yield "# TYPE process_cpu_seconds_total counter"
        times = self._process.cpu_times()
        yield f"process_cpu_seconds_total {times.user + times.system:.2f}"
        yield "# HELP process_uptime_seconds Seconds since this process began."
        yield "# TYPE process_uptime_seconds gauge"
        yield f"process_uptime_seconds {time.time() - self._process.create_time():.0f}"

    def _histogram(self, route: str, counts: list[int]) -> Iterator[str]:
        name, below = "tradeflow_http_request_seconds", 0
        for bound, count in zip((*map(str, BUCKETS_SECONDS), "+Inf"), counts, strict=True):
            below += count
            yield f'{name}_bucket{{route="{route}",le="{bound}"}} {below}'
        yield f'{name}_sum{{route="{route}"}} {self._seconds[route]:.6f}'
        yield f'{name}_count{{route="{route}"}} {below}'
