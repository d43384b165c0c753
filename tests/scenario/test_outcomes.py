"""What the first letter of a reference makes a simulated counterparty do, and that the table is content that is looked at."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.cli._hub import Running
from tradeflow.client import AsyncClient
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.content import load
from tradeflow.simulate import table
from tradeflow.simulate.counterparty import Counterparty
from tradeflow.simulate.roles import meant

OUTCOMES = {"A": "agreed", "R": "rejected", "Q": "ordered", "W": "ordered", "X": "ordered", "Z": "ordered"}

ANSWERS = {"A": ["sales_order"], "R": ["order_response"], "Q": ["application_response"]}


def test_the_letter_chooses(hub: Running) -> None:
    asyncio.run(_every_letter(hub))


async def _every_letter(hub: Running) -> None:
    async with AsyncClient(hub.base_url, hub.operator_key) as operator:
        await operator.set_clock((await operator.clock()).now.replace(year=2025, month=5, day=12, hour=4))
        keys = {}
        for party in ("van-der-meer", "golden-lantern"):
            await operator.add_party(party, party.title(), "HK")
            keys[party] = (await operator.add_key(party, "tests")).key
        async with AsyncClient(hub.base_url, keys["van-der-meer"]) as buyer, AsyncClient(hub.base_url, keys["golden-lantern"]) as own:
            seller = Counterparty(own, "golden-lantern")
            for letter in OUTCOMES:
                await _order(buyer, letter)
            while (await own.inbox(unacknowledged=True)).items or len(await seller_trades(own)) < len(OUTCOMES):
                await seller.collect(wait_seconds=1)
            for letter, state in OUTCOMES.items():
                sent = await seller.turn(f"LETTER-{letter}-01")
                assert (await buyer.trade(f"LETTER-{letter}-01")).regions["contract.main"].state == state, (letter, seller.refusals)
                assert [one.act.trigger for one in sent] == ANSWERS.get(letter, []), seller.refusals
            assert seller.refusals == []
            assert (await own.refusals("LETTER-X-01")) == [], "garbage is no document of any trade"
            await operator.set_clock(timedelta(days=3, hours=1))
            await seller.turn("LETTER-W-01")
            await seller.turn("LETTER-Z-01")
            assert (await buyer.trade("LETTER-W-01")).regions["contract.main"].state == "agreed", "it waited three days"
            assert (await buyer.trade("LETTER-Z-01")).regions["contract.main"].state == "ordered", "it says nothing for ever"


async def seller_trades(own: AsyncClient) -> list[str]:
    return [line.trade_id async for line in own.trades()]


async def _order(buyer: AsyncClient, letter: str) -> None:
    trade_id = f"LETTER-{letter}-01"
    await buyer.open_trade(
        [("golden-lantern", "exporter"), ("van-der-meer", "importer")],
        trade_id,
        {"incoterm": "FCA", "payment_method": "OPEN_ACCOUNT", "transport_mode": "4"},
    )
    order = json.loads((bundle_root() / "docs" / "examples" / "lamps" / "1-order.json").read_bytes())
    order["message"]["trade_id"] = trade_id
    del order["message"]["id"]
    order["document"]["number"] = f"{letter}-4711"
    await buyer.lodge(order)


def test_the_table_that_comes_with_tradeflow_means_something() -> None:
    assert table.check(machine(), catalogue()) == []
    known = table.counterparties()
    assert set(known.letters.values()) | {table.ACCEPT} == set(table.OUTCOMES)
    assert (
        known.outcome_of("R-1", "GLL-1") == "refuse"
        and known.outcome_of("25-1", "Q-1") == "query"
        and known.outcome_of("25-1", "") == "accept"
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('[letters]\nr = "refuse"', "a capital letter"),
        ('[letters]\nR = "maybe"', "one of accept"),
        ('[outcome.refuse]\nguards = ["nobody_knows"]', "there is no guard nobody_knows"),
        ('[aside]\nmessages = ["no_message"]', "there is no message no_message"),
        ('[[then]]\nrole = "sea_carier"\nafter = "manifest"\nsend = "manifest"', "there is no role sea_carier"),
        ('[[then]]\nrole = "customs"\nafter = "manifest"\nsend = "manifest"', "a customs sends no manifest"),
        ('[[then]]\nrole = "customs"\nafter = "manifest"', "exactly one of send and event"),
        ('[[then]]\nrole = "customs"\nafter = "manifst"\nevent = "lc_available"', "no message and no event"),
        ('[[then]]\nrole = "customs"\nafter = "manifest"\nsays = { nothing = "1" }\nevent = "lc_available"', "manifest has no nothing"),
        ('[[then]]\nrole = "sea_carrier"\nafter = "manifest"\nsend = "manifest"\nto = "moon"', "there is no state moon"),
        ('[[them]]\nrole = "customs"', "unknown field `them`"),
    ],
)
def test_a_wrong_word_is_found_at_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, said: str) -> None:
    file = tmp_path / table.FILE
    file.parent.mkdir(parents=True)
    file.write_text(f"# a table\n{row}\n")
    monkeypatch.setattr(table, "content_roots", lambda: (tmp_path,))
    found = table.check(machine(), catalogue())
    assert any(said in defect.what for defect in found), found
    assert found[0].file == str(file)
    assert load(file)


def test_roles_as_people_name_them() -> None:
    roles = catalogue().roles
    assert meant("sea_carrier", roles) == ["sea_carrier"] and meant("depot", roles) == ["container_depot"]
    assert set(meant("carrier", roles)) == {"sea_carrier", "air_carrier"}
    with pytest.raises(KeyError, match="say which"):
        meant("container", roles)
    with pytest.raises(KeyError, match="there is no role pirate"):
        meant("pirate", roles)
