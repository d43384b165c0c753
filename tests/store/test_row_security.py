"""Row-level security: what bare SQL shows and lets change, table by table, whatever the code above forgets."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.conftest import copied
from tests.http.desk import TERMS, order
from tests.store.test_upgrade import office
from tradeflow.app.access import Caller
from tradeflow.app.board import Boards
from tradeflow.app.bulk import Bulk
from tradeflow.app.comments import Comments
from tradeflow.app.document_queries import DocumentQueries
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.drafts import Drafts
from tradeflow.app.handle import Handler
from tradeflow.app.inbound import Inbound
from tradeflow.app.keys import new_key
from tradeflow.app.links import Links, LinkSpec
from tradeflow.app.machines import Machines
from tradeflow.app.mandates import Wanted
from tradeflow.app.release import Releases
from tradeflow.app.sessions import Sessions
from tradeflow.app.trades import TradeSpec
from tradeflow.app.users import Users
from tradeflow.errors import Problem
from tradeflow.machine.load import machine
from tradeflow.model.trade import Participant
from tradeflow.ports import Arrival, NullDoorbell
from tradeflow.store import channels, interchanges, parties, reads, sealed
from tradeflow.store.claims import Claims
from tradeflow.store.held import ReleaseRule
from tradeflow.store.uow import APP, AUDIT, RELAY, Store
from tradeflow.store.vault import Vault
from tradeflow.store.vault import new_key as new_sealing_key
from tradeflow.worker.drain import Drain

LAMPS = (Participant("van-der-meer", "importer"), Participant("golden-lantern", "exporter"))
TEA = (Participant("kade-import", "importer"), Participant("greenleaf-tea", "exporter"))
# what connectors sign with and what proves who somebody is: no party's connection may even ask
HUBS_OWN = {"channel_secret", "credential", "sign_in_guard", "session", "sealing_key", "identity_provider", "oidc_used", "rate_bucket"}
PUBLIC = {"process_version", "sandbox_clock"}  # no party's: the tables of the processes, and the clock
RELATIONS = """
SELECT c.oid::regclass::text AS name, c.relispartition AS part, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
    pg_get_userbyid(c.relowner) AS owner FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> 'alembic_version' ORDER BY 1
