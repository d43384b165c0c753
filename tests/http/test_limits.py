"""What a key is for, how often a party may call, and what happens to who guesses."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.http.description import Description
from tests.http.desk import Desk, order
from tests.http.problems import assert_problem
from tests.http.test_auth import IDS
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.access import SCOPES
from tradeflow.app.keys import KEY_TRIES, operator_key
from tradeflow.app.limits import Allowance, Lockout, Rates
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem
from tradeflow.ports import NullDoorbell
from tradeflow.settings import Settings
from tradeflow.store import counters
from tradeflow.store.uow import Store

ASKS_FIRST = {"convert"}  # for its query, before the key is looked at
STORMS = 20
READS = {"acknowledge", "convert", "readConversation"}  # a reader takes over what it read, and has a message in another form


async def test_every_operation_asks_for_its_scope_and_no_other(desk: Desk, description: Description) -> None:
    """A key with all scopes but one is refused by exactly the operations of that one, before anything else is looked at."""
    keys = {}
    for scope in SCOPES:
        others = [other for other in SCOPES if other != scope]
        keys[scope] = (await desk.post("/v1/parties/stranger/keys", "stranger", {"name": scope, "scopes": others})).json["key"]
    asked = 0
    for operation in description.operations():
        if operation.public or operation.id in ASKS_FIRST:
            continue
        needed = "".join(operation.described["security"][0]["bearer"])
        assert needed or operation.path.startswith("/v1/session"), operation.id
        assert needed != "read" or operation.method == "GET" or operation.id in READS, operation.id
        for scope, key in keys.items():
            reply = await desk.call(operation.method, operation.anywhere(**IDS), headers={"Authorization": f"Bearer {key}"})
            refused = reply.status == 403 and reply.code == "SCOPE_MISSING"
            assert refused == (scope == needed), (operation.id, scope, reply.body)
            asked += 1
    assert asked > 80


async def test_nobody_hands_out_more_than_it_has(desk: Desk) -> None:
    limits = {"name": "admin", "scopes": ["admin", "read"], "roles": ["exporter"]}
    admin = (await desk.post("/v1/parties/stranger/keys", "stranger", limits)).json["key"]
    headers = {"Authorization": f"Bearer {admin}"}
    for asked in ({}, {"scopes": ["read"]}, {"roles": ["exporter"]}, {"scopes": ["lodge"], "roles": ["exporter"]}):
        assert_problem(await desk.post("/v1/parties/stranger/keys", None, {"name": "x", **asked}, headers=headers), 403, "SCOPE_MISSING")
    within = {"name": "x", "scopes": ["read"], "roles": ["exporter"]}
    assert (await desk.post("/v1/parties/stranger/keys", None, within, headers=headers)).status == 201
    assert (await desk.post("/v1/parties/stranger/keys", "stranger", {"name": "x", "scopes": ["all"]})).status == 422


async def test_a_reading_key_changes_nothing(desk: Desk) -> None:
    trade_id = await desk.trade()
    key = (await desk.post("/v1/parties/van-der-meer/keys", "van-der-meer", {"name": "reports", "scopes": ["read"]})).json["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert (await desk.get(f"/v1/trades/{trade_id}", headers=headers)).status == 200
    assert_problem(await desk.post("/v1/messages", None, order(trade_id), headers=headers), 403, "SCOPE_MISSING")
    listed = (await desk.get("/v1/parties/van-der-meer/keys", "van-der-meer")).json["items"]
    assert [found["scopes"] for found in listed if found["name"] == "reports"] == [["read"]]


@pytest.fixture
async def limited(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A hub where a party may send 20 requests at once and 20 a second."""
    hub = await Hub.open(Settings(data_dir=tmp_path, rate_per_second=20, rate_burst=20), database, NullDoorbell())
    async with Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        made = Desk(listener.base_url, session, {"operator": await operator_key(hub.store)})
        for party in ("busy-line", "calm-line"):
            assert (await made.post("/v1/parties", "operator", {"party_id": party, "name": party})).status == 201
            made.keys[party] = (await made.post(f"/v1/parties/{party}/keys", "operator", {"name": "tests"})).json["key"]
        yield made
    await hub.close()


async def test_a_burst_is_told_to_wait_and_harms_nobody_else(limited: Desk) -> None:
    first = await limited.get("/v1/trades", "busy-line")
    assert first.headers["RateLimit-Policy"] == '"party";q=20;w=1'
    assert first.headers["RateLimit"].startswith('"party";r=19;t=')
    burst = await asyncio.gather(*(limited.get("/v1/trades", "busy-line") for _ in range(120)))
    refused = [reply for reply in burst if reply.status == 429]
    assert 60 < len(refused) < 120
    for reply in refused:
        assert assert_problem(reply, 429, "TOO_MANY_REQUESTS")["retry"] is True
        assert int(reply.headers["Retry-After"]) >= 1 and '"party";r=0' in reply.headers["RateLimit"]
    calm = [await limited.get("/v1/trades", "calm-line") for _ in range(10)]
    assert {reply.status for reply in calm} == {200}, "another party has its own rate"
    await asyncio.sleep(int(refused[-1].headers["Retry-After"]))
    assert (await limited.get("/v1/trades", "busy-line")).status == 200


