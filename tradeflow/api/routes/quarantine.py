"""What arrived by a channel and could not be taken."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import json, stored
from tradeflow.api.operations import operation
from tradeflow.api.parameters import Limit
from tradeflow.api.shapes import Assignment, Rejection
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub

CaseId = Annotated[UUID, PathParameter(name="quarantine_id", description="The id of the case.")]
Before = Annotated[UUID | None, QueryParameter(description="Only cases older than this one: `next` of the answer before.")]
State = Annotated[Literal["waiting", "accepted", "rejected"] | None, QueryParameter(name="state", description="Only cases in this state.")]
BYTES = "application/octet-stream"


@get("/v1/quarantine", **operation("listQuarantine", "Quarantine", "What could not be taken", views.QuarantineCases, refuses=(503,)))
async def cases(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], only: State = None, before: Before = None, limit: Limit = 50
) -> Response[bytes]:
    """What arrived by file, SFTP or e-mail and could not be lodged, with the reason and all findings.

    A party sees what it sent and what is its own to decide, the operator everything: what came from strangers is the operator's.
    """
    found = await hub.quarantine.list(caller, only or "", before, limit)
    return json({"items": found, "next": found[-1]["quarantine_id"] if len(found) == limit else None})


@get(
    "/v1/quarantine/{quarantine_id:uuid}/content",
    **operation("getQuarantined", "Quarantine", "The bytes that arrived", (BYTES,), refuses=(404, 503)),
)
async def content(hub: NamedDependency[Hub], caller: NamedDependency[Caller], quarantine_id: CaseId) -> Response[bytes]:
    """The very bytes, always as a plain download: they may be anything."""
    headers = {"Content-Disposition": f'attachment; filename="{quarantine_id}.bin"', "X-Content-Type-Options": "nosniff"}
    return Response(await hub.quarantine.body(caller, quarantine_id), media_type=BYTES, headers=headers)


@post(
    "/v1/quarantine/{quarantine_id:uuid}/retry",
    **operation(
        "retryQuarantined",
        "Quarantine",
        "Lodge it once more",
        views.Receipt,
        status=201,
        refuses=(400, 402, 403, 404, 409, 410, 413, 415, 422, 503),
        scope="lodge",
    ),
)
async def retry(hub: NamedDependency[Hub], caller: NamedDependency[Caller], quarantine_id: CaseId) -> Response[bytes]:
    """Send the same bytes through the main path again, for example because the trade has moved on since. The answer is that of lodging;
    a refusal leaves the case waiting with the new findings. The operator may do this only for what a channel had authenticated.
    """
    return stored(await hub.quarantine.retry(caller, quarantine_id))


@post(
    "/v1/quarantine/{quarantine_id:uuid}/assign",
    **operation(
        "assignQuarantined",
        "Quarantine",
        "Say whose it is",
        views.QuarantineCase,
        body=Assignment,
        refuses=(400, 403, 404, 409, 503),
        scope="decide",
    ),
)
async def assign(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], quarantine_id: CaseId, given: NamedDependency[Assignment]
) -> Response[bytes]:
    """Give a case to a party, which then lodges or rejects it itself. Only the operator may; nothing is lodged by this."""
    return json(await hub.quarantine.assign(caller, quarantine_id, given.party_id, given.note))


@post(
    "/v1/quarantine/{quarantine_id:uuid}/reject",
    **operation(
        "rejectQuarantined", "Quarantine", "End a case", views.QuarantineCase, body=Rejection, refuses=(400, 404, 409, 503), scope="decide"
    ),
)
async def reject(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], quarantine_id: CaseId, given: NamedDependency[Rejection]
) -> Response[bytes]:
    """Decide that it will not be lodged, and say why. The bytes, the reason and the note stay."""
    return json(await hub.quarantine.reject(caller, quarantine_id, given.note))


handlers = [cases, content, retry, assign, reject]
