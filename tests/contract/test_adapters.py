"""Every business adapter that is found keeps what all of them have to keep, and what is wrong with one is said at its line."""

import importlib
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.contract import test_dcsa, test_ubl
from tradeflow.bundle import bundle_root
from tradeflow.codec import formats, intake
from tradeflow.codec.business import contract, decisions, manifest, page
from tradeflow.codec.business.envelope import Answered, completed
from tradeflow.codec.business.manifest import OWN, Adapter, adapters
from tradeflow.codec.business.translate import Translated, answered, incoming, outgoing
from tradeflow.errors import BadInput, ContentError
from tradeflow.model.catalogue import catalogue
from tradeflow.model.content import load
from tradeflow.model.document import Document

FOUND = list(adapters().values())
ALL = pytest.mark.parametrize("adapter", FOUND, ids=lambda one: one.id)
ROOT = bundle_root()


def sample(type_: str, name: str = "s01") -> Document:
    return intake.read((ROOT / "documents" / type_ / "samples" / "valid" / f"{name}.json").read_bytes(), "application/json")


def said(adapter: Adapter, document: Document, settings: dict[str, Any]) -> Translated | BadInput:
    """What the partner's system would send, or why it cannot."""
    try:
        return answered(adapter, document, settings)
    except BadInput as refusal:
        return refusal


def copied(tmp_path: Path, id: str) -> Path:
    """An adapter in a folder of its own, to be spoilt."""
    folder = tmp_path / "adapters" / id
    shutil.copytree(ROOT / "adapters" / id, folder)
    (tmp_path / "docs" / "adapters").mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "adapters" / f"{id}.md", tmp_path / "docs" / "adapters")
    return folder


def defects(folder: Path) -> list[ContentError]:
    return list(contract.check(manifest.read(load(folder / "adapter.toml"))))


def test_there_is_one_for_every_kind_of_party() -> None:
    groups = {catalogue().roles[role].group for adapter in FOUND for role in adapter.roles}
    assert groups >= {"bank", "insurer", "carrier", "forwarder", "terminal", "inspection", "authority"}


@ALL
def test_its_tables_are_whole(adapter: Adapter) -> None:
    assert [str(defect) for defect in contract.check(adapter)] == []


@ALL
def test_its_fixtures_come_out_as_they_stand_there(adapter: Adapter) -> None:
    assert contract.Proof(adapter).faults() == []


@ALL
def test_whatever_it_takes_it_can_say_and_every_loss_is_named(adapter: Adapter) -> None:
    settings = contract.Proof(adapter).settings
    for flow in adapter.in_.values():
        if flow.form in OWN:
            continue
        for file in sorted((catalogue().message(flow.message).folder / "samples" / "valid").glob("*.json")):
            document = intake.read(file.read_bytes(), "application/json")
            if isinstance(made := said(adapter, document, settings), BadInput):
                assert made.code == "NOT_ACCEPTABLE" and made.findings, file
                continue
            heard = incoming(adapter, made.body, settings)
            assert heard is not None and heard.not_taken == ()
            party = document.data["message"]["sender"]["party_id"]
            back = intake.canonical.document(flow.message, completed(adapter, heard, party, made.body, None))
            assert [loss for loss in made.losses if loss.kind != "aside"] == [], file
            assert back.canonical == document.canonical, file


def judged(form: str, type_: str, body: bytes) -> list[str]:
    """What the official schema says against a file; for the formats that have one."""
    root = formats.sheets(form)[type_].table.data["root"]
    if form == "dcsa":
        return test_dcsa.faults(root, json.loads(body))
    if form == "ubl":
        judge = test_ubl.schema(root)
        return [] if judge.validate(etree.fromstring(body)) else [str(judge.error_log)]
    return [] if importlib.import_module("tests.contract.test_wco").valid(body) else ["more is missing than the document"]


