"""Files of other projects: each is read or refused for the right reason, and the page says which."""

import csv

import pytest

from tests import format_samples
from tradeflow.codec import formats

pytestmark = pytest.mark.skipif(not format_samples.SAMPLES.is_dir(), reason=f"the samples are not at {format_samples.SAMPLES}")
COUNTS = ("UNT count", "UNZ count", "UNT reference", "UNZ reference", "UNB without UNZ")


def test_the_page_shows_what_becomes_of_every_file() -> None:
    assert format_samples.shown() == format_samples.table(), "run python -m tests.format_samples"


def test_every_wrong_count_that_another_tool_found_is_found() -> None:
    with (format_samples.SAMPLES / "INDEX.csv").open(encoding="utf-8") as index:
        rows = [row for row in csv.DictReader(index) if row["path"].startswith("edifact/")]
    assert len(rows) > 40
    for row in rows:
        body = (format_samples.SAMPLES / row["path"]).read_bytes()
        code, said = format_samples.outcome(body, "edifact")
        if row["valid"] == "no-envelope":
            assert (code, "is no UN/EDIFACT" in said) == ("MALFORMED", True), row["path"]
        elif row["valid"] == "faults" and code == "MALFORMED":
            assert any(word in said for word in ("UNT", "UNZ", "UNH", "UNB", "segment")), (row["path"], said)
        elif row["valid"] == "faults":
            assert code == "UNKNOWN_MESSAGE", (row["path"], code, said)
        else:
            assert code in ("read", "SCHEMA_INVALID", "UNKNOWN_MESSAGE", "MALFORMED"), (row["path"], code, said)


def test_none_of_them_costs_more_than_its_size() -> None:
    assert all(len(file.read_bytes()) < 100_000 for file, _ in format_samples.files())
    assert set(formats.kinds()) >= {"edifact"}
