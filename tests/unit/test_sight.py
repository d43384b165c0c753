"""Who sees what: every role and every message, from the rows of visibility.toml."""

import pytest

from tests.http.desk import sample
from tradeflow.app.redaction import MARKER, as_json, as_xml, redacted
from tradeflow.app.sight import View
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.machine.sight import ALL, common, kinds, paths_of, sees_type, sights, within
from tradeflow.machine.sight_table import sees, sight_table
from tradeflow.model.catalogue import catalogue
from tradeflow.store.circulation import Circulation

BLIND = ("sea_carrier", "trucker", "container_terminal", "container_depot")
PRICE_NAMES = set(kinds()["prices"].names)
GUARANTEE = {("sea_carrier", "company_guarantee")}  # it states its value to the carrier, who judges it by that


def withheld(role: str, message: str, addressed: bool = True) -> frozenset[str] | None:
    """What a party that is nothing but this role may not see of a message that was (or was not) addressed to it."""
    known = Circulation(message, ("somebody", "exporter"), {("me", role)} if addressed else set())
    return View(frozenset({"me"}), frozenset({role})).withheld(known, {}, {})


def price_fields(message: str) -> set[str]:
    """Every path of a message that states a price, found by its name and not by the rows under test."""
    type_ = catalogue().message(message)
    paths = {f.path for f in type_.fields}
    inner = {f"{f.path}.{g.path}" for f in type_.fields if f.object for g in type_.catalogue.types[f.object]}
    return {path for path in paths | inner if path.rpartition(".")[2] in PRICE_NAMES}


@pytest.mark.parametrize("role", sights())
def test_every_role_and_every_message(role: str) -> None:
    for message in catalogue().ids():
        type_ = catalogue().message(message)
        addressed, unasked = withheld(role, message), withheld(role, message, addressed=False)
        assert addressed is not None, f"{message}: what is addressed to a role is never denied, only redacted"
        assert (unasked is None) is not sees_type(role, message), message
        if sees(role, type_) == "":
            assert unasked is None, message
        if role in BLIND and (role, message) not in GUARANTEE:
            assert {path for path in price_fields(message) if not within(path, addressed)} == set(), message


def test_a_bank_sees_the_price_and_a_carrier_never_sees_the_credit() -> None:
    assert withheld("issuing_bank", "commercial_invoice") == frozenset()
    assert ALL in (withheld("sea_carrier", "letter_of_credit") or ())
    assert withheld("exporter", "letter_of_credit") == {"bank_payment_conditions"}


def test_two_roles_of_a_party_see_what_either_sees() -> None:
    known = Circulation("commercial_invoice", ("somebody", "exporter"), {("me", "sea_carrier"), ("me", "insurer")})
    both = View(frozenset({"me"}), frozenset({"sea_carrier", "insurer"})).withheld(known, {}, {})
    assert both is not None
    assert "totals.total" not in both
    assert "lines[].unit_price" in both
    assert common(frozenset({"lines[]"}), frozenset({"lines[].unit_price"})) == {"lines[].unit_price"}


def test_what_a_party_sent_it_sees_whole() -> None:
    known = Circulation("commercial_invoice", ("me", "trucker"), set())
    assert View(frozenset({"me"}), frozenset({"trucker"})).withheld(known, {}, {}) == frozenset()


def test_exceptions_of_a_row_are_kept() -> None:
    booking = "booking_confirmation"
    assert withheld("importer", booking, addressed=True) == frozenset()
    row = next(row for row in sights()["importer"].redact if booking in row.messages)
    assert paths_of(row, booking) == {"charges[]"}
    claimed = View(frozenset({"me"}), frozenset({"chamber_of_commerce"}))
    known = Circulation("certificate_of_origin_application", ("x", "exporter"), {("me", "chamber_of_commerce")})
    assert "goods[].unit_price" in (claimed.withheld(known, {}, {"origin_criterion": "WO"}) or ())
    assert "goods[].unit_price" not in (claimed.withheld(known, {}, {"origin_criterion": "RVC"}) or ())


def test_a_redacted_document_says_what_is_missing_and_keeps_the_hash_of_the_original() -> None:
    document = canonical.document("commercial_invoice", sample("commercial_invoice", "GLL-2025-0117"))
    hidden = withheld("inspection_body", "commercial_invoice") or frozenset()
    data, pointers = redacted(document, hidden)
    assert "/lines/0/unit_price" in pointers and "unit_price" not in data["lines"][0]
    told = canonical.load("commercial_invoice", as_json(document, hidden)).data[MARKER]
    assert told["sha256"] == document.sha256
    assert {"pointer": "/lines/0/unit_price", "name": "Unit price"} in told["fields"]
    assert b"102900" not in as_json(document, hidden)
    xml = as_xml(document, hidden)
    assert b"withheld: " in xml and document.sha256.encode() in xml and b"102900" not in xml
    assert document.data["lines"][0]["unit_price"], "the document itself stays whole"
    assert as_json(document, frozenset()) == document.canonical
    whole, all_of_it = redacted(document, frozenset({ALL}))
    assert set(whole) == {"message", "document"} and "/lines" in all_of_it


def test_the_table_of_who_sees_what_is_current() -> None:
    page = bundle_root() / "workflows" / "_common" / "VISIBILITY.md"
    assert page.read_text(encoding="utf-8") == sight_table(catalogue()), "run `tradeflow schemas`"
