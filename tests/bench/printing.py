"""What printing costs: documents whose data changes every time, on one process, with the page model and without it."""

import time

import orjson

from tests.bench.figures import Row, Section
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.pdf.page import Job, page
from tradeflow.pdf.typeset import pdf

PRINTED = ("commercial_invoice", "bill_of_lading", "letter_of_credit")
VERIFY = "https://hub.example/v1/verify/BENCH/"


def section(repetitions: int) -> Section:
    """Documents a second on one core, and the size of each."""
    made = Section(
        "One process prints documents as PDF/A-3 with their data inside; beside it, what laying out without typesetting would allow"
    )
    for id_ in PRINTED:
        jobs = [_job(id_, n) for n in range(repetitions + 1)]
        size = len(pdf(jobs.pop()))
        began = time.process_time()
        for job in jobs:
            page(job)
        laid_out = time.process_time() - began
        began = time.perf_counter()
        for job in jobs:
            pdf(job)
        seconds = time.perf_counter() - began
        made.rows.append(Row(f"printed, {id_}", len(jobs) / seconds, "PDF/s", len(jobs) / laid_out))
        made.rows.append(Row(f"size of one, {id_}", size / 1000, "kB"))
    return made


def _job(id_: str, n: int) -> Job:
    tree = orjson.loads((bundle_root() / "documents" / id_ / "samples" / "valid" / "s01.json").read_bytes())
    tree["document"]["remarks"] = f"Print {n} of {id_}"
    document = canonical.document(id_, tree)
    return Job(id_, document.canonical, document.sha256, VERIFY + document.sha256)
