"""After an amendment: which documents break, who may see it, who accepts it, what cures it, and the chain that proves it."""

import asyncio
import copy
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.scenario.conftest import SCENARIOS
from tests.scenario.desk import HubClient, Reply
from tests.scenario.test_visibility import clients
from tests.verified import verified
from tradeflow.cli._hub import Running
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Player

UNTIL_INVOICED = 7  # steps of S01: order, confirmation, credit, packing list, invoice
EXPORTER, IMPORTER, ISSUER, ADVISER = "golden-lantern", "van-der-meer", "maasbank", "harbour-trade-bank"
Json = dict[str, Any]


class Office:
    """Every party at one desk: lodges messages a minute apart, the clock of the sandbox with them."""

    def __init__(self, trade: str, by_party: dict[str, HubClient], now: datetime) -> None:
        self.trade, self.by_party, self.now = trade, by_party, now

    async def get(self, party: str, tail: str = "") -> Any:
        reply = await self.by_party[party].get(f"/v1/trades/{self.trade}{tail}")
        assert reply.ok, said(reply)
        return reply.body

    async def document(self, type_: str) -> Json:
        entry = next(d for d in (await self.get("operator"))["documents"] if d["type"] == type_)
        return dict(await self.get("operator", f"/documents/{type_}/{entry['number']}"))

    async def lodge(self, type_: str, tree: Json, sender: tuple[str, str], to: tuple[str, str], function: str = "9") -> Reply:
        self.now += timedelta(minutes=1)
        assert (await self.by_party["operator"].put("/v1/sandbox/clock", {"now": self.now.isoformat()})).ok
        tree = copy.deepcopy(tree)
        tree["message"] = {
            "id": str(uuid.uuid4()), "type": type_, "schema_version": "1.0", "function": function, "created_at": self.now.isoformat(),
            "sender": {"party_id": sender[0], "role": sender[1]}, "recipients": [{"party_id": to[0], "role": to[1]}], "trade_id": self.trade,
        }  # fmt: skip
        return await self.by_party[sender[0]].post("/v1/messages", tree)

    async def open_rules(self, party: str = EXPORTER) -> set[str]:
        return {item["finding"]["rule"] for item in (await self.get(party, "/findings?status=open"))["items"]}


def said(reply: Reply) -> Any:
    """Why it was refused, for the message of a failed test."""
    return [reply.body.get("detail"), *reply.body.get("findings", [])]


def header(number: str, day: str) -> Json:
    return {"number": number, "issue_date": day, "version": 1}


def signed(by: Json, day: str) -> Json:
    return {**by, "date": day}


def at_price(tree: Json, price: str, total: str) -> Json:
    """The same goods at another price."""
    made = copy.deepcopy(tree)
    made["lines"][0]["unit_price"]["value"] = price
    for money in (made["lines"][0]["line_amount"], made["totals"]["lines_amount"], made["totals"]["total"]):
        money["value"] = total
    return made


@pytest.fixture
def invoiced(hub: Running) -> str:
    """S01 as far as the invoice."""
    scenario = load(SCENARIOS / "S01.toml")
    outcome = asyncio.run(
        Player(hub.base_url, hub.operator_key, catalogue(), "json").play(
            msgspec.structs.replace(scenario, step=scenario.step[:UNTIL_INVOICED])
        )
    )
    assert outcome.difference == ""
    return outcome.trade_id


def test_what_breaks_after_a_change_is_told_accepted_and_cured(hub: Running, invoiced: str, database: str) -> None:
    asyncio.run(_the_price_goes_up(hub, invoiced))
    assert verified(database).faults == [], "the state with its findings is the fold of the events"


