"""Drafts: where values come from, what is computed, what is left to type, and how often a person types a datum."""

import copy
import functools
import re
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.bench.once_only import drafted, figures, measured
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.draft import Card, Draft, draft, to_type
from tradeflow.draft.check import check_drafts
from tradeflow.draft.words import words
from tradeflow.draft.words.texts import in_words
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.document import Document
from tradeflow.model.finding import Severity
from tradeflow.model.trade import Participant, TitleState
from tradeflow.rules.evaluate import check_message
from tradeflow.rules.words.draft import numbers_in_words

NOW = datetime(2025, 3, 18, 10, 5, tzinfo=UTC)
PARTIES = [Participant("golden-lantern", "exporter"), Participant("van-der-meer", "importer"), Participant("maasbank", "issuing_bank")]
REGISTER = {"maasbank": Card("maasbank", "Maasbank N.V.", "NL"), "golden-lantern": Card("golden-lantern", "Golden Lantern", "HK")}


@functools.cache
def s01() -> list[tuple[int, Document, Draft]]:
    """Scenario S01 beside its drafts, made once."""
    return list(drafted())


def sample(type_: str, name: str = "s01") -> Document:
    file = bundle_root() / "documents" / type_ / "samples" / "valid" / f"{name}.json"
    return canonical.document(type_, canonical.orjson.loads(file.read_bytes()))


def made(type_: str, role: str, *documents: Document, **more: Any) -> Draft:
    return draft(catalogue().message(type_), role, documents, more.pop("terms", {}), PARTIES, NOW, register=REGISTER, **more)


def test_the_terms_of_the_trade_and_the_register_fill_what_no_document_says() -> None:
    found = made("purchase_order", "importer", terms={"incoterm": "CIF", "payment_method": "LC_SIGHT"})
    assert found.tree["terms"] == {"incoterm": "CIF", "version": "Incoterms 2020"}
    assert found.origins["/terms/incoterm"].kind == "trade terms"
    assert found.tree["seller"] == {"party_id": "golden-lantern", "name": "Golden Lantern", "address": {"country": "HK"}}
    assert found.origins["/seller/name"].kind == "party register"
    assert found.origins["/terms/version"].kind == "default"
    assert found.origins["/document/issue_date"].text == "today"


def test_a_copied_value_names_document_version_and_place() -> None:
    found = made("sales_order", "exporter", sample("purchase_order"))
    origin = found.origins["/lines/0/unit_price/value"]
    assert (origin.kind, origin.type, origin.number, origin.version) == ("document", "purchase_order", "25-0117", 1)
    assert origin.pointer == "/lines/0/unit_price/value"
    assert found.tree["purchase_order_ref"]["number"] == "25-0117"


def test_sums_and_products_are_computed_anew() -> None:
    order = sample("purchase_order")
    changed = copy.deepcopy(order.data)
    changed["lines"][0]["quantity"]["value"] = Decimal(100)
    found = made("sales_order", "exporter", canonical.document("purchase_order", changed))
    assert found.tree["lines"][0]["line_amount"] == {"value": Decimal("2450.00"), "currency": "USD"}
    assert found.tree["totals"]["total"] == {"value": Decimal("2450.00"), "currency": "USD"}
    assert found.origins["/totals/total/value"].kind == "computed"


def test_cover_is_110_percent_of_the_cif_value() -> None:
    found = made("insurance_application", "exporter", sample("purchase_order"), sample("commercial_invoice"))
    assert found.tree["insured_value"] == {"value": Decimal("113190.00"), "currency": "USD"}
    assert "commercial_invoice" in found.origins["/invoice_value/value"].type


def test_computed_text_names_the_document_it_rests_on() -> None:
    found = made("bill_of_exchange", "exporter", sample("sales_order"), sample("commercial_invoice"))
    origin = found.origins["/value_received"]
    assert (origin.kind, origin.type) == ("computed", "sales_order") and origin.number


