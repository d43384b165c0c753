"""One hub that takes messages over HTTP, and beside it, in turns, the bare database and the bare framework."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Self

import asyncpg
import psutil

from tests.bench import cast, load, raw
from tests.bench.figures import Measured
from tests.bench.orders import TYPES, OrderForm
from tests.bench.place import Program, cpu_seconds, database, memory_mb, memory_peak_mb
from tests.bench.raw import RawLoad, Written

PATH = "/v1/messages"
WARM_UP_EACH = 2  # messages of every client before the first round
HUB, A, B, ECHO = "hub", "A", "B", "echo"  # A is statement by statement, B in one round trip, ECHO the framework alone
Key = tuple[str, str, int]  # one of these, the wire form, the number of clients


@dataclass(slots=True)
class Cpu:
    """Seconds of CPU that messages cost: of who took them (hub, echo or the connections of a baseline) and of PostgreSQL."""

    taker: float = 0.0
    database: float = 0.0
    messages: int = 0

    @property
    def taker_us(self) -> float:
        """Microseconds for one message."""
        return self.taker / self.messages * 1e6

    @property
    def database_us(self) -> float:
        """Microseconds of PostgreSQL for one message."""
        return self.database / self.messages * 1e6


@dataclass(slots=True)
class Results:
    """Everything the rounds measured."""

    runs: dict[Key, list[Measured]] = field(default_factory=dict)
    cpu: dict[Key, Cpu] = field(default_factory=dict)
    settle_ms: list[float] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)


class Floor:
    """One hub, one echo, two databases and one load generator, each a process of its own. A context manager."""

    def __init__(self, server: str, postgres: psutil.Process | None, place: Path, pairs: int) -> None:
        self._server, self._postgres, self._place, self._pairs = server, postgres, place, pairs
        self.home = place / "hub"  # the hub's folder, with the keys that secrets are sealed with
        self.results = Results()
        self.written: dict[str, Written] = {}
        self._sent: Counter[str] = Counter()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.dsn, self.raw_dsn = stack.enter_context(database(self._server)), stack.enter_context(database(self._server))
            self._keys = asyncio.run(cast.hired(self.dsn, self._pairs, self.home)).keys
            asyncio.run(cast.hired(self.raw_dsn, self._pairs, self.home))
            environment = {
                "TRADEFLOW_DATABASE_URL": self.dsn,
                "TRADEFLOW_DATA_DIR": str(self.home),
                "TRADEFLOW_RATE_PER_SECOND": "0",
            }
            log = self._place / "log"
            self._hub = stack.enter_context(Program("tradeflow", "serve", "--port", "0", log=log, environment=environment))
            self._echo = stack.enter_context(Program("tests.bench.echo", log=log))
            self._generator = stack.enter_context(ProcessPoolExecutor(1, get_context("spawn")))
            self.forms = {name: OrderForm(name) for name in TYPES}
            for name, form in self.forms.items():
                trade = cast.trades(1, 1)[0][0]
                self.written[name] = asyncio.run(raw.record(self.raw_dsn, form, trade, cast.spec(trade)))
            self.results.memory["hub, before the first message"] = memory_mb(self._hub.process)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def warm_up(self) -> None:
        """What is read, compiled and connected at the first messages is not what is measured here."""
        for name in TYPES:
            self._hub_run(name, self._pairs, WARM_UP_EACH * self._pairs)
            self._echo_run(name, self._pairs, WARM_UP_EACH * self._pairs)
        self.results = Results(memory=self.results.memory)

    def round(self, messages: dict[int, int]) -> None:
        """Everything once, in turns, so that whatever else the machine does meets all of them."""
        for clients, count in messages.items():
            for name in TYPES:
                self._hub_run(name, clients, count)
                self._raw_run(A, name, clients, count)
                self._raw_run(B, name, clients, count)
                self._echo_run(name, clients, count)

    def check(self) -> None:
        """Every message that was answered is stored and has moved its trade, in both databases. Raises RuntimeError otherwise."""
        for dsn, sent in ((self.dsn, self._sent[HUB]), (self.raw_dsn, self._sent["raw"] + len(self.written))):
            if (stored := asyncio.run(_stored(dsn))) != (sent, sent):
                raise RuntimeError(f"{sent} messages were sent; stored messages and moved trades are {stored}")

    def _requests(self, name: str, clients: int, count: int, opened: bool) -> tuple[tuple[bytes, ...], ...]:
        trades, form = cast.trades(clients, count), self.forms[name]
        if opened:
            asyncio.run(cast.opened(self.dsn, trades, self.home))
        return tuple(
            tuple(load.request(PATH, form.order(trade), form.content_type, self._keys[trade.pair]) for trade in share) for share in trades
        )

    def _hub_run(self, name: str, clients: int, count: int) -> None:
        requests = self._requests(name, clients, count, opened=True)
        wanted = load.HttpLoad(self._hub.host, self._hub.port, requests)
        self._measure(load.send, wanted, (HUB, name, clients), self._hub.process)
        self._remember()

    def _raw_run(self, which: str, name: str, clients: int, count: int) -> None:
        trades, written = cast.trades(clients, count), self.written[name]
        asyncio.run(raw.seed(self.raw_dsn, written, [trade for share in trades for trade in share]))
        self._measure(raw.write, RawLoad(self.raw_dsn, written, which == B, tuple(map(tuple, trades))), (which, name, clients))

    def _echo_run(self, name: str, clients: int, count: int) -> None:
        requests = self._requests(name, clients, count, opened=False)
        self._measure(load.send, load.HttpLoad(self._echo.host, self._echo.port, requests), (ECHO, name, clients), self._echo.process)

    def _measure(self, how: Callable[..., Measured], what: object, key: Key, taker: psutil.Process | None = None) -> None:
        """One run. The CPU of the taker and of PostgreSQL is counted until every delivery is in its inbox."""
        cpu, before = self.results.cpu.setdefault(key, Cpu()), (cpu_seconds(taker), cpu_seconds(self._postgres))
        measured = self._generator.submit(how, what).result()
        if set(measured.statuses) != {201}:
            raise RuntimeError(f"{', '.join(map(str, key))} clients: answered {measured.statuses} instead of 201")
        if key[0] == HUB:
            self.results.settle_ms.append(asyncio.run(_settled(self.dsn)))
        cpu.taker += cpu_seconds(taker) - before[0] if taker else measured.cpu_seconds
        cpu.database += cpu_seconds(self._postgres) - before[1]
        cpu.messages += len(measured.latencies_ms)
        self.results.runs.setdefault(key, []).append(measured)
        self._sent["raw" if key[0] in (A, B) else key[0]] += len(measured.latencies_ms)

    def _remember(self) -> None:
        memory = self.results.memory
        memory["hub, peak"] = memory_peak_mb(self._hub.process)
        if self._postgres:
            name = "PostgreSQL, all processes, peak"
            memory[name] = max(memory.get(name, 0.0), memory_mb(self._postgres))


async def _settled(dsn: str) -> float:
    """Milliseconds until every delivery is in its inbox."""
    connection, began = await asyncpg.connect(dsn), time.perf_counter()
    while await connection.fetchval("SELECT EXISTS (SELECT FROM delivery WHERE status = 'pending')"):  # noqa: ASYNC110 - another process's work
        await asyncio.sleep(0.005)
    ms = (time.perf_counter() - began) * 1000
    await connection.close()
    return ms


async def _stored(dsn: str) -> tuple[int, int]:
    """How many messages a database holds, and how many trades moved past their opening."""
    connection = await asyncpg.connect(dsn)
    counts = await connection.fetchrow("SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM trade WHERE version = 2)")
    await connection.close()
    return counts[0], counts[1]
