"""Files with many documents: each one through the main path, beside the request that brought the file, and what became of it.

A job is a row with a lease. After each document a row says what became of it; whoever takes a job over goes on behind the last one. The
document that was in between is lodged again with the same message id and gets the first answer: nothing is lodged twice.
"""

import asyncio
import hashlib
import itertools
import logging
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer, Handler
from tradeflow.app.inbound import form
from tradeflow.codec import formats, intake
from tradeflow.codec.formats import Kind, placed
from tradeflow.errors import BadInput, Missing, Problem, Unavailable
from tradeflow.language.sentences import say
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding
from tradeflow.model.format import Outcome, Reading
from tradeflow.model.ids import uuid7
from tradeflow.store import bulk as rows
from tradeflow.store.bulk import TRIES_MAX, Done, Job
from tradeflow.store.uow import Store

_log = logging.getLogger(__name__)
LEASE_SECONDS = 20.0  # a document takes a fraction of it
JSON: Final = "application/json"
SAID: Final = {
    "accepted": "Accepted",
    "repeated": "Already in the trade: nothing was done",
    "held": "Waits for a second person of your party",
    "refused": "Refused",
}


class Bulk:
    """Takes files, works on them, tells how far they are."""

    def __init__(self, store: Store, handler: Handler) -> None:
        self._store, self._handler = store, handler
        self.due = asyncio.Event()  # in this process; others look by themselves

    async def take(self, caller: Caller, body: bytes, content_type: str, name: str) -> Answer:
        """Keep a file whose documents can be counted. Raises BadInput with every finding where the file itself is wrong."""
        declared = form(body, content_type, name)
        total = await asyncio.to_thread(_counted, body, declared)
        sha256, roles = hashlib.sha256(body).hexdigest(), sorted(caller.roles) if caller.roles is not None else None
        shown = "".join(c for c in name[:100] if c.isprintable())
        row = (caller.party_id, caller.key_id, caller.user_id, roles, shown, declared, sha256, body, total)
        id = await rows.add(self._store, uuid7(), row, caller.party_id, sha256)
        self.due.set()
        return Answer(202, msgspec.json.encode(await self.job(caller, id)))

    async def job(self, caller: Caller, id: UUID) -> dict[str, Any]:
        """How far a file is. Raises Missing."""
        found = await rows.job(self._store.acting(caller.acting), id, caller.acting)
        if found is None:
            raise Missing("UNKNOWN_JOB", say("there is no bulk job %(id)s, or it is not yours", id=id), 404)
        return _shown(found)

    async def jobs(self, caller: Caller, limit: int) -> list[dict[str, Any]]:
        """The files of the caller's party, the newest first."""
        return [_shown(row) for row in await rows.jobs(self._store.acting(caller.acting), caller.acting, limit)]

    async def documents(self, caller: Caller, id: UUID, after: int, state: str, limit: int) -> list[dict[str, Any]]:
        """What became of each document so far. Raises Missing."""
        await self.job(caller, id)
        return await rows.documents(self._store.acting(caller.acting), id, after, state, limit)

    async def report(self, caller: Caller, id: UUID) -> tuple[bytes, str, str]:
        """The file as it was sent with a column of findings, its media type, a name for it. Raises Missing, BadInput NOT_ACCEPTABLE."""
        job = await self.job(caller, id)
        kind = formats.kinds().get(intake.media_type(job["content_type"])[0])
        report = getattr(formats.codec(kind.id), "report", None) if kind else None
        if kind is None or report is None:
            raise BadInput("NOT_ACCEPTABLE", "Only tables have a report as a file; this one is read at …/documents.", 406)
        body, done = await rows.file(self._store.acting(caller.acting), id), await self.documents(caller, id, 0, "", job["total"])
        outcomes = [Outcome(row["state"] != "refused", _said(row), tuple(row["findings"])) for row in done]
        made: bytes = await asyncio.to_thread(report, body, outcomes)
        name = f"{job['name'].rpartition('.')[0] or 'report'}-findings{kind.suffixes[0]}"
        return made, kind.media_type, "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)

    async def work(self) -> int:
        """Work on what is due until nothing is. Returns how many documents were dealt with. Raises Unavailable."""
        dealt = 0
        while job := await rows.claim(self._store, LEASE_SECONDS):
            dealt += await self._one(job)
        return dealt

    async def _one(self, job: Job) -> int:
        dealt = 0
        try:
            readings = await asyncio.to_thread(lambda: list(_documents(job.body, job.content_type)))
            for position, reading in enumerate(readings[job.done :], job.done + 1):
                if position == job.done + 1 and job.tries > TRIES_MAX:
                    done = Done(position, "refused", 500, reading.place(""), code="INTERNAL", detail="the hub failed over this document")
                else:
                    done = await self._lodged(job, position, reading)
                if not await rows.note(self._store, job, done, LEASE_SECONDS):
                    return dealt
                dealt += 1
        except asyncio.CancelledError:
            await asyncio.shield(rows.give_back(self._store, job))
            raise
        await rows.finish(self._store, job)
        return dealt

    async def _lodged(self, job: Job, position: int, reading: Reading) -> Done:
        cell = reading.place("")
        caller = Caller(job.party_id, job.key_id, frozenset(job.roles) if job.roles is not None else None, user_id=job.user_id)
        named = _about(reading)

        def about(state: str, status: int, code: str = "", detail: str = "", findings: Sequence[Finding] = ()) -> Done:
            return Done(position, state, status, cell, *named, code, detail, findings)

        try:
            document: Document = await asyncio.to_thread(formats.judged, reading)
            answer = await self._handler.lodge(caller, document.canonical, JSON)
        except Unavailable:
            raise
        except Problem as problem:
            findings = placed(problem.findings, reading)
            return about(state="refused", status=problem.status, code=problem.code, detail=problem.detail, findings=findings)
        except Exception:  # noqa: BLE001 - one document that the hub fails over must not hold up those behind it
            _log.exception("document %d of bulk job %s", position, job.job_id)
            return about(state="refused", status=500, code="INTERNAL", detail="the hub failed over this document")
        state = "held" if answer.status == 202 else "repeated" if answer.replayed else "accepted"
        warnings = msgspec.convert(msgspec.json.decode(answer.body).get("findings", []), list[Finding])
        return about(state=state, status=answer.status, findings=placed(warnings, reading))


