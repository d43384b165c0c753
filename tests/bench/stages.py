"""What one order costs on one core, stage by stage: CPU of this process, of several series of many the cheapest."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tests.bench import cast
from tests.bench.figures import Row, Section
from tests.bench.load import run
from tests.bench.orders import TYPES, OrderForm, Trade
from tradeflow.app.acceptance import Command, Lodged, Outcome, outcome
from tradeflow.app.access import Caller
from tradeflow.codec import intake, json, xml
from tradeflow.machine.answers import Decision
from tradeflow.machine.commands import Context, Lodge
from tradeflow.machine.decide import admission, decide
from tradeflow.machine.load import machine
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.cross import check_set
from tradeflow.rules.evaluate import check_message
from tradeflow.store.rows import TradeRow
from tradeflow.store.uow import Store

SERIES: Final = 5
TARGETS: Final = {"JSON": 1000.0, "XML": 500.0}  # orders a second that one core must read, validate and check
_PARSE: Final[dict[str, Callable[[bytes], Any]]] = {"JSON": json.parse, "XML": xml.root}


@dataclass(frozen=True, slots=True)
class Stages:
    """Microseconds of CPU for one order in one wire form."""

    parse: float
    schema: float
    rules: float
    decide: float
    store: float

    @property
    def checked(self) -> float:
        """Until it is known whether the document is right."""
        return self.parse + self.schema + self.rules


def measured(dsn: str, repetitions: int, home: Path) -> dict[str, Stages]:
    """The stages of every wire form, on a database that knows the parties and where nothing delivers."""
    return {name: _stages(dsn, name, repetitions, home) for name in TYPES}


def sections(stages: dict[str, Stages], hub_us: dict[str, float], echo_us: dict[str, float]) -> list[Section]:
    """`hub_us` is the CPU that a busy hub spends on one message of each wire form, `echo_us` that of the bare framework."""
    rates = Section("One core reads, validates and checks ten-line orders, against the target")
    made = [rates]
    for name, cost in stages.items():
        rates.rows.append(Row(f"checked, {name}", 1e6 / cost.checked, "orders/s", TARGETS[name]))
        named = {
            "parse": cost.parse,
            "schema, binding, canonical form, hashes": cost.schema,
            "rules": cost.rules,
            "decide, fold, receipt": cost.decide,
            "store, client side": cost.store,
            "HTTP as in the echo": echo_us[name],
        }
        named["the rest: HTTP of ours, delivery, and the price of sharing the cores"] = hub_us[name] - sum(named.values())
        rows = [Row(f"{name}: {stage}", value, "us CPU", hub_us[name]) for stage, value in named.items()]
        made.append(Section(f"CPU of one order by stage, {name}, each alone, against all that a busy hub spends on it", rows))
    return made


def least(work: Callable[[int], object], repetitions: int) -> float:
    """Microseconds of CPU for one call of work(0), work(1) and so on: of several series the least, for what is more was not its doing."""
    return min(_series(work, repetitions) for _ in range(SERIES))


def _series(work: Callable[[int], object], repetitions: int) -> float:
    began = time.process_time()
    for number in range(repetitions):
        work(number)
    return (time.process_time() - began) / repetitions * 1e6


def _stages(dsn: str, name: str, repetitions: int, home: Path) -> Stages:
    trades, form = cast.trades(1, repetitions)[0], OrderForm(name)
    asyncio.run(cast.opened(dsn, [trades], home))
    content_type, rows = form.content_type, run(_rows(dsn, trades))
    bodies = [form.order(trade) for trade in trades]
    documents = [intake.read(body, content_type) for body in bodies]
    parse = least(lambda n: _PARSE[name](bodies[n]), repetitions)
    return Stages(
        parse=parse,
        schema=least(lambda n: intake.read(bodies[n], content_type), repetitions) - parse,
        rules=least(lambda n: check_message(documents[n], rows[n].now, rows[n].state), repetitions),
        decide=least(lambda n: _decided(rows[n], trades[n], documents[n], bodies[n], content_type), repetitions),
        store=run(_stored(dsn, trades, form)),
    )


def _decided(row: TradeRow, trade: Trade, document: Document, body: bytes, content_type: str) -> Outcome:
    """What the main path does between the rules and the commit."""
    lodged = Lodged.of(document, body, content_type)
    docs, tables = DocumentSet([]), machine()
    command = Lodge(document, lodged.envelope)
    assert admission(tables, row.state, command, Context(row.now)) is None
    answer = decide(tables, row.state, command, Context(row.now, docs, [], lambda rules: check_set(rules, docs.with_(document))))
    assert isinstance(answer, Decision)
    by = Command("message", Caller(trade.importer, "bench"), lodged.envelope.role, UUID(lodged.envelope.id), document.type)
    return outcome(row, by, answer, lodged)


async def _rows(dsn: str, trades: list[Trade]) -> list[TradeRow]:
    store = await Store.connect(dsn, 1)
    rows = [await store.read(trade.trade_id) for trade in trades]
    await store.close()
    return [row for row in rows if row]


async def _stored(dsn: str, trades: list[Trade], form: OrderForm) -> float:
    """Microseconds of our CPU to read a trade and to commit an order to it; what PostgreSQL spends is not in it."""
    ready = []
    for trade, row in zip(trades, await _rows(dsn, trades), strict=True):
        body = form.order(trade)
        ready.append(_decided(row, trade, intake.read(body, form.content_type), body, form.content_type).acceptance)
    store = await Store.connect(dsn, 1)
    began = time.process_time()
    for acceptance in ready:
        assert acceptance.message is not None
        await store.read(acceptance.state.trade_id, acceptance.message.sender, acceptance.message.message_id)
        assert await store.accept(acceptance)
    spent = time.process_time() - began
    await store.close()
    return spent / len(ready) * 1e6
