"""Workbooks and CSV files as people make them: templates that are filled in, values in every form, and cells that are named where they are wrong."""

import functools
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from tests.refusal import refused
from tradeflow.codec import formats, intake
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document

KEY = "document.number"
XLSX, CSV = formats.kinds()["excel"].media_type, "text/csv"


def sample(type_: str, name: str = "s01") -> Document:
    file = catalogue().message(type_).folder / "samples" / "valid" / f"{name}.json"
    return intake.read(file.read_bytes(), "application/json")


def day(*parts: int) -> datetime:
    """A date as Excel has it: without an offset."""
    return datetime(*parts)  # type: ignore[misc, arg-type] # noqa: DTZ001


def opened(body: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(body))


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def columns(sheet: Any) -> dict[str, int]:
    """Path to column number of a sheet with titles and paths."""
    return {cell.value: cell.column for cell in sheet[2]}


@functools.cache
def made(type_: str) -> bytes:
    return formats.template(catalogue().message(type_), "excel")


def filled(type_: str = "commercial_invoice") -> Any:
    """The template of a message, its example made a document by clearing column A."""
    book = opened(made(type_))
    for sheet in book:
        for row in sheet.iter_rows(min_row=3, max_col=1):
            if row[0].value == "example":
                row[0].value = None
    return book


@pytest.mark.parametrize("type_", catalogue().ids())
def test_the_example_of_every_template_is_its_sample(type_: str) -> None:
    body = formats.template(catalogue().message(type_), "csv").replace(b"\r\nexample,", b"\r\n,")
    same(type_, intake.read(body, CSV))


@pytest.mark.parametrize("type_", ["letter_of_credit", "customs_response"])
def test_the_example_of_a_workbook_is_the_same(type_: str) -> None:
    same(type_, intake.read(saved(filled(type_)), XLSX))


def same(type_: str, made: Document) -> None:
    file = min((catalogue().message(type_).folder / "samples" / "valid").glob("*.json"))
    wanted = intake.read(file.read_bytes(), "application/json")
    for member in wanted.data.keys() - {"message"}:
        assert made.data[member] == wanted.data[member], member
    assert made.get("message.sender") == wanted.get("message.sender")


def test_a_template_as_it_comes_holds_no_document_yet() -> None:
    for kind, content_type in (("excel", XLSX), ("csv", CSV)):
        assert "holds no document" in refused(intake.read, formats.template(catalogue().message("packing_list"), kind), content_type).detail


def test_the_template_has_lists_of_codes_and_says_what_each_column_is() -> None:
    book = opened(formats.template(catalogue().message("commercial_invoice"), "excel"))
    assert book.sheetnames == ["commercial_invoice", "references", "lines", "charges.other", "taxes", "Notes", "Codes"]
    lines = book["lines"]
    ranges = {str(rule.sqref): rule.formula1 for rule in lines.data_validations.dataValidation}
    place = openpyxl.utils.get_column_letter(columns(lines)["lines[].origin"])
    codes = ranges[f"{place}3:{place}501"].lstrip("=").replace("$", "").partition("!")
    assert codes[0] == "Codes" and "JP - Japan" in [cell[0].value for cell in book["Codes"][codes[2]]]
    notes = {row[4]: row for row in book["Notes"].iter_rows(values_only=True)}
    assert notes["lines[].quantity.value"][:4] == ("lines", "yes", "Quantity, Value", "A number. > 0.")
    assert "2025-04-02 09:30 +08:00" in notes["message.created_at"][3]


def test_excel_types_and_texts_are_the_same_values() -> None:
    book = filled()
    head, lines = book["commercial_invoice"], book["lines"]
    at, line = columns(head), columns(lines)
    wanted = intake.read(saved(book), XLSX)
    head.cell(3, at["document.issue_date"]).value = wanted.get("document.issue_date").strftime("%d %B %Y")
    head.cell(3, at["currency"]).value = "JPY"
    number = lines.cell(3, line["lines[].line_amount.value"])
    number.value = f"{Decimal(number.value):,.2f}"
    lines.cell(4, line["lines[].origin"]).value = "JP - Japan"
    lines.cell(5, line["lines[].hs_code"]).value = 901190
    assert intake.read(saved(book), XLSX).data == wanted.data


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        ("document.issue_date", "03.04.2025", "2025-04-03"),
        ("document.issue_date", "2025/4/3", "2025-04-03"),
        ("document.issue_date", "20250403", "2025-04-03"),
        ("document.issue_date", "2025年4月3日", "2025-04-03"),
        ("document.issue_date", "13/04/2025", "2025-04-13"),
        ("document.issue_date", day(2025, 4, 3), "2025-04-03"),
        ("document.version", "2", 2),
        ("document.version", 2.0, 2),
        ("inspection_required", "yes", True),
        ("inspection_required", "FALSE", False),
        ("quantity_tolerance", "2,5 %", "2.5"),
        ("quantity_tolerance", 2.5, "2.5"),
        ("payment.tenor_basis", "AFTER_BL_DATE", "AFTER_BL_DATE"),
        ("message.function", "Original", "9"),
        ("message.created_at", "2025-04-02 09:30 +0200", "2025-04-02T09:30:00+02:00"),
    ],
)
def test_a_value_may_be_written_in_the_forms_people_use(path: str, typed: Any, said: Any) -> None:
    book = openpyxl.Workbook()
    for row in ([KEY, "message.type", path], ["N-1", "purchase_order", typed]):
        book.active.append(row)
    value: Any = formats.codec("excel").read(saved(book)).tree
    for step in path.split("."):
        value = value[step]
    assert value == said


