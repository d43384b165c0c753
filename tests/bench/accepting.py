"""What the runs of the floor say: rates, waits, limits, CPU and memory."""

from statistics import median

from tests.bench.figures import Row, Section, percentile, rate
from tests.bench.floor import ECHO, HUB, A, B, Results
from tests.bench.orders import TYPES
from tests.bench.scale import Scale


def sections(results: Results, scale: Scale) -> list[Section]:
    """The tables of the rounds."""
    return [_rates(results, scale), _latencies(results, scale), _limits(results, scale), _cpu(results, scale), _memory(results)]


def _rates(results: Results, scale: Scale) -> Section:
    section = Section("Accepted over HTTP, against baseline A: the same rows by raw asyncpg, statement by statement in one transaction")
    for name in TYPES:
        for clients in scale.messages:
            value, baseline = (rate(results.runs[which, name, clients]) for which in (HUB, A))
            section.rows.append(Row(f"accepted, {name}, {_clients(clients)}", value, "messages/s", baseline))
    return section


def _latencies(results: Results, scale: Scale) -> Section:
    section = Section("How long the sender waits for the answer, against the transaction of A")
    for name in TYPES:
        for clients in scale.messages:
            for share, label in ((0.5, "p50"), (0.99, "p99")):
                value, baseline = (percentile(results.runs[which, name, clients], share) for which in (HUB, A))
                section.rows.append(Row(f"answered, {name}, {_clients(clients)}, {label}", value, "ms", baseline))
    section.rows.append(Row("in the inbox after the last answer of a run", median(results.settle_ms), "ms"))
    return section


def _limits(results: Results, scale: Scale) -> Section:
    section = Section(
        "The same messages over HTTP, against B: the same rows in one round trip; and against a bare Litestar echo of the body"
    )
    for which, label in ((B, "of B"), (ECHO, "of the echo")):
        for name in TYPES:
            for clients in scale.messages:
                value, baseline = (rate(results.runs[one, name, clients]) for one in (HUB, which))
                section.rows.append(Row(f"{label}, {name}, {_clients(clients)}", value, "messages/s", baseline))
    return section


def _cpu(results: Results, scale: Scale) -> Section:
    section = Section("CPU for one message, delivery included, against the same in A (where nothing is delivered)")
    clients = _busy(scale)
    for name in TYPES:
        hub, bare = results.cpu[HUB, name, clients], results.cpu[A, name, clients]
        generator = sum(run.cpu_seconds for run in results.runs[HUB, name, clients]) / hub.messages * 1e6
        section.rows.append(Row(f"hub, {name}, {_clients(clients)}", hub.taker_us, "us CPU", bare.taker_us))
        if hub.database:
            section.rows.append(Row(f"PostgreSQL, {name}, {_clients(clients)}", hub.database_us, "us CPU", bare.database_us))
            both, bare_both = hub.taker_us + hub.database_us, bare.taker_us + bare.database_us
            section.rows.append(Row(f"both, {name}, {_clients(clients)}", both, "us CPU", bare_both))
        section.rows.append(Row(f"load generator, {name}, {_clients(clients)}", generator, "us CPU"))
    return section


def hub_us(results: Results, scale: Scale) -> dict[str, float]:
    """Microseconds of CPU that the hub spent on one message, by wire form."""
    return {name: results.cpu[HUB, name, _busy(scale)].taker_us for name in TYPES}


def echo_us(results: Results) -> dict[str, float]:
    """Microseconds of CPU that the bare framework spent on one message, by wire form."""
    spent = {name: [cpu for (which, form, _), cpu in results.cpu.items() if (which, form) == (ECHO, name)] for name in TYPES}
    return {name: sum(cpu.taker for cpu in cpus) / sum(cpu.messages for cpu in cpus) * 1e6 for name, cpus in spent.items()}


def _busy(scale: Scale) -> int:
    """The number of clients whose runs stand for a busy hub."""
    return 8 if 8 in scale.messages else max(scale.messages)


def _memory(results: Results) -> Section:
    return Section("Resident memory", [Row(f"memory: {name}", value, "MB") for name, value in results.memory.items()])


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"
