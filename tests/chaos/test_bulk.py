"""A hub that is killed in the middle of a file with many documents: whoever goes on lodges nothing twice and leaves nothing out."""

import asyncio
from collections.abc import Callable

import pytest

from tests.chaos.conftest import ask, finished, process
from tests.store import desk
from tests.variants import variants
from tests.verified import verified
from tradeflow.app.access import Caller
from tradeflow.app.bulk import Bulk
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.handle import Handler
from tradeflow.app.machines import Machines
from tradeflow.machine.load import machine
from tradeflow.ports import NullDoorbell
from tradeflow.store.uow import Store

COUNT = 8


def filled(dsn: str) -> str:
    """A database with trades and a file with an order for each of them, and one that must be refused."""

    async def go() -> None:
        store = await Store.connect(dsn, 4)
        handler = Handler(store, Machines(store, machine()), DocumentLoader(store), NullDoorbell())
        body = await desk.orders_file(store, handler, COUNT)
        assert (await Bulk(store, handler).take(Caller("van-der-meer", "key"), body, "text/csv", "orders.csv")).status == 202
        await store.close()

    asyncio.run(go())
    return dsn


@pytest.mark.parametrize("fault", ["before_commit:kill:4", *variants("after_commit:kill:5", "after_commit:kill:1", "after_parse:kill:6")])
def test_killed_and_taken_over(databases: Callable[[], str], fault: str) -> None:
    dsn = filled(databases())
    assert finished(process("lodger", dsn, fault=fault)).code == -9
    assert finished(process("lodger", dsn)).done
    states, messages = ask(
        dsn, "SELECT position, state FROM bulk_document ORDER BY 1", "SELECT count(*), count(DISTINCT message_id) FROM message"
    )
    assert [position for position, _ in states] == list(range(1, COUNT + 2))
    assert [state for _, state in states].count("refused") == 1 and states[COUNT][1] == "refused"
    assert {state for _, state in states[:COUNT]} <= {"accepted", "repeated"}
    assert messages == [(COUNT, COUNT)]
    assert verified(dsn).faults == []