async def _the_price_goes_up(hub: Running, trade: str) -> None:
    scenario = load(SCENARIOS / "S01.toml")
    async with clients(hub, scenario) as by_party:
        office = Office(trade, by_party, datetime.fromisoformat("2025-02-24T12:00:00+08:00"))
        assert await office.open_rules() == set(), "nothing is wrong with S01"
        answer = await change_the_order(office)
        await the_answer_names_what_breaks(office, answer)
        await each_reader_sees_its_part(office)
        await both_sides_accept_the_price(office)
        await the_credit_is_amended(office)
        await the_old_price_again(office)
        assert await office.open_rules() == set()
        kinds = [c["change"] for event in (await office.get("operator"))["timeline"] for c in event["changes"]]
        assert {"finding_raised", "finding_cured", "deviation_accepted"} <= set(kinds)


async def change_the_order(office: Office, name: str = "C1", price: str = "25.00", total: str = "105000.00", version: int = 1) -> Json:
    order = await office.document("sales_order")
    known = {field.path.split(".")[0].removesuffix("[]") for field in catalogue().message("purchase_order_change").fields}
    kept = {name: value for name, value in order.items() if name in known}
    change = at_price(kept, price, total) | {
        "document": header(f"25-0117-{name}", "2025-02-24"),
        "changes_order": {"type": "sales_order", "number": order["document"]["number"], "version": version},
        "reason": "A better driver",
        "valid_until": "2025-02-28",
        "signature": signed(order["signature"], "2025-02-24"),
    }
    asked = await office.lodge("purchase_order_change", change, (IMPORTER, "importer"), (EXPORTER, "exporter"))
    assert asked.ok, said(asked)
    assert asked.body["across_documents"]["raised"] == [], "what nobody accepted breaks nothing"
    reply = {
        "document": header(f"GL-OR-{name}", "2025-02-24"),
        "answers": {"type": "purchase_order_change", "number": f"25-0117-{name}"},
        "response": {"code": "AP"},
        "signature": signed(order["signature"], "2025-02-24"),
    }
    accepted = await office.lodge("order_response", reply, (EXPORTER, "exporter"), (IMPORTER, "importer"))
    assert accepted.ok, said(accepted)
    return dict(accepted.body)


async def the_answer_names_what_breaks(office: Office, answer: Json) -> None:
    assert answer["rules_evaluated"]["across_documents"] > 5
    raised = {f["rule"]: f for f in answer["findings"] if f.get("id")}
    assert {"X-02b", "X-12"} <= set(raised)
    price = raised["X-12"]
    assert price["document"].startswith("commercial_invoice ") and price["other"].startswith("purchase_order_change 25-0117-C1#/")
    assert (price["found"]["value"], price["expected"]["value"]) == ("24.5", "25")
    assert set(price["cure"]) == {"exporter", "importer"}
    assert raised["X-02b"]["document"] == f"letter_of_credit {(await office.document('letter_of_credit'))['document']['number']}"


async def each_reader_sees_its_part(office: Office) -> None:
    about = (await office.get(EXPORTER, "/findings?status=open&document=commercial_invoice"))["items"]
    assert about and all("commercial_invoice" in " ".join(item["documents"]) for item in about)
    bank = (await office.get(ISSUER, "/findings?status=open"))["items"]
    assert [item["finding"]["rule"] for item in bank] == ["X-05", "X-02b"], (
        "the credit is the bank's business, the price of the invoice is not yet"
    )
    assert all(item["finding"]["withheld"] == ["found", "expected"] for item in bank), "it does not see the contract"
    assert not any("105" in item["finding"]["message"] or "25" in item["finding"]["message"] for item in bank)


async def both_sides_accept_the_price(office: Office) -> None:
    found = (await office.get(EXPORTER, "/findings?document=commercial_invoice"))["items"]
    price = next(item for item in found if item["finding"]["rule"] == "X-12")
    path = f"/v1/trades/{office.trade}/deviations"
    first = await office.by_party[EXPORTER].post(path, {"id": price["id"], "note": "invoiced before the change"})
    assert first.ok and first.body["across_documents"]["accepted"] == 0, first.body
    again = await office.by_party[EXPORTER].post(path, {"id": price["id"]})
    assert (again.status, again.body["code"]) == (409, "OUT_OF_ORDER")
    bank = await office.by_party[ISSUER].post(path, {"id": price["id"], "role": "issuing_bank"})
    assert (bank.status, bank.body["code"]) == (403, "WRONG_SENDER")
    second = await office.by_party[IMPORTER].post(path, {"id": price["id"], "role": "importer"})
    assert second.ok and second.body["across_documents"]["accepted"] == 1
    accepted = (await office.get(IMPORTER, "/findings?status=accepted"))["items"]
    assert [(item["id"], [c["role"] for c in item["accepted_by"]]) for item in accepted] == [(price["id"], ["exporter", "importer"])]


