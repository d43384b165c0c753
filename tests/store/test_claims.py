"""Deliveries as work: nobody takes what another has, order is kept, the dead and the frozen do no harm, and nobody starves."""

import asyncio
import random
from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from tests.store import desk
from tradeflow.app.verify import verify
from tradeflow.ports import Claim
from tradeflow.store import reads, travels
from tradeflow.store.claims import DEATHS_MAX, Claims
from tradeflow.store.uow import Store
from tradeflow.worker.drain import Drain

PARTIES = ("maersk", "hsbc", "customs", "insurer")
_ARRIVED = (
    "SELECT trade_id, d.seq FROM inbox_item i JOIN delivery d USING (trade_id, delivery_id) WHERE i.party_id = $1 ORDER BY i.position"
)


async def waiting(store: Store, trades: int, messages: int, receivers: tuple[str, ...] = PARTIES) -> None:
    """trades x messages x receivers deliveries that nobody has claimed."""
    for n in range(trades):
        await desk.opened(store, f"TF-CLAIM-{n:04}")
    for _ in range(messages):
        await asyncio.gather(*(desk.lodge(store, f"TF-CLAIM-{n:04}", desk.note(), receivers) for n in range(trades)))


async def lease_over(store: Store) -> None:
    """As if every lease had run out."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE delivery SET lease_until = now() - interval '1 second' WHERE lease_token IS NOT NULL")


async def test_four_relays_on_four_thousand_rows_never_take_the_same(store: Store) -> None:
    await desk.desk(store, *PARTIES)
    await waiting(store, trades=100, messages=10)
    taken: Counter[object] = Counter()

    async def relay() -> None:
        claims = Claims(store, 30, 5)
        while work := await claims.claim(50):
            taken.update(claim.delivery_id for claim in work)
            await claims.hand_over(work)

    while sum(taken.values()) < 4000:
        before = sum(taken.values())
        await asyncio.gather(*(relay() for _ in range(4)))
        assert sum(taken.values()) > before, "the relays stopped though work was left"
    assert len(taken) == 4000 and set(taken.values()) == {1}
    assert await desk.count(store, "SELECT count(*) FROM inbox_item") == 4000
    assert await desk.count(store, "SELECT count(*) FROM attempt WHERE outcome = 'delivered'") == 4000
    found = await verify(store)
    assert (found.faults, found.deliveries) == ([], {"delivered": 4000})


async def test_what_a_party_gets_of_a_trade_comes_in_the_order_of_its_events(store: Store) -> None:
    await desk.desk(store, *PARTIES)
    for n in range(4):
        await desk.opened(store, f"TF-CLAIM-{n:04}")
    dice, stop = random.Random(7), asyncio.Event()

    async def writer(n: int) -> None:
        for _ in range(20):
            await desk.lodge(store, f"TF-CLAIM-{n % 4:04}", desk.note(), PARTIES)

    async def relay() -> None:
        claims = Claims(store, 30, 99)
        while not stop.is_set():
            work = await claims.claim(20)
            failing = [c for c in work if dice.random() < 0.2]
            for claim in failing:
                await claims.failed(claim, "no answer", 0.02)
            await claims.hand_over([c for c in work if c not in failing])
            await asyncio.sleep(0 if work else 0.01)

    async with asyncio.TaskGroup() as group:
        relays = [group.create_task(relay()) for _ in range(3)]
        await asyncio.gather(*(writer(n) for n in range(8)))
        await desk.none_left(store, "SELECT count(*) FROM delivery WHERE status = 'pending'")
        stop.set()
        await asyncio.gather(*relays)
    for party in PARTIES:
        seen: dict[str, list[int]] = defaultdict(list)
        async with store.connection() as connection:
            for trade_id, seq in await connection.fetch(_ARRIVED, party):
                seen[trade_id].append(seq)
        assert sum(map(len, seen.values())) == 160
        assert all(order == sorted(order) for order in seen.values()), f"{party} got a later message first"


async def test_a_frozen_worker_cannot_write_after_its_lease_is_over(store: Store) -> None:
    await desk.desk(store, "maersk")
    await waiting(store, trades=5, messages=1, receivers=("maersk",))
    frozen, other = Claims(store, 30, 5), Claims(store, 30, 5)
    held = await frozen.claim(10)
    assert len(held) == 5 and await other.claim(10) == [], "what is held is nobody else's"
    await lease_over(store)
    while work := await other.claim(10):
        assert await other.hand_over(work) == 1
    before = await desk.fingerprint(store)
    assert await frozen.hand_over(held) == 0
    assert [await frozen.failed(claim, "too late", 1) for claim in held] == [False] * 5
    assert await frozen.release(held) == 0
    assert await desk.fingerprint(store) == before
    assert await desk.count(store, "SELECT count(*) FROM inbox_item") == 5


async def test_who_takes_over_while_the_frozen_one_still_writes_wins_alone(store: Store) -> None:
    """Both write at the same time: the token decides, whoever the database serves first."""
    await desk.desk(store, "maersk")
    await waiting(store, trades=20, messages=1, receivers=("maersk",))
    frozen, other = Claims(store, 30, 5), Claims(store, 30, 5)
    held = await frozen.claim(20)
    await lease_over(store)

    async def take_over() -> int:
        return sum([await other.hand_over(work) for _ in range(20) if (work := await other.claim(20))])

    late, fresh = await asyncio.gather(frozen.hand_over(held), take_over())
    assert late + fresh == 20
    assert await desk.count(store, "SELECT count(*) FROM inbox_item") == 20


async def test_poison_is_quarantined_after_three_deaths_and_its_neighbours_arrive(store: Store) -> None:
    await desk.desk(store, *PARTIES)
    await waiting(store, trades=10, messages=1)
    poison = await desk.one(store, "SELECT delivery_id FROM delivery WHERE trade_id = 'TF-CLAIM-0003' AND party_id = 'hsbc'")
    executions = 0

    async def work_until_death(claims: Claims) -> bool:
        """A worker that dies of one delivery, whatever else it holds. True if it died."""
        nonlocal executions
        while work := await claims.claim(100):
            if poison in [claim.delivery_id for claim in work]:
                executions += 1
                return True
            await claims.hand_over(work)
        return False

    for _ in range(10):
        if not await work_until_death(Claims(store, 30, 12)):
            break
        await lease_over(store)
        await Claims(store, 30, 12).bury()
    assert executions == DEATHS_MAX
    found = await verify(store)
    assert (found.faults, found.deliveries) == ([], {"delivered": 39, "quarantined": 1})
    assert await desk.one(store, "SELECT last_error FROM delivery WHERE status = 'quarantined'") == (
        "the worker died or hung 3 times while it handed this over"
    )
    assert await desk.count(store, "SELECT count(*) FROM attempt WHERE outcome = ''") == 0, "no attempt is left open"


async def test_what_cannot_be_handed_over_waits_longer_each_time_and_then_for_a_person(store: Store) -> None:
    await desk.desk(store, *PARTIES)
    await waiting(store, trades=3, messages=2)
    async with store.transaction() as connection:
        await connection.execute(
            "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.party_id = 'hsbc' THEN RAISE EXCEPTION 'full'; END IF; RETURN NEW; END $$"
        )
        await connection.execute("CREATE TRIGGER full_up BEFORE INSERT ON inbox_item FOR EACH ROW EXECUTE FUNCTION full_up()")
    claims = Claims(store, 30, 3)
    for _ in range(4):
        await Drain(claims).run()
        async with store.transaction() as connection:
            await connection.execute("UPDATE delivery SET next_attempt_at = now()")
    found = await verify(store)
    assert found.faults == []
    assert await desk.count(store, "SELECT count(*) FROM inbox_item") == 18, "the others have everything"
    assert await desk.count(store, "SELECT count(*) FROM delivery WHERE party_id = 'hsbc' AND status = 'quarantined' AND seq = 2") == 3
    rows = await travels.of_trade(store, store, "TF-CLAIM-0000", "hsbc")
    assert [(a["n"], a["outcome"]) for a in rows[0]["attempt_list"]] == [(1, "failed"), (2, "failed"), (3, "failed")]
    assert "full" in rows[0]["attempt_list"][0]["error"]


async def test_a_worker_that_stops_in_order_gives_back_and_has_not_died(store: Store) -> None:
    await desk.desk(store, "maersk")
    await waiting(store, trades=3, messages=1, receivers=("maersk",))

    class Slow(Claims):
        async def hand_over(self, claims: object) -> int:
            await asyncio.sleep(60)
            return 0

    task = asyncio.create_task(Drain(Slow(store, 30, 5)).run())
    await desk.none_left(store, "SELECT count(*) FROM delivery WHERE lease_token IS NULL")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await desk.count(store, "SELECT count(*) FROM delivery WHERE lease_token IS NULL AND deaths = 0") == 3
    assert await Drain(Claims(store, 30, 5)).run() == 3


async def test_a_burst_for_one_party_does_not_starve_the_others(store: Store) -> None:
    await desk.desk(store, *PARTIES)
    await waiting(store, trades=60, messages=1, receivers=("hsbc",))
    await waiting_more(store, ("maersk", "customs"))
    work = await Claims(store, 30, 5).claim(9)
    assert Counter(claim.party_id for claim in work) == {"hsbc": 3, "maersk": 3, "customs": 3}


async def waiting_more(store: Store, receivers: tuple[str, ...]) -> None:
    await asyncio.gather(*(desk.lodge(store, f"TF-CLAIM-{n:04}", desk.note(), receivers) for n in range(5)))


async def test_parties_take_turns_where_there_are_more_of_them_than_a_batch_holds(store: Store) -> None:
    many = tuple(f"party-{n:02}" for n in range(10))
    await desk.desk(store, *many)
    await waiting(store, trades=4, messages=1, receivers=many)
    claims = Claims(store, 30, 5)
    batches: list[list[Claim]] = []
    while work := await claims.claim(4):
        batches.append(work)
        await claims.hand_over(work)
    first = [claim.party_id for work in batches[:3] for claim in work]
    assert set(first) == set(many), "each had a turn before the second one"
    assert sum(map(len, batches)) == 40


async def test_only_the_buckets_asked_for_are_claimed(store: Store) -> None:
    await desk.desk(store, "maersk")
    await waiting(store, trades=12, messages=1, receivers=("maersk",))
    buckets = await desk.all_of(store, "SELECT DISTINCT bucket FROM delivery ORDER BY bucket")
    claims = Claims(store, 30, 5)
    got = await claims.claim(50, buckets[:3])
    assert {c.trade_id for c in got} == set(await desk.all_of(store, "SELECT trade_id FROM delivery WHERE bucket = ANY ($1)", buckets[:3]))
    assert len(got) + len(await claims.claim(50)) == 12


async def test_a_cursor_never_skips_while_eight_workers_fill_the_inbox(store: Store) -> None:
    await desk.desk(store, *PARTIES)
    trades = 30
    for n in range(trades):
        await desk.opened(store, f"TF-CLAIM-{n:04}")
    stop = asyncio.Event()
    seen: list[int] = []

    async def writer(n: int) -> None:
        for k in range(25):
            await desk.lodge(store, f"TF-CLAIM-{(n * 7 + k) % trades:04}", desk.note(), ("maersk",))

    async def relay(seed: int) -> None:
        claims, dice = Claims(store, 30, 5), random.Random(seed)
        while not stop.is_set():
            await claims.hand_over(await claims.claim(dice.randint(1, 8)))
            await asyncio.sleep(dice.random() * 0.01)

    async def reader() -> None:
        after = 0
        while not stop.is_set() or len(seen) < 200:
            items = await reads.inbox(store, "maersk", after, 7, False)
            seen.extend(item["position"] for item in items)
            after = seen[-1] if seen else 0
            await asyncio.sleep(0)

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for seed in range(8):
            group.create_task(relay(seed))
        group.create_task(reader())
        await asyncio.gather(*(writer(n) for n in range(8)))
        await desk.none_left(store, "SELECT count(*) FROM delivery WHERE status = 'pending'")
        stop.set()
    assert seen == list(range(1, 201))


async def test_acknowledging_twice_keeps_the_first_time_and_strangers_cannot(store: Store) -> None:
    await desk.desk(store, "maersk", "hsbc")
    await waiting(store, trades=1, messages=1, receivers=("maersk",))
    await Drain(Claims(store, 30, 5)).run()
    delivery_id = (await reads.inbox(store, "maersk", 0, 10, True))[0]["delivery_id"]
    assert await reads.acknowledge(store, "hsbc", delivery_id) is None
    first = await reads.acknowledge(store, "maersk", delivery_id)
    assert first is not None and await reads.acknowledge(store, "maersk", delivery_id) == first
    assert await reads.inbox(store, "maersk", 0, 10, True) == []
    assert (await verify(store)).deliveries == {"acknowledged": 1}


async def test_the_lease_is_as_long_as_asked(store: Store) -> None:
    await desk.desk(store, "maersk")
    await waiting(store, trades=1, messages=1, receivers=("maersk",))
    await Claims(store, 7, 5).claim(1)
    left: timedelta = await desk.one(store, "SELECT lease_until - clock_timestamp() FROM delivery")
    assert timedelta(seconds=5) < left <= timedelta(seconds=7)
