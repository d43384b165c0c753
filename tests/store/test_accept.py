"""The commit of a command: everything or nothing, once, in order, and never a success that is not stored."""



from tests.store import desk
from tradeflow.app.verify import verify
from tradeflow.store.uow import Store

TRADE = "TF-ACCEPT-0001"


async def test_everything_one_command_writes(store: Store) -> None:
    await desk.desk(store, "maersk")
    await desk.opened(store, TRADE, ["maersk"])
    sent = desk.note("hello")
    assert await desk.lodge(store, TRADE, sent, ["maersk"]) == b"version 2"
    row = await store.read(TRADE)
    assert row is not None and row.state.version == 2 and row.state.attributes == {"count": 1}
    assert await store.bodies(TRADE, [sent.sha256]) == {sent.sha256: b"hello"}
    assert await desk.count(store, "SELECT count(*) FROM delivery WHERE seq = 2 AND status = 'pending'") == 1
    assert (await verify(store)).faults == []
