"""The description is valid, complete and true: what the hub answers is what it says."""

import asyncio
import hashlib
import json
from typing import Any

import jsonschema
import pyotp
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.http.description import Description
from tests.http.desk import Desk, order, reference
from tradeflow.api.app import create_app
from tradeflow.api.examples import MESSAGES
from tradeflow.app.wiring import Hub
from tradeflow.bundle import bundle_root
from tradeflow.codec import intake
from tradeflow.ports import Arrival

NOT_DESCRIBED = {"/", "/openapi.json", "/docs", "/docs/errors", "/docs/messages", "/docs/messages/{type}", "/docs/static/{file}"}


async def test_it_is_valid_openapi_3_1(description: Description) -> None:
    assert description.document["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(description.document).iter_errors()] == []


async def test_it_is_small(desk: Desk) -> None:
    assert len((await desk.get("/openapi.json")).body) < 400_000


async def test_every_route_is_described(description: Description, hub: Hub) -> None:
    served = {
        (route.path_format, method) for route in create_app(hub).routes for method in getattr(route, "methods", ()) if method != "OPTIONS"
    }
    described = {(operation.path, operation.method) for operation in description.operations()}
    assert {path for path, _ in served - described} == NOT_DESCRIBED
    assert described <= served


async def test_every_operation_says_what_an_integrator_needs(description: Description) -> None:
    operations = list(description.operations())
    assert len({operation.id for operation in operations}) == len(operations) >= 25
    for operation in operations:
        said = operation.described
        assert said["summary"] and len(said["description"]) > 20, operation.id
        assert all(parameter["description"] for parameter in said.get("parameters", [])), operation.id
        assert all(description.response(operation, int(status)) for status in said["responses"] if status.isdecimal())
        assert {"500", "default"} <= said["responses"].keys()
        assert operation.public or "401" in said["responses"]
        path_parameters = {p["name"] for p in said.get("parameters", []) if p["in"] == "path"}
        assert path_parameters == {part[1:-1] for part in operation.path.split("/") if part.startswith("{")}


def examples(node: Any, description: Description) -> list[tuple[Any, Any]]:
    """Every (value, schema) of the examples below a media type, a parameter or a schema."""
    found: list[tuple[Any, Any]] = []
    if isinstance(node, dict):
        if isinstance(node.get("examples"), dict) and "schema" in node:
            found += [(example["value"], node["schema"]) for example in node["examples"].values()]
        if isinstance(node.get("examples"), list):
            found += [(value, {k: v for k, v in node.items() if k != "examples"}) for value in node["examples"]]
        for child in node.values():
            found += examples(child, description)
    elif isinstance(node, list):
        for child in node:
            found += examples(child, description)
    return found


async def test_every_example_satisfies_its_schema(description: Description) -> None:
    found = examples(description.document, description)
    assert len(found) > 50
    assert [fault for value, schema in found for fault in description.faults(value, schema)] == []


async def test_the_message_examples_are_messages(description: Description, desk: Desk) -> None:
    content = description.operation("lodgeMessage").described["requestBody"]["content"]
    in_json = content["application/json"]["examples"]
    assert set(in_json) == set(MESSAGES["json"])
    for id, example in in_json.items():
        schema = (await desk.get(f"/v1/schemas/{id}.json")).json
        jsonschema.validate(example["value"], schema)
    for id, example in content["application/xml"]["examples"].items():
        assert intake.read(example["value"].encode(), "application/xml").type == id


async def test_problem_examples_are_answers_of_this_hub(description: Description, desk: Desk) -> None:
    """Recorded once; the codes and titles are still those of the hub."""
    known = await desk.get("/docs/errors")
    for response in description.document["components"]["responses"].values():
        for example in response["content"]["application/problem+json"].get("examples", {}).values():
            assert f'id="{example["value"]["code"]}"' in known.body.decode()


async def test_building_it_does_not_belong_to_the_start(hub: Hub) -> None:
    app = create_app(hub)
    assert app.state.get("description") is None


async def test_a_trade_from_opening_to_acknowledgement_answers_as_described(desk: Desk, description: Description, hub: Hub) -> None:
    """Every operation once, in the order an integrator would meet them; each answer is held against its schema."""
    seen: set[str] = set()

    async def call(id: str, party: str | None, status: int, body: Any = None, query: str = "", **values: str) -> Any:
        operation = description.operation(id)
        reply = await desk.call(operation.method, operation.address(**values) + query, party, body)
        assert reply.status == status, reply.body
        assert description.disagreements(operation, reply) == []
        seen.add(id)
        return reply.json if reply.body and "json" in reply.headers["Content-Type"] else reply.body

    cast = [{"party_id": "golden-lantern", "role": "exporter"}, {"party_id": "van-der-meer", "role": "importer"}]
    trade_id = (await call("openTrade", "van-der-meer", 201, {"participants": cast, "trade_id": reference()}))["trade_id"]
    here = {"trade_id": trade_id}
    message = order(trade_id)
    assert (await call("lodgeMessage", "van-der-meer", 201, message))["receipt"]["trade_id"] == trade_id
    await call("lodgeMessage", "van-der-meer", 409, order(trade_id))
    assert (await call("convert", "van-der-meer", 200, message, "?to=edifact"))["media_type"] == "application/edifact"
    await call("convert", "van-der-meer", 406, message, "?to=nothing")
    await desk_work(call, message, here)
    await call("listTrades", "golden-lantern", 200)
    trade = await call("getTrade", "golden-lantern", 200, **here)
    assert trade["regions"]["contract.main"]["state"] == "ordered"
    await call("listAllowed", "golden-lantern", 200, **here)
    await call("draft", "golden-lantern", 200, message="sales_order", **here)
    await call("draft", "golden-lantern", 404, message="nothing", **here)
    await call("whyNot", "golden-lantern", 200, message="commercial_invoice", **here)
    assert (await call("missing", "golden-lantern", 200, **here))["items"]
    await call("listAllowed", "golden-lantern", 403, query="?role=importer", **here)
    await call("decide", "van-der-meer", 201, {"event": "insurance_not_required", "region": "insurance.cover", "role": "importer"}, **here)
    await call("listDocuments", "golden-lantern", 200, **here)
    number = message["document"]["number"]
    canonical = intake.read(json.dumps(message).encode(), "application/json").canonical
    assert (await call("getDocument", "golden-lantern", 200, type="purchase_order", number=number, **here)) == json.loads(canonical)
    digest = hashlib.sha256(canonical).hexdigest()
    assert (await call("verifyDocument", None, 200, sha256=digest, **here))["number"] == number
    assert (await call("listVersions", "golden-lantern", 200, type="purchase_order", number=number, **here))["items"][0]["version"] == 1
    assert (await call("diffVersions", "golden-lantern", 200, type="purchase_order", number=number, **here))["items"] == []
    assert (await call("getInForce", "golden-lantern", 200, type="purchase_order", number=number, **here))["amendments"] == []
    assert (await call("listFindings", "golden-lantern", 200, **here))["count"] == {"open": 0, "accepted": 0, "cured": 0}
    assert isinstance((await call("listRefusals", "golden-lantern", 200, **here))["items"], list)
    await call("acceptDeviation", "golden-lantern", 404, {"id": "0123456789abcdef"}, **here)
    assert (await call("getMessage", "golden-lantern", 200, message_id=message["message"]["id"], **here)) == message
    items: list[Any] = []
    while not (items and items[-1]["trade_id"] == trade_id):
        after = items[-1]["position"] if items else 0
        items = (await call("readInbox", "golden-lantern", 200, query=f"?after={after}&wait_seconds=10&limit=500"))["items"]
        assert items
    delivery = next(item for item in items if item["trade_id"] == trade_id)
    await call("acknowledge", "golden-lantern", 200, delivery_id=delivery["delivery_id"])
    deliveries = (await call("listDeliveries", "van-der-meer", 200, **here))["items"]
    assert [item["status"] for item in deliveries if item["delivery_id"] == delivery["delivery_id"]] == ["acknowledged"]

    mine = {"party_id": "golden-lantern", "channel": "nowhere"}
    assert any(kind["kind"] == "null" for kind in (await call("listChannelKinds", "golden-lantern", 200))["items"])
    hours = {"zone": "Asia/Hong_Kong", "days": ["mon", "fri"], "from": "08:00", "to": "18:30"}
    await call("putChannel", "golden-lantern", 200, {"kind": "null", "message_types": ["draft_*"], "hours": hours}, **mine)
    await call("putChannel", "golden-lantern", 422, {"kind": "null", "settings": {"colour": "red"}}, **mine)
    await call("listChannels", "golden-lantern", 200, party_id="golden-lantern")
    await call("getChannel", "golden-lantern", 200, **mine)
    assert (await call("testChannel", "golden-lantern", 200, **mine))["result"] == "sent"
    assert (await call("pauseChannel", "golden-lantern", 200, {"reason": "stocktaking"}, **mine))["state"] == "paused"
    assert (await call("resumeChannel", "golden-lantern", 200, **mine))["state"] == "active"
    await call("rotateSecret", "golden-lantern", 422, {"secret": "signing"}, **mine)
    await call("getChannel", "stranger", 404, **mine)
    await call("listUnfinished", "golden-lantern", 200)
    await call("listUnfinished", "golden-lantern", 200, query="?status=pending&limit=1")
    await call("resendDelivery", "golden-lantern", 409, delivery_id=delivery["delivery_id"])
    await call("putChannel", "golden-lantern", 200, {"kind": "null", "notices": True}, **mine)
    again = await call("resendDelivery", "golden-lantern", 200, delivery_id=delivery["delivery_id"])
    assert (again["channel"]["name"], again["channel"]["state"]) == ("nowhere", "active")
    await call("releaseDelivery", "van-der-meer", 409, delivery_id=delivery["delivery_id"])
    await call("handOverDelivery", "van-der-meer", 409, {"party_id": "stranger"}, delivery_id=delivery["delivery_id"])
    await call("discardDelivery", "van-der-meer", 409, {"note": "x"}, delivery_id=delivery["delivery_id"])
    await call("resendDelivery", "stranger", 404, delivery_id=delivery["delivery_id"])
    await call("streamEvents", "golden-lantern", 200, query="?wait_seconds=0&kind=message")
    await call("streamEvents", "golden-lantern", 422, query="?kind=everything")
    await call("removeChannel", "golden-lantern", 204, **mine)

    party = {"party_id": "open-api-line", "name": "Open API Line", "country": "HK"}
    await call("addParty", "operator", 201, party)
    await call("addParty", "operator", 409, party)
    await call("addParty", "golden-lantern", 403, party)
    await call("getParty", "golden-lantern", 200, party_id="open-api-line")
    key = await call("addKey", "operator", 201, {"name": "system", "roles": ["sea_carrier"]}, party_id="open-api-line")
    await call("listKeys", "operator", 200, party_id="open-api-line")
    await call("revokeKey", "operator", 204, key_id=key["key_id"])

    stranger, late = [
        {"quarantine_id": str((await hub.inbound.take(Arrival("file_drop", "drop", "order.json", body, party_id=by))).quarantine_id)}
        for body, by in ((json.dumps(order(trade_id)).encode(), ""), (b"no message", "golden-lantern"))
    ]
    assert (await call("listQuarantine", "operator", 200))["items"]
    await call("getQuarantined", "golden-lantern", 200, **late)
    await call("retryQuarantined", "golden-lantern", 415, **late)
    await call("assignQuarantined", "operator", 200, {"party_id": "van-der-meer"}, **stranger)
    await call("rejectQuarantined", "golden-lantern", 200, {"note": "A test."}, **late)
    await people(call, desk)
    await trusted(call, desk)

    index = await call("listMessageTypes", None, 200)
    assert len(index["items"]) == len(list((bundle_root() / "documents").glob("*/message.toml")))
    one = await call("getMessageType", None, 200, type="purchase_order")
    assert one["samples"]
    await call("getSchema", None, 200, file="purchase_order.json")
    await call("getSchema", None, 200, file="purchase_order.xsd")
    await call("getSample", None, 200, type="purchase_order", name="s01.json")
    table = b"message.type,document.number\r\npurchase_order,N-1\r\n"
    lodged = await desk.call("POST", "/v1/bulk", "van-der-meer", table, headers={"Content-Type": "text/csv"})
    assert lodged.status == 202 and description.disagreements(description.operation("lodgeBulk"), lodged) == []
    seen.add("lodgeBulk")
    job = lodged.json["job_id"]
    assert (await call("listBulk", "van-der-meer", 200))["items"]
    while (await call("getBulk", "van-der-meer", 200, job_id=job))["state"] != "done":  # noqa: ASYNC110 - it is asked over HTTP
        await asyncio.sleep(0.05)
    assert (await call("listBulkDocuments", "van-der-meer", 200, job_id=job))["items"]
    await call("getBulkReport", "van-der-meer", 200, job_id=job)
    for template in ("getExcelTemplate", "getCsvTemplate"):
        await call(template, None, 200, type="purchase_order")
    await call("getCodeList", None, 200, name="incoterm_2020")
    await call("getCodeList", None, 404, name="nothing")
    assert (await call("listRights", None, 200, query="?role=exporter&state=ordered"))["items"]
    await call("getClock", "golden-lantern", 200)
    await call("setClock", "golden-lantern", 403, {"advance": "PT1S"})
    await call("setClock", "operator", 200, {"advance": "PT1S"})
    seed = {"participants": [{"party_id": "golden-lantern", "role": "exporter"}], "given": ["inspection.main=not_required"]}
    await call("seedTrade", "golden-lantern", 403, seed)
    await call("seedTrade", "operator", 422, {**seed, "given": ["inspection.main=lost"]})
    await call("seedTrade", "operator", 201, {**seed, "history": []})
    await call("live", None, 200)
    await call("ready", None, 200)
    await call("metrics", "operator", 200)
    assert {operation.id for operation in description.operations()} - seen == set()


async def trusted(call: Any, desk: Desk) -> None:
    """Partners, mandates, release by a second person, links."""
    trade_id = await desk.trade()
    here = {"trade_id": trade_id}
    await call("addParticipant", "van-der-meer", 201, {"party_id": "stranger", "role": "sea_carrier"}, **here)
    await call("addParticipant", "stranger", 403, {"party_id": "stranger", "role": "insurer"}, **here)
    token = (await call("invitePartner", "golden-lantern", 201, {"role": "insurer"}, **here))["token"]
    await call("joinTrade", "stranger", 201, {"token": token})
    await call("leaveTrade", "stranger", 403, {"party_id": "golden-lantern", "role": "exporter"}, **here)
    await call("leaveTrade", "golden-lantern", 201, {"party_id": "stranger", "role": "insurer"}, **here)
    mandate = await call("giveMandate", "van-der-meer", 201, {"agent": "stranger", "ends_at": "2199-01-01T00:00:00Z", "trade_id": trade_id})
    assert mandate["mandate_id"] in [row["mandate_id"] for row in (await call("listMandates", "stranger", 200))["items"]]
    await call("endMandate", "stranger", 204, mandate_id=mandate["mandate_id"])
    await call("setReleaseRules", "van-der-meer", 200, {"items": [{"type": "purchase_order", "amount_from": "1.00", "currency": "USD"}]})
    assert (await call("getReleaseRules", "van-der-meer", 200))["items"][0]["amount_from"] == "1.00"
    message = order(trade_id)
    case = {"held_id": (await call("lodgeMessage", "van-der-meer", 202, message))["held_id"]}
    assert (await call("getHeld", "van-der-meer", 200, **case)) == message
    await call("releaseHeld", "van-der-meer", 403, **case)
    assert (await call("listHeld", "van-der-meer", 200))["items"]
    await call("rejectHeld", "van-der-meer", 200, {"note": "Taken back"}, **case)
    await call("setReleaseRules", "van-der-meer", 200, {"items": []})
    await call("lodgeMessage", "van-der-meer", 201, message)
    asked = {"type": "purchase_order", "number": message["document"]["number"], "party_id": "van-der-meer", "role": "importer"}
    link = await call("makeLink", "van-der-meer", 201, asked, **here)
    assert (await call("listLinks", "van-der-meer", 200))["items"]
    desk.browser = {"Authorization": f"Bearer {link['token']}"}
    await call("openLink", None, 200)
    await call("answerLink", None, 403, message)
    desk.browser = {}
    await call("endLink", "van-der-meer", 204, link_id=link["link_id"])


async def desk_work(call: Any, message: Any, here: dict[str, str]) -> None:
    """Checking without lodging, drafts, comments."""
    assert (await call("checkMessage", "van-der-meer", 200, order(here["trade_id"])))["would"] == "refuse"
    await call("checkMessage", "van-der-meer", 415)
    kept = await call("addDraft", "van-der-meer", 201, {"trade_id": here["trade_id"], "message": "purchase_order", "document": {"a": "b"}})
    draft = {"draft_id": kept["draft_id"]}
    await call("keepDraft", "van-der-meer", 200, {"document": {"a": "c"}, "revision": 1}, **draft)
    await call("keepDraft", "van-der-meer", 409, {"document": {"a": "d"}, "revision": 1}, **draft)
    assert (await call("getDraft", "van-der-meer", 200, **draft))["document"] == {"a": "c"}
    await call("getDraft", "golden-lantern", 404, **draft)
    items = (await call("listDrafts", "van-der-meer", 200))["items"]  # among those that others left
    assert {one["draft_id"]: one["revision"] for one in items}[kept["draft_id"]] == 2
    await call("dropDraft", "van-der-meer", 204, **draft)
    about = {"type": "purchase_order", "number": message["document"]["number"], **here}
    await call("addComment", "golden-lantern", 201, {"text": "Is this the final price?", "internal": False}, **about)
    await call("addComment", "golden-lantern", 201, {"text": "Ask May first.", "internal": True}, **about)
    assert [one["text"] for one in (await call("listComments", "van-der-meer", 200, **about))["items"]] == ["Is this the final price?"]
    assert len((await call("listComments", "golden-lantern", 200, **about))["items"]) == 2
    assert [one["internal"] for one in (await call("getConversation", "golden-lantern", 200, **here))["items"]] == [True, False]
    told = await call("getConversation", "van-der-meer", 200, **here)
    assert told["unread"] == 1 and [one["new"] for one in told["items"]] == [True]
    assert (await call("readConversation", "van-der-meer", 200, {"last": told["last"]}, **here))["unread"] == 0
    assert (await call("getConversation", "van-der-meer", 200, **here))["unread"] == 0
    await call("readConversation", "van-der-meer", 422, {"last": "nothing"}, **here)
    await call("readConversation", "stranger", 404, {"last": told["last"]}, **here)
    await call("getConversation", "stranger", 404, **here)
    assert (await call("getCosts", "golden-lantern", 200, **here))["totals"] == []
    await call("getCosts", "stranger", 404, **here)
    await call("listComments", "stranger", 404, **about)


async def signed_in(desk: Desk, email: str, password: str) -> dict[str, str]:
    """The headers that a browser sends once somebody has signed in with it."""
    reply = await desk.post("/v1/session", None, {"email": email, "password": password})
    return {"X-CSRF-Token": reply.json["csrf_token"], "Cookie": reply.headers["Set-Cookie"].partition(";")[0]}


async def people(call: Any, desk: Desk) -> None:
    """The operations about people, as a key and as a browser."""
    asked = {"email": "open@golden-lantern.example", "scopes": ["read"]}
    await call(
        "revokeInvitation", "golden-lantern", 204, invitation_id=(await call("inviteUser", "golden-lantern", 201, asked))["invitation_id"]
    )
    token = (await call("inviteUser", "golden-lantern", 201, asked))["token"]
    password = "correct horse battery"
    user = await call("becomeUser", None, 201, {"token": token, "password": password})
    await call("becomeUser", None, 404, {"token": token, "password": password})
    assert [found["kind"] for found in (await call("listInvitations", "golden-lantern", 200))["items"]] == ["user", "user"]
    assert user["user_id"] in [found["user_id"] for found in (await call("listUsers", "golden-lantern", 200))["items"]]
    await call("signIn", None, 401, {"email": asked["email"], "password": "x"})
    await call("signIn", None, 200, {"email": asked["email"], "password": password})
    desk.browser = await signed_in(desk, asked["email"], password)
    try:
        await call("getSession", None, 200)
        code = pyotp.TOTP((await call("beginTotp", None, 201))["secret"])
        await call("confirmTotp", None, 204, {"code": code.now()})
        await call("removeTotp", None, 403, {"code": code.now()})
        await call("setPassword", None, 403, {"present": "x", "password": "y" * 12})
        await call("signOut", None, 204)
    finally:
        desk.browser = {}
    ours = {"party_id": "golden-lantern"}
    inside = {"issuer": "https://10.0.0.1", "client_id": "hub", "email_domains": ["golden-lantern.example"]}
    await call("setIdentityProvider", "golden-lantern", 422, inside, **ours)
    await call("getIdentityProvider", "golden-lantern", 404, **ours)
    await call("removeIdentityProvider", "golden-lantern", 404, **ours)
    await call("beginOrganisationSignIn", None, 404, ours)
    await call("finishOrganisationSignIn", None, 401)
    await call("setUser", "golden-lantern", 200, {"roles": None, "scopes": ["read"], "disabled": True}, user_id=user["user_id"])


@pytest.mark.parametrize("type", ["purchase_order", "bill_of_lading", "letter_of_credit"])
async def test_every_message_type_answers_as_described(desk: Desk, description: Description, type: str) -> None:
    reply = await desk.get(f"/v1/catalogue/{type}")
    assert description.disagreements(description.operation("getMessageType"), reply) == []
    assert json.loads(reply.body)["uses"]
