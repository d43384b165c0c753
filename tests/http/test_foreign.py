"""What is not yours does not exist: the same answer as for what is not there, whatever the operation."""

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.http.description import Description, Operation
from tests.http.desk import Desk, Reply, order, reference, sample
from tests.http.problems import assert_problem
from tradeflow.app.wiring import Hub
from tradeflow.ports import Arrival

BODIES = {
    "decide": {"event": "insurance_not_required", "role": "importer"},
    "acceptDeviation": {"id": "0123456789abcdef", "role": "importer"},
    "addKey": {"name": "theirs"},
    "putChannel": {"kind": "null"},
    "pauseChannel": {"reason": "theirs"},
    "rotateSecret": {"secret": "signing"},
    "assignQuarantined": {"party_id": "stranger"},
    "rejectQuarantined": {"note": "not mine"},
    "addParticipant": {"party_id": "stranger", "role": "sea_carrier"},
    "leaveTrade": {"party_id": "maasbank", "role": "issuing_bank"},
    "handOverDelivery": {"party_id": "stranger"},
    "discardDelivery": {"note": "theirs"},
    "invitePartner": {"role": "sea_carrier"},
    "makeLink": {"type": "purchase_order", "number": "1", "party_id": "stranger", "role": "sea_carrier"},
    "rejectHeld": {"note": "not mine"},
    "addComment": {"text": "theirs"},
    "readConversation": {"last": "019b0000-0000-7000-8000-000000000000"},
    "keepDraft": {"document": {}, "revision": 1},
    "setIdentityProvider": {"issuer": "https://login.stranger.example", "client_id": "x", "email_domains": ["stranger.example"]},
    "setUser": {"roles": None, "scopes": ["read"], "disabled": True},
}


@dataclass
class Case:
    """A trade of others with a message in it, and the ids of things in it."""

    trade_id: str
    message_id: str
    number: str
    delivery_id: str


@pytest.fixture(scope="module")
async def theirs(desk: Desk) -> Case:
    trade_id = await desk.trade()
    message = order(trade_id)
    receipt = (await desk.lodge(message, "van-der-meer")).json
    return Case(trade_id, message["message"]["id"], message["document"]["number"], receipt["deliveries"][0]["delivery_id"])


async def call(desk: Desk, operation: Operation, party: str, values: dict[str, str]) -> Reply:
    return await desk.call(operation.method, operation.address(**values), party, BODIES.get(operation.id))


def neutral(reply: Reply, values: dict[str, str]) -> bytes:
    """The body with the ids taken out that the caller sent itself."""
    body = reply.body
    for name, value in values.items():
        body = body.replace(value.encode(), name.encode())
    return body


async def test_a_foreign_trade_is_as_a_missing_one(desk: Desk, description: Description, theirs: Case) -> None:
    asked = 0
    for operation in description.operations():
        if "{trade_id}" not in operation.path or operation.public:
            continue
        asked += 1
        present = {"trade_id": theirs.trade_id, "message_id": theirs.message_id, "type": "purchase_order", "number": theirs.number}
        present["message"] = "purchase_order"
        absent = {**present, "trade_id": reference()}
        foreign, missing = await call(desk, operation, "stranger", present), await call(desk, operation, "stranger", absent)
        assert (foreign.status, foreign.code) == (404, "UNKNOWN_TRADE"), operation.id
        assert neutral(foreign, present) == neutral(missing, absent), operation.id
        assert {k: v for k, v in foreign.headers.items() if k not in ("Date", "X-Request-ID")} == {
            k: v for k, v in missing.headers.items() if k not in ("Date", "X-Request-ID")
        }
    assert asked >= 7


async def test_a_message_into_a_foreign_trade_is_as_into_a_missing_one(desk: Desk, theirs: Case) -> None:
    sent = []
    for trade_id in (theirs.trade_id, reference()):
        message = order(trade_id)
        message["message"]["sender"] = {"party_id": "stranger", "role": "importer"}
        reply = await desk.lodge(message, "stranger")
        sent.append((reply.status, reply.code, neutral(reply, {"id": trade_id})))
    assert sent[0] == sent[1]
    assert sent[0][:2] == (404, "UNKNOWN_TRADE")


async def test_a_message_id_of_others_says_nothing_about_their_trade(desk: Desk, theirs: Case) -> None:
    message = order(theirs.trade_id, id=theirs.message_id, sender={"party_id": "stranger", "role": "importer"})
    assert (await desk.lodge(message, "stranger")).code == "UNKNOWN_TRADE"


