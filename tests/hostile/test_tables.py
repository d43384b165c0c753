"""Workbooks and CSV files that mean harm, or are broken: each costs at most a second and 64 MB, and says what is wrong."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
import pytest

from tests import budget
from tests.refusal import refused
from tradeflow.codec import formats, intake

XLSX, CSV = formats.kinds()["excel"].media_type, "text/csv"
MEGABYTES = 64
BOOK = '<workbook xmlns:r="r"><sheets><sheet name="purchase_order" r:id="a"/></sheets></workbook>'
RELATIONS = '<Relationships><Relationship Id="a" Type="r/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
HEAD = "<worksheet><sheetData><row>" + "".join(
    f'<c t="str"><v>{path}</v></c>' for path in ("message.type", "document.number", "document.remarks", "lines[].line_no")
)
FOOT = "</row></sheetData></worksheet>"


def book(sheet: str, parts: Mapping[str, str | bytes] | None = None, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of one sheet, with other parts beside it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as archive:
        whole = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": RELATIONS, "xl/worksheets/sheet1.xml": sheet, **(parts or {})}
        for name, text in whole.items():
            archive.writestr(name, text)
    return target.getvalue()


def rows(cells: str, count: int) -> str:
    return HEAD + "</row>" + f"<row>{cells}</row>" * (count - 1) + "<row>" + cells + FOOT


def many_parts() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for n in range(40_000):
            archive.writestr(f"{n}", b"")
    return target.getvalue()


def lying_size() -> bytes:
    """The directory says ten bytes, the part unpacks to many megabytes."""
    body = bytearray(book(HEAD + FOOT, {"xl/sharedStrings.xml": "<sst>" + "<si><t>x</t></si>" * 2_000_000 + "</sst>"}))
    at = body.rfind(b"PK\x01\x02", 0, body.rfind(b"xl/sharedStrings.xml"))
    body[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(body)


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
TEXT = '<c t="str"><v>purchase_order</v></c><c t="str"><v>N</v></c>'
HOSTILE: dict[str, Callable[[], bytes]] = {  # made when a test asks for it: some take a moment
    "zip bomb": lambda: book(HEAD + " " * 60_000_000 + FOOT),
    "texts without end": lambda: book(HEAD + FOOT, {"xl/sharedStrings.xml": "<sst>" + "<si><t>ab</t></si>" * 700_000 + "</sst>"}),
    "a size that lies": lying_size,
    "many parts": many_parts,
    "entities": lambda: book(ENTITIES + "]>" + HEAD.replace("message.type", "&j;") + FOOT),
    "an entity of a file": lambda: book(
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + HEAD.replace("message.type", "&a;") + FOOT
    ),
    "a million cells": lambda: book(rows("<c/>" * 1_000, 1_000)),
    "cells with values": lambda: book(rows(TEXT + "<c><v>1</v></c>" * 98, 600)),
    "a document a row": lambda: book(rows(TEXT, 29_000)),
    "empty rows": lambda: book(HEAD + "</row>" + "<row/>" * 1_500_000 + "<row>" + FOOT),
    "many headings": lambda: book(HEAD + "".join(f'<c t="str"><v>ext.a{n}</v></c>' for n in range(16_000)) + FOOT),
    "wrong headings": lambda: book(HEAD + "".join(f'<c t="str"><v>document.nuber{n}</v></c>' for n in range(16_000)) + FOOT),
    "many attributes": lambda: book(HEAD + "<c " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>" + FOOT),
    "deep": lambda: book(HEAD + "<c>" * 200_000 + "</c>" * 200_000 + FOOT),
    "a far cell": lambda: book(HEAD + f'</row><row r="1048576">{TEXT}<c r="XFD1048576"><v>1</v></c>' + FOOT),
    "no such cell": lambda: book(HEAD + '<c r="ZZZZ1"><v>1</v></c>' + FOOT),
    "a number of many digits": lambda: book(HEAD + f"</row><row>{TEXT}<c/><c><v>{'9' * 100_000}</v></c>" + FOOT),
    "formulas": lambda: book(rows(TEXT + "<c/><c><f>1+1</f><v>2</v></c>", 4_000)),
    "macros": lambda: book(HEAD + FOOT, {"xl/vbaProject.bin": b"x"}),
    "external links": lambda: book(HEAD + FOOT, {"xl/externalLinks/externalLink1.xml": "<externalLink/>"}),
    "embedded files": lambda: book(HEAD + FOOT, {"xl/embeddings/a.bin": b"x"}),
    "another packing": lambda: book(HEAD + FOOT, kind=zipfile.ZIP_LZMA),
    "no parts": lambda: many_parts()[-22:],
    "cut off": lambda: book(HEAD + FOOT)[:-40],
    "an old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4_000_000,
    "sheets": lambda: book(HEAD + FOOT, {"xl/workbook.xml": "<workbook><sheets>" + "<sheet name='a'/>" * 100_000 + "</sheets></workbook>"}),
}
TABLE = b"message.type,document.number,document.remarks,lines[].line_no\r\n"
HOSTILE_CSV: dict[str, Callable[[], bytes]] = {
    "commas": lambda: TABLE + b"," * 4_900_000,
    "lines": lambda: TABLE + b"purchase_order,N\r\n" * 250_000,
    "one cell": lambda: TABLE + b'purchase_order,"' + b"x" * 4_900_000 + b'"',
    "an open quotation": lambda: TABLE + b'purchase_order,N,"' + b"x\r\n" * 12_000,
    "quotation marks": lambda: TABLE + b'"' * 4_900_000,
    "headings": lambda: TABLE[:-2] + b",documnt.number" * 300_000,
    "high bytes": lambda: TABLE + b"\x81" * 4_900_000,
    "zeros": lambda: TABLE + b"\0" * 4_900_000,
    "surrogates": lambda: (TABLE.decode() + "purchase_order,N,x").encode("utf-16-le") + b"\x00\xd8" * 100_000,
    "numbers": lambda: TABLE + b'purchase_order,N,1,"1,234"\r\n' * 14_000,
}


@pytest.mark.parametrize(
    ("made", "content_type"),
    [*((made, XLSX) for made in HOSTILE.values()), *((made, CSV) for made in HOSTILE_CSV.values())],
    ids=[*HOSTILE, *(f"csv {name}" for name in HOSTILE_CSV)],
)
def test_it_costs_little_and_gets_findings(made: Callable[[], bytes], content_type: str) -> None:
    body = made()
    formats.codec("csv").read(b"message.type,document.number\r\npurchase_order,N\r\n")  # the plan is made once in a process
    formats.codec("excel").read(book(HEAD + f"</row><row>{TEXT}" + FOOT))
    refusal = budget.a_second(lambda: refused(intake.read, body, content_type))
    assert refusal.findings and refusal.status in (400, 413, 422)
    assert all(
        len(finding.message) < 1_000 and finding.message.isprintable() and finding.hint.isprintable() for finding in refusal.findings
    )


@pytest.mark.parametrize("name", ["zip bomb", "texts without end", "many parts", "many headings", "many attributes", "sheets"])
def test_it_takes_little_memory(name: str) -> None:
    at_most(HOSTILE[name](), XLSX)


@pytest.mark.parametrize("name", ["commas", "one cell", "high bytes", "zeros", "surrogates"])
def test_a_table_takes_little_memory(name: str) -> None:
    at_most(HOSTILE_CSV[name](), CSV)


def at_most(body: bytes, content_type: str) -> None:
    tracemalloc.start()
    refused(intake.read, body, content_type)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEGABYTES * 1_000_000, f"{peak / 1e6:.0f} MB"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("zip bomb", "more than 16,000,000 bytes"),
        ("a size that lies", ""),
        ("entities", "declares a document type"),
        ("a million cells", "more than 50,000 cells"),
        ("macros", "holds macros"),
        ("external links", "linked to other files"),
        ("formulas", "More than 3,000 cells"),
        ("an old workbook", "old Excel file"),
    ],
)
def test_it_is_said_what_is_wrong(name: str, said: str) -> None:
    assert said in refused(intake.read, HOSTILE[name](), XLSX).detail


def test_a_workbook_with_a_document_type_in_any_part_is_refused() -> None:
    for part in ("xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml"):
        body = book(HEAD + FOOT, {part: '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'})
        assert "document type" in refused(intake.read, body, XLSX).detail


def test_what_openpyxl_and_a_person_save_is_none_of_these() -> None:
    sheet = openpyxl.Workbook()
    sheet.active.append(["message.type", "document.number", "document.issue_date"])
    sheet.active.append(["purchase_order", "N-1", "2025-01-06"])
    target = io.BytesIO()
    sheet.save(target)
    assert formats.codec("excel").read(target.getvalue()).tree["document"] == {"number": "N-1", "issue_date": "2025-01-06"}
