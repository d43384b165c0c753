"""Whoever changes a stored row by hand is found out, and the row is named."""

from datetime import timedelta

from tests.store import desk
from tradeflow.app.verify import verify
from tradeflow.machine import changes as change
from tradeflow.store.claims import Claims
from tradeflow.store.uow import Store
from tradeflow.worker.drain import Drain

TAMPERING = [
    ("a change of an event", "UPDATE event SET body = replace(convert_from(body, 'UTF8'), '\"value\":3', '\"value\":7')::bytea WHERE seq = 4", "chain is broken at event 4"),
    ("one bit of an event", "UPDATE event SET body = set_bit(body, 11, 1 - get_bit(body, 11)) WHERE seq = 5", "chain is broken at event 5"),
    ("who did it", "UPDATE event SET party = 'maersk' WHERE seq = 3", "chain is broken at event 3"),
    ("in which role", "UPDATE event SET role = 'carrier' WHERE seq = 3", "chain is broken at event 3"),
    ("with which key", "UPDATE event SET key_id = 'other' WHERE seq = 2", "chain is broken at event 2"),
    ("when it was", "UPDATE event SET at = at + interval '1 microsecond' WHERE seq = 6", "chain is broken at event 6"),
    ("what kind it was", "UPDATE event SET kind = 'event' WHERE seq = 6", "chain is broken at event 6"),
    ("which message it was", "UPDATE event SET message_id = gen_random_uuid() WHERE seq = 6", "chain is broken at event 6"),
    ("a link", "UPDATE event SET hash = sha256(hash) WHERE seq = 5", "chain is broken at event 5"),
    ("the link before", "UPDATE event SET prev_hash = sha256(hash) WHERE seq = 5", "chain is broken at event 5"),
    ("an event taken out", "DELETE FROM event WHERE seq = 4", "chain is broken at event 5"),
    ("the first event taken out", "DELETE FROM event WHERE seq = 1", "chain is broken at event 2"),
    ("the last event taken out", "DELETE FROM event WHERE seq = 7", "at version 7, but its chain ends with event 6"),
    ("two events changed places", "UPDATE event SET seq = 7 - seq WHERE seq IN (3, 4)", "chain is broken at event 3"),
    ("an event twice", "INSERT INTO event SELECT trade_id, seq, at, recorded_at + interval '1 second', kind, party, role, key_id, message_id, body, prev_hash, hash FROM event WHERE seq = 4", "chain is broken at event 4"),
    ("the state", "UPDATE trade SET state = replace(convert_from(state, 'UTF8'), '\"count\":6', '\"count\":9')::bytea", "not the fold of its events (attributes)"),
    ("the version", "UPDATE trade SET version = version + 1", "at version 8, but its chain ends with event 7"),
    ("the head", "UPDATE trade SET head_hash = sha256(head_hash)", "at version 7, but its chain ends with event 7"),
    ("a payload", "UPDATE payload SET body = body || convert_to(' ', 'UTF8') WHERE sha256 = (SELECT sha256 FROM message JOIN event USING (trade_id, message_id) WHERE seq = 3 AND trade_id = $TRADE)", "does not have its hash"),
    ("a payload taken away", "DELETE FROM payload WHERE sha256 = (SELECT sha256 FROM message JOIN event USING (trade_id, message_id) WHERE seq = 3 AND trade_id = $TRADE)", "has no payload"),
    ("a message taken away", "DELETE FROM message WHERE message_id = (SELECT message_id FROM event WHERE seq = 3 AND trade_id = $TRADE)", "which is not stored"),
    ("a message made up", "INSERT INTO message SELECT trade_id, gen_random_uuid(), sender, role, type, function, content_type, original_sha256, sha256, payload_sha256, verdict, status, answer, received_at FROM message WHERE message_id = (SELECT message_id FROM event WHERE seq = 3 AND trade_id = $TRADE)", "has no event"),
    ("a delivery taken away", "DELETE FROM delivery WHERE seq = 3", "is not stored"),
    ("an inbox item made up", "INSERT INTO inbox_item SELECT party_id, 9999, trade_id, gen_random_uuid() FROM inbox_item WHERE position = (SELECT min(position) FROM inbox_item WHERE trade_id = $TRADE)", "inbox item 9999 of maersk has no delivery"),
    ("a delivery never made", "UPDATE delivery SET status = 'pending' WHERE seq = 3", "is in an inbox, but is pending"),
    ("an inbox emptied", "DELETE FROM inbox_item WHERE delivery_id = (SELECT delivery_id FROM delivery WHERE seq = 3 AND trade_id = $TRADE)", "is in no inbox"),
    ("a clock stopped", "DELETE FROM timer", "timers do not equal"),
    ("a clock set back", "UPDATE timer SET due_at = due_at - interval '1 hour'", "timers do not equal"),
]  # fmt: skip


async def trade(store: Store, trade_id: str) -> None:
    """A trade of seven events with a clock."""
    await desk.opened(store, trade_id, ["maersk"])
    for _ in range(5):
        await desk.lodge(store, trade_id, desk.note(), ["maersk"])
    row = await store.read(trade_id)
    assert row is not None
    armed = change.Armed("lc.expiry", "lc.credit", "expired", row.now + timedelta(days=30), "the credit ends")
    await store.accept(desk.acceptance(row, [armed, change.AttributeSet("count", 6)], desk.note(), ["maersk"]))


async def test_what_nobody_touched_is_whole_and_all_tampering_is_found_and_named(store: Store) -> None:
    await desk.desk(store, "maersk")
    trades = {f"TF-VERIFY-{n:04}": row for n, row in enumerate(TAMPERING)}
    for trade_id in (*trades, "TF-VERIFY-9999"):
        await trade(store, trade_id)
    while await Drain(Claims(store, 30, 5)).run():
        pass
    found, n = await verify(store), len(trades) + 1
    assert (found.faults, found.trades, found.events, found.messages, found.deliveries) == ([], n, 7 * n, 6 * n, {"delivered": 6 * n})
    async with store.transaction() as connection:
        for trade_id, (what, sql, _) in trades.items():
            mine = f"{sql} {'AND' if 'WHERE' in sql else 'WHERE'} trade_id = '{trade_id}'".replace("$TRADE", f"'{trade_id}'")
            assert (await connection.execute(mine)).rpartition(" ")[2] != "0", f"{what}: the test changed nothing"
    faults = (await verify(store)).faults
    missed = {what: said for trade_id, (what, _, said) in trades.items() if not any(said in f for f in faults if trade_id in f)}
    assert missed == {}, faults
    assert not [fault for fault in faults if "TF-VERIFY-9999" in fault], "the trade that nobody touched is whole"