async def the_old_price_again(office: Office) -> None:
    """A second change of the order takes the first back: what was accepted is cured, and stays on record."""
    answer = await change_the_order(office, "C2", "24.50", "102900.00", version=2)
    assert "X-12" in {finding["rule"] for finding in answer["across_documents"]["cured"]}
    cured = (await office.get(IMPORTER, "/findings?status=cured&document=commercial_invoice"))["items"]
    price = next(item for item in cured if item["finding"]["rule"] == "X-12")
    assert "purchase_order_change:25-0117-C2" in price["cured_in"]
    assert [consent["role"] for consent in price["accepted_by"]] == ["exporter", "importer"]
    agreed = await office.get(IMPORTER, f"/in-force/sales_order/{(await office.document('sales_order'))['document']['number']}")
    assert (agreed["type"], agreed["number"]) == ("purchase_order_change", "25-0117-C2")


async def the_credit_is_amended(office: Office) -> None:
    credit = await office.document("letter_of_credit")
    number, sign = credit["document"]["number"], (await office.document("sales_order"))["signature"]
    common = {"lc_number": number, "amendment_no": 1}
    increase = {"value": "2100.00", "currency": "USD"}
    asked = {"document": header("A-1", "2025-02-24"), **common, "requested_by": credit["applicant"], "cancellation": False,
             "increase": increase, "charges_for": "APPLICANT", "signature": signed(sign, "2025-02-24")}  # fmt: skip
    issued = {"document": header(f"{number}-A1", "2025-02-24"), **common, "purpose": "ISSU", "amendment_date": "2025-02-24",
              "cancellation_request": False, "increase": increase, "charges": "APPL", "conditions_change": "/ADD/ QUOTE AMENDMENT 1",
              "goods_change": "/ADD/ UNIT PRICE NOW USD 25.00",
              "changes": [{"field": "48", "new_value": "15 DAYS"}]}  # fmt: skip
    accept = {"document": header("R-1", "2025-02-24"), **common, "decision": "ACCEPT",
              "signature": signed({**sign, "capacity": "BENEFICIARY"}, "2025-02-24")}  # fmt: skip
    for type_, tree, sender, to in (
        ("lc_amendment_request", asked, (IMPORTER, "importer"), (ISSUER, "issuing_bank")),
        ("lc_amendment", issued, (ISSUER, "issuing_bank"), (ADVISER, "advising_bank")),
    ):
        reply = await office.lodge(type_, tree, sender, to)
        assert reply.ok, said(reply)
        assert reply.body["across_documents"]["cured"] == [], "an amendment binds nobody before it is accepted"
    reply = await office.lodge("lc_amendment_response", accept, (EXPORTER, "exporter"), (ADVISER, "advising_bank"))
    assert reply.ok, said(reply)
    assert "X-02b" in {finding["rule"] for finding in reply.body["across_documents"]["cured"]}
    assert await office.open_rules() == set(), "the price of the invoice is accepted, the credit is amended"
    agreed = await office.get(ADVISER, f"/in-force/letter_of_credit/{number}")
    assert (agreed["document"]["amount"]["value"], agreed["document"]["presentation_days"], agreed["amendments"]) == ("105000", 15, [1])
    assert agreed["document"]["additional_conditions"][-1] == "QUOTE AMENDMENT 1"
    assert (await office.document("letter_of_credit"))["amount"]["value"] == "102900", "what was issued stays as it was"
