"""What is offered while somebody types a code: from the trade, from the company's earlier documents, and where a code begins."""

import csv
from weakref import WeakKeyDictionary

import pytest

from tests.http.desk import Desk, order
from tests.portal.conftest import Visits
from tradeflow.bundle import bundle_root
from tradeflow.portal.entry import earlier
from tradeflow.portal.entry.lookups import listed

HS = bundle_root().parent / "shared" / "codelists" / "hs" / "harmonized-system.csv"


async def test_codes_that_a_company_used_before_are_offered_to_it_again(
    desk: Desk, visitor: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier, "_kept", WeakKeyDictionary())  # what others looked up in this hub is some minutes old
    first, second = await desk.trade(), await desk.trade()
    document = order(first)
    document["lines"][0] |= {"hs_code": "940549", "description": "Lantern of rice paper"}
    assert (await desk.lodge(document, "van-der-meer")).status == 201
    buyer, seller = await visitor("van-der-meer"), await visitor("golden-lantern")
    again = (await buyer.get(f"/portal/trades/{second}/lookup/hs_code?q=rice")).all("//option")
    assert [(one.get("value"), "Lantern of rice paper" in one.text) for one in again] == [("940549", True)]
    assert not (await seller.get(f"/portal/trades/{second}/lookup/hs_code?q=rice")).all("//option[@value='940549']")
    chapter = (await seller.get(f"/portal/trades/{second}/lookup/hs_code?q=lamps")).all("//option")
    assert [one.get("value") for one in chapter] == ["94"] and "four more digits" in chapter[0].text


def test_every_chapter_is_one_of_the_nomenclature() -> None:
    if not HS.exists():
        pytest.skip(f"{HS} is not here")
    with HS.open(encoding="utf-8-sig") as source:
        chapters = {row["hscode"] for row in csv.DictReader(source) if row["level"] == "2"}
    ours = {code for code, _ in listed("hs_code")}
    assert ours <= chapters and not chapters - ours - {"77", "98", "99"}
