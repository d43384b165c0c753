"""The door: which media types and message types it knows, and what it says to the others."""

import pytest

from tests.messages import body
from tests.purchase_order import purchase_order
from tradeflow.codec import canonical, intake, xml
from tradeflow.errors import BadInput

JSON = body(purchase_order(1))
XML = xml.write(canonical.document("purchase_order", purchase_order(1)))


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json;charset="utf8"',
        "application/vnd.tradeflow.purchase_order+json",
        "application/json; profile=x",
        "application/json; charset=us-ascii",
    ],
)
def test_json_media_types(content_type: str) -> None:
    assert intake.read(JSON, content_type).number == "PO-4471"


@pytest.mark.parametrize(
    "content_type", ["application/xml", "text/xml", "TEXT/XML; charset=utf-8", "application/x+xml", "application/soap+xml ; a=b"]
)
def test_xml_media_types(content_type: str) -> None:
    assert intake.read(XML, content_type).number == "PO-4471"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/html",
        "application/jsonx",
        "json",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/xml; charset=utf-7",
        "application/xml; charset=ebcdic-cp-us",
        "application/xml; charset=",
        "\x00\xff",
        "x" * 100_000,
    ],
)
def test_other_media_types_are_refused(content_type: str) -> None:
    if content_type.endswith("charset="):
        assert intake.media_type(content_type) == ("xml", "")
        return
    with pytest.raises(BadInput) as refusal:
        intake.read(JSON, content_type)
    assert (refusal.value.code, refusal.value.status) == ("UNSUPPORTED_MEDIA_TYPE", 415)
    assert len(refusal.value.detail) < 600


def test_the_charset_of_the_content_type_must_be_that_of_the_document() -> None:
    with pytest.raises(BadInput, match="content type says utf-16, the document is UTF-8") as refusal:
        intake.read(XML, "application/xml; charset=utf-16")
    assert refusal.value.code == "MALFORMED"


@pytest.mark.parametrize(
    ("type_", "near"),
    [
        ("purchase_ordr", "purchase_order"),
        ("invoice", None),
        ("bill_of_ladding", "bill_of_lading"),
        ("", None),
        ("../purchase_order", "purchase_order"),
    ],
)
def test_an_unknown_message_type_is_told_the_nearest_names(type_: str, near: str | None) -> None:
    tree = purchase_order(1)
    tree["message"]["type"] = type_
    with pytest.raises(BadInput) as refusal:
        intake.read(body(tree), "application/json")
    assert (refusal.value.code, refusal.value.status) == ("UNKNOWN_MESSAGE", 400)
    assert near is None or near in refusal.value.detail
    assert refusal.value.findings[0].pointer == "/message/type"


@pytest.mark.parametrize("envelope", [None, "x", [], {}, {"type": None}, {"type": ["purchase_order"]}, {"type": {"a": 1}}, {"type": 7}])
def test_a_message_without_a_type_is_refused(envelope: object) -> None:
    with pytest.raises(BadInput) as refusal:
        intake.read(body({**purchase_order(1), "message": envelope}), "application/json")
    assert refusal.value.code == "UNKNOWN_MESSAGE"


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        (b"purchase_order xmlns", b"purchase_ordr xmlns", "Did you mean purchase_order or"),
        (b' xmlns="urn:tradeflow:message:1.0"', b"", 'Declare xmlns="urn:tradeflow:message:1.0"'),
        (b"urn:tradeflow:message:1.0", b"urn:tradeflow:message:2.0", 'Declare xmlns="urn:tradeflow:message:1.0"'),
    ],
)
def test_an_unknown_root_element_is_refused(old: bytes, new: bytes, hint: str) -> None:
    with pytest.raises(BadInput) as refusal:
        intake.read(
            XML.replace(old, new).replace(b"</purchase_order>", b"</purchase_ordr>" if b"ordr" in new else b"</purchase_order>"), "text/xml"
        )
    assert refusal.value.code == "UNKNOWN_MESSAGE"
    assert hint in refusal.value.detail


def test_root_element_and_message_type_must_agree() -> None:
    with pytest.raises(BadInput) as refusal:
        intake.read(XML.replace(b"<type>purchase_order", b"<type>sales_order"), "application/xml")
    assert refusal.value.code == "SCHEMA_INVALID"
    assert [found.pointer for found in refusal.value.findings] == ["/message/type"]


@pytest.mark.parametrize("content_type", ["application/json", "application/xml"])
def test_the_size_limit_is_exact(content_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = JSON if content_type.endswith("json") else XML
    limits = intake.settings().model_copy(update={"body_bytes_max": len(sent)})
    monkeypatch.setattr(intake, "settings", lambda: limits)
    assert intake.read(sent, content_type).type == "purchase_order"
    with pytest.raises(BadInput) as refusal:
        intake.read(sent + b" ", content_type)
    assert (refusal.value.code, refusal.value.status) == ("TOO_LARGE", 413)


@pytest.mark.parametrize(
    ("sent", "line", "column"),
    [
        (b'{"message": {},\n  "a": tru}', 2, 8),
        (b'{"a": 1,\n\n"b": NaN}', 3, 6),
        (b'{"a": "NaN",\n"b": -Infinity}', 2, 6),
        (b'{"a":\n"\xff"}', 2, 2),
        (b'{"a": 1}\n{"b": 2}', 2, 1),
        (b"[1]", 1, 1),
    ],
)
def test_broken_json_is_told_line_and_column(sent: bytes, line: int, column: int) -> None:
    with pytest.raises(BadInput, match=f"line {line}, column {column}") as refusal:
        intake.read(sent, "application/json")
    assert refusal.value.code == "MALFORMED"


def test_a_duplicate_member_is_told_its_pointer() -> None:
    with pytest.raises(BadInput) as refusal:
        intake.read(b'{"lines": [{"a": 1}, {"b/c": {"d": 1, "\\u0064": 2}}]}', "application/json")
    assert (refusal.value.code, refusal.value.findings[0].pointer) == ("MALFORMED", "/lines/1/b~1c/d")


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (XML[:400], 12),
        (XML.replace(b"</message>", b"</massage>"), 18),
        (XML.replace(b"<message>", b"<message>&nbsp;"), 3),
    ],
)
def test_broken_xml_is_told_its_line(sent: bytes, line: int) -> None:
    with pytest.raises(BadInput, match=rf"line {line}, column \d+") as refusal:
        intake.read(sent, "application/xml")
    assert refusal.value.code == "MALFORMED"


def test_a_document_lodged_long_ago_loads_though_its_schema_has_changed() -> None:
    old = canonical.encode(
        {"message": {"id": "1"}, "currency": "XEU", "gone": {"a": 1}, "totals": {"total": {"value": "1.5", "currency": "XEU"}}}
    )
    document = canonical.load("purchase_order", old)
    assert document.canonical == old
    assert str(document.get("totals.total.value")) == "1.5"
    assert canonical.load("purchase_order", old) is document
