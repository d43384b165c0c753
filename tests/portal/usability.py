"""What the exporter's part of S01 costs a person, as it was measured in the browser: the table of docs/usability.md.

`make usability` plays the part and writes the table; the test that plays it anyway fails where it has come to cost more.
"""

import re
from pathlib import Path

from tests.portal.screen import Effort
from tradeflow.model.catalogue import catalogue

NOTE = Path(__file__).parents[2] / "docs" / "usability.md"
HEAD = "| message | clicks | fields typed | of them left open by the form |\n| --- | ---: | ---: | ---: |\n"


def told(efforts: list[Effort]) -> str:
    """The table: one row for each message, in the order they were sent, and the sums."""
    rows = [f"| {_name(one.message)} | {one.clicks} | {len(one.typed)} | {one.open} |" for one in efforts]
    clicks, typed, left = sums(efforts)
    return HEAD + "\n".join([*rows, f"| **{len(efforts)} messages** | **{clicks}** | **{typed}** | **{left}** |"]) + "\n"


def sums(efforts: list[Effort]) -> tuple[int, int, int]:
    """Clicks, fields typed, and fields that the forms left open."""
    return sum(e.clicks for e in efforts), sum(len(e.typed) for e in efforts), sum(e.open for e in efforts)


def write(table: str) -> None:
    """Put the table into the note."""
    before, after = re.split(re.escape(HEAD) + r"(?:\|.*\n)*", NOTE.read_text("utf-8"))
    NOTE.write_text(before + table + after, "utf-8")


def assert_no_worse(efforts: list[Effort]) -> None:
    """Neither clicks nor fields are more than the note says."""
    found = re.search(r"\*\*\d+ messages\*\* \| \*\*(\d+)\*\* \| \*\*(\d+)\*\* \| \*\*(\d+)\*\*", NOTE.read_text("utf-8"))
    assert found, "docs/usability.md has no sums"
    said = tuple(int(one) for one in found.groups())
    now = sums(efforts)
    assert all(is_now <= was for is_now, was in zip(now, said, strict=True)), (now, said, told(efforts))


def _name(message: str) -> str:
    kinds = catalogue().ids()
    return catalogue().message(message).name if message in kinds else message.replace("_", " ")
