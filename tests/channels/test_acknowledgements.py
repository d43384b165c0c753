"""Partners' CONTRL and APERAK: they acknowledge or reject what was sent, both sides see it, and nothing of it is a message of a trade."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.conftest import Until
from tests.channels.test_file_drop import channel, put
from tests.http.desk import Desk, order
from tests.http.problems import assert_problem
from tradeflow.app.wiring import Hub
from tradeflow.codec import formats, intake

EDI = "application/edifact"
Json = dict[str, Any]


def interchange(*messages: tuple[str, str], reference: str = "77") -> bytes:
    """What the seller's system sends: messages by type and segments."""
    made = "".join(f"UNH+{n}+{kind}'{segments}UNT+{segments.count(chr(39)) + 2}+{n}'" for n, (kind, segments) in enumerate(messages, 1))
    return f"UNA:+.? 'UNB+UNOC:3+golden-lantern:ZZZ+hub:ZZZ+250110:0900+{reference}'{made}UNZ+{len(messages)}+{reference}'".encode()


def contrl(sent: str, segments: str = "", action: str = "7", **more: str) -> bytes:
    return interchange(("CONTRL:4:1:UN", f"UCI+{sent}+hub:ZZZ+golden-lantern:ZZZ+{action}'{segments}"), **more)


@pytest.fixture(scope="module")
async def seller(desk: Desk, hub: Hub, until: Until) -> AsyncIterator[Path]:
    """The seller's drop, which speaks EDIFACT; gone with the module, for others look elsewhere for what the seller gets."""
    await channel(desk, "golden-lantern", "edi", kind="file_drop", message_types=["purchase_order"], format="edifact")
    root = hub.settings.data_dir / "drop" / "golden-lantern" / "edi"

    async def there() -> bool:
        return (root / "in").is_dir()

    await until(there)
    yield root
    assert (await desk.call("DELETE", "/v1/parties/golden-lantern/channels/edi", "golden-lantern")).status == 204


async def sent(desk: Desk, seller: Path, until: Until) -> tuple[str, bytes]:
    """A trade with an order that lies in the seller's drop, and its bytes there."""
    trade_id = await desk.trade()
    assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201

    async def out() -> Path | None:
        return next(iter((seller / "out").glob(f"{trade_id}*.edi")), None)

    body: bytes = (await until(out)).read_bytes()  # type: ignore[attr-defined]

    async def marked() -> bool:
        way = (await delivery(desk, trade_id, "van-der-meer"))["channel"]
        return bool(way and way["status"] == "sent")

    await until(marked)
    return trade_id, body


def reference_of(body: bytes) -> str:
    return body.decode().split("UNZ+1+")[1].rstrip("\n'")


async def delivery(desk: Desk, trade_id: str, party: str) -> Json:
    items = (await desk.get(f"/v1/trades/{trade_id}/deliveries", party)).json["items"]
    return next(item for item in items if item["party_id"] == "golden-lantern" and item["kind"] == "message")


async def test_a_contrl_in_the_drop_acknowledges_the_delivery_and_is_not_answered(desk: Desk, seller: Path, until: Until) -> None:
    trade_id, body = await sent(desk, seller, until)
    put(seller, "yes.edi", contrl(reference_of(body), reference="Y1"))

    async def answered() -> Path | None:
        return next(iter((seller / "answers").glob("yes.edi.accepted.json")), None)

    said = json.loads((await until(answered)).read_bytes())["acknowledgements"][0]  # type: ignore[attr-defined]
    assert (said["trade_id"], said["accepted"], said["type"]) == (trade_id, True, "purchase_order")
    assert not list((seller / "answers").glob("yes.edi.reply*")), "CONTRL is never answered with CONTRL"
    for party in ("van-der-meer", "golden-lantern"):
        found = await delivery(desk, trade_id, party)
        assert found["status"] == "acknowledged" and found["acknowledged_at"]
        told = [one for one in found["attempt_list"] if one["outcome"] == "acknowledged"]
        assert [one["channel"] for one in told] == ["edi"] and "action 7" in told[0]["error"]


async def test_a_rejection_names_the_element_and_leaves_the_delivery_to_a_person(desk: Desk, seller: Path, until: Until) -> None:
    trade_id, body = await sent(desk, seller, until)
    detail = "UCM+1+ORDERS:D:24A:UN+4'UCS+5'UCD+12+3:2'"
    answer = contrl(reference_of(body), detail, reference="N1")
    for _ in range(2):  # the same once more changes nothing
        reply = await desk.lodge(answer, "golden-lantern", EDI)
        assert (reply.status, reply.json["acknowledgements"][0]["accepted"]) == (200, False)
    for party in ("van-der-meer", "golden-lantern"):
        found = await delivery(desk, trade_id, party)
        told = [one["error"] for one in found["attempt_list"] if one["outcome"] == "rejected"]
        assert len(told) == 1 and "segment 5 element 3.2, error 12 (invalid value)" in told[0]
        assert (found["channel"]["status"], found["channel"]["owner"], found["channel"]["last_error"]) == (
            "quarantined",
            "golden-lantern",
            told[0],
        )
    again = await desk.post(f"/v1/deliveries/{found['delivery_id']}/resend", "golden-lantern")
    assert again.status == 200, again.body


