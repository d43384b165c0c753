"""One document, one canonical form: whichever wire form it came in, however it was written."""

import hashlib
import json
import random
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.messages import body, message, messages, scalars_as_json
from tests.purchase_order import purchase_order
from tradeflow.codec import canonical, intake, xml
from tradeflow.codec import json as json_codec
from tradeflow.model.catalogue import catalogue

ALL = catalogue().ids()


@pytest.mark.parametrize("type_", ALL)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_json_and_xml_give_the_same_document(type_: str, data: st.DataObject) -> None:
    mt = catalogue().message(type_)
    tree = data.draw(messages(mt))
    document = intake.read(body(tree), "application/json")
    assert document == canonical.document(type_, tree)
    assert document.canonical == rfc8785.dumps(scalars_as_json(document.data))
    for pretty in (True, False):
        from_xml = intake.read(xml.write(document, pretty), "application/xml")
        assert from_xml == document
    assert canonical.load(type_, document.canonical) == document
    assert intake.read(document.canonical, "application/json") == document


@pytest.mark.parametrize("type_", ALL)
def test_every_member_at_once_survives_both_forms(type_: str) -> None:
    document = canonical.document(type_, message(catalogue().message(type_), random.Random(7), optional=2))
    assert intake.read(xml.write(document), "text/xml") == document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "us-ascii"])
def test_xml_in_any_accepted_encoding_is_the_same_document(encoding: str) -> None:
    document = canonical.document("purchase_order", purchase_order(2))
    text = xml.write(document).decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')
    assert intake.read(text.encode(encoding), f"application/xml; charset={encoding}") == document


def test_a_json_text_may_start_with_a_byte_order_mark() -> None:
    plain = body(purchase_order(1))
    assert intake.read(b"\xef\xbb\xbf" + plain, "application/json") == intake.read(plain, "application/json")


def test_comments_instructions_and_cdata_do_not_count() -> None:
    document = canonical.document("purchase_order", purchase_order(1))
    text = xml.write(document).decode()
    text = text.replace("<number>PO-4471", "<number><!-- no -->PO-<?x y?><![CDATA[44]]>71")
    assert intake.read(text.encode(), "application/xml") == document


def test_the_hashes_are_those_of_the_canonical_bytes_with_and_without_envelope() -> None:
    document = canonical.document("purchase_order", purchase_order(3))
    whole = json.loads(document.canonical)
    assert document.sha256 == hashlib.sha256(rfc8785.dumps(whole)).hexdigest()
    del whole["message"]
    assert document.payload_sha256 == hashlib.sha256(rfc8785.dumps(whole)).hexdigest()
    assert json_codec.write(document) == document.canonical


def test_another_envelope_leaves_the_payload_hash_alone() -> None:
    again = purchase_order(1)
    again["message"]["id"] = "another"
    first, second = canonical.document("purchase_order", purchase_order(1)), canonical.document("purchase_order", again)
    assert first.payload_sha256 == second.payload_sha256
    assert first.sha256 != second.sha256


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("24.50", "24.5"),
        ("24.00", "24"),
        ("100", "100"),
        ("-0", "0"),
        ("-0.000", "0"),
        (100, "100"),
        (24.5, "24.5"),
        (1e3, "1000"),
        ("0.0000000001", "0.0000000001"),
        (" 8.00 ", "8"),
    ],
)
def test_decimals_have_one_canonical_text(given: Any, kept: str) -> None:
    tree = purchase_order(1)
    tree["quantity_tolerance"] = given
    document = canonical.document("purchase_order", tree)
    assert json.loads(document.canonical)["quantity_tolerance"] == kept
    assert intake.read(body(tree), "application/json") == document
    assert str(document.data["quantity_tolerance"]) == str(canonical.load("purchase_order", document.canonical).data["quantity_tolerance"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2025-01-06T09:30:00+00:00", "2025-01-06T09:30:00Z"),
        ("2025-01-06T09:30:00-00:00", "2025-01-06T09:30:00Z"),
        ("2025-01-06T09:30:00.000Z", "2025-01-06T09:30:00Z"),
        ("2025-01-06T09:30:00.250+08:00", "2025-01-06T09:30:00.25+08:00"),
        ("2025-01-06T09:30:00-03:30", "2025-01-06T09:30:00-03:30"),
    ],
)
def test_times_keep_their_offset(given: str, kept: str) -> None:
    tree = purchase_order(1)
    tree["message"]["created_at"] = given
    document = canonical.document("purchase_order", tree)
    assert json.loads(document.canonical)["message"]["created_at"] == kept


def test_line_ends_become_line_feeds_in_both_forms() -> None:
    tree = purchase_order(1)
    tree["marks"] = "KADE\r\nROTTERDAM\r\n"
    document = intake.read(body(tree), "application/json")
    assert document.get("marks") == "KADE\nROTTERDAM"
    text = xml.write(document).decode()
    for line_end in ("&#13;&#10;", "\r\n", "&#xD;\n"):
        assert intake.read(text.replace("KADE\nROTTERDAM", f"KADE{line_end}ROTTERDAM").encode(), "application/xml") == document


_scalars = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.booleans(),
)
_trees = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(min_codepoint=32, max_codepoint=126)), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(_trees)
def test_canonical_bytes_are_those_of_the_rfc_8785_library(tree: Any) -> None:
    assert canonical.encode(tree) == rfc8785.dumps(tree)


@settings(max_examples=2000, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_canonical_documents_are_those_of_the_rfc_8785_library(seed: int) -> None:
    source = random.Random(seed)
    type_ = source.choice(ALL)
    document = canonical.document(type_, message(catalogue().message(type_), source, optional=0.05))
    assert document.canonical == rfc8785.dumps(scalars_as_json(document.data))
