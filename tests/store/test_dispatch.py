"""Sending through channels: partners that are down, busy, late or dead; under a clock that the test turns."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.store import desk
from tradeflow.app import payloads
from tradeflow.app.deliveries import _item
from tradeflow.app.hours import is_open, opens_at
from tradeflow.codec.business.translate import Translated
from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity
from tradeflow.ports import Failed, Outgoing, RetryLater, SendResult, Sent
from tradeflow.store import channels, parties, reads, travels
from tradeflow.store.claims import Claims
from tradeflow.store.dispatches import BREAKER_FAILURES, Dispatch, Line
from tradeflow.store.uow import Store
from tradeflow.worker import dispatch as dispatching
from tradeflow.worker.dispatch import Dispatcher
from tradeflow.worker.drain import Drain
from tradeflow.worker.ladder import LADDER_SECONDS

GIVEN: dict[str, Any] = {"kind": "null", "message_types": ["*"], "notices": True, "format": "json", "settings": {}, "hours": None}
Answer = Callable[[Outgoing], Awaitable[SendResult]]


async def well(outgoing: Outgoing) -> SendResult:
    return Sent("200")


@dataclass
class Partners:
    """Every receiver's own system: what it took over, by its answer to each."""

    answers: dict[str, Answer] = field(default_factory=dict)
    posts: list[Outgoing] = field(default_factory=list)
    effects: dict[str, list[Outgoing]] = field(default_factory=lambda: defaultdict(list))

    async def send(self, line: Line, outgoing: Outgoing) -> SendResult:
        self.posts.append(outgoing)
        result = await self.answers.get(line.party_id, well)(outgoing)
        if isinstance(result, Sent):
            self.take(outgoing)
        return result

    def take(self, outgoing: Outgoing) -> None:
        """Once in effect: a receiver knows a repetition by its id."""
        seen = self.effects[outgoing.party_id]
        if outgoing.delivery_id not in {one.delivery_id for one in seen}:
            seen.append(outgoing)


@dataclass
class World:
    store: Store
    partners: Partners
    dispatcher: Dispatcher

    async def channel(self, *parties: str, **given: Any) -> None:
        for party in parties:
            await channels.put(self.store, party, "erp", GIVEN | given, {})

    async def arrive(self, trades: int, messages: int, *receivers: str) -> None:
        for n in range(trades):
            await desk.opened(self.store, f"TF-SEND-{n:04}")
        await self.more(trades, messages, *receivers)

    async def more(self, trades: int, messages: int, *receivers: str) -> None:
        for _ in range(messages):
            for n in range(trades):
                await desk.lodge(self.store, f"TF-SEND-{n:04}", desk.note(), receivers)
        await Drain(Claims(self.store, 30, 5)).run()

    async def work(self) -> None:
        """Until nothing is due now."""
        while await self.dispatcher.look():
            await self.dispatcher.idle()

    async def pass_time(self, total: timedelta, step: timedelta) -> None:
        """Let the hub's time go by, working at every step."""
        passed = timedelta(0)
        while passed < total:
            await self.store.set_clock(None, step)
            passed += step
            await self.work()

    async def statuses(self) -> dict[str, int]:
        async with self.store.connection() as connection:
            return dict(await connection.fetch("SELECT status, count(*) FROM dispatch GROUP BY status"))

    def arrived_in_order(self, party: str, expected: int) -> None:
        """Everything once, and of each trade in the order of its events."""
        got = self.partners.effects[party]
        assert len(got) == len({one.delivery_id for one in got}) == expected
        lines: dict[str, list[int]] = defaultdict(list)
        for one in got:
            lines[one.trade_id].append(one.sequence)
        assert all(line == sorted(line) for line in lines.values()), lines


async def _noted(store: Store, d: Dispatch, line: Line) -> Translated:
    return Translated(str(d.message_id).encode(), "text/plain", ".txt")


@pytest.fixture
async def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    """A hub whose messages are notes of no catalogue: what is under test is when they go where."""
    assert dispatching.payload is payloads.payload
    monkeypatch.setattr(dispatching, "payload", _noted)
    await store.sandbox(True)
    await store.set_clock(None, timedelta(0))
    await desk.desk(store, "maersk", "hsbc", "customs")
    partners = Partners()
    return World(store, partners, Dispatcher(store, partners, 0.02))  # type: ignore[arg-type]


def for_a_while(results: list[SendResult]) -> Answer:
    """These results first, then all is well."""

    async def answer(outgoing: Outgoing) -> SendResult:
        return results.pop(0) if results else Sent("200")

    return answer