@pytest.mark.skipif(not test_ubl.XSD.is_dir(), reason=f"the official schemas are not at {test_ubl.SHARED / 'standards'}")
@ALL
def test_what_partners_get_is_valid_by_the_official_schemas(adapter: Adapter) -> None:
    proof = contract.Proof(adapter)
    for way, flows in (("out", adapter.out), ("in", adapter.in_)):
        for case in proof.cases(way):
            type_ = proof.document(case["ours"]).type
            if flows[type_].form in ("ubl", "dcsa", "wco") and "plain" not in case["theirs"]:
                assert judged(flows[type_].form, type_, proof.file(case["theirs"]).read_bytes()) == [], case["theirs"]


@ALL
def test_wrong_settings_are_said_each_at_its_place(adapter: Adapter) -> None:
    assert adapter.faults({"no-such": 1}) != []
    assert adapter.faults([]) != []
    for name in adapter.settings:
        assert any(place.endswith(f"/{name}") for place, _ in adapter.faults({name: 7.5}))


@ALL
def test_a_file_that_is_too_large_or_no_file_at_all_gets_findings(adapter: Adapter) -> None:
    with pytest.raises(BadInput) as refusal:
        incoming(adapter, b" " * (adapter.bytes_max + 1), {})
    assert (refusal.value.status, len(refusal.value.findings)) == (413, 1)


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("adapter.toml", 'roles = ["inspection_body"]', 'roles = ["inspector"]', "there is no role inspector"),
        ("adapter.toml", 'message = "inspection_request"', 'message = "inspection_wish"', "there is no message inspection_wish"),
        ("adapter.toml", 'form = "ubl"', 'form = "cobol"', "there is no format cobol"),
        ("adapter.toml", 'form = "ubl"', 'form = "swift_mt"', "has no form in swift_mt"),
        ("adapter.toml", 'number = "request.number"', 'number = "request.no"', "number a path"),
        ("adapter.toml", 'needs = ["appointment_by"]', 'needs = ["colour"]', "decides colour"),
        ("status.toml", 'BOOKED = "SCHEDULED"', 'BOOKED = "PERHAPS"', "PERHAPS is no code of status"),
        ("status.toml", "[inspection_notice.status]", "[inspection_notice.mood]", "has no field mood"),
        ("decisions.toml", '"goods_ready_date"]', '"goods_date"]', "has no field goods_date"),
        ("decisions.toml", "source = ", "because = ", "a row has no because"),
        ("records/inspection_notice.toml", "{job_no}", "{job}", "has no field job"),
        ("records/inspection_request.toml", "{settings.client}", "{settings.customer}", "nothing is called settings.customer"),
        ("records/inspection_request.toml", "#{goods[]}", "#{kind}", "has no field kind"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_found_in_its_file(tmp_path: Path, file: str, old: str, new: str, what: str) -> None:
    folder = copied(tmp_path, "inspection")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    found = [defect for defect in defects(folder) if what in str(defect)]
    assert found and {Path(defect.file).name for defect in found} <= {Path(file).name, "adapter.toml"}, defects(folder)


def test_a_copy_of_an_adapter_is_as_whole_as_the_adapter(tmp_path: Path) -> None:
    assert defects(copied(tmp_path, "inspection")) == []


def test_a_page_that_is_behind_its_tables_is_found(tmp_path: Path) -> None:
    folder = copied(tmp_path, "inspection")
    with (folder / "status.toml").open("a") as file:
        file.write('LATER = "NOT_PRESENTED"\n')
    assert any("is behind its tables" in str(defect) for defect in defects(folder))
    page.write(manifest.read(load(folder / "adapter.toml")))
    assert page.fault(manifest.read(load(folder / "adapter.toml"))) == ""


def test_a_fixture_that_comes_out_otherwise_is_found(tmp_path: Path) -> None:
    folder = copied(tmp_path, "inspection")
    order = folder / "fixtures" / "order.txt"
    order.write_bytes(order.read_bytes().replace(b"1400", b"1401"))
    (fault,) = contract.Proof(manifest.read(load(folder / "adapter.toml"))).faults()
    assert "comes out otherwise" in fault


def test_a_format_is_swapped_by_a_row(tmp_path: Path) -> None:
    folder = copied(tmp_path, "ocean_carrier")
    text = (folder / "adapter.toml").read_text()
    (folder / "adapter.toml").write_text(
        text.replace('message = "shipping_instruction"\nform = "dcsa"', 'message = "shipping_instruction"\nform = "ubl"')
    )
    document = sample("shipping_instruction")
    made = outgoing(manifest.read(load(folder / "adapter.toml")), document, {})
    assert made.media_type == formats.kinds()["ubl"].media_type
    assert outgoing(adapters()["ocean_carrier"], document, {}).media_type == formats.kinds()["dcsa"].media_type


def test_hong_kong_counts_fourteen_days_and_a_late_declaration_says_so() -> None:
    adapter, document = adapters()["customs_hk"], sample("trade_declaration")
    assert document.get("movement_date") == date(2025, 3, 10)
    assert decisions.decided(adapter, document) == {"lodge_by": date(2025, 3, 24)}
    assert outgoing(adapter, document, {}, datetime(2025, 3, 24, 23, 0, tzinfo=UTC)).remarks == ()
    assert outgoing(adapter, document, {}, datetime(2025, 3, 25, 0, 0, tzinfo=UTC)).remarks == ("late: lodge by was 2025-03-24",)


@pytest.mark.parametrize(("name", "kind"), [("s01", "F12"), ("s02", "F21"), ("s03-house", "F14")])
def test_the_kind_of_an_advance_filing_follows_from_its_content(name: str, kind: str) -> None:
    decided = decisions.decided(adapters()["customs_advance"], sample("manifest", name))
    assert decided["declaration_type"] == kind


def test_what_nobody_decides_does_not_leave() -> None:
    document = sample("certificate_of_origin_application")
    data: dict[str, Any] = {**document.data, "scheme": "OTHER"}
    other = intake.canonical.document(document.type, data)
    with pytest.raises(BadInput, match="nothing decides its certificate_form") as refusal:
        outgoing(adapters()["chamber"], other, {})
    assert refusal.value.findings


def test_an_answer_that_names_only_a_number_gets_its_envelope_from_what_it_answers() -> None:
    adapter = adapters()["customs_hk"]
    body = (adapter.folder / "fixtures" / "plain-response.xml").read_bytes()
    heard = incoming(adapter, body, {})
    assert heard
    known = Answered("GLL-2025-0117", "0195ad0f-0e80-7a2a-8e79-61c4f47c56da", "golden-lantern", "exporter", "customs")
    first, again = (completed(adapter, heard, "hk-customs", body, known) for _ in range(2))
    assert first == again, "the same file twice is one message"
    assert first["message"]["sender"] == {"party_id": "hk-customs", "role": "customs"}
    assert first["message"]["recipients"] == [{"party_id": "golden-lantern", "role": "exporter"}]
    assert "trade_id" not in completed(adapter, heard, "hk-customs", body, None)["message"], "what nobody knows is not made up"


@pytest.mark.parametrize("container", ["fin", "rje", "pcc"])
def test_a_bank_reads_every_container_and_refuses_several_messages_in_one(container: str) -> None:
    adapter, document = adapters()["bank"], sample("payment_advice")
    fin = formats.write(document, "swift_mt").body
    wrapped = {"fin": fin, "rje": fin.rstrip() + b"\r\n$", "pcc": outgoing(adapter, document, {"container": "pcc"}).body}[container]
    heard = incoming(adapter, wrapped, {"container": container})
    assert heard and heard.tree["document"]["number"] == document.number
    two = {"fin": fin + fin, "rje": fin + b"$" + fin, "pcc": wrapped + wrapped}[container]
    with pytest.raises(BadInput) as refusal:
        incoming(adapter, two, {"container": container})
    assert refusal.value.findings
