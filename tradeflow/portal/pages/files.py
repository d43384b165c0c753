"""Files with many documents: chosen, worked on in the background with a bar, and what became of each of their documents."""

import functools
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.codec import formats
from tradeflow.errors import BadInput, Problem
from tradeflow.portal import addresses
from tradeflow.portal.page import HOME, Page, shows, takes
from tradeflow.portal.pages.upload import FILE_BYTES_MAX

HERE = f"{HOME}/files"
SHOWN, DOCUMENTS = 25, 50
JobId = Annotated[UUID, PathParameter(name="job_id")]
Only = Annotated[str, QueryParameter(description="Only documents of which this became.", max_length=10)]
After = Annotated[int, QueryParameter(description="Only documents behind this one.", ge=0, le=2**31 - 1)]
STATES = ("refused", "accepted", "repeated", "held")


@functools.cache
def tables() -> frozenset[str]:
    """Media types of files that can be given back with the findings in them. Asked late: it reads the formats of every message."""
    return frozenset(kind.media_type for kind in formats.kinds().values() if kind.every and hasattr(formats.codec(kind.id), "report"))


@shows("/files")
async def files(page: NamedDependency[Page]) -> Response[str]:
    """The files of the company, the newest first, and a form for another one."""
    return await _files(page)


@takes("/files", scope="lodge", bytes_max=FILE_BYTES_MAX)
async def lodge(page: NamedDependency[Page]) -> Response[str]:
    """Take a file; whether its documents are right is found out one by one."""
    chosen = page.form.file("file")
    try:
        if chosen is None:
            raise BadInput("INVALID_REQUEST", page._("Choose a file first."), 422)
        answer = await page.hub.bulk.take(page.caller, await chosen.read(), "", chosen.filename or "")
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 429):
            raise
        return await _files(page, problem)
    return page.go(f"{HERE}/{msgspec.json.decode(answer.body)['job_id']}")


@shows("/files/{job_id:uuid}")
async def file(page: NamedDependency[Page], job_id: JobId, only: Only = "", after: After = 0) -> Response[str]:
    """How far a file is, and what became of each of its documents so far."""
    job = await page.hub.bulk.job(page.caller, job_id)
    only = only if only in STATES else ""
    documents = await page.hub.bulk.documents(page.caller, job_id, after, only, DOCUMENTS)
    values = {
        "job": job,
        "documents": documents,
        "only": only,
        "states": STATES,
        "here": f"{HERE}/{job_id}",
        "where": addresses,
        "tables": tables(),
    }
    more = documents[-1]["position"] if len(documents) == DOCUMENTS else 0
    return page.html("file.html", 200, [(page._("Files"), HERE), (job["name"] or str(job_id), "")], **values, more=more)


@shows("/files/{job_id:uuid}/report")
async def report(page: NamedDependency[Page], job_id: JobId) -> Response[bytes]:
    """The table as it was sent, with what became of each row."""
    body, media_type, name = await page.hub.bulk.report(page.caller, job_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


async def _files(page: Page, problem: Problem | None = None) -> Response[str]:
    known = [kind.name for kind in formats.kinds().values() if hasattr(formats.codec(kind.id), "documents")]
    jobs = await page.hub.bulk.jobs(page.caller, SHOWN)
    crumbs = [(page._("Inbox"), f"{HOME}/inbox"), (page._("Files"), "")]
    return page.html("files.html", problem.status if problem else 200, crumbs, jobs=jobs, known=known, problem=problem, here=HERE)


handlers = [files, lodge, file, report]
