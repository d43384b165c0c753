"""Interchanges that mean harm, or are broken: each costs at most a second and 64 MB, and says what is wrong."""

import asyncio
import io
import tracemalloc
from collections.abc import Iterator

import pytest

from tests import budget
from tests.refusal import refused
from tradeflow.codec import formats, intake

EDI = "application/edifact"
MEGABYTES = 64
HEAD = b"UNB+UNOC:3+A+B+250106:1012+1'UNH+1+ORDERS:D:24A:UN'BGM+220+1+9'"
FOOT = b"UNT+3+1'UNZ+1+1'"


def padded(piece: bytes, size: int = 4_900_000) -> bytes:
    """An interchange of about that size."""
    return HEAD + piece * (size // len(piece)) + FOOT


HOSTILE = {
    "no terminator": b"UNB+UNOC:3+" + b"A" * 4_900_000,
    "one segment": HEAD + b"FTX+AAI+++" + b"x" * 4_900_000 + b"'" + FOOT,
    "tiny segments": padded(b"DTM'"),
    "components": HEAD + (b"FTX" + b":" * 60_000 + b"'") * 80 + FOOT,
    "elements": HEAD + (b"FTX" + b"+" * 60_000 + b"'") * 80 + FOOT,
    "release characters": padded(b"FTX+AAI+++" + b"?'" * 30_000 + b"'"),
    "release at the end": HEAD + b"FTX+AAI+++" + b"?" * 4_900_000,
    "groups within groups": padded(b"LIN+1'PRI+AAA:1'CUX+2:USD'"),
    "a group without an end": padded(b"NAD+BY'CTA+IC'"),
    "segments of no place": padded(b"QTY+1:1'", 300_000),
    "messages": b"UNB+UNOC:3+A+B+250106:1012+1'" + b"UNH+1+ORDERS:D:24A:UN'UNT+2+1'" * 150_000 + b"UNZ+1+1'",
    "aside with a far index": HEAD + b"FTX+ZZZ++TDF::ZZZ+/lines/99999/line_no=1" + b"|/lines/0/packages/7/count=1" * 15_000 + b"'" + FOOT,
    "nested aside": HEAD + b"FTX+ZZZ++TDF::ZZZ+" + b"/lines/0" * 7_000 + b"=1'" + FOOT,
    "private use": HEAD.replace(b"UNOC", b"UNOW") + "FTX+AAI+++\ue002'".encode() + FOOT,
    "no character set": HEAD.replace(b"UNOC", b"UNOZ") + FOOT,
    "bytes of another set": HEAD.replace(b"UNOC", b"UNOA") + b"FTX+AAI+++\xff'" + FOOT,
    "one sign for two": b"UNA++.? '" + HEAD + FOOT,
    "a letter as a sign": b"UNAA+.? '" + HEAD + FOOT,
    "UNA alone": b"UNA",
    "UNB twice": HEAD + HEAD + FOOT,
    "after the end": HEAD + FOOT + b"UNH+2+ORDERS:D:24A:UN'",
    "no UNH": b"UNB+UNOC:3+A+B+250106:1012+1'BGM+220'UNZ+1+1'",
    "no UNT": HEAD + b"UNZ+1+1'",
    "a count of many digits": HEAD + b"UNT+" + b"9" * 5_000 + b"+1'UNZ+1+1'",
    "controls": HEAD + b"FTX+AAI+++a\x00\x1b[31mb'" + FOOT,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_costs_little_and_gets_findings(name: str) -> None:
    body = HOSTILE[name]
    refusal = budget.a_second(lambda: refused(intake.read, body, EDI))
    assert refusal.findings and refusal.status in (400, 422)
    assert all(len(finding.message) < 1_000 and finding.message.isprintable() for finding in refusal.findings)
    tracemalloc.start()
    refused(intake.read, body, EDI)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEGABYTES * 1_000_000, f"{peak / 1e6:.0f} MB"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (HEAD + b"UNT+4+1'UNZ+1+1'", "UNT counts 4, the message has 3 segments"),
        (HEAD + b"UNT+3+2'UNZ+1+1'", "UNT closes message '2', UNH opened '1'"),
        (HEAD + b"UNT+3+1'UNZ+2+1'", "UNZ counts 2, the interchange has 1 messages"),
        (HEAD + b"UNT+3+1'UNZ+1+7'", "UNZ closes interchange '7', UNB opened '1'"),
        (HEAD + b"UNT+3+1'", "The interchange has no UNZ"),
        (HEAD + b"UNT++'UNZ+1+1'", "UNT counts nothing"),
    ],
)
def test_wrong_counts_and_references_are_findings(sent: bytes, said: str) -> None:
    assert any(said in finding.message for finding in refused(intake.read, sent, EDI).findings)


def test_all_faults_are_said_at_once() -> None:
    assert len(refused(intake.read, HEAD + b"UNT+9+8'UNZ+7+6'", EDI).findings) == 4


def test_ten_megabytes_pass_through_a_small_window() -> None:
    document = next(iter(sorted((formats.catalogue().message("purchase_order").folder / "samples" / "valid").glob("*.json"))))
    one = formats.write(intake.read(document.read_bytes(), "application/json"), "edifact").body
    begin, end = one.index(b"UNH+"), one.index(b"UNZ+")
    count = 10_000_000 // (end - begin) + 1
    source = Long(one[:begin], one[begin:end], count, b"UNZ+%d+%s'" % (count, one[:begin].rsplit(b"+", 1)[1].strip(b"'\n")))
    tracemalloc.start()
    codec = formats.codec("edifact")
    read = whole = 0
    for message, reading, faults in codec.each(io.BufferedReader(source)):  # type: ignore[attr-defined]
        read, whole = read + 1, message.interchange.faults
        assert reading is not None and reading.type == "purchase_order" and not faults
        if read > 100:
            break
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read > 100 and not whole
    assert peak < MEGABYTES * 1_000_000 / 4


class Long(io.RawIOBase):
    """A file that is never whole in memory."""

    def __init__(self, head: bytes, piece: bytes, times: int, foot: bytes) -> None:
        self._parts: Iterator[bytes] = iter([head, *(piece for _ in range(times)), foot])
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._rest = self._rest or next(self._parts, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


@pytest.mark.parametrize("body", [b"", b"UNB+UNOC:3+nobody'", b"UNA:+.? '", b"UNB+UNOC:3+A+B+250101:0900+1'UNZ+0+1'"])
async def test_an_interchange_that_ends_before_its_first_message_has_no_reference_and_holds_nobody_up(body: bytes) -> None:
    async with asyncio.timeout(20):  # a thread cannot answer with the end of an iteration: whoever asked would wait for ever
        assert await asyncio.to_thread(formats.interchange, body, "edifact") in ("", "A/B/1")