"""


@pytest.fixture(scope="module")
def filled(database_server: str, template: str) -> Iterator[str]:
    """The DSN of the database that each test gets a copy of."""
    with copied(database_server, template) as dsn:
        yield dsn


@pytest.fixture(scope="module")
async def two_trades(filled: str) -> str:
    """Two trades of different parties, with something of each in every table: messages, refusals, deliveries, inboxes, clocks, keys.

    The name of the database, with nobody connected to it.
    """
    database = filled
    store = await Store.connect(database, 4, vault=Vault([new_sealing_key()]))
    await sealed.admit(store, store.vault.key_ids)
    await store.sandbox(True)
    await store.set_clock(datetime.fromisoformat("2025-01-06T10:30:00+00:00"))
    trades, handler = await office(store, machine())
    await parties.add_party(store, "agent-line", "Agent Line", "HK")
    for cast, name in ((LAMPS, "LAMPS"), (TEA, "TEA")):
        for party in cast:
            await parties.add_party(store, party.party_id, party.party_id.title(), "HK")
            await parties.add_key(store, new_key(party.party_id, "tests")[0])
            given = {"kind": "null", "message_types": ["*"], "notices": True, "format": "json", "settings": {}, "hours": None}
            await channels.put(store, party.party_id, "erp", given, {"signing": f"of {party.party_id}"})
            await _people(store, party.party_id)
        buyer, seller = cast[0].party_id, cast[1].party_id
        caller = Caller(buyer, "key-1")
        await trades.open(caller, TradeSpec(list(cast), f"TRADE-{name}", TERMS), f"open-{name}")
        lodged = _order(f"TRADE-{name}", buyer, seller)
        number = json.loads(lodged)["document"]["number"]
        await handler.lodge(caller, lodged, "application/json")
        with pytest.raises(Problem):
            await handler.lodge(caller, _order(f"TRADE-{name}", buyer, seller, total="1.00"), "application/json")
        await Inbound(store, handler).take(Arrival("file_drop", buyer, "junk.bin", f"no message of {buyer}".encode(), party_id=buyer))
        await _trusted(store, buyer, f"TRADE-{name}", number)
        await Boards(store, Machines(store, machine()), DocumentLoader(store)).refresh(f"TRADE-{name}", [buyer])
        await interchanges.remember(store, buyer, f"{buyer}/hub/1", "0" * 64)
        table = f"message.type,document.number\npurchase_order,{name}-1\n".encode()
        bulk = Bulk(store, handler)
        assert (await bulk.take(caller, table, "text/csv", "orders.csv")).status == 202
        assert await bulk.work() == 1
    await parties.add_party(store, "stranger", "Stranger", "HK")
    await Drain(Claims(store, 10, 5)).run()
    await store.close()
    return urlsplit(database).path.strip("/")


@pytest.fixture
def busy(database_server: str, two_trades: str) -> Iterator[str]:
    """The DSN of two trades that only this test uses."""
    with copied(database_server, two_trades) as dsn:
        yield dsn


async def _trusted(store: Store, party: str, trade_id: str, number: str) -> None:
    """A mandate, a rule, what waits by it, and a link: of the buyer."""
    handler = Handler(store, Machines(store, machine()), DocumentLoader(store), NullDoorbell())
    caller = Caller(party, "key-1")
    await handler.mandates.give(caller, Wanted("agent-line", datetime.fromisoformat("2199-01-01T00:00:00+00:00")))
    await Releases(store, handler, handler.holding).set_rules(caller, [ReleaseRule("purchase_order")])
    seller = {"van-der-meer": "golden-lantern", "kade-import": "greenleaf-tea"}[party]
    assert (await handler.lodge(caller, _order(trade_id, party, seller), "application/json")).status == 202
    spec = LinkSpec("purchase_order", number, party, "importer", [], 1, 1)
    documents = DocumentQueries(store, DocumentLoader(store))
    await Links(store, handler, documents).make(caller, trade_id, spec)
    await Drafts(store).add(caller, trade_id, "purchase_order", {"document": {"number": "next"}})
    comments = Comments(store, documents)
    said = [await comments.say(caller, trade_id, "purchase_order", number, "Look at this.", internal) for internal in (False, True)]
    await comments.read(Caller(party, "user:1", user_id=f"somebody of {party}"), trade_id, said[-1]["comment_id"])


async def _people(store: Store, party: str) -> None:
    """A user with a session, who was invited."""
    users = Users(store, False)
    asked = await users.invite(Caller(party, "key"), "", f"{party}@example.com", "", None, None, 1)
    await users.accept(asked["token"], "Somebody", "correct horse battery")
    await Sessions(store, 30, 12).sign_in(f"{party}@example.com", "correct horse battery", "", "")


def _order(trade_id: str, buyer: str, seller: str, total: str = "") -> bytes:
    tree = order(trade_id)
    tree["message"]["recipients"] = [{"party_id": "golden-lantern", "role": "exporter"}]
    if total:
        tree["totals"]["total"]["value"] = total
    return json.dumps(tree).replace("van-der-meer", buyer).replace("golden-lantern", seller).encode()


@pytest.fixture
async def bare(busy: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in the role of the application, and nothing else."""
    connection = await asyncpg.connect(busy, server_settings={"role": APP})
    yield connection
    await connection.close()


