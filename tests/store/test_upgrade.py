"""Trades stay on their tables until somebody moves them: planned first, one event each, proved by verify."""

import copy
import json
import os
import subprocess
import sys
from datetime import datetime

import pytest

from tests.http.desk import TERMS, order
from tests.store import desk
from tests.unit.test_machine_repin import renaming
from tradeflow.app.access import OPERATOR, Caller
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.handle import Handler
from tradeflow.app.machines import Machines
from tradeflow.app.trades import Trades, TradeSpec
from tradeflow.app.upgrade import Upgrade
from tradeflow.app.verify import verify
from tradeflow.machine.load import from_content, machine
from tradeflow.machine.tables import Machine
from tradeflow.model.trade import Participant
from tradeflow.store import parties, reads
from tradeflow.store.uow import Store
from tradeflow.worker.doorbell import InProcessDoorbell

CAST = [Participant("van-der-meer", "importer"), Participant("golden-lantern", "exporter")]
IMPORTER = Caller("van-der-meer", "key-1")
ORDERED = {("contract.main", "asked"): "ordered"}


def older() -> Machine:
    """Tables of a version before: what is called ordered today was called asked."""
    content = copy.deepcopy(machine().content)
    renaming("contract.main", "ordered", "asked")({p["id"]: p for p in content["processes"]}, content)
    return from_content(content)


async def office(store: Store, tables: Machine) -> tuple[Trades, Handler]:
    """A hub whose content is these tables."""
    await store.keep_process_version(tables.hash, tables.content)
    machines = Machines(store, tables)
    handler = Handler(store, machines, DocumentLoader(store), InProcessDoorbell())
    return Trades(store, machines, handler), handler


@pytest.fixture
async def begun(store: Store) -> Store:
    """Three trades under the older tables: opened, ordered, and one that failed."""
    for party in CAST:
        await parties.add_party(store, party.party_id, party.party_id.title(), "HK")
    await store.sandbox(True)
    await store.set_clock(datetime.fromisoformat("2025-01-06T10:30:00+00:00"))
    trades, handler = await office(store, older())
    for name in ("OPENED", "ORDERED", "FAILED"):
        await trades.open(IMPORTER, TradeSpec(CAST, f"TRADE-{name}", TERMS), None)
    await handler.lodge(IMPORTER, _order("TRADE-ORDERED"), "application/json")
    await handler.lodge(IMPORTER, _order("TRADE-FAILED"), "application/json")
    await store.set_clock(datetime.fromisoformat("2025-03-06T10:30:00+00:00"))
    await trades.decision(Caller(OPERATOR, "key"), "TRADE-FAILED", "inspection_not_required", "", "", "the clocks run first")
    return store


def _order(trade_id: str) -> bytes:
    tree = order(trade_id)
    tree["message"]["recipients"] = [{"party_id": "golden-lantern", "role": "exporter"}]
    return json.dumps(tree).encode()


async def pinned(store: Store) -> dict[str, str]:
    async with store.connection() as connection:
        return {row["trade_id"]: row["machine"] for row in await connection.fetch("SELECT trade_id, machine FROM trade")}


async def test_a_plan_says_what_moves_and_what_needs_a_person_and_changes_nothing(begun: Store):
    before = await desk.fingerprint(begun)
    await office(begun, machine())
    plan = await Upgrade(begun, Machines(begun, machine())).run()
    assert (plan.moved, list(plan.needs), plan.ended) == (["TRADE-OPENED"], ["TRADE-ORDERED"], 1)
    assert plan.needs["TRADE-ORDERED"][0].startswith("contract.main is asked, which the new tables do not know")
    assert await desk.fingerprint(begun) == before


async def test_what_needs_nobody_moves_and_the_rest_stays(begun: Store):
    await office(begun, machine())
    plan = await Upgrade(begun, Machines(begun, machine())).run(apply=True)
    assert plan.moved == ["TRADE-OPENED"]
    assert await pinned(begun) == {"TRADE-OPENED": machine().hash, "TRADE-ORDERED": older().hash, "TRADE-FAILED": older().hash}
    assert await reads.pinned(begun) == {machine().hash: 1, older().hash: 2}
    assert (await verify(begun)).faults == []


async def test_a_moved_trade_goes_on_under_the_new_tables(begun: Store):
    trades, _ = await office(begun, machine())
    plan = await Upgrade(begun, Machines(begun, machine()), ORDERED).run(apply=True)
    assert (plan.moved, plan.needs) == (["TRADE-OPENED", "TRADE-ORDERED"], {})
    row = await begun.read("TRADE-ORDERED")
    assert row is not None
    assert (row.state.state_of("contract.main"), row.state.machine) == ("ordered", machine().hash)
    await trades.decision(Caller(OPERATOR, "key"), "TRADE-ORDERED", "inspection_not_required", "", "", "")
    after = await begun.read("TRADE-ORDERED")
    assert after is not None
    assert after.state.state_of("contract.main") == "lapsed", "the clock that was armed under the older tables fires under the new ones"
    assert [e["kind"] for e in await reads.timeline(begun, "TRADE-ORDERED")][:3] == ["open", "message", "upgrade"]
    assert (await verify(begun)).faults == []


async def test_one_trade_alone_can_be_moved(begun: Store):
    await office(begun, machine())
    plan = await Upgrade(begun, Machines(begun, machine()), ORDERED).run(frozenset({"TRADE-ORDERED"}), apply=True)
    assert plan.moved == ["TRADE-ORDERED"]
    assert (await pinned(begun))["TRADE-OPENED"] == older().hash


async def test_the_command_tells_and_moves(begun: Store, database: str):
    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tradeflow", "upgrade", *more],
            env={**os.environ, "TRADEFLOW_DATABASE_URL": database}, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    dry = run()
    assert dry.returncode == 1
    assert "TRADE-ORDERED needs a person:\n  contract.main is asked" in dry.stdout
    assert dry.stdout.endswith("1 trades would move, 1 need a person, 1 are over and stay\n")
    done = run("--apply", "--rename", "contract.main:asked=ordered")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 trades moved, 0 need a person, 1 are over and stay")
    assert run().stdout.endswith("0 trades would move, 0 need a person, 1 are over and stay\n")
    assert run("--rename", "contract:asked").returncode == 2
