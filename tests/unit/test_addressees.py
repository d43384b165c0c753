"""Whom a draft is addressed to: as the parties of whole trades did it, and nobody who need not know."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.bench.once_only import drafted
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.draft import Card, draft
from tradeflow.draft.check import check_drafts
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.document import Document
from tradeflow.model.trade import Participant

NOW = datetime(2025, 3, 18, 10, 5, tzinfo=UTC)
LCL, FCL, AIR = {"load_type": "LCL", "transport_mode": "1"}, {"load_type": "FCL", "transport_mode": "1"}, {"transport_mode": "4"}
CREDIT, COLLECTION = {"payment_method": "LC_SIGHT"}, {"payment_method": "DP"}
COUNTRIES = {
    "seller": "HK",
    "buyer": "NL",
    "hk-customs": "HK",
    "nl-customs": "NL",
    "broker": "NL",
    "bank-hk": "HK",
    "bank-nl": "NL",
    "line": "DK",
}
CAST = [
    Participant("seller", "exporter"), Participant("buyer", "importer"), Participant("hk-customs", "customs"), Participant("nl-customs", "customs"),
    Participant("broker", "customs_broker"), Participant("bank-hk", "advising_bank"), Participant("bank-nl", "issuing_bank"),
    Participant("line", "sea_carrier"), Participant("house", "freight_forwarder"), Participant("plane", "air_carrier"),
    Participant("insurer", "insurer"), Participant("bank-hk", "remitting_bank"), Participant("agent", "destination_agent"),
]  # fmt: skip


def to(type_: str, role: str, *documents: Document, terms: dict[str, str] | None = None, cast: list[Participant] = CAST) -> list[str]:
    """The roles it goes to, with the party where there are several of the role."""
    register = {p.party_id: Card(p.party_id, p.party_id.title(), COUNTRIES.get(p.party_id, "")) for p in cast}
    sender = next(p.party_id for p in cast if p.role == role)
    made = draft(catalogue().message(type_), role, documents, terms or {}, cast, NOW, party=sender, register=register)
    return [f"{p.role}:{p.party_id}" if p.role == "customs" else p.role for p in made.to]


def sent(type_: str, by: str, *to: str, **data: Any) -> Document:
    parties = {p.role: p.party_id for p in CAST}
    ends = [{"party_id": parties[role], "role": role} for role in (by, *to)]
    sample = min((catalogue().message(type_).folder / "samples" / "valid").glob("*.json"))
    tree = json.loads(sample.read_text()) | data
    tree["message"] |= {"sender": ends[0], "recipients": ends[1:]}
    return canonical.document(type_, tree)


def test_in_a_whole_trade_drafts_go_to_whom_the_parties_sent_them() -> None:
    wrong = {}
    for number, document, made in drafted(Path("workflows/trade/scenarios/S01.toml")):
        said = {(one["party_id"], one["role"]) for one in document.data["message"]["recipients"]}
        drafted_to = {(p.party_id, p.role) for p in made.to}
        if said != drafted_to:
            wrong[number] = (document.type, said - drafted_to, drafted_to - said)
    # where the container is may be known to both traders: a line that knows no more addresses them both
    assert {type_ for type_, _, _ in wrong.values()} == {"transport_status"} and not any(left_out for _, left_out, _ in wrong.values()), (
        wrong
    )


def test_a_premium_is_told_to_who_asked_for_the_cover() -> None:
    asked = sent("insurance_application", "exporter", "insurer")
    assert to("insurance_policy", "insurer", asked) == ["exporter"]
    policy = sent("insurance_policy", "insurer", "exporter")
    assert to("insurer_invoice", "insurer", asked, policy) == ["exporter"]
    assert to("payment_receipt", "insurer", asked, policy, sent("insurer_invoice", "insurer", "exporter")) == ["exporter"]


def test_of_several_authorities_the_one_where_it_happens_is_told() -> None:
    assert to("trade_declaration", "exporter") == ["customs:hk-customs"]
    assert to("trade_declaration", "customs_broker") == ["customs:nl-customs"]
    assert to("manifest", "sea_carrier", cast=CAST[:3] + CAST[7:8]) == ["customs:hk-customs"], "the only one there is"


def test_an_answer_goes_to_who_asked_and_an_import_is_told_to_the_importer() -> None:
    cast = [p for p in CAST if p.party_id != "hk-customs"]
    assert to("customs_response", "customs", sent("trade_declaration", "customs_broker", "customs"), cast=cast) == [
        "customs_broker",
        "importer",
    ]
    assert to("application_response", "importer", sent("commercial_invoice", "exporter", "importer")) == ["exporter"]
    assert to("application_response", "importer") == []


@pytest.mark.parametrize(
    ("terms", "carried_by"), [(LCL, ["freight_forwarder"]), (AIR, ["freight_forwarder"]), (FCL, ["sea_carrier"]), ({}, ["sea_carrier"])]
)
def test_a_booking_goes_to_who_carries_such_cargo(terms: dict[str, str], carried_by: list[str]) -> None:
    assert to("booking_request", "exporter", terms=terms) == carried_by
    assert to("shipping_instruction", "exporter", terms=terms) == carried_by
    confirmed = sent("booking_confirmation", "freight_forwarder", "exporter")
    assert to("shipping_instruction", "exporter", confirmed, terms=terms) == ["freight_forwarder"], (
        "who confirmed the booking is instructed"
    )


def test_documents_are_presented_where_the_credit_is_available_and_go_on_from_bank_to_bank() -> None:
    assert to("lc_collection_letter", "exporter", terms=CREDIT) == ["advising_bank"]
    assert to("lc_collection_letter", "exporter", terms=COLLECTION) == ["remitting_bank"]
    assert to("lc_collection_letter", "advising_bank", terms=CREDIT) == ["issuing_bank"]
    credit = sent("letter_of_credit", "issuing_bank", "advising_bank", "exporter", available_with={"name": "BANK-NL"})
    assert to("lc_collection_letter", "exporter", credit, terms=CREDIT) == ["issuing_bank"]
    confirmed = [*CAST, Participant("third", "confirming_bank")]
    assert to("bill_of_exchange", "exporter", terms=CREDIT, cast=confirmed) == ["confirming_bank"]
    assert to("lc_collection_letter", "advising_bank", terms=CREDIT, cast=confirmed) == ["confirming_bank"]


def test_a_bill_is_surrendered_to_who_issued_it() -> None:
    for type_, taker in (("bill_of_lading", "sea_carrier"), ("house_bill_of_lading", "destination_agent")):
        bill = sent(type_, "freight_forwarder", "exporter", "importer")
        assert to("title_transfer", "importer", bill) == [taker]


def test_rows_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    shutil.copytree(bundle_root() / "documents", tmp_path / "documents")
    file = tmp_path / "documents/insurance_policy/draft.toml"
    rows = 'to = ["customs", "near:insurer", "reply:nothing", "whom:nobody", { who = ["exporter"], when = { "here:nowhere" = [""] } }]'
    text = file.read_text()
    file.write_text(text[: text.index("to = [")] + rows + '\nnear = ["here:nowhere"]' + text[text.index("\nfill = [") :])
    found = [str(defect) for defect in check_drafts(Catalogue((tmp_path,)))]
    assert all("insurance_policy/draft.toml" in one for one in found)
    for said in (
        "does not go to customs",
        "does not go to insurer",
        "reply:nothing: nothing is no message",
        "whom:nobody",
        "has no nowhere",
    ):
        assert any(said in one for one in found), (said, found)
    assert len(found) == 6


def test_shared_rows_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    shutil.copytree(bundle_root() / "documents", tmp_path / "documents")
    file = tmp_path / "documents/_common/draft.toml"
    file.write_text(
        file.read_text().replace(
            "carriage = [\n", 'carriage = [\n  { who = ["nobody", "reply:nothing"], when = { "nothing:x" = [""] } },\n', 1
        )
    )
    found = [str(defect) for defect in check_drafts(Catalogue((tmp_path,)))]
    assert [one.partition("whom.carriage: ")[2].partition(":")[0] for one in found] == ["unknown role nobody", "reply", "nothing"], found