async def test_an_aperak_is_found_by_the_number_of_the_document_or_the_message_id(desk: Desk, seller: Path, until: Until) -> None:
    trade_id, body = await sent(desk, seller, until)
    document = intake.read(body, EDI)
    number = "".join(f"?{c}" if c in "?:+'" else c for c in document.number)
    refusal = f"BGM+313+A-1+27'DTM+137:20250110:102'RFF+ON:{number}'ERC+42::ZZZ'FTX+AAO+++Price is not as agreed'"
    reply = await desk.lodge(interchange(("APERAK:D:96A:UN", refusal), reference="A1"), "golden-lantern", EDI)
    assert (reply.status, reply.json["acknowledgements"][0]["trade_id"]) == (200, trade_id)
    found = await delivery(desk, trade_id, "van-der-meer")
    assert any("Price is not as agreed" in one["error"] for one in found["attempt_list"] if one["outcome"] == "rejected")
    accepted = f"BGM+312+A-2+29'RFF+ACW:{document.get('message.id').replace('-', '')}'"
    both = interchange(("CONTRL:D:3:UN", f"UCI+{reference_of(body)}+hub+x+8'"), ("APERAK:D:24A:UN", accepted), reference="A2")
    reply = await desk.lodge(both, "golden-lantern", EDI, Accept=EDI)
    assert reply.status == 200 and b"UCM+2+APERAK:D:24A:UN+7'" in reply.body
    found = await delivery(desk, trade_id, "golden-lantern")
    assert found["status"] == "acknowledged"
    assert [one["outcome"] for one in found["attempt_list"]].count("acknowledged") == 2


async def test_what_answers_nothing_that_was_sent_is_in_quarantine(desk: Desk, seller: Path, until: Until) -> None:
    trade_id, body = await sent(desk, seller, until)
    put(seller, "lost.edi", contrl("NOSUCHREF", reference="L1"))

    async def case() -> Json | None:
        items = (await desk.get("/v1/quarantine", "golden-lantern")).json["items"]
        return next((item for item in items if item["name"] == "lost.edi"), None)

    found = await until(case)
    assert found["reason"] == "unknown_reference"  # type: ignore[index]
    assert "NOSUCHREF" in found["answer"]["findings"][0]["message"]  # type: ignore[index]
    others = await desk.lodge(contrl(reference_of(body)), "van-der-meer", EDI)
    assert_problem(others, 404, "UNKNOWN_DELIVERY", "/v1/messages")
    assert (await delivery(desk, trade_id, "van-der-meer"))["status"] == "delivered", "only its receiver acknowledges a delivery"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (interchange(("CONTRL:4:1:UN", "UCM+1+ORDERS:D:24A:UN+7'")), "does not say what it answers"),
        (interchange(("APERAK:D:96A:UN", "BGM+313+A-1+27'")), "does not say what it answers"),
        (interchange(("CONTRL:4:1:UN", "UCI+1+a+b+7'"), ("ORDERS:D:96A:UN", "BGM+220+1+9'")), "apart"),
        (contrl("1").replace(b"UNT+3", b"UNT+9"), "UNT counts 9"),
    ],
)
async def test_an_acknowledgement_that_is_not_in_order_is_refused(desk: Desk, body: bytes, why: str) -> None:
    reply = await desk.lodge(body, "golden-lantern", EDI)
    assert_problem(reply, 400, "MALFORMED", "/v1/messages")
    assert why in json.dumps(reply.json["findings"])


async def test_a_reference_that_was_used_for_another_file_is_a_finding(desk: Desk) -> None:
    first, second = await desk.trade(), await desk.trade()
    bodies = [
        formats.write(intake.read(json.dumps(order(trade)).encode(), "application/json"), "edifact").body for trade in (first, second)
    ]
    own = reference_of(bodies[0])
    other = bodies[1].replace(reference_of(bodies[1]).encode(), own.encode())
    refused = other.replace(b"RFF+UCN", b"RFF+ZZZ")  # knows no trade: refused, and the reference stays free
    assert (await desk.lodge(refused, "van-der-meer", EDI)).status >= 400
    reply = await desk.lodge(bodies[0], "van-der-meer", EDI)
    assert reply.status == 201, reply.body
    assert (await desk.lodge(bodies[0], "van-der-meer", EDI)).body == reply.body
    twice = await desk.lodge(other, "van-der-meer", EDI)
    assert_problem(twice, 409, "DUPLICATE_MESSAGE", "/v1/messages")
    assert own in twice.json["findings"][0]["message"]
    answer = await desk.lodge(other, "van-der-meer", EDI, Accept=EDI)
    assert b"+4+26'" in answer.body