async def test_what_arrives_goes_through_the_channel_that_fits_best_and_is_in_the_inbox(world: World) -> None:
    await world.channel("maersk", message_types=["customs_*"])
    await channels.put(world.store, "maersk", "notes", GIVEN | {"message_types": ["note"]}, {})
    await channels.put(world.store, "maersk", "rest", GIVEN, {})
    await world.arrive(3, 2, "maersk", "hsbc")
    await world.work()
    assert await desk.all_of(world.store, "SELECT DISTINCT channel FROM dispatch") == ["notes"]
    world.arrived_in_order("maersk", 6)
    assert world.partners.effects["hsbc"] == [], "who has no channel has an inbox"
    for party in ("maersk", "hsbc"):
        assert len(await reads.inbox(world.store, party, 0, 100, False)) == 6


async def test_a_partner_that_was_down_for_an_hour_gets_everything_once_and_in_order(world: World) -> None:
    up = False

    async def down(outgoing: Outgoing) -> SendResult:
        return Sent("200") if up else RetryLater("cannot connect: Connection refused")

    world.partners.answers["maersk"] = down
    await world.channel("maersk", "hsbc")
    await world.arrive(6, 4, "maersk", "hsbc")
    await world.work()
    await world.pass_time(timedelta(hours=1), timedelta(seconds=30))
    assert world.partners.effects["maersk"] == []
    world.arrived_in_order("hsbc", 24)
    tries = sum(post.party_id == "maersk" for post in world.partners.posts)
    assert tries < 40, f"{tries} tries in an hour are not what a breaker is for"
    row = await channels.channel(world.store, "maersk", "erp")
    assert row is not None and row["failures"] >= BREAKER_FAILURES and row["waiting"] == 24
    late = [_item(one) for one in await travels.of_trade(world.store, world.store, "TF-SEND-0000", desk.SENDER)]
    mine = next(one for one in late if one["party_id"] == "maersk" and one["attempt_list"][1:])
    assert mine["status"] == "delivered", "the inbox has it"
    assert mine["channel"]["status"] == "pending" and mine["channel"]["breaker"] in ("open", "half_open")
    assert "Connection refused" in mine["channel"]["last_error"], "the sender sees why"
    up = True
    await world.pass_time(timedelta(minutes=10), timedelta(seconds=30))
    world.arrived_in_order("maersk", 24)
    assert await world.statuses() == {"sent": 48}
    row = await channels.channel(world.store, "maersk", "erp")
    assert row is not None and (row["failures"], row["wait_until"], row["last_error"]) == (0, None, "")


@pytest.mark.parametrize(
    "answer",
    [RetryLater("answered 500"), RetryLater("the answer is no HTTP, or it broke off: BadStatusLine"), RetryLater("no answer within 40 s")],
    ids=["500", "garbage", "late"],
)
async def test_a_partner_in_trouble_gets_everything_once_and_in_order(world: World, answer: SendResult) -> None:
    """The late one has taken it over although the hub gave up: the same id tells it so."""
    troubles = [answer] * 7

    async def troubled(outgoing: Outgoing) -> SendResult:
        if "no answer" in getattr(answer, "why", ""):
            world.partners.take(outgoing)
        return troubles.pop() if troubles else Sent("200")

    world.partners.answers["maersk"] = troubled
    await world.channel("maersk")
    await world.arrive(4, 3, "maersk")
    await world.pass_time(timedelta(hours=2), timedelta(minutes=1))
    world.arrived_in_order("maersk", 12)
    assert await world.statuses() == {"sent": 12}
    assert len(world.partners.posts) == 19
    attempts = await desk.count(world.store, "SELECT count(*) FROM attempt WHERE channel = 'erp' AND outcome = 'failed'")
    assert attempts == 7, "every try is on file"


async def test_who_says_when_to_come_back_is_left_alone_until_then(world: World) -> None:
    world.partners.answers["maersk"] = for_a_while([RetryLater("answered 429", 1_800)])
    await world.channel("maersk")
    await world.arrive(5, 1, "maersk")
    await world.dispatcher.look()
    await world.dispatcher.idle()
    began = len(world.partners.posts)
    await world.pass_time(timedelta(seconds=1_740), timedelta(seconds=60))
    assert len(world.partners.posts) == began, "nothing of this channel within half an hour"
    await world.pass_time(timedelta(minutes=10), timedelta(seconds=60))
    world.arrived_in_order("maersk", 5)