@pytest.mark.parametrize("party", ["maasbank", "harbour-trade-bank"])
async def test_a_participant_does_not_see_what_is_not_addressed_to_it(desk: Desk, theirs: Case, party: str) -> None:
    here = f"/v1/trades/{theirs.trade_id}"
    for present, absent in (
        (f"/v1/messages/{theirs.trade_id}/{theirs.message_id}", f"/v1/messages/{theirs.trade_id}/{uuid.uuid4()}"),
        (f"{here}/documents/purchase_order/{theirs.number}", f"{here}/documents/purchase_order/NONE-1"),
        (f"{here}/documents/purchase_order/{theirs.number}?version=1", f"{here}/documents/purchase_order/NONE-1?version=1"),
    ):
        foreign, missing = await desk.get(present, party), await desk.get(absent, party)
        assert foreign.status == missing.status == 404
        taken = [present.partition("?")[0].rpartition("/")[2], absent.partition("?")[0].rpartition("/")[2]]
        assert foreign.body.replace(taken[0].encode(), b"") == missing.body.replace(taken[1].encode(), b"")
    deliveries = (await desk.get(f"{here}/deliveries", party)).json["items"]
    assert [d for d in deliveries if party not in (d["sender"], d["party_id"])] == []


async def test_deliveries_of_others_are_not_mine_to_acknowledge(desk: Desk, theirs: Case) -> None:
    found = [await desk.post(f"/v1/inbox/{id}/ack", "stranger") for id in (theirs.delivery_id, str(uuid.uuid4()))]
    assert {(reply.status, reply.code) for reply in found} == {(404, "UNKNOWN_DELIVERY")}
    assert neutral(found[0], {"id": theirs.delivery_id})[:40] == found[1].body[:40]
    items = (await desk.get("/v1/inbox?limit=500", "golden-lantern")).json["items"]
    assert [i["acknowledged_at"] for i in items if i["delivery_id"] == theirs.delivery_id] in ([None], [])


async def test_lists_hold_ones_own_only(desk: Desk, theirs: Case) -> None:
    assert (await desk.get("/v1/trades?limit=500", "stranger")).json["items"] == []
    assert (await desk.get("/v1/inbox?limit=500", "stranger")).json["items"] == []


Maker = Callable[[Desk, Hub], Awaitable[str]]


async def _party(desk: Desk, hub: Hub) -> str:
    return "maasbank"


async def _key(desk: Desk, hub: Hub) -> str:
    return desk.keys["maasbank"].split("_")[1]


async def _invitation(desk: Desk, hub: Hub) -> str:
    reply = await desk.post("/v1/invitations", "maasbank", {"email": f"{uuid.uuid4().hex}@maasbank.example"})
    return str(reply.json["invitation_id"])


async def _user(desk: Desk, hub: Hub) -> str:
    made = await desk.post("/v1/invitations", "maasbank", {"email": f"{uuid.uuid4().hex}@maasbank.example"})
    reply = await desk.post("/v1/invitations/user", None, {"token": made.json["token"], "password": "correct horse battery"})
    return str(reply.json["user_id"])


async def _delivery(desk: Desk, hub: Hub) -> str:
    trade_id = await desk.trade()
    return str((await desk.lodge(order(trade_id), "van-der-meer")).json["deliveries"][0]["delivery_id"])


async def _quarantined(desk: Desk, hub: Hub) -> str:
    taken = await hub.inbound.take(Arrival("file_drop", "drop", "x.json", uuid.uuid4().bytes, party_id="maasbank"))
    return str(taken.quarantine_id)


async def _bulk(desk: Desk, hub: Hub) -> str:
    table = f"message.type,document.number\npurchase_order,{uuid.uuid4()}\n".encode()
    reply = await desk.call("POST", "/v1/bulk", "maasbank", table, headers={"Content-Type": "text/csv"})
    return str(reply.json["job_id"])


async def _mandate(desk: Desk, hub: Hub) -> str:
    given = {"agent": "golden-lantern", "ends_at": "2199-01-01T00:00:00Z", "trade_id": "NOWHERE-1"}
    return str((await desk.post("/v1/mandates", "maasbank", given)).json["mandate_id"])


async def _held(desk: Desk, hub: Hub) -> str:
    rules = {"items": [{"type": "purchase_order"}]}
    await desk.call("PUT", "/v1/release-rules", "van-der-meer", rules)
    reply = await desk.lodge(order(await desk.trade()), "van-der-meer")
    await desk.call("PUT", "/v1/release-rules", "van-der-meer", {"items": []})
    return str(reply.json["held_id"])


async def _link(desk: Desk, hub: Hub) -> str:
    trade_id = await desk.trade()
    message = order(trade_id)
    await desk.lodge(message, "van-der-meer")
    asked = {"type": "purchase_order", "number": message["document"]["number"], "party_id": "van-der-meer", "role": "importer"}
    return str((await desk.post(f"/v1/trades/{trade_id}/links", "van-der-meer", asked)).json["link_id"])


async def _draft(desk: Desk, hub: Hub) -> str:
    kept = {"trade_id": await desk.trade(), "message": "purchase_order", "document": {}}
    return str((await desk.post("/v1/drafts", "van-der-meer", kept)).json["draft_id"])


