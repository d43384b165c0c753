"""Files with many documents: lodged one by one in the background, with progress and a report."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import json, stored
from tradeflow.api.auth import AnyRequest
from tradeflow.api.body import bounded
from tradeflow.api.operations import operation
from tradeflow.api.parameters import IdempotencyKey, Limit
from tradeflow.api.replays import once
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.codec import formats
from tradeflow.codec.intake import media_type

JobId = Annotated[UUID, PathParameter(name="job_id", description="The id of the job.")]
Name = Annotated[str, QueryParameter(name="name", description="The name of the file, for people.", max_length=100)]
After = Annotated[int, QueryParameter(name="after", description="Only documents behind this position: `next` of the answer before.", ge=0)]
Only = Annotated[
    Literal["accepted", "repeated", "held", "refused"] | None,
    QueryParameter(name="state", description="Only documents of which this became."),
]
TABLES = tuple(kind.media_type for kind in formats.kinds().values() if kind.every)


@post(
    "/v1/bulk",
    **operation(
        "lodgeBulk",
        "Messages",
        "Lodge a file with many documents",
        views.BulkJob,
        status=202,
        refuses=(400, 413, 415, 422, 503),
        headers={"Idempotency-Replayed": "`true` where this is the first answer once more."},
        scope="lodge",
    ),
)
async def lodge(
    request: AnyRequest, hub: NamedDependency[Hub], caller: NamedDependency[Caller], name: Name = "", idempotency_key: IdempotencyKey = None
) -> Response[bytes]:
    """A workbook, a CSV file or an interchange. Each of its documents is lodged as if it came alone; one that is refused holds up no other.

    `202` says that the file is kept and will be worked on, whatever happens to the hub. The same file again while it is worked on is the
    same job; later it is a new one in which everything that was accepted is `repeated`. A file that cannot be read is refused at once.
    """
    content_type = request.headers.get("content-type", "")
    media_type(content_type)
    body = await bounded(request, hub.settings.body_bytes_max)
    return stored(await once(hub, caller, "bulk", idempotency_key, body, lambda: hub.bulk.take(caller, body, content_type, name)))


@get("/v1/bulk", **operation("listBulk", "Messages", "Files with many documents", views.BulkJobs, refuses=(503,)))
async def jobs(hub: NamedDependency[Hub], caller: NamedDependency[Caller], limit: Limit = 50) -> Response[bytes]:
    """The files of one's party with their progress, the newest first."""
    return json({"items": await hub.bulk.jobs(caller, limit)})


@get("/v1/bulk/{job_id:uuid}", **operation("getBulk", "Messages", "How far a file is", views.BulkJob, refuses=(404, 503)))
async def job(hub: NamedDependency[Hub], caller: NamedDependency[Caller], job_id: JobId) -> Response[bytes]:
    """`done` of `total` documents, and what became of them."""
    return json(await hub.bulk.job(caller, job_id))


@get(
    "/v1/bulk/{job_id:uuid}/documents",
    **operation("listBulkDocuments", "Messages", "What became of each document", views.BulkDocuments, refuses=(404, 503)),
)
async def documents(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], job_id: JobId, after: After = 0, only: Only = None, limit: Limit = 50
) -> Response[bytes]:
    """In the order of the file, as far as they are done, with all findings; each names its cell where the file is a table."""
    found = await hub.bulk.documents(caller, job_id, after, only or "", limit)
    return json({"items": found, "next": found[-1]["position"] if len(found) == limit else None})


@get(
    "/v1/bulk/{job_id:uuid}/report",
    **operation("getBulkReport", "Messages", "The file with a column of findings", TABLES, refuses=(404, 406, 503)),
)
async def report(hub: NamedDependency[Hub], caller: NamedDependency[Caller], job_id: JobId) -> Response[bytes]:
    """The table as it was sent; the last column says what became of each row. Correct it and lodge it again: the column is not read."""
    body, kind, name = await hub.bulk.report(caller, job_id)
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


handlers = [lodge, jobs, job, documents, report]
