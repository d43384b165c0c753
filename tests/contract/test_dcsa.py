"""What we write as DCSA's JSON, judged by the OpenAPI definitions of DCSA, and what others wrote, read; both where they are at hand."""

import json
import tracemalloc
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests import dcsa_library
from tests.contract import codecs
from tests.contract.test_formats import samples, writable
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical, formats, intake
from tradeflow.errors import BadInput
from tradeflow.model.document import Document
from tradeflow.model.format import Reading
from tradeflow.model.pointers import leaves

SHARED = bundle_root().parent / "shared"
OPENAPI = SHARED / "standards" / "dcsa" / "openapi"
FOREIGN = sorted((SHARED / "samples" / "dcsa").rglob("*.json"))
BOUND = sorted(formats.sheets("dcsa"))
needs_schemas = pytest.mark.skipif(not OPENAPI.is_dir(), reason=f"the OpenAPI definitions of DCSA are not at {OPENAPI}")
needs_samples = pytest.mark.skipif(not FOREIGN, reason=f"the samples of others are not at {SHARED / 'samples' / 'dcsa'}")
MEDIA = "application/vnd.dcsa+json"
CODEC = formats.codec("dcsa")


@cache
def judge(root: str) -> jsonschema.Draft4Validator:
    """The schema of one body. OpenAPI 3.0 is JSON Schema of an older day: exclusiveMinimum is a flag beside minimum."""
    api, _, name = root.partition("_")
    definition = yaml.load((OPENAPI / dcsa_library.ROOTS[api][0]).read_text(encoding="utf-8"), yaml.CSafeLoader)
    schema = {"$ref": f"#/components/schemas/{name}", "components": definition["components"]}
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def faults(root: str, tree: Any) -> list[str]:
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in judge(root).iter_errors(tree)]


@needs_schemas
@pytest.mark.parametrize("type_", BOUND)
def test_every_body_is_valid_by_the_definitions_of_dcsa(type_: str) -> None:
    root = formats.sheets("dcsa")[type_].table.data["root"]
    documents = writable(type_, "dcsa")
    assert documents
    for document, written in documents:
        assert faults(root, json.loads(written.body)) == [], document.number


@needs_schemas
def test_the_definitions_refuse_what_is_wrong() -> None:
    tree = json.loads(formats.write(samples("bill_of_lading")[0], "dcsa").body)
    del tree["documentParties"]["shipper"]
    tree["declaredValue"] = "much"
    assert len(faults("EBL_TransportDocument", tree)) == 2


@needs_schemas
def test_the_library_is_that_of_the_definitions() -> None:
    assert dcsa_library.FILE.read_text(encoding="utf-8") == dcsa_library.text(OPENAPI)


@needs_schemas
@pytest.mark.parametrize("type_", BOUND)
def test_what_does_not_fit_goes_aside_and_never_into_a_body(type_: str) -> None:
    """Texts longer than DCSA allows, and words that are none of its: still valid, or refused with the place that lacks them."""
    root = formats.sheets("dcsa")[type_].table.data["root"]
    for document, _ in writable(type_, "dcsa"):
        tree = json.loads(document.canonical)
        for value in (tree.get("shipper"), tree.get("consignee"), *(tree.get("items") or [])):
            if value:
                value.update({"name": "N" * 90} if "address" in value else {"description": "word " * 300})
        changed = canonical.document(type_, tree)
        body, refusal = outcome(changed)
        if refusal:
            assert (refusal.status, refusal.findings[0].hint != "") == (406, True)
        else:
            assert faults(root, json.loads(body)) == []
            assert intake.read(body, MEDIA).canonical == changed.canonical


def outcome(document: Document) -> tuple[bytes, BadInput | None]:
    try:
        return formats.write(document, "dcsa").body, None
    except BadInput as refusal:
        return b"", refusal


def test_the_main_facts_stand_where_others_look_for_them() -> None:
    (document,) = [one for one in samples("bill_of_lading") if one.number == "BLENHKG2503118"][:1]
    said = json.loads(formats.write(document, "dcsa").body)
    assert said["transportDocumentReference"] == "BLENHKG2503118"
    assert said["documentParties"]["shipper"]["partyName"] == "Golden Lantern Lighting Ltd"
    assert said["transports"]["portOfLoading"]["UNLocationCode"] == "HKHKG"
    assert said["consignmentItems"][0]["cargoItems"][0]["cargoGrossWeight"] == {"value": 9800, "unit": "KGM"}
    assert said["utilizedTransportEquipments"][0]["equipment"]["equipmentReference"] == "BLEU2004176"
    assert said["isToOrder"] is True


def test_what_a_partner_changes_wins_over_what_stands_aside() -> None:
    tree = json.loads(formats.write(samples("bill_of_lading")[0], "dcsa").body)
    tree["isToOrder"] = False
    assert CODEC.read(json.dumps(tree).encode()).tree["consignment_form"] == "STRAIGHT"


READ = {  # what the samples of each API become; the others are refused
    "booking__": "booking_request",
    "core__booking": "booking_request",
    "ebl__ebl-api": "shipping_instruction",
    "arrivalnotice-api-100-post-freetime": "cargo_arrival_notice",
    "vgm__": "vgm_declaration",
    "ebl-issuance__": "bill_of_lading",
    "BKG_v2.0.5__request": "booking_",
    "BKG_NTF": "booking_confirmation",
    "SUR_v3.0.4__request": "surrender_notice",
    "EBL_v3.0.4__request__issued": "bill_of_lading",
    "EBL_v3.0.4__request__draftFull": "draft_master_bill_of_lading",
    "EBL_v3.0.4__request__regular": "shipping_instruction",
    "EBL_v3.0.4__response200__reefer": "",
    "EBL_v3.0.4__response200__regular": "draft_master_bill_of_lading",
}
REFUSED = ("rror", "tooMany", "onflict", "otFound", "badRequest", "unknownParty")