async def test_a_dead_partner_ends_in_quarantine_after_75_hours_and_a_person_lets_it_out(world: World) -> None:
    async def dead(outgoing: Outgoing) -> SendResult:
        return RetryLater("answered 502")

    world.partners.answers["maersk"] = dead
    await world.channel("maersk")
    await world.arrive(1, 1, "maersk")
    await world.work()
    await world.pass_time(timedelta(hours=75), timedelta(minutes=15))
    assert await world.statuses() == {"pending": 1}, "it is still tried after 75 hours"
    await world.pass_time(timedelta(hours=16), timedelta(minutes=15))
    assert await world.statuses() == {"quarantined": 1}
    assert len(world.partners.posts) == len(LADDER_SECONDS) + 1
    (row,) = await travels.by_state(world.store, world.store, "quarantined", desk.SENDER, None, 10)
    item = _item(row)
    assert item["channel"]["owner"] == "maersk" and "tried 13 times, last: answered 502" in item["channel"]["last_error"]
    del world.partners.answers["maersk"]
    assert await travels.again(world.store, item["trade_id"], item["delivery_id"], ("quarantined",))
    await channels.set_state(world.store, "maersk", "erp", "active", "")
    await world.work()
    world.arrived_in_order("maersk", 1)
    assert len({post.delivery_id for post in world.partners.posts}) == 1, "the same id on every try"


async def test_410_stops_the_channel_and_nothing_is_lost(world: World) -> None:
    world.partners.answers["maersk"] = for_a_while([Failed("answered 410: no more", disables=True)])
    await world.channel("maersk")
    await world.arrive(1, 3, "maersk")
    await world.work()
    row = await channels.channel(world.store, "maersk", "erp")
    assert row is not None and (row["state"], row["reason"], row["waiting"]) == ("disabled", "answered 410: no more", 3)
    await world.pass_time(timedelta(days=10), timedelta(days=1))
    assert len(world.partners.posts) == 1
    await channels.set_state(world.store, "maersk", "erp", "active", "")
    await world.work()
    world.arrived_in_order("maersk", 3)


async def test_what_can_never_be_sent_waits_for_a_person_and_the_next_goes_on(world: World) -> None:
    world.partners.answers["maersk"] = for_a_while([Failed("too large for the mailbox")])
    await world.channel("maersk")
    await world.arrive(1, 3, "maersk")
    await world.work()
    assert await world.statuses() == {"quarantined": 1, "sent": 2}


async def test_a_paused_channel_holds_back_in_order(world: World) -> None:
    await world.channel("maersk")
    await channels.set_state(world.store, "maersk", "erp", "paused", "stocktaking")
    await world.arrive(3, 3, "maersk")
    await world.work()
    assert world.partners.posts == []
    await channels.set_state(world.store, "maersk", "erp", "active", "")
    await world.work()
    world.arrived_in_order("maersk", 9)


async def test_working_hours_are_those_of_the_place(world: World) -> None:
    hours = {"zone": "Asia/Hong_Kong", "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00"}
    await world.store.set_clock(_at("2025-01-03T10:30:00+00:00"))  # Friday evening there
    await world.channel("maersk", hours=hours)
    await world.arrive(1, 2, "maersk")
    await world.work()
    await world.pass_time(timedelta(hours=62), timedelta(hours=2))
    assert world.partners.posts == []
    await world.pass_time(timedelta(hours=2), timedelta(hours=1))
    world.arrived_in_order("maersk", 2)
    assert not is_open(hours, _at("2025-01-06T00:59:00+00:00")) and is_open(hours, _at("2025-01-06T01:00:00+00:00"))
    assert opens_at(hours, _at("2025-01-03T10:30:00+00:00")) == _at("2025-01-06T01:00:00+00:00")
    night = {"zone": "Europe/Rotterdam", "days": ["mon"], "from": "22:00", "to": "02:00"} | {"zone": "Europe/Amsterdam"}
    assert [is_open(night, _at(f"2025-01-{t}:00+00:00")) for t in ("06T20:59", "06T21:00", "07T00:59", "07T01:00", "07T21:30")] == [
        False,
        True,
        True,
        False,
        False,
    ]


async def test_who_acknowledges_from_the_inbox_is_not_sent_it_any_more(world: World) -> None:
    world.partners.answers["maersk"] = for_a_while([RetryLater("answered 500")])
    await world.channel("maersk")
    await world.arrive(1, 2, "maersk")
    await world.work()
    first = (await reads.inbox(world.store, "maersk", 0, 1, True))[0]["delivery_id"]
    assert await reads.acknowledge(world.store, "maersk", first)
    await world.pass_time(timedelta(minutes=1), timedelta(seconds=10))
    assert await world.statuses() == {"withdrawn": 1, "sent": 1}


