"""What every format has to stand, said once."""

import re
from pathlib import Path

from tests import budget
from tests.refusal import refused
from tradeflow.codec import formats, intake
from tradeflow.ports import Format


def refused_at_once(codec: Format, body: bytes, what: str) -> None:
    """Bytes that are no document of the format."""
    refusal = budget.a_second(lambda: refused(codec.read, body))
    assert re.search(what, str(refusal))
    assert refusal.code == "MALFORMED"
    assert refusal.findings


def costs_little(body: bytes, media_type: str) -> None:
    """What is large and wrong."""
    refusal = budget.a_second(lambda: refused(intake.read, body, media_type))
    assert refusal.code in ("SCHEMA_INVALID", "MALFORMED")
    assert refusal.findings


def found_at_its_line(file: Path, form: str, message: str, rows: str, what: str, line: int) -> None:
    """A wrong row is said with its file and line."""
    sheet = formats.sheets(form)[message]
    file.write_text(rows)
    (defect,) = formats.codec(form).check(type(sheet)(sheet.message, formats.load(file), sheet.shared))
    assert what in str(defect)
    assert (defect.file, defect.line) == (str(file), line)