@needs_samples
@pytest.mark.parametrize("file", FOREIGN, ids=lambda file: file.stem[:60])
def test_what_others_wrote_is_read_or_refused_for_the_right_reason(file: Path) -> None:
    body = file.read_bytes()
    awaited = next((type_ for name, type_ in READ.items() if name in file.name), None)
    if awaited is None or (any(word in file.name for word in REFUSED) and "with_errors" not in file.name):
        reading, refusal = read(body)
        if refusal:
            assert refusal.code in ("UNKNOWN_MESSAGE", "MALFORMED")
            assert refusal.findings
        else:
            assert reading
            assert reading.type in BOUND
            assert not any(word in file.name for word in REFUSED)
        return
    reading = CODEC.read(body)
    assert reading.type.startswith(awaited)
    said, taken = json.dumps(json.loads(body)), dict(leaves(reading.tree))
    assert len(taken) > 5
    made_up = ("/message/", "/response/code", "/consignment_form", "/document_wanted", "/arrived", "/legs/")
    for pointer, value in taken.items():
        text = json.dumps(value).strip('"')
        words = text.replace("T00:00:00Z", "").split(" ")
        assert pointer.startswith(made_up) or pointer.endswith("/country") or all(word in said for word in words), (pointer, value)


def read(body: bytes) -> tuple[Reading | None, BadInput | None]:
    try:
        return CODEC.read(body), None
    except BadInput as refusal:
        return None, refusal


def many(inside: str) -> bytes:
    return f'{{"bookingStatus": "X", "shipmentLocations": [], {inside}}}'.encode()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (many('"carrierBookingReference": "1", "carrierBookingReference": "2"'), "stands twice"),
        (many('"a": ' + "[" * 100 + "]" * 100), "Nested deeper"),
        (many('"a": ' + '{"a":' * 100_000), "Nested deeper|Not JSON|values"),
        (many('"a": [' + "1," * 200_000 + "1]"), "values"),
        (many('"a": NaN'), "not a number"),
        (b'{"bookingStatus": "\xff"}', "UTF-8"),
        (b'{"bookingStatus": 1} {}', "Not JSON"),
        (b'{"nothing": "known"}', "no body"),
        (b'{"arrivalNotices": [{}, {}]}', "one at a time"),
    ],
    ids=["duplicate", "depth", "deep objects", "values", "NaN", "no UTF-8", "two", "unknown", "several"],
)
def test_hostile_bytes_are_refused_at_once(body: bytes, what: str) -> None:
    codecs.refused_at_once(CODEC, body, what)


@pytest.mark.parametrize(
    "inside",
    [
        '"carrierClauses": [' + '"x",' * 50_000 + '"x"]',
        '"transportPlan": [' + '{"modeOfTransport": "VESSEL"},' * 20_000 + "{}]",
        '"consignmentItems": [{"HSCodes": [' + '"1",' * 300 + '"1"], "cargoItems": [' + "{}," * 40_000 + "{}]}]",
        '"transportPlan": [{"transportPlanStageSequenceNumber": ' + "9" * 3_000_000 + "}]",
        '"feedbacks": {"message": "' + "x" * 4_000_000 + '"}',
        '"urn:tradeflow:aside:1.0": {' + ",".join(f'"/legs/{n}/seq": 1' for n in range(40_000)) + "}",
        '"urn:tradeflow:aside:1.0": {"/legs/99999/seq": 1, "x": 1, "/' + "a/" * 100_000 + '": 1}',
    ],
    ids=["clauses", "legs", "cargo", "number", "text", "aside", "far aside"],
)
def test_what_is_large_costs_little_and_gets_findings(inside: str) -> None:
    codecs.costs_little(many(inside), MEDIA)


def test_what_is_large_takes_little_memory() -> None:
    body = many('"transportPlan": [' + '{"modeOfTransport": "VESSEL"},' * 20_000 + "{}]")
    tracemalloc.start()
    with pytest.raises(BadInput):
        intake.read(body, MEDIA)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64_000_000, f"{peak / 1e6:.0f} MB"


@pytest.mark.parametrize(
    ("rows", "what", "line"),
    [
        ('root = "BKG_Create"\nrows = []', "no DCSA document is called", 1),
        ('root = "BKG_CreateBooking"\nrows = ["incoterms = {incoterm}"]', "BKG_CreateBooking has no incoterms", 2),
        ('root = "BKG_CreateBooking"\nrows = [\n "incoTerms = {incotermm}",\n]', "no field incotermm", 3),
        ('root = "BKG_CreateBooking"\nrows = [{ when = "no_such=1", rows = [] }]', "no field no_such", 2),
        ('root = "BKG_CreateBooking"\nrows = ["incoTerms <= {incoterm|nothing}"]', "no codes are called nothing", 2),
        ('root = "BKG_CreateBooking"\nrows = []\n[[also]]\nroot = "BKG_None"', "no DCSA document is called", 1),
    ],
)
def test_a_wrong_row_is_found_at_its_line(tmp_path: Path, rows: str, what: str, line: int) -> None:
    codecs.found_at_its_line(tmp_path / "rows.toml", "dcsa", "booking_request", rows, what, line)
