"""What arrives by a channel and cannot be taken ends in quarantine: visible, with a reason, an owner and a way out."""

import hashlib
import json
import uuid
from typing import Any

import pytest

from tests.http.description import Description
from tests.http.desk import Desk, order, reference
from tradeflow.app.wiring import Hub
from tradeflow.ports import Arrival, Taken


def arrival(tree: Any, party: str = "van-der-meer", name: str = "order.json", **more: Any) -> Arrival:
    body = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return Arrival("file_drop", f"drop/{party or 'nobody'}", name, body, party_id=party, **more)


async def case(desk: Desk, taken: Taken, party: str = "operator") -> dict[str, Any]:
    assert taken.quarantine_id
    items = (await desk.get("/v1/quarantine?limit=500", party)).json["items"]
    return next((item for item in items if item["quarantine_id"] == str(taken.quarantine_id)), {})


async def version(desk: Desk, trade_id: str) -> int:
    return int((await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["version"])


async def test_a_file_is_a_message_like_any_other_and_twice_is_once(desk: Desk, hub: Hub) -> None:
    trade_id = await desk.trade()
    file = arrival(order(trade_id))
    first = await hub.inbound.take(file)
    before = await version(desk, trade_id)
    again = await hub.inbound.take(file)
    assert first.outcome == "accepted" and (first.status, first.answer) == (201, again.answer)
    assert await version(desk, trade_id) == before
    by = (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["timeline"][-1]
    assert (by["party"], by["kind"]) == ("van-der-meer", "message")


@pytest.mark.parametrize(
    ("file", "reason", "code"),
    [
        (arrival(b"\x00\xffnot a message at all"), "unreadable", "UNSUPPORTED_MEDIA_TYPE"),
        (arrival(b"{"), "unreadable", "MALFORMED"),
        (arrival(b"%PDF-1.7", content_type="application/json"), "unreadable", "MALFORMED"),
        (arrival({"message": {"type": "no_such_message"}}), "unreadable", "UNKNOWN_MESSAGE"),
        (arrival(order("HTTP-NONE-0001")), "unknown_trade", "UNKNOWN_TRADE"),
        (arrival(order("HTTP-NONE-0002"), party="golden-lantern"), "wrong_sender", "WRONG_SENDER"),
    ],
)
async def test_what_cannot_be_taken_is_kept_with_its_reason_for_its_sender(
    desk: Desk, hub: Hub, file: Arrival, reason: str, code: str
) -> None:
    taken = await hub.inbound.take(file)
    kept = await case(desk, taken, file.party_id)
    assert (kept["reason"], kept["party_id"], kept["state"], kept["answer"]["code"]) == (reason, file.party_id, "waiting", code)
    assert kept["sha256"] == hashlib.sha256(file.body).hexdigest()
    assert (await desk.get(f"/v1/quarantine/{taken.quarantine_id}/content", file.party_id)).body == file.body
    assert not await case(desk, taken, "stranger")
    again = await hub.inbound.take(file)
    assert again.quarantine_id == taken.quarantine_id, "the same file is the same case"


async def test_a_message_for_a_party_that_is_not_in_the_trade_waits_for_its_sender(desk: Desk, hub: Hub) -> None:
    trade_id = await desk.trade()
    tree = order(trade_id, recipients=[{"party_id": "stranger", "role": "exporter"}])
    taken = await hub.inbound.take(arrival(tree))
    kept = await case(desk, taken, "van-der-meer")
    assert (kept["reason"], kept["trade_id"], kept["type"]) == ("recipient_gone", trade_id, "purchase_order")
    assert kept["answer"]["findings"]


async def test_what_was_too_early_is_lodged_by_another_try(desk: Desk, hub: Hub, description: Description) -> None:
    trade_id = reference()
    taken = await hub.inbound.take(arrival(order(trade_id)))
    path = f"/v1/quarantine/{taken.quarantine_id}"
    assert (await desk.post(f"{path}/retry", "van-der-meer")).code == "UNKNOWN_TRADE"
    assert (await case(desk, taken))["tries"] == 2
    await desk.trade(trade_id)
    assert (await desk.post(f"{path}/retry", "stranger")).code == "UNKNOWN_CASE"
    accepted = await desk.post(f"{path}/retry", "van-der-meer")
    assert accepted.status == 201 and accepted.json["receipt"]["trade_id"] == trade_id
    assert description.disagreements(description.operation("retryQuarantined"), accepted) == []
    assert (await desk.post(f"{path}/retry", "van-der-meer")).code == "CASE_SETTLED"
    kept = await case(desk, taken, "van-der-meer")
    assert (kept["state"], kept["settled_by"].split()[0]) == ("accepted", "van-der-meer")
    assert kept["answer"]["receipt"]["trade_id"] == trade_id


async def test_the_operator_may_try_again_what_a_channel_had_authenticated(desk: Desk, hub: Hub) -> None:
    trade_id = reference()
    taken = await hub.inbound.take(arrival(order(trade_id)))
    await desk.trade(trade_id)
    assert (await desk.post(f"/v1/quarantine/{taken.quarantine_id}/retry", "operator")).status == 201


async def test_a_stranger_s_file_is_the_operator_s_until_it_is_assigned(desk: Desk, hub: Hub, description: Description) -> None:
    trade_id = await desk.trade()
    taken = await hub.inbound.take(arrival(order(trade_id), party="", name="who.json"))
    assert (await case(desk, taken))["reason"] == "unknown_sender"
    assert not await case(desk, taken, "van-der-meer")
    path = f"/v1/quarantine/{taken.quarantine_id}"
    assert (await desk.post(f"{path}/retry", "operator")).code == "NOT_THE_SENDER"
    assert (await desk.post(f"{path}/assign", "van-der-meer", {"party_id": "van-der-meer"})).status == 403
    assert (await desk.post(f"{path}/assign", "operator", {"party_id": "nobody-here"})).code == "UNKNOWN_PARTY"
    assigned = await desk.post(f"{path}/assign", "operator", {"party_id": "van-der-meer", "note": "They telephoned."})
    assert description.disagreements(description.operation("assignQuarantined"), assigned) == []
    assert (await desk.post(f"{path}/retry", "operator")).code == "NOT_THE_SENDER", "nobody is made a sender by the operator"
    assert (await desk.post(f"{path}/retry", "van-der-meer")).status == 201


async def test_a_rejected_case_stays_with_its_note(desk: Desk, hub: Hub, description: Description) -> None:
    taken = await hub.inbound.take(arrival(f"junk {uuid.uuid4()}".encode()))
    path = f"/v1/quarantine/{taken.quarantine_id}"
    assert (await desk.post(f"{path}/reject", "van-der-meer", {})).status == 422
    rejected = await desk.post(f"{path}/reject", "van-der-meer", {"note": "A holiday picture."})
    assert description.disagreements(description.operation("rejectQuarantined"), rejected) == []
    assert (await desk.post(f"{path}/retry", "van-der-meer")).code == "CASE_SETTLED"
    listed = await desk.get("/v1/quarantine?state=rejected", "van-der-meer")
    assert description.disagreements(description.operation("listQuarantine"), listed) == []
    assert str(taken.quarantine_id) in {item["quarantine_id"] for item in listed.json["items"] if item["note"] == "A holiday picture."}


async def test_cases_of_others_do_not_exist(desk: Desk, hub: Hub) -> None:
    taken = await hub.inbound.take(arrival(f"junk {uuid.uuid4()}".encode()))
    for id in (taken.quarantine_id, uuid.uuid4()):
        for method, path, body in (("GET", "content", None), ("POST", "retry", None), ("POST", "reject", {"note": "x"})):
            reply = await desk.call(method, f"/v1/quarantine/{id}/{path}", "stranger", body)
            assert (reply.status, reply.code) == (404, "UNKNOWN_CASE")


async def test_what_the_hub_fails_over_is_the_operator_s(desk: Desk, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise RuntimeError("a defect")

    trade_id = await desk.trade()
    with monkeypatch.context() as broken:
        broken.setattr(hub.handler, "_commit", breaks)
        taken = await hub.inbound.take(arrival(order(trade_id)))
    kept = await case(desk, taken)
    assert (kept["reason"], kept["party_id"]) == ("failed", "operator")
    assert "a defect" not in json.dumps(kept)


async def test_an_answer_to_a_stranger_tells_nothing_of_the_trade_it_names(desk: Desk, hub: Hub) -> None:
    """Unknown sender, or known and no participant: a trade there is and one there is not are answered alike, and kept alike."""
    there, number = await desk.trade(), 0
    for party in ("", "stranger"):
        said = []
        for trade_id in (there, reference()):
            number += 1
            tree = order(trade_id)
            tree["message"]["sender"] = {"party_id": party or "van-der-meer", "role": "importer"}
            taken = await hub.inbound.take(arrival(tree, party=party, name=f"probe-{number}.json"))
            answer = taken.answer.replace(trade_id.encode(), b"TRADE").replace(str(taken.quarantine_id).encode(), b"CASE")
            kept = await case(desk, taken, party or "operator")
            assert kept["party_id"] == (party or "operator") and kept["state"] == "waiting", (
                "seen by somebody who can do something about it"
            )
            said.append((taken.status, taken.outcome, answer, kept["reason"]))
        assert said[0] == said[1], party
        assert said[0][1] == "refused"


async def test_nothing_that_arrives_is_lost_or_in_two_places(desk: Desk, hub: Hub) -> None:
    """Every arrival is a message of a trade, or waits for a second person, or is a case with a reason, an owner and a way out."""
    trade_id = await desk.trade()
    gone = order(trade_id, recipients=[{"party_id": "stranger", "role": "exporter"}])
    arrivals = [
        arrival(order(await desk.trade())),
        arrival(order(trade_id), party="", name="nobody.json"),
        arrival(f"\x00{uuid.uuid4()}".encode("utf-16")),
        arrival(f"<a>{uuid.uuid4()}".encode(), name="broken.xml"),
        arrival(f"UNB+UNOC:3+{uuid.uuid4()}'".encode(), name="broken.edi"),
        arrival(b"", name=f"empty-{uuid.uuid4()}.json"),
        arrival(gone),
        arrival(order(reference())),
    ]
    taken = [await hub.inbound.take(file) for file in arrivals]
    assert [one.outcome for one in taken] == ["accepted", *["refused"] * 7]
    for file, one in zip(arrivals[1:], taken[1:], strict=True):
        owner = file.party_id or "operator"
        kept = await case(desk, one, owner)
        assert kept["reason"] and kept["why"] and kept["party_id"] == owner, file.name
        assert (await desk.get(f"/v1/quarantine/{one.quarantine_id}/content", owner)).body == file.body
        ended = await desk.post(f"/v1/quarantine/{one.quarantine_id}/reject", owner, {"note": "looked at"})
        assert ended.status == 200 and ended.json["state"] == "rejected"
    assert [event["kind"] for event in (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["timeline"]] == ["open"]
