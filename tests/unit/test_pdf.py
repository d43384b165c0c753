"""Printed documents: every message, whole, in every script, the same bytes each time, and nothing in a field is ever markup."""

import asyncio
import json
import re
import unicodedata
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.codec.shape import Node, shape
from tradeflow.errors import ContentError, Problem
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.document import Document
from tradeflow.pdf.fonts import SUBSTITUTE, fonts
from tradeflow.pdf.layout import layout
from tradeflow.pdf.page import Job, han, page
from tradeflow.pdf.press import Press
from tradeflow.pdf.typeset import TooLong, pdf
from tradeflow.pdf.values import WITHHELD_TEXT, number

SAMPLES = {
    id: max((bundle_root() / "documents" / id / "samples" / "valid").glob("*.json"), key=lambda f: f.stat().st_size)
    for id in catalogue().ids()
}
LAID_OUT = [id for id in SAMPLES if (bundle_root() / "documents" / id / "layout.toml").exists()]


def sample(id: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(SAMPLES[id].read_text(encoding="utf-8"))
    return tree


def job(tree: dict[str, Any], **more: Any) -> Job:
    document = canonical.document(tree["message"]["type"], tree)
    return Job(document.type, document.canonical, document.sha256, f"https://hub.example/v1/verify/T/{document.sha256}", **more)


def read(written: bytes) -> tuple[str, pypdf.PdfReader]:
    found = pypdf.PdfReader(BytesIO(written))
    return " ".join(" ".join(one.extract_text() for one in found.pages).split()), found


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split()).casefold()


def leaves(node: Node, value: Any) -> list[tuple[Node, Any]]:
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(node, one)]
    if node.members:
        return [leaf for member in node.members if member.name in value for leaf in leaves(member, value[member.name])]
    return [(node, value)]


@pytest.mark.parametrize("id", SAMPLES)
def test_every_message_has_its_page_and_nothing_is_left_out(id: str) -> None:
    document: Document = canonical.document(id, sample(id))
    shown = squeezed(" ".join(map(str, _texts(page(job(sample(id)))))))
    missing = [
        (node.label, value)
        for node, value in leaves(shape(catalogue().message(id)), {k: v for k, v in document.data.items() if k != "message"})
        if node.name not in ("party_id", "language") and squeezed(_written(node, value)) not in shown
    ]
    assert missing == []
    assert "(true)" not in shown


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else [str(value)]


def _written(node: Node, value: Any) -> str:
    if isinstance(value, str):
        return "" if node.codelist or node.scalar == "code" else value
    return "" if isinstance(value, bool) or not hasattr(value, "as_tuple") else number(value)


@pytest.mark.slow
@pytest.mark.parametrize("id", SAMPLES)
def test_every_message_prints(id: str) -> None:
    text, found = read(pdf(job(sample(id))))
    document = canonical.document(id, sample(id))
    assert 1 <= len(found.pages) <= 6
    assert squeezed(document.number) in squeezed(text)
    assert f"page1of{len(found.pages)}" in squeezed(text)
    assert found.attachments == {"document.json": [document.canonical]}


def test_it_is_pdf_a_3_with_the_canonical_data_as_its_source() -> None:
    written = pdf(job(sample("commercial_invoice")))
    found = pypdf.PdfReader(BytesIO(written))
    xmp = found.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
    (attached,) = found.trailer["/Root"]["/AF"]
    assert attached.get_object()["/AFRelationship"] == "/Source"
    assert attached.get_object()["/EF"]["/F"].get_object()["/Subtype"] == "/application/json"
    assert found.trailer["/Root"]["/OutputIntents"]


def test_the_same_document_is_the_same_bytes() -> None:
    assert pdf(job(sample("bill_of_exchange"))) == pdf(job(sample("bill_of_exchange")))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("金灯贸易有限公司", ("zh", "CN")),
        ("金燈貿易有限公司", ("zh", "HK")),
        ("บริษัท โคมไฟทอง จำกัด", ("en", "GB")),
        ("Công ty TNHH Đèn Lồng Vàng, Nguyễn Hướng", ("en", "GB")),
        ("株式会社ランタン", ("ja", "JP")),
        ("황금등불", ("ko", "KR")),
    ],
)
def test_names_in_every_script_of_the_trade(name: str, language: tuple[str, str]) -> None:
    tree = sample("commercial_invoice")
    tree["seller"]["name"] = name
    text, _ = read(pdf(job(tree)))
    assert han(name) == language
    assert SUBSTITUTE not in text
    assert set(squeezed(name)) <= set(unicodedata.normalize("NFC", text.casefold()) + text.casefold())


def test_the_fonts_are_installed() -> None:
    assert fonts().missing == ()


HOSTILE = [
    '#panic("run")',
    "#{ while true {} }",
    '#read("/etc/passwd")',
    "*bold* _it_ `raw` $x^2$ @ref <label> // comment",
    "= Heading\n#pagebreak()\n#let x = 1",
    '"]; #import "@preview/x:1.0.0"',
    "\\u{202e}\\",
    "{seller.name} {} }{",
]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_a_field_is_text(text: str) -> None:
    tree = sample("commercial_invoice")
    tree["declaration"] = text
    tree["seller"]["name"] = text.replace("\n", " ")
    tree["lines"][0]["description"] = text
    shown, _ = read(pdf(job(tree)))
    assert squeezed(shown).count(squeezed(text).replace("\u200b", "")) >= 2


def test_placeholders_in_a_value_are_not_filled_in() -> None:
    tree = sample("bill_of_exchange")
    tree["order_words"] = "Pay {payee} {amount}"
    assert "Pay {payee} {amount}" in " ".join(_texts(page(job(tree))))