# what others have, by the name of the path parameter: a new one that is not here fails the test below
THEIRS: dict[str, Maker] = {"party_id": _party, "key_id": _key, "invitation_id": _invitation, "user_id": _user, "delivery_id": _delivery}
THEIRS |= {"quarantine_id": _quarantined, "mandate_id": _mandate, "held_id": _held, "link_id": _link, "job_id": _bulk, "draft_id": _draft}
ELSEWHERE = {"trade_id", "message_id", "type", "number", "message"}  # in a trade: asked for above
BESIDE = {"channel": "erp"}
OPEN_TO_ALL = {"getParty"}  # whom a party id in a message stands for


async def test_what_another_party_has_does_not_exist_whatever_the_operation(desk: Desk, hub: Hub, description: Description) -> None:
    asked = 0
    for operation in description.operations():
        names = set(operation.path_parameters) - ELSEWHERE - BESIDE.keys()
        if operation.public or not names or operation.id in OPEN_TO_ALL or "trade_id" in operation.path_parameters:
            continue
        assert names <= THEIRS.keys(), f"{operation.id}: whose is a {names - THEIRS.keys()}?"
        (name,) = names
        present = await THEIRS[name](desk, hub)
        absent = str(uuid.uuid4()) if operation.path_parameters[name].get("format") == "uuid" else "0" * len(present)
        foreign, missing = [await call(desk, operation, "stranger", {name: value, **BESIDE}) for value in (present, absent)]
        assert foreign.status == missing.status, operation.id
        assert foreign.code == "FORBIDDEN" or foreign.status == 404, (operation.id, foreign.body)  # what only the operator may, or nothing
        assert neutral(foreign, {name: present}) == neutral(missing, {name: absent}), operation.id
        assert len(foreign.body) == len(missing.body), operation.id
        asked += 1
    assert asked >= 6
    assert (await desk.get("/v1/trades", "maasbank")).status == 200, "the key still works"


async def test_a_stranger_learns_nothing_from_findings(desk: Desk, theirs: Case) -> None:
    """The trade is asked for before the content is judged against it."""
    message = sample("lc_application", theirs.trade_id, sender={"party_id": "stranger", "role": "importer"})
    elsewhere = {**message, "message": {**message["message"], "trade_id": reference()}}
    replies = [await desk.lodge(tree, "stranger") for tree in (message, elsewhere)]
    assert [reply.code for reply in replies] == ["UNKNOWN_TRADE", "UNKNOWN_TRADE"]
    assert all(reply.json["findings"] == [] for reply in replies)


async def test_a_sender_learns_why_what_it_sent_cannot_be_sent_again_and_a_stranger_learns_nothing(desk: Desk, theirs: Case) -> None:
    """The receiver has no channel: the sender is told so; for everybody else there is no such delivery."""
    at = f"/v1/deliveries/{theirs.delivery_id}/resend"
    for party in ("van-der-meer", "golden-lantern"):
        assert_problem(await desk.post(at, party), 409, "NO_CHANNEL")
    for party in ("maasbank", "stranger"):  # one takes part in the trade, one does not
        foreign, missing = await desk.post(at, party), await desk.post(f"/v1/deliveries/{uuid.uuid4()}/resend", party)
        assert (foreign.status, foreign.code) == (missing.status, missing.code) == (404, "UNKNOWN_DELIVERY")
        assert len(foreign.body) == len(missing.body)


TELLS = {"trade_id", "sha256", "type", "number", "version", "newest", "lodged_at", "current"}


async def test_whoever_has_no_print_learns_nothing_from_its_verification(desk: Desk, theirs: Case) -> None:
    """Open to all: who has the paper has its hash. Without that hash a trade there is is as one there is not, for everybody alike."""
    (entry,) = (await desk.get(f"/v1/trades/{theirs.trade_id}/documents", "van-der-meer")).json["items"]
    read = await desk.get(f"/v1/messages/{theirs.trade_id}/{theirs.message_id}", "van-der-meer")
    held = await desk.get(f"/v1/verify/{theirs.trade_id}/{entry['sha256']}")
    assert held.status == 200 and set(held.json) <= TELLS, "no party, no amount, no state"
    answers = set()
    for trade_id, sha256 in (
        (theirs.trade_id, "0" * 64),
        (theirs.trade_id, hashlib.sha256(read.body).hexdigest()),  # of the bytes that were lodged: another party might have seen those
        (theirs.trade_id, entry["payload_sha256"]),
        (reference(), entry["sha256"]),
        (reference(), "0" * 64),
    ):
        for party in (None, "stranger", "maasbank"):
            reply = await desk.get(f"/v1/verify/{trade_id}/{sha256}", party)
            assert (reply.status, reply.code) == (404, "UNKNOWN_DOCUMENT"), (trade_id, sha256)
            seen = {
                name: value for name, value in reply.headers.items() if name not in ("Date", "X-Request-ID") and "RateLimit" not in name
            }
            answers.add((neutral(reply, {"trade_id": trade_id, "sha256": sha256}), tuple(sorted(seen.items()))))
    assert len({body for body, _ in answers}) == 1
    assert len({headers for _, headers in answers}) == 1, "not even a length"