def _kind(content_type: str) -> Kind | None:
    return formats.kinds().get(intake.media_type(content_type)[0])


def _documents(body: bytes, content_type: str) -> Iterator[Reading]:
    """The documents of a file. BadInput where it is no file of its format, or of one that holds several."""
    kind = _kind(content_type)
    if kind is None:
        hint = "Lodge it with POST /v1/messages."
        raise BadInput(
            "UNSUPPORTED_MEDIA_TYPE",
            say("A file of %(content_type)s holds one document. %(hint)s", content_type=content_type[:60], hint=hint),
            415,
        )
    yield from formats.documents(body, kind)


def _counted(body: bytes, content_type: str) -> int:
    total = sum(1 for _ in itertools.islice(_documents(body, content_type), 50_000))
    if not total:
        raise BadInput("MALFORMED", "The file holds no document.", 400)
    return total


def _about(reading: Reading) -> tuple[str, str, str, str]:
    """Type, number, trade and message id, as far as the row names them: so that a person finds it."""

    def text(*steps: str) -> str:
        node: Any = reading.tree
        for step in steps:
            node = node.get(step) if isinstance(node, dict) else None
        return "".join(c for c in str(node)[:80] if c.isprintable()) if isinstance(node, str | int) else ""

    return reading.type, text("document", "number"), text("message", "trade_id"), text("message", "id")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    done = sum(row[name] for name in ("accepted", "repeated", "held", "refused"))
    here = f"/v1/bulk/{row['job_id']}"
    links = {"self": here, "documents": f"{here}/documents", "report": f"{here}/report"}
    return {**row, "done": done, "links": links}


def _said(row: dict[str, Any]) -> str:
    if row["state"] == "refused":
        return f"{SAID['refused']} ({row['code']})" + ("" if row["findings"] else f": {row['detail']}")
    return SAID[row["state"]]
