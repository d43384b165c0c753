"""Documents in formats of the outside over HTTP: lodged, converted, and given back by Accept."""

import json
import re
import warnings

import pytest
from pydifact.segmentcollection import RawSegmentCollection

from tests.http.desk import Desk, order, sample
from tradeflow.app.wiring import Hub
from tradeflow.codec import canonical, formats, intake
from tradeflow.model.document import Document
from tradeflow.ports import Arrival

EDI, DCSA = "application/edifact", "application/vnd.dcsa+json"


def document(trade: str) -> Document:
    return intake.read(json.dumps(order(trade)).encode(), "application/json")


async def test_an_order_is_lodged_as_edifact_and_read_as_json(desk: Desk) -> None:
    trade = await desk.trade()
    wanted = document(trade)
    body = formats.write(wanted, "edifact").body
    reply = await desk.lodge(body, "van-der-meer", EDI)
    assert reply.status == 201, reply.body
    again = await desk.lodge(body, "van-der-meer", EDI)
    assert (again.status, again.body) == (201, reply.body), "the same file is the same message"
    path = f"/v1/trades/{trade}/documents/purchase_order/{wanted.number}"
    assert (await desk.get(path, "van-der-meer")).body == wanted.canonical


async def test_a_document_comes_as_edifact_where_accept_asks_for_it(desk: Desk) -> None:
    trade = await desk.trade()
    wanted = document(trade)
    assert (await desk.lodge(order(trade), "van-der-meer")).status == 201
    path = f"/v1/trades/{trade}/documents/purchase_order/{wanted.number}"
    reply = await desk.get(path, "van-der-meer", headers={"Accept": EDI})
    assert reply.headers["Content-Type"].startswith(EDI)
    assert intake.read(reply.body, EDI).data["lines"] == wanted.data["lines"]
    refused = await desk.get(path, "van-der-meer", headers={"Accept": "application/x-swift-fin"})
    assert (refused.status, refused.json["code"]) == (406, "NOT_ACCEPTABLE")


async def test_the_report_of_a_conversion_comes_with_the_file(desk: Desk) -> None:
    trade = await desk.trade()
    reply = await desk.post("/v1/convert?to=edifact", "van-der-meer", order(trade))
    assert reply.status == 200, reply.body
    said = reply.json
    assert said["file"].startswith("UNA:+.? '") and said["not_taken"] == []
    assert {loss["kind"] for loss in said["losses"]} == {"aside"}
    back = await desk.call("POST", "/v1/convert?to=json", "van-der-meer", said["file"].encode(), headers={"Content-Type": EDI})
    assert back.json["losses"] == [] and back.json["number"] == order(trade)["document"]["number"]


async def test_a_wrong_count_is_a_finding_over_http(desk: Desk) -> None:
    trade = await desk.trade()
    body = formats.write(document(trade), "edifact").body.replace(b"UNT+", b"UNT+9")
    reply = await desk.lodge(body, "van-der-meer", EDI)
    assert (reply.status, reply.json["code"]) == (400, "MALFORMED")
    assert "UNT counts 9" in reply.json["findings"][0]["message"]


async def test_a_booking_as_dcsa_gets_the_answer_that_it_gets_as_json(desk: Desk) -> None:
    trade = await desk.trade()
    wanted = intake.read(json.dumps(sample("booking_request", trade)).encode(), "application/json")
    sender = wanted.data["message"]["sender"]["party_id"]
    body = formats.write(wanted, "dcsa").body
    answers = [await desk.lodge(sent, sender, kind) for sent, kind in ((wanted.canonical, "application/json"), (body, DCSA))]
    assert answers[0].status == answers[1].status
    assert answers[0].json["code"] == answers[1].json["code"] == "WRONG_RECIPIENT"  # no forwarder in this trade: both were understood
    asked = await desk.call("POST", "/v1/convert?to=json", "van-der-meer", body, headers={"Content-Type": DCSA})
    assert asked.json["type"] == "booking_request" and asked.json["findings"] == []


async def test_a_partners_file_is_converted_as_far_as_it_goes(desk: Desk) -> None:
    body = {"receiptTypeAtOrigin": "CY", "shipmentLocations": [], "requestedEquipments": [], "incoTerms": "CIF", "routingReference": "X"}
    asked = await desk.call("POST", "/v1/convert?to=json", "van-der-meer", json.dumps(body).encode(), headers={"Content-Type": DCSA})
    assert asked.status == 200, asked.body
    assert json.loads(asked.json["file"])["incoterm"] == "CIF"
    assert any(finding["pointer"] == "/message/trade_id" for finding in asked.json["findings"])
    assert [one["pointer"] for one in asked.json["not_taken"]] == ["/BKG_CreateBooking/routingReference[1]"]
    refused = await desk.call("POST", "/v1/convert?to=edifact", "van-der-meer", json.dumps(body).encode(), headers={"Content-Type": DCSA})
    assert (refused.status, refused.json["code"]) == (422, "SCHEMA_INVALID")


