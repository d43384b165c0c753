"""What is cancelled is in force no more: reads say so, prints verify as void, and what it disagreed about is cured."""

import asyncio
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.scenario.conftest import SCENARIOS
from tests.scenario.desk import HubClient
from tests.scenario.test_visibility import clients
from tradeflow.cli._hub import Running
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.compact import scenarios
from tradeflow.scenario.load import Scenario
from tradeflow.scenario.play import Player

DECLARED = """
[[scenario]]
id = "DECLARED-{id}"
title = "A declaration that names another bill is cancelled"
given = ["contract.main=agreed", "trade.case=shipped", "goods.main=dispatched", "transport.movement=departed", "transport.document=issued", "transport.title=issued"]
steps = [
  {{ d = "2026-03-17", m = "trade_declaration", by = "exporter", to = ["customs"], at = ["declaration"], x = ["declaration.main=lodged"] }},
  {{ d = "2026-03-18", m = "trade_declaration", fn = "1", by = "exporter", to = ["customs"], at = ["declaration"], x = ["declaration.main=cancellation_lodged"] }},
  {{ d = "2026-03-19", m = "customs_response", by = "customs", to = ["exporter"], at = ["declaration"], t = ["{end}"] }},
]
"""


def played(hub: Running, scenario: Scenario) -> str:
    outcome = asyncio.run(Player(hub.base_url, hub.operator_key, catalogue(), "json").play(scenario))
    assert outcome.difference == ""
    return outcome.trade_id


async def read(hub: Running, scenario: Scenario, trade: str, *tails: str) -> list[Any]:
    async with clients(hub, scenario) as by_party:
        desk: HubClient = by_party["operator"]
        return [await desk.get(f"/v1/{tail.format(trade=trade)}") for tail in tails]


def test_the_confirmation_of_a_cancelled_booking_is_not_in_force(hub: Running) -> None:
    rolled = next(one for one in scenarios(SCENARIOS / "cases.toml") if one.id == "ROLLED")
    trade = played(hub, rolled)
    (index,) = asyncio.run(read(hub, rolled, trade, "trades/{trade}/documents"))
    entries = {entry["type"]: entry for entry in index.body["items"]}
    assert {type_ for type_, entry in entries.items() if entry["withdrawn"]} == {
        "booking_request", "booking_confirmation", "empty_container_order",
    }  # fmt: skip
    confirmation = entries["booking_confirmation"]
    tail = f"booking_confirmation/{confirmation['number']}"
    agreed, whole, paper = asyncio.run(
        read(
            hub,
            rolled,
            trade,
            f"trades/{{trade}}/in-force/{tail}",
            f"trades/{{trade}}/documents/{tail}",
            f"verify/{{trade}}/{confirmation['sha256']}",
        )
    )
    assert (agreed.status, agreed.body["code"]) == (404, "UNKNOWN_DOCUMENT")
    assert "withdrawn or cancelled" in agreed.body["detail"]
    assert whole.ok, "it stays on file"
    assert paper.body["current"] is False


def test_a_finding_is_cured_when_its_document_is_withdrawn(hub: Running, tmp_path: Path) -> None:
    open_rules = {}
    for end in ("res_rejected", "res_cancelled"):
        file = tmp_path / f"{end}.toml"
        file.write_text(DECLARED.format(end=end, id=end[4:7].upper()), encoding="utf-8")
        (scenario,) = scenarios(file)
        wrong = replace(scenario.step[0], set=scenario.step[0].set | {"transport_document.number": "OTHER-BILL-1"})
        scenario = replace(scenario, step=[wrong, *scenario.step[1:]])
        trade = played(hub, scenario)
        (found,) = asyncio.run(read(hub, scenario, trade, "trades/{trade}/findings"))
        concerned = [item for item in found.body["items"] if "trade_declaration" in str(item["documents"])]
        open_rules[end] = {item["finding"]["rule"] for item in concerned if item["status"] == "open"}
        if end == "res_cancelled":
            assert concerned, (open_rules, found.body)
            assert {item["status"] for item in concerned} == {"cured"}
    assert open_rules["res_rejected"], "while the declaration stands, it disagrees"
    assert open_rules["res_cancelled"] == set()
