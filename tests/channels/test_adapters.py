"""A partner's own system on a channel: what leaves for it, what it answers by a number alone, and what nobody understands."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.channels.conftest import Until
from tests.http.desk import Desk, order, sample
from tradeflow.app.wiring import Hub
from tradeflow.codec.business.manifest import adapters

Json = dict[str, Any]
BANK = adapters()["bank"].folder / "fixtures"
AS_BANK = "application/xml; adapter=bank"


@dataclass
class Applied:
    """A trade in which the bank has an application for a credit, and the bank's folder."""

    trade_id: str
    number: str
    root: Path

    def answer(self, word: str = "RJCT", number: str = "") -> bytes:
        """What the bank's system says about it."""
        text = (BANK / "rejected.xml").read_text()
        report = f"ST-{self.trade_id}-{word}"
        replaced = text.replace("MB-APP-25-0331", number or self.number).replace("RJCT", word).replace("MB-ST-25-0441", report)
        return replaced.replace("2025-01-13", "2025-01-06").encode()


@pytest.fixture
async def applied(desk: Desk, hub: Hub, until: Until) -> AsyncIterator[Applied]:
    given = {"kind": "file_drop", "format": "bank", "settings": {"adapter": {"container": "rje"}}}
    assert (await desk.call("PUT", "/v1/parties/maasbank/channels/swift", "maasbank", given)).status in (200, 201)
    trade_id = await desk.trade()
    application = sample("lc_application", trade_id)
    application["document"]["number"] = f"APP-{trade_id}"
    for message, party in (
        (order(trade_id), "van-der-meer"),
        (sample("sales_order", trade_id), "golden-lantern"),
        (application, "van-der-meer"),
    ):
        message["message"]["created_at"] = "2025-01-06T09:00:00Z"
        message["document"]["issue_date"] = "2025-01-06"
        if "signature" in message:
            message["signature"]["date"] = "2025-01-06"
        reply = await desk.lodge(message, party)
        assert reply.status == 201, [(f["rule"], f["pointer"], f["message"]) for f in reply.json["findings"]]
    root = hub.settings.data_dir / "drop" / "maasbank" / "swift"

    async def there() -> bool:
        return any((root / "out").glob(f"{trade_id}_*_lc_application_*.xml"))

    await until(there)
    yield Applied(trade_id, application["document"]["number"], root)
    assert (await desk.call("DELETE", "/v1/parties/maasbank/channels/swift", "maasbank")).status in (200, 204)


async def put(applied: Applied, until: Until, name: str, body: bytes) -> Json:
    """A file in the bank's folder, and the answer beside it."""
    (applied.root / "in").mkdir(parents=True, exist_ok=True)
    (applied.root / "in" / f".{name}").write_bytes(body)
    (applied.root / "in" / f".{name}").rename(applied.root / "in" / name)

    async def answered() -> Json | None:
        found = list((applied.root / "answers").glob(f"{name}.*"))
        return json.loads(found[0].read_bytes()) if found else None

    return await until(answered)  # type: ignore[return-value]


async def test_an_answer_by_number_alone_reaches_the_trade_and_twice_is_once(desk: Desk, applied: Applied, until: Until) -> None:
    body = applied.answer()
    receipt = await put(applied, until, "status-1.xml", body)
    assert receipt["receipt"]["trade_id"] == applied.trade_id, receipt
    assert {moved["to"] for moved in receipt["response"]["moved"]} >= {"application_refused"}
    assert await put(applied, until, "status-2.xml", body) == receipt, "the same file is the same message"
    again = await desk.lodge(body, "maasbank", AS_BANK)
    assert (again.status, again.json) == (201, receipt), "and by HTTP it is, too"


async def test_an_unknown_word_is_in_quarantine_until_a_row_says_what_it_means(desk: Desk, applied: Applied, until: Until) -> None:
    problem = await put(applied, until, "word.xml", applied.answer("SURE"))
    (finding,) = problem["findings"]
    assert (finding["rule"], finding["pointer"], finding["found"]) == ("M-ADP-01", "/response/code", "SURE")
    assert "ACCP" in finding["expected"] and "status.toml" in finding["hint"]
    again = await desk.post(f"/v1/quarantine/{problem['quarantine_id']}/retry", "maasbank")
    assert again.json["findings"][0]["rule"] == "M-ADP-01", "the adapter reads it again"


async def test_a_number_that_nobody_sent_is_a_finding_at_its_place(desk: Desk, applied: Applied, until: Until) -> None:
    problem = await put(applied, until, "number.xml", applied.answer(number="NOBODY-1"))
    assert problem["code"] == "UNKNOWN_TRADE" and problem["findings"][0]["pointer"] == "/answers/number"
    other = await desk.lodge(applied.answer(), "harbour-trade-bank", AS_BANK)
    assert (other.status, other.json["code"]) == (404, "UNKNOWN_TRADE"), "whom it was not sent to learns nothing of it"


@pytest.mark.parametrize(
    "body", [b"\x00\xff", b"<ApplicationStatusReport>", b'{"a": 1}', b"<Other/>"], ids=["bytes", "broken", "json", "other"]
)
async def test_garbage_is_refused_with_findings(desk: Desk, applied: Applied, until: Until, body: bytes) -> None:
    problem = await put(applied, until, f"garbage-{len(body)}.bin", body)
    assert problem["status"] < 500 and problem["findings"] and problem["quarantine_id"]


@pytest.mark.parametrize(
    ("form", "settings", "place"),
    [
        ("cobol", {}, "/format"),
        ("customs_advance", {}, "/settings/adapter/filer"),
        ("customs_advance", {"adapter": {"filer": 7}}, "/settings/adapter/filer"),
        ("customs_advance", {"adapter": {"filer": "NL1", "colour": "red"}}, "/settings/adapter/colour"),
        ("edifact", {"adapter": {"filer": "NL1"}}, "/settings/adapter"),
    ],
)
async def test_a_wrong_format_or_setting_is_said_at_its_place(desk: Desk, form: str, settings: Json, place: str) -> None:
    given = {"kind": "null", "format": form, "settings": settings}
    reply = await desk.call("PUT", "/v1/parties/maasbank/channels/wrong", "maasbank", given)
    assert reply.status == 422 and place in [finding["pointer"] for finding in reply.json["findings"]]


async def test_a_file_for_no_adapter_there_is_says_which_there_are(desk: Desk) -> None:
    reply = await desk.lodge(b"<x/>", "maasbank", "application/xml; adapter=cobol")
    assert (reply.status, reply.json["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "bank" in reply.json["detail"]
