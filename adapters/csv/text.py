"""Bytes to a table and back: the character set, the separator, the quotes of RFC 4180, and what a spreadsheet would take for a formula."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tradeflow.adapters.excel.cells import Cell, listed
from tradeflow.adapters.excel.grid import CELLS_MAX, COLUMNS_MAX, Grid
from tradeflow.adapters.excel.refusal import refused

csv.field_size_limit(40_000)  # characters of one cell: more than any field of ours may have
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HIGH = re.compile(rb"[\x80-\xff]")
_SURE = 0.85  # share of the signs of a text that are common in the set it is taken for


def parsed(body: bytes) -> tuple[Grid, str]:
    """The table, and in words how it was read where the bytes do not say it themselves. BadInput MALFORMED where it is no table."""
    text, doubt = decoded(body)
    text = text.removeprefix("\ufeff")
    separator, text = _separator(text)
    grid = Grid("", comma=separator == ";")
    cells = 0
    source = csv.reader(_lines(text, separator), delimiter=separator, strict=True)
    try:
        for number, line in enumerate(source, 1):
            cells += len(line)
            if cells > CELLS_MAX or len(line) > COLUMNS_MAX:
                raise refused(f"The file has more than {CELLS_MAX:,} cells", "Send it in parts.")
            row = {n: Cell(plain(value)) for n, value in enumerate(line) if value.strip()}
            if row:
                grid.rows.append((number, row))
    except csv.Error as error:
        raise refused(
            f"The table breaks off at line {source.line_num}: {error}",
            "A cell in quotation marks needs them at both ends, and its own ones doubled.",
        ) from error
    return grid, doubt


def _lines(text: str, separator: str) -> Iterator[str]:
    """The lines of a text; none has so many separators that its cells alone would fill the memory."""
    for line in io.StringIO(text, newline=""):
        if len(line) > COLUMNS_MAX and line.count(separator) > 4 * COLUMNS_MAX:
            raise refused(f"The file has more than {CELLS_MAX:,} cells", "Send it in parts.")
        yield line


def written(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as RFC 4180: commas, CRLF, UTF-8 with a mark."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe(value) for value in row])
    return codecs.BOM_UTF8 + target.getvalue().encode("utf-8", "replace")


def safe(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula: an apostrophe in front, as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = listed(value) if isinstance(value, list) else str(value)
    if text.startswith(("'", *_FORMULA)) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def plain(text: str) -> str:
    """The value of a cell again."""
    return text[1:] if text.startswith("'") and text[1:2] in ("'", *_FORMULA) else text


def decoded(body: bytes) -> tuple[str, str]:
    """The text of the bytes, and how that was found out where they carry no mark. BadInput MALFORMED where it cannot be told."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _strict(body[len(mark) :], name), ""
    sample = body[:4_096]
    if b"\0" in sample:
        wide = "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"
        return _strict(body, wide), f"The file has no mark of its character set; it was read as {wide.upper()}"
    try:
        return body.decode("utf-8"), ""
    except UnicodeDecodeError:
        name = _guessed(body)
        return _strict(body, name), f"The file has no mark of its character set; it was read as {name}"


def _strict(body: bytes, name: str) -> str:
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        raise refused(
            f"Byte {error.start + 1} of the file is none of the character set {name.upper()}", "Save the file as CSV UTF-8."
        ) from None


def _guessed(body: bytes) -> str:
    """Which of the sets in use in offices of East and West a text is in. BadInput MALFORMED where two are as likely."""
    likely = {name: share for name in ("gb18030", "big5") if (share := _share(body, name)) >= _SURE}
    if len(likely) == 2 and abs(likely["gb18030"] - likely["big5"]) < 0.1:
        raise refused(
            "The file could be in the character set GB18030 or Big5", "Save the file as CSV UTF-8 (in Excel: Save As, CSV UTF-8)."
        )
    if likely:
        return max(likely, key=lambda name: likely[name])
    try:
        body.decode("cp1252")
    except UnicodeDecodeError:
        raise refused(
            "The character set of the file cannot be told", "Save the file as CSV UTF-8 (in Excel: Save As, CSV UTF-8)."
        ) from None
    if len(_HIGH.findall(body)) > len(body) // 3:
        raise refused("The character set of the file cannot be told", "Save the file as CSV UTF-8 (in Excel: Save As, CSV UTF-8).")
    return "cp1252"


def _share(body: bytes, name: str) -> float:
    """The share of signs beyond ASCII that are common in a Chinese set: of its first plane, or its punctuation."""
    try:
        body.decode(name)
    except UnicodeDecodeError:
        return 0.0
    total = common = at = 0
    while at < len(body) and total < 20_000:
        lead = body[at]
        if lead < 0x80:
            at += 1
            continue
        trail = body[at + 1] if at + 1 < len(body) else 0
        total += 1
        if name == "gb18030":
            common += 0xA1 <= trail <= 0xFE and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3)
        else:
            common += (0x40 <= trail <= 0x7E or 0xA1 <= trail <= 0xFE) and (0xA4 <= lead <= 0xC6 or 0xA1 <= lead <= 0xA3)
        at += 2
    return common / total if total else 0.0


def _separator(text: str) -> tuple[str, str]:
    """The sign between cells, by the line that says it or by the first line; and the text after that line."""
    first, _, rest = text.partition("\n")
    if hit := re.fullmatch(r'"?sep=(.)"?\r?', first.strip("\r")):
        return hit[1], rest
    bare = re.sub(r'"[^"]*"', "", next((line for line in text[:100_000].split("\n") if line.strip()), ""))
    return max((",", ";", "\t", "|"), key=bare.count), text
