"""What a format costs: an order as EDIFACT read and written, beside pydifact and xsdata reading the same files, and ten megabytes streamed."""

import io
import time
import tracemalloc
import warnings
from collections.abc import Callable

from pydifact.segmentcollection import Interchange

from tests.bench import xsdata_model
from tests.bench.figures import Row, Section
from tradeflow.bundle import bundle_root
from tradeflow.codec import formats, intake
from tradeflow.model.document import Document

UBL = "application/ubl+xml"
STREAMED_BYTES = 10_000_000


def section(repetitions: int) -> Section:
    """Translations a second in one thread, in turns with pydifact; what ours does beside (structure, values, schema) it does not do."""
    document = _sample("purchase_order")
    body = formats.write(document, "edifact").body
    text = body.decode("iso8859-1")

    def theirs() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for message in Interchange.from_str(text).get_messages():
                assert len(message.segments)

    read, parsed = _rates(repetitions, lambda: intake.read(body, "application/edifact"), theirs)
    (written,) = _rates(repetitions, lambda: formats.write(document, "edifact"))
    count, seconds, peak_mb = _streamed(body)
    rows = [
        Row(
            f"an order of {len(text.splitlines())} segments from EDIFACT to a document that was validated; pydifact cuts segments",
            read,
            "/s",
            parsed,
        ),
        Row("the same document to EDIFACT, read back for its loss report", written, "/s"),
        Row(f"an interchange of {STREAMED_BYTES / 1e6:.0f} MB with {count} such orders, streamed", count / seconds, "/s"),
        Row("memory while it is streamed, at most", peak_mb, "MB"),
    ]
    invoice = formats.write(_sample("commercial_invoice"), "ubl").body
    objects, root = xsdata_model.parser(invoice)
    ubl, made = _rates(repetitions, lambda: intake.read(invoice, UBL), lambda: objects.from_bytes(invoice, root))
    rows.append(
        Row(f"an invoice of {len(invoice) / 1000:.0f} kB from UBL to a document that was validated; xsdata makes objects", ubl, "/s", made)
    )
    for kind, type_ in (
        ("ubl", "commercial_invoice"),
        ("swift_mt", "letter_of_credit"),
        ("excel", "commercial_invoice"),
        ("csv", "commercial_invoice"),
        ("dcsa", "bill_of_lading"),
        ("wco", "trade_declaration"),
        ("asycuda", "trade_declaration"),
    ):
        rows += _both_ways(kind, type_, repetitions)
    return Section("Formats: translations in one thread, and pydifact and xsdata in the same run", rows)


def _both_ways(kind: str, type_: str, repetitions: int) -> list[Row]:
    """A sample in a format: read to a validated document, and written with its loss report."""
    document = _sample(type_)
    body, named = formats.write(document, kind).body, formats.kinds()[kind]
    (read,) = _rates(repetitions, lambda: intake.read(body, named.media_type))
    (written,) = _rates(repetitions, lambda: formats.write(document, kind))
    what = f"a {type_} of {len(body) / 1000:.0f} kB"
    return [Row(f"{what} from {named.name}", read, "/s"), Row(f"the same to {named.name}", written, "/s")]


def _sample(type_: str) -> Document:
    folder = bundle_root() / "documents" / type_ / "samples" / "valid"
    return intake.read((folder / "s01.json").read_bytes(), "application/json")


def _rates(repetitions: int, *acts: Callable[[], object]) -> list[float]:
    """How often a second each can be done: the best of some rounds, in turns."""
    best = [float("inf")] * len(acts)
    for _ in range(max(repetitions, 3)):
        for n, act in enumerate(acts):
            began = time.process_time()
            act()
            best[n] = min(best[n], time.process_time() - began)
    return [1 / seconds for seconds in best]


def _streamed(body: bytes) -> tuple[int, float, float]:
    """Messages, seconds and the greatest memory in MB of reading a long interchange message by message."""
    begin, end = body.index(b"UNH+"), body.index(b"UNZ+")
    count = STREAMED_BYTES // (end - begin)
    whole = body[:begin] + body[begin:end] * count + body[end:].replace(b"UNZ+1", b"UNZ+%d" % count)
    seconds = _read_all(whole, count)
    tracemalloc.start()
    _read_all(whole[: begin + (end - begin) * 200] + body[end:].replace(b"UNZ+1", b"UNZ+200"), 200)  # the same window, traced: slower
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, seconds, peak / 1e6


def _read_all(body: bytes, count: int) -> float:
    codec, read, faults = formats.codec("edifact"), 0, []
    began = time.process_time()
    for message, reading, own in codec.each(io.BytesIO(body)):  # type: ignore[attr-defined]
        read, faults = read + (reading is not None), [*own, *message.interchange.faults]
    assert read == count and not faults
    return time.process_time() - began
