"""Who sees what, over HTTP, in a whole trade: no reading operation gives the price to who may not see it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest

from tests.scenario.conftest import SCENARIOS
from tests.scenario.desk import HubClient
from tradeflow.cli._hub import Running
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Player

BLIND = {"sea_carrier", "trucker", "container_terminal", "container_depot"}


@asynccontextmanager
async def clients(hub: Running, scenario: Scenario) -> AsyncIterator[dict[str, HubClient]]:
    """Every party of the cast with a key of its own, and the operator."""
    operator = HubClient(hub.base_url, hub.operator_key)
    found = {"operator": operator}
    async with operator:
        for member in scenario.cast:
            made = await operator.post(f"/v1/parties/{member.party}/keys", {"name": "visibility"})
            found[member.party] = HubClient(hub.base_url, made.body["key"])
        try:
            for client in list(found.values())[1:]:
                await client.__aenter__()
            yield found
        finally:
            for client in list(found.values())[1:]:
                await client.__aexit__(None, None, None)


async def everything(client: HubClient, trade: str, all_documents: list[dict[str, Any]], messages: list[str]) -> dict[str, Any]:
    """The answer of every reading operation about a trade, by path; those that are refused are left out."""
    paths = [f"/v1/trades/{trade}{tail}" for tail in ("", "/documents", "/findings", "/allowed", "/deliveries")]
    paths += ["/v1/trades", "/v1/inbox?limit=500"]
    for entry in all_documents:
        at = f"{entry['type']}/{quote(entry['number'], safe='')}"
        paths += [f"/v1/trades/{trade}/{kind}/{at}" for kind in ("documents", "versions", "diff", "in-force")]
        paths += [f"/v1/trades/{trade}/documents/{at}?version={n}" for n in range(1, entry["version"])]
    paths += [f"/v1/messages/{trade}/{message}" for message in messages]
    return {path: reply.body for path in paths if (reply := await client.get(path)).ok}


def values_in(node: Any) -> Iterator[str]:
    """Every number and text of an answer, numbers as plain text."""
    if isinstance(node, dict):
        for value in node.values():
            yield from values_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from values_in(value)
    elif node is not None and not isinstance(node, bool):
        yield str(node)


def figures(node: Any) -> set[str]:
    """Every figure in an answer, also inside texts, without grouping and trailing zeros."""
    found = set()
    for text in values_in(node):
        for number in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", text):
            plain = number.replace(",", "")
            found.add(plain.rstrip("0").rstrip(".") if "." in plain else plain)
    return found


def prices(invoice: dict[str, Any]) -> set[str]:
    """The figures of S01 that nobody but those concerned may learn: prices, sums and totals of the invoice."""
    told = [line[name]["value"] for line in invoice["lines"] for name in ("unit_price", "line_amount")]
    told += [invoice["totals"][name]["value"] for name in ("lines_amount", "total", "fob_value", "cif_value") if name in invoice["totals"]]
    return figures(told)


@pytest.fixture
def played(hub: Running) -> tuple[str, Scenario]:
    scenario = load(SCENARIOS / "S01.toml")
    outcome = asyncio.run(Player(hub.base_url, hub.operator_key, catalogue(), "json").play(scenario))
    assert outcome.difference == ""
    return outcome.trade_id, scenario


def test_no_reading_operation_tells_a_carrier_trucker_terminal_or_depot_the_price(hub: Running, played: tuple[str, Scenario]) -> None:
    asyncio.run(_nobody_blind_sees(hub, *played))


async def _nobody_blind_sees(hub: Running, trade: str, scenario: Scenario) -> None:
    async with clients(hub, scenario) as by_party:
        whole = (await by_party["operator"].get(f"/v1/trades/{trade}")).body
        documents = whole["documents"]
        messages = [event["message_id"] for event in whole["timeline"] if event["message_id"]]
        blind = {m.party for m in scenario.cast if set(m.roles) & BLIND and not set(m.roles) - BLIND}
        bank = next(m.party for m in scenario.cast if "issuing_bank" in m.roles)
        seen = {party: await everything(by_party[party], trade, documents, messages) for party in (*blind, bank, "operator")}
        entry = next(d for d in documents if d["type"] == "commercial_invoice")
        invoice = seen["operator"][f"/v1/trades/{trade}/documents/commercial_invoice/{quote(entry['number'], safe='')}"]
        secret = prices(invoice)
        assert len(secret) >= 3
        assert len(blind) >= 3
        for party in blind:
            told = {path: sorted(secret & figures(body)) for path, body in seen[party].items() if secret & figures(body)}
            assert told == {}, party
            assert any("/documents/" in path for path in seen[party]), f"{party} reads what it got"
        for role in BLIND:  # and whoever looks through their eyes sees no more
            exporter = by_party[next(m.party for m in scenario.cast if "exporter" in m.roles)]
            as_role = await exporter.get(f"/v1/trades/{trade}?as={role}")
            assert as_role.ok
            assert not secret & figures(as_role.body)
        assert secret & figures(list(seen[bank].values())), "a bank sees what it pays"
