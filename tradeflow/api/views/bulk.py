"""What the operations on files with many documents answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from tradeflow.model.finding import Finding


class BulkLinks(Struct):
    """Where to go on."""

    self: str
    documents: str
    report: str


class BulkJob(Struct):
    """A file with many documents, and how far it is."""

    job_id: UUID
    name: str
    content_type: str
    sha256: Annotated[str, Meta(description="The hash of the bytes.")]
    total: Annotated[int, Meta(description="Documents in the file.")]
    done: Annotated[int, Meta(description="Those that were dealt with.")]
    accepted: int
    repeated: Annotated[int, Meta(description="Those that were in their trades already: nothing was done.")]
    held: Annotated[int, Meta(description="Those that wait for a second person of the party.")]
    refused: int
    state: Literal["waiting", "working", "done"]
    received_at: datetime
    finished_at: datetime | None
    links: BulkLinks


class BulkJobs(Struct):
    """Files, the newest first."""

    items: list[BulkJob]


class BulkDocument(Struct):
    """What became of one document of a file."""

    position: Annotated[int, Meta(description="In the file, from 1.")]
    cell: Annotated[str, Meta(description="Where it begins, if the file is a table.", examples=["commercial_invoice!3:3"])]
    type: str
    number: str
    into_trade: str
    message_id: str
    state: Literal["accepted", "repeated", "held", "refused"]
    status: Annotated[int, Meta(description="The HTTP status that lodging it alone would have had.")]
    code: Annotated[str, Meta(description="Of a refusal.")]
    detail: str
    findings: list[Finding]
    done_at: datetime


class BulkDocuments(Struct):
    """Documents in the order of the file. `next` is what to pass as `after`; null at the end."""

    items: list[BulkDocument]
    next: int | None
