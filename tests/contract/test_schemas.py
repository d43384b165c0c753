"""What partners build against: the published schemas are current, valid, self-contained, and say what the hub does."""

import random
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree

from tests.messages import body, message
from tests.purchase_order import purchase_order
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical, intake, xml
from tradeflow.codec.publish import files, publish
from tradeflow.codec.schema_json import json_schema
from tradeflow.codec.schema_xsd import xsd
from tradeflow.errors import BadInput
from tradeflow.machine.index import index
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue

ALL = catalogue().ids()
SCHEMAS = bundle_root() / "schemas"


def test_regenerating_changes_nothing() -> None:
    wanted = dict(files(catalogue()))
    there = {str(file.relative_to(SCHEMAS)) for folder in ("json", "xsd", "codelists") for file in (SCHEMAS / folder).iterdir()}
    assert there == wanted.keys(), "run: tradeflow schemas"
    stale = [name for name, content in wanted.items() if (SCHEMAS / name).read_bytes() != content]
    assert stale == [], "run: tradeflow schemas"


def test_publishing_writes_what_changed_and_removes_what_is_gone(tmp_path: Path) -> None:
    written = publish(tmp_path)
    assert len(written) == len(list(files(catalogue())))
    assert publish(tmp_path) == []
    (tmp_path / "xsd" / "gone.xsd").write_text("x")
    (tmp_path / "json" / "licence.schema.json").write_text("{}")
    (tmp_path / "vendored.txt").write_text("stays")
    assert [file.name for file in publish(tmp_path)] == ["gone.xsd", "licence.schema.json"]
    assert publish(tmp_path) == []
    assert (tmp_path / "vendored.txt").exists()


@pytest.mark.parametrize("type_", ALL)
def test_the_json_schema_is_valid_self_contained_and_accepts_what_the_hub_accepts(type_: str) -> None:
    mt = catalogue().message(type_)
    schema = json_schema(mt)
    Draft202012Validator.check_schema(schema)
    references = set(re.findall(r'"\$ref":"([^"]*)"', orjson.dumps(schema).decode()))
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}
    validator = Draft202012Validator(schema)
    for seed in range(3):
        tree = message(mt, random.Random(seed), optional=seed)
        document = canonical.document(type_, tree)
        validator.validate(orjson.loads(document.canonical))


@pytest.mark.parametrize("type_", ALL)
def test_the_xsd_is_valid_and_accepts_what_the_hub_writes(type_: str) -> None:
    mt = catalogue().message(type_)
    schema = etree.XMLSchema(etree.fromstring(xsd(mt)))
    for seed in range(3):
        document = canonical.document(type_, message(mt, random.Random(seed), optional=seed))
        for pretty in (True, False):
            schema.assertValid(etree.fromstring(xml.write(document, pretty)))


@pytest.mark.parametrize("type_", ["purchase_order", "bill_of_lading", "trade_declaration"])
def test_a_second_xsd_processor_agrees(type_: str) -> None:
    mt = catalogue().message(type_)
    schema = xmlschema.XMLSchema10(xsd(mt).decode())
    for seed in range(3):
        document = canonical.document(type_, message(mt, random.Random(seed), optional=seed * 0.5))
        assert [str(error) for error in schema.iter_errors(xml.write(document).decode())] == []
    text = xml.write(canonical.document(type_, message(mt, random.Random(5)))).decode()
    assert not schema.is_valid(text.replace("<type>", "<type>x", 1))


# what the hub refuses and a schema can express, the published schemas refuse too
REFUSED: dict[str, Any] = {
    "currency": "usd",
    "latest_shipment": "28/02/2025",
    "quantity_tolerance": "1e2",
    "contract_no": "x" * 71,
    "order_kind": "",
    "transport_mode": "9",
    "colour": "red",
    "insurance_by": [],
    "references": [],
    "inspection_required": "yes",
    "valid_until": "2025-02-3",
    "packing": "x" * 20_001,
}


@pytest.mark.parametrize("name", REFUSED)
def test_json_schema_and_hub_refuse_the_same(name: str) -> None:
    tree = {**purchase_order(1), name: REFUSED[name]}
    assert not Draft202012Validator(json_schema(catalogue().message("purchase_order"))).is_valid(tree)
    with pytest.raises(BadInput, match="SCHEMA_INVALID"):
        intake.read(body(tree), "application/json")


def test_every_member_of_the_schemas_carries_its_human_name() -> None:
    schema = json_schema(catalogue().message("bill_of_lading"))
    assert schema["properties"]["port_of_loading"]["title"] == "Port of loading"
    assert schema["properties"]["notify_parties"]["description"] == "at least one if order bill, M-BL-03"
    documentation = re.findall(r"<xs:documentation>(.*)</xs:documentation>", xsd(catalogue().message("bill_of_lading")).decode())
    assert "Port of loading" in documentation
    assert "Notify parties: at least one if order bill, M-BL-03" in documentation


def test_code_lists_are_published_with_codes_and_meanings() -> None:
    countries = orjson.loads((SCHEMAS / "codelists" / "country.json").read_bytes())
    assert len(countries["codes"]) == 249
    assert {"code": "HK", "meaning": "Hong Kong"} in countries["codes"]
    assert {path.stem for path in (SCHEMAS / "codelists").iterdir()} == catalogue().codelists.keys()


def test_a_missing_required_member_fails_the_published_schemas_too() -> None:
    tree = purchase_order(1)
    del tree["lines"][0]["quantity"]
    errors = list(Draft202012Validator(json_schema(catalogue().message("purchase_order"))).iter_errors(tree))
    assert [list(error.absolute_path) for error in errors] == [["lines", 0]]
    good = xml.write(canonical.document("purchase_order", purchase_order(1)))
    bad = re.sub(rb"<quantity>.*?</quantity>", b"", good, count=1, flags=re.DOTALL)
    schema = etree.XMLSchema(etree.fromstring(xsd(catalogue().message("purchase_order"))))
    assert schema.validate(etree.fromstring(good))
    assert not schema.validate(etree.fromstring(bad))


def test_the_index_of_messages_is_current() -> None:
    text = (bundle_root() / "documents" / "README.md").read_text(encoding="utf-8")
    assert text == index(machine(), catalogue()), "run `tradeflow schemas`"
    assert all(f"]({id})" in text for id in catalogue().ids())