async def test_another_party_is_answered_while_one_storms(limited: Desk) -> None:
    answered = itertools.count()

    async def storm() -> None:
        while True:
            await limited.get("/v1/trades", "busy-line")
            next(answered)

    storms = [asyncio.create_task(storm()) for _ in range(STORMS)]
    try:
        before = []
        for _ in range(15):
            at = next(answered)
            assert (await limited.get("/v1/trades", "calm-line")).status == 200
            before.append(next(answered) - at)
            await asyncio.sleep(0.06)
    finally:
        for task in storms:
            task.cancel()
        await asyncio.gather(*storms, return_exceptions=True)
    assert sorted(before)[len(before) // 2] < 10 * STORMS, f"answers to the others before its own: {before}"


async def test_who_guesses_is_locked_out_and_who_knows_is_not(limited: Desk) -> None:
    good = limited.keys["calm-line"]
    assert (await limited.get("/v1/trades", "calm-line")).status == 200
    wrong = {"Authorization": f"Bearer {good[:-1]}x"}
    answers = [await limited.get("/v1/trades", headers=wrong) for _ in range(KEY_TRIES + 1)]
    assert [reply.status for reply in answers] == [401] * KEY_TRIES + [429]
    assert int(answers[-1].headers["Retry-After"]) > 1
    assert (await limited.get("/v1/trades", "calm-line")).status == 200, "a guesser locks out nobody who has the key"
    assert (await limited.get("/v1/trades", "busy-line")).status == 200


async def test_an_expired_key_of_a_scope_ends(limited: Desk) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    asked = {"name": "soon", "scopes": ["read"], "expires_at": soon}
    key = (await limited.post("/v1/parties/calm-line/keys", "operator", asked)).json["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert (await limited.get("/v1/trades", headers=headers)).status == 200
    await asyncio.sleep(2.1)
    assert_problem(await limited.get("/v1/trades", headers=headers), 401, "UNAUTHENTICATED")


async def test_two_processes_of_a_hub_count_together(database: str, tmp_path: Path) -> None:
    """The burst of a party is for all processes, and so are its failures; a guesser is locked out of both."""
    settings = Settings(data_dir=tmp_path, rate_per_second=0.01, rate_burst=30)
    hubs = [await Hub.open(settings, database, NullDoorbell()) for _ in range(2)]
    passed = [allowed for _ in range(30) for hub in hubs if (allowed := await _allowed(hub))]
    assert len(passed) == 30, "not 30 for each"
    assert [allowance.remaining for allowance in passed] == list(range(29, -1, -1))
    for n in range(KEY_TRIES):
        with pytest.raises(Problem) as refused:
            await hubs[n % 2].keys.authenticate("tf_0123456789abcdef_wrong", "192.0.2.7")
        assert refused.value.status == 401
    for hub in hubs:
        with pytest.raises(Problem) as locked:
            await hub.keys.authenticate("tf_0123456789abcdef_wrong", "192.0.2.7")
        assert locked.value.status == 429 and locked.value.wait_seconds > 20
        with pytest.raises(Problem) as elsewhere:
            await hub.keys.authenticate("tf_0123456789abcdef_wrong", "192.0.2.8")
        assert elsewhere.value.status == 401
        await hub.close()


async def _allowed(hub: Hub) -> Allowance | None:
    with contextlib.suppress(Problem):
        return await hub.rates.take("busy-line")
    return None


async def test_a_bucket_refills_at_its_rate_and_not_beyond_its_burst(database: str) -> None:
    store = await Store.connect(database, 2)

    async def later(seconds: float) -> None:
        async with store.transaction() as connection:
            await connection.execute("UPDATE rate_bucket SET at = at - make_interval(secs => $1)", seconds)

    assert await counters.take(store, "a", 4, 0.01, 3) == (3, 1.0)
    taken, left = await counters.take(store, "a", 4, 0.01, 3)
    assert taken == 1 and 0 <= left < 0.5, "what there is, where that is less"
    assert (await counters.take(store, "a", 4, 0.01, 3))[0] == 0
    await later(210)
    assert (await counters.take(store, "a", 4, 0.01, 1))[0] == 1
    await later(1e6)
    taken, left = await counters.take(store, "a", 4, 0.01, 1)
    assert (taken, round(left)) == (1, 3)
    assert (await counters.take(store, "b", 4, 0.01, 1)) == (1, 3.0), "another has its own"
    assert await Rates(store, 0, 1).take("a") is None
    await later(1e6)
    await counters.tidy(store)
    assert (await counters.take(store, "a", 9, 0.01, 1)) == (1, 8.0), "nobody is remembered for ever"
    await store.close()


async def test_each_lock_is_longer_and_a_success_ends_the_count(database: str) -> None:
    store = await Store.connect(database, 2)
    lockout, waits = Lockout(store), []
    for tries in (3, 1, 1, 1, 1, 1, 1):
        for _ in range(tries):
            await lockout.check("x")
            await lockout.failed("x", 3)
        with pytest.raises(Problem) as refused:
            await lockout.check("y", "x")
        waits.append(refused.value.wait_seconds)
        await lockout.check("y")
        async with store.transaction() as connection:
            await connection.execute("UPDATE sign_in_guard SET locked_until = now()")
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    for _ in range(2):
        await lockout.failed("y", 3)
    await lockout.succeeded("y")
    await lockout.failed("y", 3)
    await lockout.check("y")
    await store.close()
