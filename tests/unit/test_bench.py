"""The benchmark measures what it says, and its output keeps its form. No test here is about how fast anything is."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bench import accepting, delivering, figures, stages
from tests.bench.figures import Measured, Row, Section
from tests.bench.floor import ECHO, HUB, A, B, Floor
from tests.bench.orders import TYPES, OrderForm, Trade
from tests.bench.place import fdatasync_us
from tests.bench.scale import FULL, QUICK, Scale
from tradeflow.codec import intake
from tradeflow.rules.evaluate import check_message

TRADE = Trade("BENCH-TEST-01", 3)
SMALLEST = Scale(rounds=1, messages={2: 4}, repetitions=2, prints=1, beats=2, trades=2, pages=1, starts=1)


def test_a_ratio_is_the_value_in_terms_of_its_baseline() -> None:
    assert Row("hub", 300, "messages/s", 1200).ratio == 0.25
    assert Row("hub", 300, "messages/s").ratio is None
    assert Row("hub", 300, "messages/s", 0).ratio is None


def test_rates_are_the_median_of_rounds_and_percentiles_are_of_all_messages() -> None:
    runs = [Measured(seconds, [1.0, 2.0, 3.0, 40.0], {201: 4}, 0.1) for seconds in (1, 2, 4)]
    assert figures.rate(runs) == 2.0
    assert figures.percentile(runs, 0.5) == 3.0
    assert figures.percentile(runs, 0.99) == 40.0


def test_the_table_has_every_row_under_its_heading() -> None:
    lines = figures.table(
        [Section("Rates", [Row("hub", 1234.5, "messages/s", 2469)]), Section("Waits", [Row("p50", 1.25, "ms")])]
    ).splitlines()
    assert lines[0].split() == ["value", "baseline", "ratio"]
    assert lines[1:] == ["Rates", "  hub       1,234 messages/s      2,469    0.50", "Waits", "  p50        1.25 ms"]


def test_the_file_has_five_members_a_row(tmp_path: Path) -> None:
    file = tmp_path / "made" / "bench.json"
    figures.write([Section("Rates", [Row("hub", 1234.5678, "messages/s", 3000), Row("alone", 1, "s")])], file)
    assert json.loads(file.read_text()) == [
        {"name": "hub", "value": 1235.0, "unit": "messages/s", "baseline": 3000.0, "ratio": 0.4115},
        {"name": "alone", "value": 1.0, "unit": "s", "baseline": None, "ratio": None},
    ]


@pytest.mark.parametrize("form", TYPES)
def test_an_order_is_valid_realistic_and_new_each_time(form: str) -> None:
    made = OrderForm(form)
    first, second = (intake.read(made.order(TRADE), made.content_type) for _ in range(2))
    assert len(first.data["lines"]) == 10
    assert check_message(first, datetime.now(UTC)).findings == []
    assert first.get("message.id") != second.get("message.id")
    assert first.payload_sha256 == second.payload_sha256
    assert (first.get("message.trade_id"), first.number) == (TRADE.trade_id, f"PO-{TRADE.trade_id}")
    assert first.get("message.sender.party_id") == first.get("buyer.party_id") == TRADE.importer
    assert first.data["document"]["issue_date"] == datetime.now(UTC).date() - timedelta(days=1)


def test_both_wire_forms_carry_the_same_order() -> None:
    documents = [intake.read(made.order(TRADE), made.content_type) for made in map(OrderForm, TYPES)]
    assert documents[0].payload_sha256 == documents[1].payload_sha256


def test_both_scales_measure_the_clients_that_are_asked_for() -> None:
    assert list(FULL.messages) == list(QUICK.messages) == [1, 2, 8, 32]


def test_the_disk_is_really_written(tmp_path: Path) -> None:
    assert fdatasync_us(tmp_path) > 0


@pytest.mark.slow
def test_a_small_round_measures_everything_beside_its_baseline(database_server: str, tmp_path: Path) -> None:
    with Floor(database_server, None, tmp_path, 2) as floor:
        floor.warm_up()
        floor.round(SMALLEST.messages)
        floor.check()
        results = floor.results
        costs = stages.measured(floor.raw_dsn, SMALLEST.repetitions, floor.home)
        delivered = delivering.section(floor.raw_dsn)
        written = floor.written["JSON"]
    assert set(results.runs) == {(which, form, 2) for which in (HUB, A, B, ECHO) for form in TYPES}
    assert all(run.statuses == {201: 4} for runs in results.runs.values() for run in runs)
    assert [sql.split()[2] for sql, _ in written.one_by_one[1:]] == [
        "event",
        "message",
        "payload",
        "payload",
        "document",
        "delivery",
        "timer",
    ]
    assert written.size_bytes > 20_000
    assert delivered.rows[-1].value >= 16, "what the baselines wrote can be delivered"
    sections = accepting.sections(results, SMALLEST)
    sections += stages.sections(costs, accepting.hub_us(results, SMALLEST), accepting.echo_us(results))
    names = [row.name for section in sections for row in section.rows]
    assert len(names) == len(set(names)), "a row is found by its name"
    assert figures.table(sections).count("\n") == len(names) + len(sections)