def test_the_number_given_stands_wherever_it_belongs() -> None:
    found = made("sales_order", "exporter", sample("purchase_order"), number="GL-25-099")
    assert (found.tree["document"]["number"], found.tree["contract_no"]) == ("GL-25-099", "GL-25-099")


def test_a_party_is_told_apart_by_its_country_where_several_play_the_role() -> None:
    parties = [*PARTIES, Participant("lion-rock", "trucker"), Participant("rijnmond", "trucker"), Participant("depot", "container_depot")]
    cards = {
        **REGISTER,
        "lion-rock": Card("lion-rock", "Lion Rock", "HK"),
        "rijnmond": Card("rijnmond", "R", "NL"),
        "depot": Card("depot", "D", "HK"),
    }
    kind = catalogue().message("equipment_interchange_receipt")
    found = draft(kind, "container_depot", [], {}, parties, NOW, register=cards)
    assert found.tree["haulier"]["party_id"] == "lion-rock"


COLLECTION = [
    Participant("tai-ping-toys", "exporter"),
    Participant("chao-phraya", "importer"),
    Participant("harbour-trade-bank", "remitting_bank"),
    Participant("bangkok-commerce-bank", "collecting_bank"),
]
BANKS = {
    "harbour-trade-bank": Card("harbour-trade-bank", "Harbour Trade Bank", "HK"),
    "bangkok-commerce-bank": Card("bangkok-commerce-bank", "Bangkok Commerce Bank PCL", "TH"),
}


def test_of_a_master_bill_only_the_voyage_and_the_box_are_true_of_a_house_consignment() -> None:
    master = sample("bill_of_lading", "s03-master")
    own = made("cargo_arrival_notice", "sea_carrier", master)
    assert own.tree["containers"][0]["packages"] == 611 and own.tree["items"] and own.tree["carrier"]
    house = made("cargo_arrival_notice", "destination_agent", master, above={f"bill_of_lading:{master.number}": "transport"})
    assert house.tree["means"] == own.tree["means"] and house.tree["port_of_discharge"] == own.tree["port_of_discharge"]
    assert house.tree["containers"][0]["number"] == "BLEU3100446" and "packages" not in house.tree["containers"][0]
    assert not {"items", "carrier"} & house.tree.keys()
    assert house.tree["shipper"]["party_id"] == "golden-lantern", "not who ships the whole box"
    cover = sample("open_insurance_policy", "alt")
    declared = made("insurance_declaration", "importer", cover, above={f"open_insurance_policy:{cover.number}": "insurance"})
    assert declared.tree["clauses"] == cover.data["clauses"], "a cover stands above, and holds as it is"


def test_a_bordereau_lists_the_declarations_of_its_cover_and_numbers_go_on_over_all_of_them() -> None:
    cover, first = sample("open_insurance_policy", "alt"), sample("insurance_declaration", "alt")
    second = copy.deepcopy(first.data)
    second["document"]["number"], second["declaration_no"] = "D-2", 2
    other = canonical.document("insurance_declaration", second)
    bill = made("insurer_invoice", "insurer", cover, first, other)
    assert [one["declaration"]["number"] for one in bill.tree["declarations"]] == [first.number, "D-2"]
    assert bill.tree["declarations"][0]["sum_insured"] == first.data["insured_value"]
    third = made("insurance_declaration", "importer", cover, first, everything=[cover, first, other])
    assert third.tree["declaration_no"] == 3


