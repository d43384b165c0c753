"""The conformance kit against a partner that does as it should, and against partners that do not."""

import asyncio
import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.conftest import copied
from tests.scenario.conftest import SCENARIOS
from tradeflow.cli._hub import Running, hub_in_thread
from tradeflow.client import AsyncClient
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.worlds import renumber
from tradeflow.settings import Settings
from tradeflow.simulate.conformance import FAILED, NOT_REACHED, PASSED, Kit, Prompt, Report, as_text, seated, shipped
from tradeflow.simulate.counterparty import Counterparty
from tradeflow.simulate.prompted import Prompted

PARTNER = "partner-under-test"
every_scenario = functools.cache(lambda: shipped(SCENARIOS))  # read where it is played, not by every worker


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
    [("sea_carrier", ["S01"]), ("importer_bank", ["S07"])],
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


def test_a_partner_numbers_its_documents_itself_and_tells_two_shipments_apart(hub: Running) -> None:
    """The prompt says which shipment is meant; what the scenario calls the bookings is not what the partner calls them."""
    prompts: list[Prompt] = []
    report = asyncio.run(_numbered(hub, prompts))
    assert report.passed, as_text(report)
    assert [one.instance for one in prompts] == ["transport", "transport#2", "transport", "transport#2"]
    assert {"type": "sales_order", "number": "GL-25-031"} in prompts[1].refers
    assert prompts[3].says["consignment_form"] == prompts[3].example["consignment_form"]
    assert "document.language" not in prompts[3].says and "booking_no" not in prompts[3].says, "which are the partner's own"
    assert "lc_amendment_request" in report.not_asked and "booking_request" not in report.not_asked
    assert "not asked for here, and yet exporter may send it" in as_text(report)


async def _numbered(hub: Running, prompts: list[Prompt]) -> Report:
    async with AsyncClient(hub.base_url, hub.operator_key) as operator:
        await operator.add_party(PARTNER, "Partner under Test Ltd", "HK")
        key = (await operator.add_key(PARTNER, "its system")).key
    async with AsyncClient(hub.base_url, key) as own:

        async def begin(prompt: Prompt) -> None:
            prompts.append(prompt)
            tree = msgspec.json.decode(msgspec.json.encode(prompt.example))
            renumber(tree, tree["document"]["number"], f"PUT-{len(prompts)}")
            await own.lodge(tree)

        kit = Kit(hub.base_url, hub.operator_key, ["exporter"], PARTNER, "Partner under Test Ltd", 10, print, prompt=begin)
        return await kit.run([one for one in every_scenario() if one[0] == "MULTI-SHIPMENT"])


ROLES = [role for role in catalogue().roles if role != "platform"]


@pytest.fixture(scope="module")
def one_hub(database_server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One hub for all roles: each trade is another one."""
    with copied(database_server, template) as dsn:
        settings = Settings(data_dir=Path(tmp_path_factory.mktemp("hub")), database_url=dsn, sandbox=True, port=0, rate_per_second=0)
        with hub_in_thread(settings, dsn) as running:
            yield running


def work_of(role: str, whole: bool) -> list[tuple[str, Scenario]]:
    """The scenarios in which a role has something to do: all, or the one with the fewest steps."""
    steps = {id: len(ours.step) for id, one in every_scenario() for ours in [seated(one, role, PARTNER, "P")] if ours}
    return [one for one in every_scenario() if one[0] in (steps if whole else sorted(steps, key=lambda id: (steps[id], id))[:1])]


async def _prompted(hub: Running, role: str, wanted: list[tuple[str, Scenario]], party: str) -> Report:
    async with AsyncClient(hub.base_url, hub.operator_key) as operator:
        await operator.add_party(party, f"{party.title()} Ltd", "HK")
        key = (await operator.add_key(party, "its system")).key
    async with AsyncClient(hub.base_url, key) as own:
        kit = Kit(hub.base_url, hub.operator_key, [role], party, f"{party.title()} Ltd", 30, print, prompt=Prompted(own, party))
        return await kit.run(wanted)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_scenarios_that_a_partner_can_pass(one_hub: Running, role: str) -> None:
    """Our own simulator is the partner: it answers by the tables, and begins with the example of the prompt. `make conformance` plays all."""
    chosen = os.environ.get("TRADEFLOW_CONFORMANCE", "")
    wanted = [one for one in work_of(role, bool(chosen)) if chosen in ("", "1") or one[0] in chosen.split()]
    if not wanted and chosen not in ("", "1"):
        pytest.skip(f"{role} takes no part in {chosen}")
    assert wanted, "a role without a scenario cannot go live"
    report = asyncio.run(_prompted(one_hub, role, wanted, f"partner-{role.replace('_', '-')}"))
    assert report.passed, as_text(report)
    assert len(report.scenarios) == len(wanted) and all(one.steps for one in report.scenarios)