async def test_a_worker_that_dies_while_sending_is_found_and_the_delivery_comes_again_with_its_id(world: World) -> None:
    await world.channel("maersk")
    await world.arrive(1, 1, "maersk")

    async def dies(outgoing: Outgoing) -> SendResult:
        world.partners.take(outgoing)
        raise asyncio.CancelledError

    world.partners.answers["maersk"] = dies
    for _ in range(2):
        await world.dispatcher.look()
        await world.dispatcher.idle()
    async with world.store.transaction() as connection:  # as if it had not even been given back
        await connection.execute("UPDATE dispatch SET lease_token = gen_random_uuid(), lease_until = now() - interval '1 second'")
    assert await world.dispatcher._queue.lost() == []
    del world.partners.answers["maersk"]
    await world.work()
    world.arrived_in_order("maersk", 1)
    assert await world.statuses() == {"sent": 1}


async def test_a_hung_and_a_dead_partner_hold_up_nobody_else(world: World) -> None:
    """48 fast ones beside them: all complete, in order, while the hung one still hangs. How fast is for the benchmark to say."""
    fast = [f"fast-{n:02}" for n in range(48)]
    release = asyncio.Event()

    async def hung(outgoing: Outgoing) -> SendResult:
        await release.wait()
        return RetryLater("no answer within 40 s")

    async def dead(outgoing: Outgoing) -> SendResult:
        return RetryLater("cannot connect: Connection refused")

    for party in fast:
        await parties.add_party(world.store, party, party.title(), "HK")
    world.partners.answers |= {"maersk": hung, "hsbc": dead}
    await world.channel("maersk", "hsbc", *fast)
    task = asyncio.create_task(world.dispatcher.forever())
    try:
        await world.arrive(6, 2, "maersk", "hsbc", *fast)
        async with asyncio.timeout(60):
            while sum(len(world.partners.effects[party]) for party in fast) < 48 * 12:  # noqa: ASYNC110 - partners have no event to wait on
                await asyncio.sleep(0.02)
        for party in fast:
            world.arrived_in_order(party, 12)
        assert world.partners.effects["maersk"] == []
        busy = sum(post.party_id == "maersk" for post in world.partners.posts)
        assert 1 <= busy <= dispatching.ROOM
    finally:
        release.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await desk.count(world.store, "SELECT count(*) FROM dispatch WHERE lease_token IS NOT NULL") == 0


async def test_two_processes_never_send_the_same(world: World) -> None:
    await world.channel("maersk", "hsbc", "customs")
    other = Dispatcher(world.store, world.partners, 0.02)  # type: ignore[arg-type]
    tasks = [asyncio.create_task(one.forever()) for one in (world.dispatcher, other)]
    await world.arrive(12, 5, "maersk", "hsbc", "customs")
    await desk.none_left(world.store, "SELECT count(*) FROM dispatch WHERE status = 'pending'")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(world.partners.posts) == 180
    for party in ("maersk", "hsbc", "customs"):
        world.arrived_in_order(party, 60)


@pytest.mark.parametrize("ticks", range(5))
async def test_it_ends_when_it_is_told_to_in_whatever_moment_something_wakes_it(world: World, ticks: int) -> None:
    dispatcher = Dispatcher(world.store, world.partners, 30)  # type: ignore[arg-type]
    task = asyncio.create_task(dispatcher.forever())
    await asyncio.sleep(0.1)  # it waits now
    dispatcher.wake()
    _ = [await asyncio.sleep(0) for _ in range(ticks)]
    task.cancel()
    assert await asyncio.wait([task], timeout=60) == ({task}, set())


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_what_cannot_be_said_in_the_words_of_a_partner_is_in_quarantine_with_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unsaid(store: Store, d: Dispatch, line: Line) -> Translated:
        found = [Finding("M-ADP-01", Severity.ERROR, "/result", "Customs has no word for 'SEIZED'.")]
        raise BadInput("NOT_ACCEPTABLE", "it cannot be said", 406, findings=found)

    monkeypatch.setattr(dispatching, "payload", unsaid)
    await world.channel("maersk")
    await world.arrive(1, 1, "maersk")
    await world.work()
    assert await world.statuses() == {"quarantined": 1}
    (row,) = await travels.by_state(world.store, world.store, "quarantined", desk.SENDER, None, 10)
    assert "/result Customs has no word for 'SEIZED'." in _item(row)["channel"]["last_error"]