def test_who_holds_a_bill_is_told_how_it_is_passed_on() -> None:
    """The bank of a collection sees nobody's endorsements: the hub knows whose order the bill is to, and the hash it goes on from."""
    bill = sample("house_bill_of_lading", "s03")
    title = TitleState(f"house_bill_of_lading:{bill.number}", "bangkok-commerce-bank", "bangkok-commerce-bank", 3, last_link="ab" * 32)
    kind = catalogue().message("title_transfer")

    def drafted_by(party: str, role: str, titles: list[TitleState]) -> dict[str, Any]:
        return draft(kind, role, [bill], {}, COLLECTION, NOW, party=party, register=BANKS, titles=titles).tree

    found = drafted_by("bangkok-commerce-bank", "collecting_bank", [title])
    assert (found["action"], found["endorsement"]["kind"]) == ("ENDORSE", "ENDORSE")
    assert found["endorsement"]["endorsee"] == found["recipient"] and found["recipient"]["party_id"] == "chao-phraya"
    assert found["bill"]["number"] == bill.number and found["previous_link_hash"] == title.last_link
    blank = drafted_by("bangkok-commerce-bank", "collecting_bank", [replace(title, order_party="")])
    assert blank["action"] == "TRANSFER" and "endorsement" not in blank
    other = drafted_by("harbour-trade-bank", "remitting_bank", [title])  # who does not hold it learns nothing
    assert other["action"] == "TRANSFER" and other["previous_link_hash"] == bill.payload_sha256


def test_banks_of_a_collection_are_those_of_the_trade() -> None:
    terms, letter = {"payment_method": "DP"}, sample("lc_collection_letter", "s03")
    kind = catalogue().message("lc_collection_letter")
    first = draft(kind, "exporter", [], terms, COLLECTION, NOW, party="tai-ping-toys", register=BANKS).tree
    assert first["presenting_bank"] == {"name": "Bangkok Commerce Bank PCL", "address": {"country": "TH"}}
    onward = draft(kind, "remitting_bank", [letter], terms, COLLECTION, NOW, party="harbour-trade-bank", register=BANKS).tree
    assert onward["presenter"]["name"] == "Tai Ping Toys Ltd"
    notice = catalogue().message("document_arrival_notice")
    told = draft(notice, "collecting_bank", [letter], terms, COLLECTION, NOW, party="bangkok-commerce-bank", register=BANKS).tree
    assert told["remitting_bank"]["name"] == "Harbour Trade Bank"


def test_what_is_required_and_empty_is_listed_down_to_the_member() -> None:
    kind = catalogue().message("purchase_order")
    tree = {"document": {"number": "1"}, "lines": [{"line_no": 1, "description": "x", "quantity": {"value": Decimal(1)}}]}
    found = {one.pointer: one for one in to_type(kind, tree)}
    assert "/lines/0/quantity/unit" in found
    assert "/buyer" in found
    assert "/document/number" not in found
    assert found["/currency"].codelist == "currency"


@pytest.mark.parametrize("number", [0, 7, 19, 40, 99, 100, 101, 999, 1000, 1001, 102_900, 1_000_000, 123_456_789])
def test_numbers_in_words_are_read_back(number: int) -> None:
    assert numbers_in_words(in_words(number)) == [number]


def test_every_word_says_in_words_what_it_does() -> None:
    assert all(word.text and word.call.__doc__ for word in words().values())


@pytest.mark.parametrize("id", catalogue().ids())
def test_every_message_has_a_draft_in_an_empty_trade_and_in_a_full_one(id: str) -> None:
    kind = catalogue().message(id)
    history = [document for _, document, _ in s01()]
    for role in kind.from_roles[:3]:
        for documents in ([], history):
            found = draft(kind, role, documents, {"incoterm": "CIF"}, PARTIES, NOW)
            canonical.encode(found.tree)
            assert found.tree["document"]["version"] == 1
            assert found.origins
    assert sum(1 for _ in to_type(kind, found.tree)) <= len(kind.fields)


def test_s01_completed_from_its_drafts_is_accepted_by_schema_and_rules() -> None:
    """Only what the draft says is to be typed, and what the rules then ask for, is taken from the document that was lodged."""
    asked = {}
    for step, document, found in s01():
        tree = copy.deepcopy(found.tree) | {"message": document.data["message"]}
        kind = catalogue().message(document.type)
        for one in to_type(kind, found.tree):
            _put(tree, one.pointer, _at(document.data, one.pointer))
        said = _errors(document, tree)
        for finding in said:
            _put(tree, finding.pointer, _at(document.data, finding.pointer))
            if "vessel" in finding.pointer:
                tree["expected_departure"] = document.data["expected_departure"]
        assert _errors(document, tree) == [], f"step {step} {document.type}"
        asked[step] = len(said)
    assert sum(asked.values()) <= 15, "rules ask for little that the list of required fields did not name"


