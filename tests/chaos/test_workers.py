"""Workers that freeze or die while they hold work: nobody else has it meanwhile, somebody has it afterwards, nobody has it twice."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.conftest import ask, finished, process
from tests.store import desk
from tests.verified import verified
from tradeflow.store.uow import Store

LEASE_SECONDS = 1.0
_STATE = "SELECT status, deaths, count(*) FROM delivery GROUP BY 1, 2"


def filled(dsn: str, trades: int = 30) -> str:
    """A database with a delivery of each trade for two parties."""

    async def go() -> None:
        store = await Store.connect(dsn, 8, role="")
        await desk.desk(store, "maersk", "hsbc")
        for n in range(trades):
            await desk.opened(store, f"TF-WORK-{n:04}")
            await desk.lodge(store, f"TF-WORK-{n:04}", desk.note(), ["maersk", "hsbc"])
        await store.close()

    asyncio.run(go())
    return dsn


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_a_frozen_worker_wakes_up_too_late(databases: Callable[[], str]) -> None:
    """It holds everything, sleeps past its lease while another does the work, and then wants to write."""
    dsn = filled(databases())
    frozen = process("carrier", dsn, "1", fault="after_claim:stop")
    try:
        until = time.monotonic() + 30
        while not stopped(frozen.pid):
            assert time.monotonic() < until, "it never froze"
            time.sleep(0.02)
        assert ask(dsn, "SELECT count(*) FROM delivery WHERE lease_token IS NOT NULL") == [[(60,)]]
        assert finished(process("carrier", dsn, "1")).done
        before = ask(dsn, "SELECT * FROM inbox_item ORDER BY party_id, position", "SELECT * FROM delivery ORDER BY delivery_id")
    finally:
        os.kill(frozen.pid, signal.SIGCONT)
    assert finished(frozen).done
    assert ask(dsn, "SELECT * FROM inbox_item ORDER BY party_id, position", "SELECT * FROM delivery ORDER BY delivery_id") == before
    assert ask(dsn, _STATE) == [[("delivered", 1, 60)]]
    assert verified(dsn).faults == []


def test_workers_that_die_again_and_again_of_their_work_leave_it_to_a_person(databases: Callable[[], str]) -> None:
    """Each dies with the batch it holds. The first takes all along; after that each delivery is tried alone, and dies alone."""
    dsn = filled(databases(), trades=1)
    deaths = 0
    for _ in range(20):
        run = finished(process("carrier", dsn, "0.2", fault="after_claim:kill"))
        if run.done:
            break
        deaths += 1
    assert deaths == 1 + 2 * 2, "together once, then twice each"
    assert ask(dsn, _STATE) == [[("quarantined", 3, 2)]]
    assert verified(dsn).faults == []