async def relations(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    found = await connection.fetch(RELATIONS)
    assert len(found) > 20
    return list(found)


async def rows(connection: asyncpg.Connection, name: str, party: str, trade: str = "") -> list[asyncpg.Record] | None:
    """What a bare SELECT shows while a party acts; None where it is not even allowed."""
    async with connection.transaction():
        await connection.execute("SELECT set_config('tf.party', $1, true), set_config('tf.trade', $2, true)", party, trade)
        try:
            async with connection.transaction():
                return list(await connection.fetch(f"SELECT * FROM {name}"))
        except asyncpg.InsufficientPrivilegeError:
            return None


async def test_every_table_is_owned_and_forced(bare):
    for row in await relations(bare):
        assert row["owner"] == "tf_owner", row["name"]
        assert row["part"] or (row["secured"] and row["forced"]), row["name"]


async def test_a_party_sees_its_own_and_a_stranger_nothing(bare):
    seen = {}
    for row in await relations(bare):
        name = row["name"]
        own, others, stranger = [await rows(bare, name, party) for party in ("van-der-meer", "kade-import", "stranger")]
        if row["part"]:
            assert (own, others, stranger) == (None, None, None), f"{name}: a partition is reached through its table only"
            continue
        if name in HUBS_OWN:
            assert (own, others, stranger) == (None, None, None), f"{name}: the hub's own"
            continue
        if name in PUBLIC:
            continue
        assert own is not None and others is not None and stranger is not None, name
        seen[name] = len(own)
        assert not set(map(repr, own)) & set(map(repr, others)), name
        for found, trade_id, party in ((own, "TRADE-LAMPS", "van-der-meer"), (others, "TRADE-TEA", "kade-import")):
            assert {r["trade_id"] for r in found if r.get("trade_id")} <= {trade_id}, name
            if name in (
                "party",
                "api_key",
                "idempotency",
                "inbox_item",
                "participant",
                "quarantine",
                "bulk_job",
                "bulk_document",
                "interchange",
                "channel",
                "account",
                "invitation",
                "release_rule",
                "held_message",
                "mandate",
                "board_seat",
                "saved_draft",
                "comment_seen",
            ):
                assert {r["party_id"] for r in found} <= {party}, name
        assert len(stranger) == (1 if name == "party" else 0), name
    assert all(n > 0 for name, n in seen.items() if name not in ("inbox_item", "attempt", "timer", "dispatch")), seen


async def test_the_other_side_of_a_trade_sees_what_was_sent_to_it_and_no_refusal(bare):
    assert len(await rows(bare, "message", "golden-lantern")) == 1
    assert len(await rows(bare, "inbox_item", "golden-lantern")) == 1
    assert await rows(bare, "refusal", "golden-lantern") == []
    assert len(await rows(bare, "refusal", "van-der-meer")) == 1
    assert len(await rows(bare, "payload", "golden-lantern")) < len(await rows(bare, "payload", "van-der-meer")), (
        "the refused bytes are the sender's"
    )
    assert await rows(bare, "inbox_item", "van-der-meer") == []
    for party in ("golden-lantern", "van-der-meer"):  # both see how it travels
        assert [row["party_id"] for row in await rows(bare, "dispatch", party) or ()] == ["golden-lantern"]


async def test_what_is_said_about_a_document_is_seen_by_who_sees_it_and_internal_only_by_its_party(bare):
    for party, seen in (("van-der-meer", [False, True]), ("golden-lantern", [False]), ("kade-import", []), ("stranger", [])):
        found = await rows(bare, "document_comment", party, "TRADE-LAMPS") or ()
        assert sorted(row["internal"] for row in found if row["trade_id"] == "TRADE-LAMPS") == seen, party


async def test_naming_a_foreign_trade_opens_nothing(bare):
    for row in await relations(bare):
        for party in ("van-der-meer", "stranger"):
            found = await rows(bare, row["name"], party, "TRADE-TEA")
            assert not [r for r in found or () if r.get("trade_id") == "TRADE-TEA"], (row["name"], party)


async def test_nobody_acting_is_an_error(bare):
    for row in await relations(bare):
        if row["name"] not in PUBLIC:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await bare.fetch(f"SELECT * FROM {row['name']}")


CHANGES = [
    "UPDATE trade SET version = version + 1 WHERE trade_id = 'TRADE-TEA'",
    "DELETE FROM timer WHERE trade_id = 'TRADE-TEA'",
    "UPDATE delivery SET status = 'acknowledged' WHERE trade_id = 'TRADE-TEA'",
    "UPDATE inbox_item SET acknowledged_at = now() WHERE party_id = 'greenleaf-tea'",
    "UPDATE document SET version = 9 WHERE trade_id = 'TRADE-TEA'",
    "UPDATE channel SET state = 'disabled' WHERE party_id = 'greenleaf-tea'",
    "DELETE FROM channel WHERE party_id = 'greenleaf-tea'",
    "UPDATE dispatch SET status = 'withdrawn' WHERE party_id = 'greenleaf-tea'",
    "UPDATE saved_draft SET body = '' WHERE party_id = 'kade-import'",
    "DELETE FROM saved_draft WHERE party_id = 'kade-import'",
]
FORBIDDEN = [
    "UPDATE event SET body = ''",
    "DELETE FROM event",
    "UPDATE message SET answer = ''",
    "UPDATE payload SET body = ''",
    "DELETE FROM refusal",
    "TRUNCATE trade",
    "INSERT INTO participant VALUES ('TRADE-TEA', 'van-der-meer', 'importer')",
    "INSERT INTO inbox_item (party_id, position, trade_id, delivery_id) VALUES ('kade-import', 99, 'TRADE-TEA', gen_random_uuid())",
    "INSERT INTO timer (trade_id, timer_key, region, event, due_at) VALUES ('TRADE-TEA', 'x', 'x', 'x', now())",
    "INSERT INTO payload VALUES ('TRADE-TEA', 'x', '')",
    "INSERT INTO idempotency (party_id, command, key, request_sha256, status, answer) VALUES ('kade-import', 'x', 'x', 'x', 1, '')",
    "UPDATE document_comment SET text = ''",
    "INSERT INTO document_comment VALUES ('TRADE-TEA', 'x', 'purchase_order', 'x', 'van-der-meer', 'x', '', false, 'x', now())",
    "UPDATE quarantine SET party_id = 'van-der-meer'",
    "INSERT INTO bulk_document (job_id, position, party_id, state, status) SELECT job_id, 2, party_id, 'accepted', 201 FROM bulk_job",
    "INSERT INTO channel (party_id, name, kind, message_types, format, settings) VALUES ('kade-import', 'x', 'x', '{}', 'json', '{}')",
    "INSERT INTO interchange (party_id, reference, sha256) VALUES ('van-der-meer', 'x', 'x')",
    "SELECT value FROM channel_secret",
    "INSERT INTO party VALUES ('mine', 'Mine')",
    "UPDATE api_key SET party_id = 'van-der-meer'",
    "INSERT INTO event_default SELECT * FROM event",
    "SELECT tf_make_partitions(1)",
    "SELECT tf_leave('golden-lantern', 'exporter', '', 99)",
    "DELETE FROM participant",
    "SELECT set_config('tf.trade', 'TRADE-TEA', true), tf_leave('van-der-meer', 'importer', '', 99)",
    "SELECT tf_protect('trade', 'SELECT', 'true', 'true')",
    "CREATE TABLE mine (x int)",
    "ALTER TABLE trade DISABLE ROW LEVEL SECURITY",
]


async def test_nothing_of_another_party_can_be_changed(bare):
    for sql in CHANGES:
        async with bare.transaction():
            await bare.execute("SELECT set_config('tf.party', 'van-der-meer', true), set_config('tf.trade', 'TRADE-LAMPS', true)")
            assert (await bare.execute(sql)).endswith(" 0"), sql
    for sql in FORBIDDEN:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):  # noqa: PT012 - the setting belongs to the transaction
            async with bare.transaction():
                await bare.execute("SELECT set_config('tf.party', 'van-der-meer', true), set_config('tf.trade', 'TRADE-LAMPS', true)")
                await bare.execute(sql)


