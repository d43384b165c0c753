"""How quick the pages are where a party has many trades: the answers of a hub, one after the other, as a browser waits for them."""

import asyncio
import contextlib
import itertools
import threading
import time
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from tests.bench.figures import Row, Section, percentile_of
from tests.budget import yardstick_seconds
from tests.conftest import execute
from tradeflow.app.demo import DOMAIN, PASSWORD
from tradeflow.cli._hub import Running, hub_in_thread, settle
from tradeflow.cli._people import HALF_WAY_STEPS, SCENARIO, settled
from tradeflow.cli.scenario import shipped
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.warm import warm
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Player
from tradeflow.settings import Settings

PARTY: Final = "golden-lantern"
RICH, PLAIN = "BENCH-RICH", "BENCH-PLAIN"
TARGET_MS: Final = 100.0
WAITS: Final = 300
LANGUAGES: Final = ("en", "zh-TW")
WEIGHED: Final = ("the board", "one trade", "the form of an invoice")
# every clone is a line of the board as rich as that of the trade that was played; every fifth is somebody's turn, every seventh late
_CLONES = f"""
ALTER TABLE trade DISABLE TRIGGER USER;
INSERT INTO trade (trade_id, version, machine, state, head_hash, created_at, updated_at)
SELECT 'BENCH-' || n, version, machine, convert_to(replace(convert_from(state, 'UTF8'), '{PLAIN}', 'BENCH-' || n), 'UTF8'), head_hash,
    created_at, updated_at FROM trade, generate_series(1000000, 999999 + {{count}}) n WHERE trade_id = '{PLAIN}';
ALTER TABLE trade ENABLE TRIGGER USER;
INSERT INTO participant (trade_id, party_id, role)
SELECT 'BENCH-' || n, party_id, role FROM participant, generate_series(1000000, 999999 + {{count}}) n WHERE trade_id = '{PLAIN}';
DROP INDEX board_seat_words;
INSERT INTO board_seat (party_id, trade_id, version, done, acts, late_at, view, words)
SELECT s.party_id, 'BENCH-' || n, p.version, n % 3 = 0, n % 5 = 0, CASE WHEN n % 7 = 0 THEN now() - n * interval '1 second' END, s.view,
    array_to_tsvector(tsvector_to_array(s.words) || (s.party_id || ' bench-' || n) || (s.party_id || ' inv-' || n))
FROM board_seat s, trade p, generate_series(1000000, 999999 + {{count}}) n WHERE s.trade_id = '{RICH}' AND p.trade_id = '{PLAIN}'
    AND s.party_id = '{PARTY}';
CREATE INDEX board_seat_words ON board_seat USING gin (words);
WITH one AS (SELECT * FROM delivery WHERE trade_id = '{RICH}' AND party_id = '{PARTY}' ORDER BY seq LIMIT 1),
made AS (
    INSERT INTO delivery (trade_id, seq, bucket, delivery_id, message_id, kind, party_id, role, type, function, sender, sender_role, body,
        status, created_at, delivered_at, acknowledged_at)
    SELECT 'BENCH-' || n, seq, bucket, gen_random_uuid(), message_id, kind, party_id, role, type, function, sender, sender_role, body,
        'acknowledged', created_at, created_at, created_at FROM one, generate_series(1000000, 999999 + {{count}}) n
    RETURNING trade_id, delivery_id, party_id, created_at
)
INSERT INTO inbox_item SELECT party_id, 1000000 + row_number() OVER (), trade_id, delivery_id, created_at, created_at FROM made;
ANALYZE;
"""