@pytest.mark.parametrize("kind", ["excel", "csv"])
async def test_a_table_is_lodged_and_its_findings_name_cells(desk: Desk, kind: str) -> None:
    trade, media_type = await desk.trade(), formats.kinds()[kind].media_type
    tree = order(trade)
    wrong = canonical.document("purchase_order", {**tree, "document": {**tree["document"], "issue_date": "2031-01-01"}})
    reply = await desk.lodge(formats.write(wrong, kind).body, "van-der-meer", media_type)
    assert (reply.status, reply.json["code"]) == (422, "RULE_VIOLATION"), reply.body
    cells = [finding.get("cell", "") for finding in reply.json["findings"]]
    assert cells and all(re.fullmatch(r"([a-z_]+!)?[A-Z]*[0-9]+(:[0-9]+)?", cell) for cell in cells), reply.body
    right = document(trade)
    body = formats.write(right, kind).body
    reply = await desk.lodge(body, "van-der-meer", media_type)
    assert reply.status == 201, reply.body
    back = await desk.get(f"/v1/trades/{trade}/documents/purchase_order/{right.number}", "van-der-meer", headers={"Accept": media_type})
    assert intake.read(back.body, media_type).data["lines"] == right.data["lines"]


async def test_templates_are_public_and_may_be_kept(desk: Desk) -> None:
    for suffix, kind in (("xlsx", "excel"), ("csv", "csv")):
        reply = await desk.get(f"/v1/messages/packing_list/template.{suffix}")
        assert reply.status == 200 and reply.headers["Content-Type"].startswith(formats.kinds()[kind].media_type)
        assert reply.headers["Content-Disposition"] == f'attachment; filename="packing_list.{suffix}"'
        again = await desk.get(f"/v1/messages/packing_list/template.{suffix}", headers={"If-None-Match": reply.headers["ETag"]})
        assert again.status == 304
    assert (await desk.get("/v1/messages/packing_lst/template.xlsx")).status == 404


def segments(body: bytes) -> list[list[list[str]]]:
    """An interchange as another library cuts it; it has no directory of D.24A to hold it against, and says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = RawSegmentCollection.from_str(body.decode("iso8859-1")).segments
        return [[[one] if isinstance(one, str) else list(one) for one in (segment.tag, *segment.elements)] for segment in found]


def of(body: bytes, tag: str) -> list[list[list[str]]]:
    return [segment[1:] for segment in segments(body) if segment[0] == [tag]]


async def test_an_interchange_is_answered_with_contrl_and_aperak(desk: Desk) -> None:
    trade = await desk.trade()
    wanted = document(trade)
    body = formats.write(wanted, "edifact").body
    asked = {"Content-Type": EDI, "Accept": EDI}

    async def sent(what: bytes) -> tuple[int, bytes]:
        reply = await desk.call("POST", "/v1/messages", "van-der-meer", what, headers=asked)
        assert reply.headers["Content-Type"].startswith(EDI)
        assert [one[1] for one in of(reply.body, "UNT")] == [one[0] for one in of(reply.body, "UNH")]
        return reply.status, reply.body

    status, wrong = await sent(body.replace(b"UNT+", b"UNT+9"))
    ((_, _, _, action, *error),) = [one[:5] for one in of(wrong, "UCI")]
    assert (status, action) == (400, ["7"]) and error == []
    ((_, kind, action, error_),) = of(wrong, "UCM")
    assert (kind[0], action, error_) == ("ORDERS", ["4"], ["29"])
    status, wrong = await sent(body.replace(b"UNZ+1+", b"UNZ+1+X"))
    assert (status, of(wrong, "UCI")[0][3:]) == (400, [["4"], ["28"]])
    status, wrong = await sent(re.sub(rb"(BGM[^']*'\n?)", rb"\1GIN+BN+1'", body))
    assert status == 400 and ["3"] in [one[0] for one in of(wrong, "UCS")] and [["15"]] in [one[1:] for one in of(wrong, "UCS")]
    status, right = await sent(body)
    assert (status, of(right, "UCI")[0][3], of(right, "ERC")) == (201, ["7"], [])
    assert (await sent(body))[0] == 201, "the same interchange again gets its first answer"
    changed = {**wanted.data, "document": {**wanted.data["document"], "remarks": "Another text under the same id"}}
    status, taken = await sent(formats.write(canonical.document("purchase_order", changed), "edifact").body)
    assert (status, of(taken, "UCI")[0][3:]) == (409, [["4"], ["26"]])
    other = formats.write(document(await desk.trade()), "edifact").body.replace(b"van-der-meer", b"golden-lantern")
    status, refused = await sent(other)
    assert status in (403, 422) and of(refused, "UCI")[0][3] == ["7"]
    assert of(refused, "BGM")[0][0] == ["313"] and of(refused, "ERC") and of(refused, "FTX")


async def test_an_interchange_from_a_channel_is_answered_in_its_format_too(desk: Desk, hub: Hub) -> None:
    trade = await desk.trade()
    body = formats.write(document(trade), "edifact").body
    for what, outcome, action in ((body.replace(b"UNT+", b"UNT+9"), "refused", ["4"]), (body, "accepted", ["7"])):
        taken = await hub.inbound.take(Arrival("file_drop", "drop", "order.edi", what, party_id="van-der-meer"))
        assert (taken.outcome, taken.reply_name) == (outcome, "reply.edi"), taken.answer
        assert of(taken.reply, "UCM")[0][2] == action
    taken = await hub.inbound.take(Arrival("file_drop", "drop", "order.json", b"{", party_id="van-der-meer"))
    assert taken.reply == b""