async def test_the_audit_sees_all_and_changes_nothing(busy):
    connection = await asyncpg.connect(busy, server_settings={"role": AUDIT})
    try:
        assert {r["trade_id"] for r in await connection.fetch("SELECT trade_id FROM event")} == {"TRADE-LAMPS", "TRADE-TEA"}
        for row in await relations(connection):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"DELETE FROM {row['name']}")
    finally:
        await connection.close()


async def test_what_happened_cannot_be_changed_by_the_hub_either(busy):
    connection = await asyncpg.connect(busy, server_settings={"role": RELAY})
    try:
        for sql in (
            "UPDATE event SET body = ''",
            "DELETE FROM event",
            "DELETE FROM message",
            "UPDATE payload SET body = ''",
            "DELETE FROM trade",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)
    finally:
        await connection.close()


async def test_who_acted_does_not_outlive_the_transaction(busy):
    """Two connections, many parties in turns: nobody ever sees what the one before saw."""
    store = await Store.connect(busy, 2)
    try:
        for n in range(200):
            party, trade = [("van-der-meer", "TRADE-LAMPS"), ("kade-import", "TRADE-TEA"), ("stranger", "")][n % 3]
            acting = store.acting(party)
            async with acting.connection() as connection:
                assert [r["trade_id"] for r in await connection.fetch("SELECT trade_id FROM trade")] == ([trade] if trade else [])
            assert (await acting.read("TRADE-TEA") is not None) == (trade == "TRADE-TEA")
            assert [t["trade_id"] for t in await reads.trades(acting, "", "", 10)] == ([trade] if trade else [])
    finally:
        await store.close()


async def test_a_table_without_its_policy_is_noticed(busy):
    """The canary: a build that forgets one table, whichever, is caught by the rows a stranger sees."""
    owner = await asyncpg.connect(busy)
    try:
        for table in ("trade", "message", "payload", "delivery", "inbox_item", "event", "api_key"):
            forgotten = owner.transaction()
            await forgotten.start()
            await owner.execute(f"DROP POLICY app ON {table}; CREATE POLICY app ON {table} TO tf_app USING (true); SET LOCAL ROLE {APP}")
            seen = await rows(owner, table, "stranger")
            await forgotten.rollback()
            assert seen, table
    finally:
        await owner.close()
