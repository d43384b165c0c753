"""What every format has to stand, said once."""

from pathlib import Path

import pytest

from tests import budget
from tradeflow.codec import formats, intake
from tradeflow.errors import BadInput
from tradeflow.ports import Format


def refused_at_once(codec: Format, body: bytes, what: str) -> None:
    """Bytes that are no document of the format."""
    with budget.a_second(), pytest.raises(BadInput, match=what) as refusal:
        codec.read(body)
    assert refusal.value.code == "MALFORMED"
    assert refusal.value.findings


def costs_little(body: bytes, media_type: str) -> None:
    """What is large and wrong."""
    with budget.a_second(), pytest.raises(BadInput) as refusal:
        intake.read(body, media_type)
    assert refusal.value.code in ("SCHEMA_INVALID", "MALFORMED")
    assert refusal.value.findings


def found_at_its_line(file: Path, form: str, message: str, rows: str, what: str, line: int) -> None:
    """A wrong row is said with its file and line."""
    sheet = formats.sheets(form)[message]
    file.write_text(rows)
    (defect,) = formats.codec(form).check(type(sheet)(sheet.message, formats.load(file), sheet.shared))
    assert what in str(defect)
    assert (defect.file, defect.line) == (str(file), line)