def test_a_person_types_a_datum_less_than_one_and_a_tenth_times() -> None:
    found = figures(measured())
    assert Decimal(found["entries_per_datum"]) < Decimal("1.1")
    assert Decimal(found["without_drafts"]) > Decimal("2.5"), "the same count without drafts is what the field has today"
    page = (bundle_root() / "docs" / "once-only.md").read_text(encoding="utf-8")
    for name, value in found.items():
        assert re.search(rf"^{name} +{re.escape(str(value))}$", page, re.MULTILINE), (
            f"docs/once-only.md says something else than {name} {value}"
        )


DEFECTS = [
    ('{ path = "byer", from = ["role:importer"] }', "purchase_order has no byer"),
    ('{ path = "buyer", from = ["sales_ordr:buyer"] }', "is no message and no alias"),
    ('{ path = "buyer", from = ["sales_order:byer"] }', "sales_order has no byer"),
    ('{ path = "buyer", from = ["role:buyer_of_goods"] }', "unknown role"),
    ('{ path = "totals.total", make = "summ", of = ["here:lines[].line_amount"] }', "unknown word summ"),
    ('{ path = "totals.total", make = "percent_of", of = ["here:totals.total"], args = { percents = 5 } }', "takes no argument percents"),
    ('{ path = "totals.total", make = "less", of = ["here:totals.total"] }', "takes 2 to 99 sources, not 1"),
    ('{ path = "load_type", value = "FULL" }', "FULL is not in code list load_type"),
    ('{ path = "inspection_required", value = "no" }', "no is not true or false"),
    ('{ path = "buyer" }', "nothing says what to put there"),
    ('{ path = "buyer", form = "role:importer" }', "unknown field `form`"),
    ('{ path = "buyer", from = ["asked:bill_of_lading:orignals"] }', "no such member"),
    ('{ path = "buyer", from = ["here:bayer"] }', "purchase_order has no bayer"),
]


@pytest.mark.parametrize(("row", "says"), DEFECTS)
def test_defects_of_draft_rows_are_found_with_their_line(tmp_path: Path, row: str, says: str) -> None:
    documents = tmp_path / "documents"
    for name in ("_common", "purchase_order", "sales_order"):
        shutil.copytree(bundle_root() / "documents" / name, documents / name)
    (documents / "_common" / "draft.toml").write_text("fill = []\n", encoding="utf-8")
    (documents / "sales_order" / "draft.toml").unlink()
    (documents / "purchase_order" / "draft.toml").write_text(f"# a defect\n\nfill = [\n  {row},\n]\n", encoding="utf-8")
    found = [str(one) for one in check_drafts(Catalogue([tmp_path]))]
    assert any(says in one and "purchase_order/draft.toml:4:" in one for one in found), found


def _errors(document: Document, tree: dict[str, Any]) -> list[Any]:
    whole = canonical.document(document.type, tree)
    report = check_message(whole, document.data["message"]["created_at"])
    return [one for one in report.findings if one.severity is Severity.ERROR]


def _at(node: Any, pointer: str) -> Any:
    for segment in pointer.split("/")[1:]:
        node = node[int(segment)] if isinstance(node, list) else node.get(segment)
        if node is None:
            break
    return node


def _put(tree: Any, pointer: str, value: Any) -> None:
    segments = pointer.split("/")[1:]
    for segment in segments[:-1]:
        tree = tree[int(segment)] if isinstance(tree, list) else tree.setdefault(segment, {})
    if value is not None:
        tree[int(segments[-1]) if isinstance(tree, list) else segments[-1]] = value