def test_a_percent_of_excel_is_a_percentage() -> None:
    book = openpyxl.Workbook()
    for row in ([KEY, "message.type", "quantity_tolerance"], ["N-1", "purchase_order", 0.025]):
        book.active.append(row)
    book.active["C2"].number_format = "0.0%"
    assert formats.codec("excel").read(saved(book)).tree["quantity_tolerance"] == "2.5"


def test_what_is_wrong_is_said_of_every_cell_at_once() -> None:
    book = filled()
    head, lines = book["commercial_invoice"], book["lines"]
    at, line = columns(head), columns(lines)
    head.cell(3, at["document.issue_date"]).value = "03/04/2025"
    head.cell(3, at["seller.name"]).value = None
    head.cell(3, at["terms.incoterm"]).value = "CIFF"
    head.cell(3, at["message.created_at"]).value = day(2025, 4, 3, 9, 30)
    lines.cell(4, line["lines[].quantity.value"]).value = "=6*10"
    lines.cell(5, line["lines[].line_amount.value"]).value = "1,234"
    lines.cell(5, line["lines[].description"]).value = None
    lines.cell(5, line["lines[].hs_code"]).value = day(2025, 10, 12)
    lines.cell(3, line["lines[].packages[].sscc"]).value = 376104250021234560
    refusal = refused(intake.read, saved(book), XLSX)
    assert refusal.code == "SCHEMA_INVALID"
    found = {finding.cell: finding for finding in refusal.findings}

    def cell(sheet: str, column: int, row: int) -> str:
        return f"{sheet}!{openpyxl.utils.get_column_letter(column)}{row}"

    expected = {
        cell("commercial_invoice", at["document.issue_date"], 3): ("/document/issue_date", "could be 2025-03-04 or 2025-04-03"),
        cell("commercial_invoice", at["seller.name"], 3): ("/seller/name", "is missing"),
        cell("commercial_invoice", at["terms.incoterm"], 3): ("/terms/incoterm", "'CIFF' is not one of"),
        cell("commercial_invoice", at["message.created_at"], 3): ("/message/created_at", "offset is missing"),
        cell("lines", line["lines[].quantity.value"], 4): ("/lines/1/quantity/value", "holds a formula"),
        cell("lines", line["lines[].line_amount.value"], 5): ("/lines/2/line_amount/value", "could mean 1234 or 1.234"),
        cell("lines", line["lines[].description"], 5): ("/lines/2/description", "is missing"),
        cell("lines", line["lines[].hs_code"], 5): ("/lines/2/hs_code", "Excel has made a date"),
        cell("lines", line["lines[].packages[].sscc"], 3): ("/lines/0/packages/0/sscc", "fifteen digits"),
    }
    assert found.keys() == expected.keys()
    for place, (pointer, what) in expected.items():
        assert found[place].pointer == pointer and what in found[place].message, found[place]


def test_an_unknown_heading_a_foreign_row_and_a_twin_are_findings_of_the_file() -> None:
    book = filled()
    head, lines = book["commercial_invoice"], book["lines"]
    head.cell(1, 250).value = head.cell(2, 250).value = "docment.number"
    lines.cell(1, 60).value = lines.cell(2, 60).value = "# my notes"
    lines.cell(3, 60).value = "not read"
    lines.cell(9, columns(lines)["document.number"]).value = "ANOTHER"
    refusal = refused(intake.read, saved(book), XLSX)
    said = {finding.cell: f"{finding.message} {finding.hint}" for finding in refusal.findings}
    assert "Did you mean document.number?" in said["commercial_invoice!IP2"]
    assert "No document of this file has the number ANOTHER" in said["lines!B9"]
    assert len(said) == 2


def test_titles_alone_or_paths_alone_are_enough() -> None:
    wanted = intake.read(saved(filled()), XLSX)
    for row in (1, 2):
        book = filled()
        for name in book.sheetnames[:-2]:
            book[name].delete_rows(row)
        made = intake.read(saved(book), XLSX)
        assert made.data == wanted.data


