"""A draft belongs to a shipment, a bill, a declaration: its values come from what that one has, never from another's."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from tests.http.desk import Desk
from tests.http.problems import assert_problem
from tests.scenario.conftest import SCENARIOS
from tradeflow.cli.draft import command
from tradeflow.model.catalogue import catalogue
from tradeflow.model.ids import trade_id
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Player


@pytest.fixture(scope="module", autouse=True)
async def the_clock_goes_back(desk: Desk) -> AsyncIterator[None]:
    """Scenarios set the clock of the hub that all tests share."""
    yield
    await desk.clock_back()


async def played(desk: Desk, name: str, steps: int, *to: str) -> str:
    """A trade as a scenario has it after so many of its steps, lodged by its parties over HTTP; the last goes to these, too."""
    scenario = load(SCENARIOS / f"{name}.toml")
    taken = [step for step in scenario.step[:steps] if not step.error]
    taken[-1] = replace(taken[-1], to=[*taken[-1].to, *to])
    outcome = await Player(desk.base_url, desk.keys["operator"], catalogue(), "json").play(
        replace(scenario, reference=trade_id(), step=taken)
    )
    assert not outcome.difference, outcome.difference
    return outcome.trade_id


async def drafted(desk: Desk, trade_id: str, message: str, role: str, instance: str = "") -> dict[str, Any]:
    asked = f"role={role}" + (f"&instance={instance.replace('#', '%23')}" if instance else "")
    reply = await desk.get(f"/v1/trades/{trade_id}/draft/{message}?{asked}", "operator")
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json
    return found


def whence(found: dict[str, Any], pointer: str) -> str:
    """The number of the document that the value at a place, or the first one below it, is said to be from."""
    origins = {one["pointer"]: one["origin"] for one in found["origins"]}
    return str(next(origin.get("number", "") for at, origin in origins.items() if at == pointer or at.startswith(f"{pointer}/")))


@pytest.fixture(scope="module")
async def consolidated(desk: Desk) -> str:
    """S03 up to the house bill: the forwarder's own booking with the carrier, under a master bill, is an instance of its own."""
    return await played(desk, "S03", 17, "destination_agent")


async def test_a_house_bill_is_filled_from_the_house_and_a_master_notice_from_the_master(desk: Desk, consolidated: str) -> None:
    house = await drafted(desk, consolidated, "house_bill_of_lading", "freight_forwarder", "transport")
    assert house["document"]["doc"]["booking_no"] == whence(house, "/doc/booking_no") == "HBC-5521"
    assert house["document"]["master_ref"]["number"] == "BLENHKG2506411"
    master = await drafted(desk, consolidated, "cargo_arrival_notice", "sea_carrier", "transport#fwd")
    assert master["document"]["containers"][0]["packages"] == 611
    assert whence(master, "/containers/0/packages") == whence(master, "/items") == "BLENHKG2506411"
    bill = await drafted(desk, consolidated, "bill_of_lading", "sea_carrier", "transport#fwd")
    assert bill["document"]["doc"]["booking_no"] == "2506HK1190"


async def test_a_house_notice_is_filled_from_the_house_bill(desk: Desk, consolidated: str) -> None:
    house = await drafted(desk, consolidated, "cargo_arrival_notice", "destination_agent", "transport")
    assert house["document"]["containers"][0]["packages"] == 84
    assert whence(house, "/containers/0/packages") == whence(house, "/items") == "HBC-HKG-2506-77"
    assert house["document"]["carrier"]["name"] == "Harbour Bridge Consolidators Ltd"
    assert house["document"]["means"] == "BLUE LOTUS"


@pytest.fixture(scope="module")
async def twice(desk: Desk) -> str:
    """MULTI-SHIPMENT: the first sailing is confirmed, the second asked for."""
    return await played(desk, "MULTI-SHIPMENT", 4)


async def test_a_second_shipment_takes_nothing_from_the_first(desk: Desk, twice: str) -> None:
    later = await drafted(desk, twice, "shipping_instruction", "exporter", "transport#2")
    assert later["instance"] == later["document"]["message"]["process_instance"] == "transport#2"
    assert "2502HK7781" not in str(later), "the second has no booking yet, and the first's is not its own"
    first = await drafted(desk, twice, "shipping_instruction", "exporter", "transport")
    assert first["document"]["booking_no"] == whence(first, "/booking_no") == "2502HK7781"
    confirmed = await drafted(desk, twice, "booking_confirmation", "sea_carrier", "transport#2")
    assert confirmed["document"]["request"]["number"] == "GL-BR-25-045"


async def test_the_one_that_takes_the_message_is_meant_and_of_several_none(desk: Desk, twice: str) -> None:
    ready = await drafted(desk, twice, "shipping_instruction", "exporter")
    assert (ready["instance"], ready["candidates"]) == ("transport", ["transport"]), "the other is not confirmed"
    assert ready["document"]["booking_no"] == "2502HK7781"
    asked = await played(desk, "MULTI-SHIPMENT", 2)
    both = await drafted(desk, asked, "booking_confirmation", "sea_carrier")
    assert (both["instance"], both["candidates"]) == ("", ["transport", "transport#2"])
    assert "process_instance" not in both["document"]["message"]
    assert "request" not in both["document"], "nothing tells which of the two is confirmed"
    only = await drafted(desk, twice, "order_response", "importer")
    assert (only["instance"], only["candidates"]) == ("contract", ["contract"])
    for nothing in ("shipping", "transport%23"):
        reply = await desk.get(f"/v1/trades/{twice}/draft/shipping_instruction?role=exporter&instance={nothing}", "operator")
        assert_problem(reply, 409, "CORRELATION_NOT_FOUND")


async def test_a_certificate_is_of_its_own_declaration_under_the_cover_of_all(desk: Desk) -> None:
    declared = await played(desk, "FLOATING", 2)
    certificate = await drafted(desk, declared, "insurance_certificate", "insurer", "insurance")
    second = await drafted(desk, declared, "insurance_certificate", "insurer", "insurance#2")
    assert second["document"]["declaration"]["number"] == whence(second, "/insured_value") == "KHS-DEC-2"
    assert certificate["document"]["declaration"]["number"] == whence(certificate, "/insured_value") != "KHS-DEC-2"
    policy = certificate["document"]["open_policy"]["number"]
    assert second["document"]["open_policy"]["number"] == policy, "the cover is of all that is declared under it"
    note = await drafted(desk, declared, "insurer_invoice", "insurer", "insurance")
    assert [one["declaration"]["number"] for one in note["document"]["declarations"]] == [certificate["document"]["declaration"]["number"]]
    third = await drafted(desk, declared, "insurance_declaration", "importer", "insurance#3")
    assert third["document"]["open_policy"]["number"] == policy
    assert third["document"]["declaration_no"] == 3, "numbers go on from one declaration to the next"
    assert whence(third, "/insured_value") == "", "computed anew, from no other declaration"


async def test_the_command_line_says_that_several_could_be_meant(desk: Desk) -> None:
    asked = ["booking_confirmation", "--role", "sea_carrier", "--url", desk.base_url, "--key", desk.keys["operator"]]
    open_ = await played(desk, "MULTI-SHIPMENT", 2)
    told = await asyncio.to_thread(CliRunner().invoke, command, [open_, *asked])
    assert told.exit_code == 0 and "this may be for transport or transport#2: say which with --instance" in told.stderr
    named = await asyncio.to_thread(CliRunner().invoke, command, [open_, *asked, "--instance", "transport#2"])
    assert '"process_instance": "transport#2"' in named.stdout and "this may be for" not in named.stderr