def section(dsn: str, place: Path, trades: int, repetitions: int) -> Section:
    """A hub on a migrated database: one trade half way through a sea shipment, and so many others of the same exporter."""
    made = Section(
        f"Pages of the portal with {trades:,} trades of one exporter: 50 and 95 of 100 within, against the target; kB against those as they are"
    )
    settings = Settings(data_dir=place, sandbox=True, demo=True, port=0, rate_per_second=0, log_level="warning")
    with hub_in_thread(settings, dsn) as running:
        asyncio.run(_played(running))
        asyncio.run(warm())  # as `tradeflow serve` does when it is ready
        settle()
        execute(dsn, _CLONES.format(count=trades))
        made.rows.extend(asyncio.run(_measured(running, repetitions, trades)))
    return made


async def _played(running: Running) -> None:
    scenario = load(shipped()[SCENARIO])
    part = msgspec.structs.replace(scenario, reference=RICH, step=scenario.step[:HALF_WAY_STEPS])
    outcome = await Player(running.base_url, running.operator_key, catalogue()).play(part)
    if outcome.difference:
        raise RuntimeError(outcome.difference)
    headers = {"Authorization": f"Bearer {running.operator_key}"}
    roles = {PARTY: "exporter", "van-der-meer": "importer", "maasbank": "issuing_bank", "blue-ensign": "sea_carrier"}
    plain = {"trade_id": PLAIN, "participants": [{"party_id": party, "role": role} for party, role in roles.items()]}
    async with aiohttp.ClientSession(running.base_url, headers=headers, raise_for_status=True) as session:
        async with session.post(f"/v1/parties/{PARTY}/keys", json={"name": "bench"}) as answer:
            key = (await answer.json())["key"]
        await session.post("/v1/trades", json=plain, headers={"Authorization": f"Bearer {key}"})
    await settled(running, scenario)
    async with _browser(running) as browser:
        await _signed_in(browser, "exporter")
        for _ in range(WAITS):  # until the keeper has it
            if RICH in await _text(browser, "/portal/trades?only=mine"):
                break
            await asyncio.sleep(0.2)


def _pages(trades: int) -> dict[str, tuple[str, str]]:
    """What is measured: who asks for which page."""
    trade, middle = f"/portal/trades/{RICH}", f"BENCH-{1_000_000 + trades // 2}"
    mine = {
        "Start": "/portal",
        "the board": "/portal/trades",
        "the board, from the middle": f"/portal/trades?after={middle}",
        "the board, my turn": "/portal/trades?only=mine",
        "the board, late": "/portal/trades?only=late",
        "the board, one document's number": f"/portal/trades?q=inv-{1_000_000 + trades // 3}",
        "the board, a word that every trade has": "/portal/trades?q=lantern",
        "the board, a word that every trade has, late": "/portal/trades?q=lantern&only=late",
        "the board, a common word and one that no trade has": "/portal/trades?q=lantern+nothing",
        "one trade": trade,
        "a document": f"{trade}/documents/commercial_invoice/GL-INV-25-0098",
        "documents to present": f"{trade}/present",
        "disagreements": f"{trade}/findings",
        "the form of an invoice": f"{trade}/write/commercial_invoice",
        "the form of an invoice, with what was sent last": f"{trade}/write/commercial_invoice?copy=last",
        "the form of a shipping instruction": f"{trade}/write/shipping_instruction",
        "a code while one types": f"{trade}/lookup/hs_code?q=lamp",
        "inbox, what is new": "/portal/inbox",
        "inbox, everything": "/portal/inbox?show=all",
        "inbox, deep": f"/portal/inbox?show=all&after={1_000_000 + trades // 2}",
        "on the way and stuck": "/portal/outbox",
        "my work": "/portal/desks/trader",
        "audit trail": "/portal/audit",
        "audit trail of a trade": f"/portal/audit/{RICH}",
        "users of the company": "/portal/company/users",
    }
    others = {
        "the form of a bill of lading": ("sea-carrier", f"{trade}/write/bill_of_lading"),
        "the form of an insurance policy": ("insurer", f"{trade}/write/insurance_policy"),
        "the form of an L/C application": ("importer", f"{trade}/write/lc_application"),
        "work of a carrier": ("sea-carrier", "/portal/desks/carrier"),
        "work of a bank": ("issuing-bank", "/portal/desks/bank"),
        "work of an insurer": ("insurer", "/portal/desks/insurer"),
        "the operator's board": ("operator", "/portal/trades"),
        "the operator's queues": ("operator", "/portal/hub"),
        "the operator's companies": ("operator", "/portal/hub/parties"),
    }
    return {name: ("exporter", path) for name, path in mine.items()} | others