def test_several_documents_are_read_one_by_one_and_refused_as_one() -> None:
    book = filled()
    head, lines = book["commercial_invoice"], book["lines"]
    for column in range(1, head.max_column + 1):
        head.cell(4, column).value = head.cell(3, column).value
    head.cell(4, columns(head)["document.number"]).value = "SECOND"
    for column in range(1, lines.max_column + 1):
        lines.cell(6, column).value = lines.cell(3, column).value
    lines.cell(6, columns(lines)["document.number"]).value = "SECOND"
    body = saved(book)
    readings = list(formats.documents(body, formats.kinds()["excel"]))
    assert [len(reading.tree["lines"]) for reading in readings] == [3, 1]
    assert readings[1].tree["document"]["number"] == "SECOND"
    assert readings[0].tree["message"]["id"] != readings[1].tree["message"]["id"]
    assert "2 documents" in refused(intake.read, body, XLSX).detail and "bulk" in refused(intake.read, body, XLSX).findings[0].hint


CSV_HEAD = "message.type;document.number;quantity_tolerance;document.issue_date;document.remarks;lines[].line_no;lines[].quantity.value"
ORDER = f"{CSV_HEAD}\r\npurchase_order;N-1;2,5;03.04.2025;Größe 10 €;1;1.234,50\r\n;;;;;2;12\r\n"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_european_csv_is_read_in_every_character_set_of_an_office(charset: str) -> None:
    body = ORDER.encode(charset)
    tree = formats.codec("csv").read(body).tree
    assert tree["document"]["remarks"] == "Größe 10 €"
    assert tree["quantity_tolerance"] == "2.5" and tree["document"]["issue_date"] == "2025-04-03"
    assert tree["lines"] == [{"line_no": 1, "quantity": {"value": "1234.5"}}, {"line_no": 2, "quantity": {"value": "12"}}]


@pytest.mark.parametrize(
    ("charset", "text"),
    [("gb18030", "台灯产品的合同编号请核对收货地址上海市浦东新区"), ("big5", "檯燈產品的合約編號請核對收貨地址臺北市信義區")],
)
def test_chinese_csv_without_a_mark_is_told_by_its_signs(charset: str, text: str) -> None:
    body = f"message.type,document.number,document.remarks\r\npurchase_order,N-1,{text}\r\n".encode(charset)
    reading = formats.codec("csv").read(body)
    assert reading.tree["document"]["remarks"] == text
    assert charset in reading.losses[0].message


def test_bytes_that_could_be_two_character_sets_are_not_guessed() -> None:
    body = b"message.type,document.number,document.remarks\r\npurchase_order,N-1,\xb0\xa1\xb0\xa2\xb0\xa3\r\n"
    assert "GB18030 or Big5" in refused(intake.read, body, CSV).detail


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1 555", "-x", "@SUM(A1)", "'=1", "'quoted", "a,b", 'say "so"', "-5"])
def test_no_text_becomes_a_formula_and_each_comes_back(text: str) -> None:
    document = sample("purchase_order")
    data = {**document.data, "document": {**document.data["document"], "remarks": text}, "ext": {"note": text}}
    made = formats.canonical.document("purchase_order", data)
    for kind in ("csv", "excel"):
        written = formats.write(made, kind)
        assert not written.losses
        if kind == "csv":
            cells = written.body.decode("utf-8-sig").replace('"', "").replace("\r\n", ",").split(",")
            assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
        else:
            assert all(cell.data_type != "f" for sheet in opened(written.body) for row in sheet for cell in row)


def test_a_semicolon_file_of_excel_with_its_separator_line() -> None:
    tree = formats.codec("csv").read(("sep=;\r\n" + ORDER).encode("utf-8-sig")).tree
    assert len(tree["lines"]) == 2


def test_a_repeated_heading_value_that_differs_is_a_finding_at_its_cell() -> None:
    body = b"message.type,document.number,currency,lines[].line_no\r\npurchase_order,N-1,EUR,1\r\npurchase_order,N-1,USD,2\r\n"
    reading = formats.codec("csv").read(body)
    assert [(fault.cell, fault.pointer) for fault in reading.faults] == [("C3", "/currency")]


def test_another_program_reads_what_we_write() -> None:
    document = sample("commercial_invoice")
    book = opened(formats.write(document, "excel").body)
    lines = book["lines"]
    values = [dict(zip((cell.value for cell in lines[2]), (cell.value for cell in row), strict=True)) for row in lines.iter_rows(min_row=3)]
    assert len(values) >= len(document.data["lines"])
    first = document.data["lines"][0]
    assert Decimal(str(values[0]["lines[].quantity.value"])) == first["quantity"]["value"]
    issued = book["commercial_invoice"].cell(3, columns(book["commercial_invoice"])["document.issue_date"]).value
    assert issued.date() == document.get("document.issue_date") and isinstance(document.get("document.issue_date"), date)


def test_the_same_document_is_the_same_file() -> None:
    document = sample("commercial_invoice")
    assert formats.write(document, "excel").body == formats.write(document, "excel").body
