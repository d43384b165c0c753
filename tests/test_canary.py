"""Broken builds are noticed: each break is put into a running hub, a trade is played on it, and what looks after the promises has to speak up.

If one of these tests fails, a check has gone blind, and the tests that rely on it prove nothing.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.scenario.conftest import SCENARIOS
from tradeflow.app import acceptance, refusals
from tradeflow.app.verify import verify
from tradeflow.cli._hub import hub_in_thread
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import TradeState
from tradeflow.scenario import play
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Outcome, Player
from tradeflow.settings import Settings
from tradeflow.store import claims, functions, migrations
from tradeflow.store.uow import Store

TRADE = SCENARIOS.parents[2] / "docs" / "examples" / "short-trade.toml"
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Evidence:
    """What the checks say about a build: the scenario's first difference, the faults verify found, receipts without a row."""

    difference: str
    faults: str
    lost: int


def without(part: str, sql: str) -> str:
    """The function of a commit in which one named part finds nothing to write."""
    head, named, rest = sql.partition(f"), {part} AS (\n")
    assert named, f"accept.sql has no part {part}"
    part_of, end, others = rest.partition("\n    ), ") if "\n    ), " in rest else rest.partition("\n    )\n")
    cut = re.sub(r"\b(FROM|USING) moved\b", r"\1 (SELECT trade_id FROM moved WHERE false) AS moved", part_of, count=1)
    assert cut != part_of
    return head + named + cut + end + others


def drop(part: str) -> Callable[[Patch], None]:
    """The commit leaves out one kind of row."""
    spoilt = [without(part, sql) if functions.called("accept") in sql else sql for sql in functions.definitions()]
    return lambda patch: patch.setattr(functions, "definitions", lambda: spoilt)


def answers_before_the_commit(patch: Patch) -> None:
    """The answer is given and the write is left for later; later the process is gone."""
    real = Store.accept

    async def accept(self: Store, a: Any, on: Any = None) -> bool:
        return await real(self, a, on) if a.event.kind == "open" else True

    patch.setattr(Store, "accept", accept)


def does_not_chain(patch: Patch) -> None:
    patch.setattr(acceptance, "link", lambda *_: bytes(32))


def folds_less_than_it_writes(patch: Patch) -> None:
    real = acceptance.fold

    def fold(state: TradeState, changes: list[Any], at: Any) -> TradeState:
        return real(state, changes[:-1] if state.version else changes, at)

    patch.setattr(acceptance, "fold", fold)


def marks_as_delivered_and_delivers_nothing(patch: Patch) -> None:
    sql = re.sub(r"FROM mine m JOIN last l USING \(party_id\)", r"\g<0> WHERE false", claims._sql["hand_over"])
    assert sql != claims._sql["hand_over"]
    patch.setitem(claims._sql, "hand_over", sql)


def lets_rules_pass(patch: Patch) -> None:
    patch.setattr(refusals, "if_errors", lambda findings: None)


def stores_other_bytes(patch: Patch) -> None:
    real = acceptance._payloads
    patch.setattr(acceptance, "_payloads", lambda lodged: [(sha, body + b" ") for sha, body in real(lodged)])


def told_by_the_scenario(evidence: Evidence) -> str:
    return evidence.difference


def told_by_verify(evidence: Evidence) -> str:
    return evidence.faults


CANARIES = [
    pytest.param(drop("event"), told_by_verify, "but its chain ends with", id="no event"),
    pytest.param(drop("message"), told_by_verify, "has no message", id="no message"),
    pytest.param(drop("payload"), told_by_verify, "has no payload", id="no payload"),
    pytest.param(drop("document"), told_by_verify, "in its state, is not stored", id="no document"),
    pytest.param(drop("delivery"), told_by_the_scenario, "did not arrive", id="no delivery, as the receivers see it"),
    pytest.param(drop("delivery"), told_by_verify, "deliver", id="no delivery, as the sender's receipt says"),
    pytest.param(drop("disarmed"), told_by_verify, "the timers do not equal", id="no clock is stopped"),
    pytest.param(answers_before_the_commit, told_by_the_scenario, "expected", id="answer before commit"),
    pytest.param(does_not_chain, told_by_verify, "the chain is broken", id="no chain"),
    pytest.param(folds_less_than_it_writes, told_by_verify, "is not the fold of its events", id="state is not the fold"),
    pytest.param(marks_as_delivered_and_delivers_nothing, told_by_verify, "is in no inbox", id="delivered to nobody"),
    pytest.param(stores_other_bytes, told_by_verify, "does not have its hash", id="other bytes"),
    pytest.param(lets_rules_pass, told_by_the_scenario, "expected refusal RULE_VIOLATION", id="no rules"),
]


def play_on_a_hub(database: str, folder: Path, patch: Patch, steps: int = 5) -> Evidence:
    """Play the trade so far, stop the hub, and ask everybody who looks after a promise."""
    patch.setattr(play, "DELIVERY_SECONDS_MAX", 1)
    migrations.upgrade(database)  # makes the functions of this build, spoilt ones too
    with hub_in_thread(Settings(data_dir=folder, database_url=database, sandbox=True, port=0), database) as running:
        player = Player(running.base_url, running.operator_key, catalogue(), "json")
        scenario = load(TRADE)
        outcome = asyncio.run(player.play(msgspec.structs.replace(scenario, step=scenario.step[:steps])))
    return asyncio.run(_look(database, outcome))


async def _look(database: str, outcome: Outcome) -> Evidence:
    store = await Store.connect(database, 2)
    try:
        result = await verify(store)
        async with store.connection() as connection:
            stored = {row[0] for row in await connection.fetch("SELECT payload_sha256 FROM message")}
    finally:
        await store.close()
    return Evidence(outcome.difference, "\n".join(result.faults), len(set(outcome.sha256s) - stored))


def test_a_sound_build_is_found_sound(database: str, tmp_path: Path, monkeypatch: Patch) -> None:
    assert play_on_a_hub(database, tmp_path, monkeypatch) == Evidence("", "", 0)


@pytest.mark.parametrize(("breaks", "told_by", "what"), CANARIES)
def test_a_broken_build_is_noticed(
    breaks: Callable[[Patch], None], told_by: Callable[[Evidence], str], what: str, database: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    breaks(monkeypatch)
    evidence = play_on_a_hub(database, tmp_path, monkeypatch)
    assert what in told_by(evidence), evidence


def test_a_clock_that_was_not_started_is_noticed(database: str, tmp_path: Path, monkeypatch: Patch) -> None:
    drop("armed")(monkeypatch)
    assert "the timers do not equal" in play_on_a_hub(database, tmp_path, monkeypatch, steps=2).faults, "the order waits for its answer"


def test_a_receipt_without_a_row_is_noticed(database: str, tmp_path: Path, monkeypatch: Patch) -> None:
    answers_before_the_commit(monkeypatch)
    assert play_on_a_hub(database, tmp_path, monkeypatch).lost > 0