async def _measured(running: Running, repetitions: int, trades: int) -> list[Row]:
    pages = _pages(trades)
    found: dict[str, list[float]] = {}
    spent: dict[str, list[float]] = {}
    async with contextlib.AsyncExitStack() as stack:
        browsers: dict[tuple[str, str], aiohttp.ClientSession] = {}
        for who, language in itertools.product(dict.fromkeys(who for who, _ in pages.values()), LANGUAGES):
            browsers[who, language] = await stack.enter_async_context(_browser(running, language))
            await _signed_in(browsers[who, language], who)
        own = browsers["exporter", LANGUAGES[0]]
        first = await _milliseconds(own, pages["one trade"][1])
        weights = [Row(f"{name}, over the wire", *await _kilobytes(own, pages[name][1])) for name in WEIGHED]
        for _ in range(repetitions):
            for language, (name, (who, path)) in itertools.product(LANGUAGES, pages.items()):
                said = name if language == LANGUAGES[0] else f"{name}, in Chinese"
                before = _cpu_ms()
                found.setdefault(said, []).append(await _milliseconds(browsers[who, language], path))
                spent.setdefault(said, []).append(_cpu_ms() - before)
    rows = [
        Row("a fixed piece of work, some 70 ms where nobody else wants the core", yardstick_seconds() * 1000, "ms CPU"),
        Row("one trade, the first time", first, "ms", TARGET_MS),
    ]
    for name, values in found.items():
        rows += [Row(f"{name}, 50 of 100", percentile_of(values, 0.5), "ms", TARGET_MS)]
        rows += [Row(f"{name}, 95 of 100", percentile_of(values, 0.95), "ms", TARGET_MS)]
        rows += [Row(f"{name}, of it CPU of the hub", percentile_of(spent[name], 0.5), "ms CPU", TARGET_MS)]
    return rows + weights


def _cpu_ms() -> float:
    """What the thread of the hub has spent so far: says more than waiting where others want the same cores."""
    hub = next(thread for thread in threading.enumerate() if thread.name == "hub")
    assert hub.ident is not None
    return time.clock_gettime(time.pthread_getcpuclockid(hub.ident)) * 1000


async def _milliseconds(browser: aiohttp.ClientSession, path: str) -> float:
    began = time.perf_counter()
    await _text(browser, path)
    return (time.perf_counter() - began) * 1000


async def _kilobytes(browser: aiohttp.ClientSession, path: str) -> tuple[float, str, float]:
    """What a page weighs as browsers get it, its unit, and what it is without compression."""
    sizes = []
    for coding in ("gzip", "identity"):
        async with browser.get(path, headers={"Accept-Encoding": coding}) as answer:
            sizes.append(int(answer.headers["Content-Length"]) / 1000)
    return sizes[0], "kB", sizes[1]


def _browser(running: Running, language: str = LANGUAGES[0]) -> aiohttp.ClientSession:
    headers, jar = {"Accept-Language": language}, aiohttp.CookieJar(unsafe=True)
    return aiohttp.ClientSession(running.base_url, cookie_jar=jar, headers=headers, raise_for_status=True)


async def _signed_in(browser: aiohttp.ClientSession, who: str) -> None:
    await browser.post("/portal/sign-in", data={"email": f"{who}@{DOMAIN}", "password": PASSWORD})


async def _text(browser: aiohttp.ClientSession, path: str) -> str:
    async with browser.get(path) as answer:
        return await answer.text()