def test_marks_that_turn_text_around_are_shown_and_not_obeyed() -> None:
    tree = sample("commercial_invoice")
    tree["declaration"] = "USD \u202e000,1\u202c 😀"
    made = page(job(tree))
    assert f"USD {SUBSTITUTE}000,1{SUBSTITUTE} {SUBSTITUTE}" in " ".join(_texts(made["blocks"]))
    assert any(SUBSTITUTE in note for note in made["notes"])
    pdf(job(tree))


@pytest.mark.slow
def test_a_long_list_prints_and_an_endless_one_is_refused() -> None:
    tree = sample("commercial_invoice")
    line = {**tree["lines"][0], "description": "x" * 400}
    tree["lines"] = [{**line, "line_no": n} for n in range(120)]
    _, found = read(pdf(job(tree)))
    assert len(found.pages) > 10
    tree["lines"] = [{**line, "line_no": n} for n in range(6_001)]
    with pytest.raises(TooLong, match="6,00"):
        pdf(job(tree))


def test_a_line_and_what_stands_below_it_are_on_one_page() -> None:
    tree = sample("commercial_invoice")
    tree["lines"] = [{**tree["lines"][0], "line_no": n, "description": f"Lamp no{n}x", "seller_item": f"ART{n}X"} for n in range(1, 61)]
    texts = [one.extract_text() for one in read(pdf(job(tree)))[1].pages]
    assert len(texts) > 2
    for text in texts:
        assert re.findall(r"Lamp no(\d+)x", text) == re.findall(r"ART(\d+)X", text)
        assert "HS code" in text or "Lamp no" not in text


def test_a_package_does_not_say_again_what_its_line_says() -> None:
    tree = sample("commercial_invoice")
    weight = {"value": "777", "unit": "KGM"}
    tree["lines"][0] |= {"gross_weight": weight, "packages": [{"type": "CT", "count": 2, "gross_weight": weight}]}
    assert str(page(job(tree))["blocks"]).count("777 kg") == 1
    tree["lines"][0]["packages"][0]["gross_weight"] = {"value": "778", "unit": "KGM"}
    assert "778 kg" in str(page(job(tree))["blocks"])


def test_a_notice_says_from_whom_to_whom() -> None:
    made = page(job(sample("vgm_declaration")))
    assert made["parties"].startswith("From Golden Lantern Lighting Ltd (exporter) to ")


def test_what_is_withheld_is_shown_as_withheld() -> None:
    tree = sample("commercial_invoice")
    full = canonical.document("commercial_invoice", tree)
    whole = full.data
    del whole["lines"][0]["unit_price"], whole["totals"]
    pointers = ("/lines/0/unit_price", "/totals")
    body = canonical.encode(whole)
    made = page(Job(full.type, body, full.sha256, withheld=pointers))
    shown = " ".join(_texts(made))
    assert shown.count(WITHHELD_TEXT) >= 3
    assert "102,900.00" not in " ".join(_texts([block for block in made["blocks"] if block["kind"] == "totals"]))
    assert "2 fields are withheld" in shown
    text, found = read(pdf(Job(full.type, body, full.sha256, withheld=pointers)))
    assert WITHHELD_TEXT in text
    assert found.attachments == {"document.json": [body]}


def test_a_document_of_title_says_that_the_print_is_none() -> None:
    assert "Non-negotiable" in page(job(sample("bill_of_lading")))["notes"][0]
    assert page(job(sample("commercial_invoice")))["notes"] == []


def test_the_main_documents_have_layouts() -> None:
    assert len(LAID_OUT) >= 15
    for id in LAID_OUT:
        assert layout(catalogue().message(id)).rows


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('rows = [["seler"]]', "no field seler"),
        ('tables = [{ path = "seller" }]', "no list seller"),
        ('tables = [{ path = "lines[]", columns = ["colour"] }]', "no field colour"),
        ('colour = "red"', "unknown key colour"),
        ('like = "nothing"', "unknown message nothing"),
    ],
)
def test_a_wrong_layout_is_a_defect_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    folder = tmp_path / "documents" / "receipt_note"
    folder.mkdir(parents=True)
    message = (bundle_root() / "documents" / "commercial_invoice" / "message.toml").read_text(encoding="utf-8")
    (folder / "message.toml").write_text(message, encoding="utf-8")
    (folder / "layout.toml").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(ContentError, match=f"layout.toml:1: .*{what}"):
        layout(Catalogue([bundle_root(), tmp_path]).message("receipt_note"))


async def test_the_press_prints_beside_the_loop_and_ends_what_takes_too_long() -> None:
    press = Press(1, 30)
    wanted = job(sample("credit_note"))
    try:
        first, second = await asyncio.gather(press.printed(wanted), press.printed(wanted))
        assert first == second == pdf(wanted)
    finally:
        await press.close()
    hasty = Press(1, 0.001)
    with pytest.raises(Problem, match="NOT_PRINTABLE"):
        await hasty.printed(wanted)
    await hasty.close()


async def test_the_press_turns_away_what_would_wait_too_long() -> None:
    press = Press(1, 30)
    wanted = job(sample("credit_note"))
    results = await asyncio.gather(*(press.printed(wanted) for _ in range(12)), return_exceptions=True)
    await press.close()
    refused = [one for one in results if isinstance(one, Problem)]
    assert [one.code for one in refused] == ["TRY_AGAIN"] * 3
    assert len([one for one in results if isinstance(one, bytes)]) == 9


def test_dates_and_amounts_are_as_people_write_them() -> None:
    tree = json.loads((SAMPLES["commercial_invoice"].parent / "s01.json").read_text(encoding="utf-8"))
    shown = " ".join(_texts(page(job(tree))))
    assert "24 Feb 2025" in shown
    assert "USD 102,900.00" in shown
