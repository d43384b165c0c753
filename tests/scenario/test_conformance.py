"""The conformance kit against a partner that does as it should, and against partners that do not."""

import asyncio
import contextlib

import msgspec
import pytest

from tests.scenario.conftest import SCENARIOS
from tradeflow.cli._hub import Running
from tradeflow.client import AsyncClient
from tradeflow.scenario.load import load
from tradeflow.simulate.conformance import FAILED, NOT_REACHED, PASSED, Kit, Report, as_text
from tradeflow.simulate.counterparty import Counterparty

PARTNER = "partner-under-test"


def tried(hub: Running, role: str, scenarios: list[str], partner: str, seconds: float) -> Report:
    return asyncio.run(_tried(hub, role, scenarios, partner, seconds))


async def _tried(hub: Running, role: str, scenarios: list[str], partner: str, seconds: float) -> Report:
    """The kit in one task, the partner with a key of its own in another: they meet only on the hub."""
    async with AsyncClient(hub.base_url, hub.operator_key) as operator:
        await operator.add_party(PARTNER, "Partner under Test Ltd", "HK")
        key = (await operator.add_key(PARTNER, "its system")).key
    async with AsyncClient(hub.base_url, key) as own:
        system = asyncio.create_task(PARTNERS[partner](own))
        kit = Kit(hub.base_url, hub.operator_key, [role], PARTNER, "Partner under Test Ltd", seconds, print)
        try:
            return await kit.run([(name, load(SCENARIOS / f"{name}.toml")) for name in scenarios])
        finally:
            system.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await system


async def right(own: AsyncClient) -> None:
    await Counterparty(own, PARTNER, told=print).run()


async def silent(own: AsyncClient) -> None:
    async for item in own.deliveries():
        await own.acknowledge(item.delivery_id)


async def careless(own: AsyncClient) -> None:
    """Signs in a year that has not begun."""
    wrong = Counterparty(own, PARTNER)
    lodge = own.lodge

    async def spoilt(document: bytes) -> object:
        tree = msgspec.json.decode(document)
        tree["signature"]["date"] = "2031-01-01"
        return await lodge(tree)

    own.lodge = spoilt  # type: ignore[method-assign,assignment]
    await wrong.run()


PARTNERS = {"right": right, "silent": silent, "careless": careless}


@pytest.mark.parametrize(
    ("role", "scenarios"),
    [("sea_carrier", ["S01"]), ("customs", ["S01", "S02"]), ("chamber_of_commerce", ["S01"]), ("importer_bank", ["S07"])],
)
def test_a_partner_that_plays_its_role_passes(hub: Running, role: str, scenarios: list[str]) -> None:
    report = tried(hub, role, scenarios, "right", 8)
    assert report.passed, as_text(report)
    assert [one.scenario for one in report.scenarios] == scenarios
    assert all(step.verdict == PASSED for one in report.scenarios for step in one.steps)
    assert "passed" in as_text(report)


def test_a_silent_partner_is_told_what_was_waited_for(hub: Running) -> None:
    report = tried(hub, "customs", ["S01"], "silent", 1)
    assert not report.passed, as_text(report)
    first, *others = report.scenarios[0].steps
    print(as_text(report))
    assert (first.verdict, first.what) == (FAILED, "customs_response")
    assert "no customs_response from partner-under-test within 1 s" in first.why
    assert "the hub takes a customs_response" in first.hint, "so it is the partner that is missing"
    assert {step.verdict for step in others} <= {NOT_REACHED}


def test_a_careless_partner_reads_its_findings(hub: Running) -> None:
    report = tried(hub, "chamber_of_commerce", ["S01"], "careless", 3)
    assert not report.passed
    step = report.scenarios[0].steps[0]
    assert step.verdict == FAILED
    assert step.refused and step.refused[0]["code"] == "RULE_VIOLATION"
    assert any(finding["hint"] for finding in step.refused[0]["findings"])
    assert "refused on the way: certificate_of_origin" in as_text(report)
    assert msgspec.json.decode(msgspec.json.encode(report))["passed"] is False
