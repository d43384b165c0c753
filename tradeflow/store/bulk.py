"""Files with many documents: jobs under a lease, and what became of each document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from tradeflow.model.finding import Finding
from tradeflow.store.uow import Store

Row = dict[str, Any]
TRIES_MAX = 3  # leases that may run out over one document before it is refused


@dataclass(frozen=True, slots=True)
class Job:
    """A file that this worker holds until its lease ends, and how far it got."""

    job_id: UUID
    party_id: str
    key_id: str
    user_id: str
    roles: list[str] | None
    content_type: str
    body: bytes
    total: int
    tries: int
    done: int
    token: UUID


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one document. `state` is accepted, repeated (it was in the trade already), held or refused."""

    position: int
    state: str
    status: int
    cell: str = ""
    type: str = ""
    number: str = ""
    into_trade: str = ""
    message_id: str = ""
    code: str = ""
    detail: str = ""
    findings: Sequence[Finding] = ()


_findings = msgspec.json.Decoder(list[Finding])
_COUNTS = """SELECT j.job_id, j.name, j.content_type, j.sha256, j.total, j.state, j.received_at, j.finished_at,
    count(d.position) FILTER (WHERE d.state = 'accepted') AS accepted, count(d.position) FILTER (WHERE d.state = 'repeated') AS repeated,
    count(d.position) FILTER (WHERE d.state = 'held') AS held, count(d.position) FILTER (WHERE d.state = 'refused') AS refused
FROM bulk_job j LEFT JOIN bulk_document d USING (job_id)"""
_ADD = """
INSERT INTO bulk_job (job_id, party_id, key_id, user_id, roles, name, content_type, sha256, body, total)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (party_id, sha256) WHERE state <> 'done' DO NOTHING
"""
_SAME = "SELECT job_id FROM bulk_job WHERE party_id = $1 AND sha256 = $2 ORDER BY state = 'done', received_at DESC LIMIT 1"
_CLAIM = """
UPDATE bulk_job SET state = 'working', token = $1, lease_until = clock_timestamp() + $2, tries = tries + 1
WHERE job_id = (
    SELECT job_id FROM bulk_job WHERE state = 'waiting' OR (state = 'working' AND lease_until < clock_timestamp())
    ORDER BY received_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING job_id, party_id, key_id, user_id, roles, content_type, body, total, tries,
    (SELECT count(*) FROM bulk_document d WHERE d.job_id = bulk_job.job_id) AS done, token
"""
_HOLD = """
UPDATE bulk_job SET lease_until = clock_timestamp() + $3, tries = 0
WHERE job_id = $1 AND token = $2 AND state = 'working' RETURNING party_id
"""
_NOTE = """
INSERT INTO bulk_document (job_id, position, party_id, cell, type, number, into_trade, message_id, state, status, code, detail, findings)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_FINISH = """
UPDATE bulk_job SET state = 'done', finished_at = clock_timestamp(), lease_until = NULL, token = NULL WHERE job_id = $1 AND token = $2
"""
_GIVE_BACK = "UPDATE bulk_job SET lease_until = clock_timestamp() WHERE job_id = $1 AND token = $2 AND state = 'working'"
_DOCUMENTS = """
SELECT position, cell, type, number, into_trade, message_id, state, status, code, detail, findings, done_at
FROM bulk_document WHERE job_id = $1 AND position > $2 AND ($3 = '' OR state = $3) ORDER BY position LIMIT $4
"""


async def add(store: Store, id: UUID, row: Sequence[Any], party_id: str, sha256: str) -> UUID:
    """Keep a file. The id of its job: that of the first one where the same file is being worked on."""
    async with store.transaction() as connection:
        added = await connection.execute(_ADD, id, *row)
        return id if added.endswith("1") else await connection.fetchval(_SAME, party_id, sha256)


async def claim(store: Store, lease_seconds: float) -> Job | None:
    """The oldest file that nobody works on."""
    async with store.transaction() as connection:
        row = await connection.fetchrow(_CLAIM, uuid4(), timedelta(seconds=lease_seconds))
    return Job(**row) if row else None


async def note(store: Store, job: Job, done: Done, lease_seconds: float) -> bool:
    """Say what became of a document, and hold the job on. False where the lease was lost."""
    async with store.transaction() as connection:
        if await connection.fetchval(_HOLD, job.job_id, job.token, timedelta(seconds=lease_seconds)) is None:
            return False
        names = (
            done.cell,
            done.type,
            done.number,
            done.into_trade,
            done.message_id,
            done.state,
            done.status,
            done.code,
            done.detail[:2_000],
        )
        await connection.execute(_NOTE, job.job_id, done.position, job.party_id, *names, msgspec.json.encode(list(done.findings)))
    return True


async def finish(store: Store, job: Job) -> None:
    """Every document of the job has been dealt with."""
    async with store.transaction() as connection:
        await connection.execute(_FINISH, job.job_id, job.token)


async def give_back(store: Store, job: Job) -> None:
    """Somebody else may go on at once."""
    async with store.transaction() as connection:
        await connection.execute(_GIVE_BACK, job.job_id, job.token)


async def jobs(store: Store, party_id: str, limit: int) -> list[Row]:
    """The files of a party ("" = all) with their counts, the newest first."""
    async with store.connection() as connection:
        query = f"{_COUNTS} WHERE $1 = '' OR j.party_id = $1 GROUP BY j.job_id ORDER BY j.job_id DESC LIMIT $2"
        return [dict(row) for row in await connection.fetch(query, party_id, limit)]


async def job(store: Store, id: UUID, party_id: str) -> Row | None:
    """One of them."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_COUNTS} WHERE j.job_id = $1 AND ($2 = '' OR j.party_id = $2) GROUP BY j.job_id", id, party_id)
    return dict(row) if row else None


async def file(store: Store, id: UUID) -> bytes:
    """The bytes of a file."""
    async with store.connection() as connection:
        body: bytes = await connection.fetchval("SELECT body FROM bulk_job WHERE job_id = $1", id)
    return body


async def documents(store: Store, id: UUID, after: int, state: str, limit: int) -> list[Row]:
    """What became of the documents of a file, in their order."""
    async with store.connection() as connection:
        rows = await connection.fetch(_DOCUMENTS, id, after, state, limit)
    return [{**row, "findings": _findings.decode(row["findings"])} for row in rows]
