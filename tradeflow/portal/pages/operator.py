"""The operator's pages: the hub's queues and health, its parties, its content, what could not be taken."""

import re
from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.app.access import operator_only
from tradeflow.errors import Problem
from tradeflow.language.catalogues import N_
from tradeflow.model.ids import PARTY_ID
from tradeflow.portal import choosing
from tradeflow.portal.page import HOME, Nav, Page, shows, takes

HERE = f"{HOME}/hub"
PARTIES, CASES = 50, 25
CaseId = Annotated[UUID, PathParameter(name="case_id")]
Wanted = Annotated[str, QueryParameter(description="Words of an id or a name.", max_length=100)]
After = Annotated[str, QueryParameter(description="Only parties after this one.", max_length=63)]
Older = Annotated[UUID | None, QueryParameter(description="Only cases before this one.")]


@shows("/hub", scope="admin")
async def hub(page: NamedDependency[Page]) -> Response[str]:
    """How much waits where, and whether all is well."""
    figures = await page.hub.overview.figures(page.caller)
    return page.html("hub.html", figures=figures, sandbox=page.hub.sandbox, crumbs=[(page._("Hub"), "")])


@shows("/hub/parties", scope="admin")
async def parties(page: NamedDependency[Page], q: Wanted = "", after: After = "") -> Response[str]:
    """The companies of the hub."""
    return await _parties(page, None, q, after)


@takes("/hub/parties/new", scope="admin")
async def register(page: NamedDependency[Page]) -> Response[str]:
    """A company, and an invitation for its first user."""
    form, made = page.form, None
    party_id, email = form.text("party_id")[:63], form.text("email")[:200]
    try:
        operator_only(page.caller)
        name, country = form.text("name")[:200], form.text("country")
        if not name:
            raise choosing.wrong(page, "/name", page._("Say how the company is called."))
        if not PARTY_ID.fullmatch(party_id):
            raise choosing.wrong(page, "/party_id", page._("Two to 63 small letters, digits and hyphens."))
        if country not in {code for code, _ in choosing.countries(page)}:
            raise choosing.wrong(page, "/country", page._("Choose a country."))
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            raise choosing.wrong(page, "/email", page._("This is no e-mail address."))
        await page.hub.keys.add_party(page.caller, party_id, name, country)
        made = await page.hub.users.invite(page.caller, party_id, email, "-", None, None, 14)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _parties(page, problem, "", "")
    base = (page.hub.settings.public_url or str(page.request.base_url)).rstrip("/")
    return await _parties(page, None, party_id, "", f"{base}{HOME}/invitation?token={made['token']}")


@shows("/hub/content", scope="admin")
async def content(page: NamedDependency[Page]) -> Response[str]:
    """Which versions of the process tables trades run on, and the messages of the catalogue."""
    crumbs = [(page._("Hub"), HERE), (page._("Content"), "")]
    return page.html("hub_content.html", found=await page.hub.overview.content(page.caller), crumbs=crumbs)


@shows("/hub/quarantine")
async def quarantine(page: NamedDependency[Page], before: Older = None) -> Response[str]:
    """What arrived by a channel and could not be taken: of everybody for the operator, else one's own."""
    return await _quarantine(page, None, before)


@takes("/hub/quarantine/{case_id:uuid}/retry", scope="lodge")
async def retry(page: NamedDependency[Page], case_id: CaseId) -> Response[str]:
    """Lodge it once more."""
    try:
        await page.hub.quarantine.retry(page.caller, case_id)
    except Problem as problem:
        return await _refused(page, problem)
    return page.go(f"{HERE}/quarantine", page._("It was taken this time."))


@takes("/hub/quarantine/{case_id:uuid}/assign", scope="decide")
async def assign(page: NamedDependency[Page], case_id: CaseId) -> Response[str]:
    """Say whose it is."""
    try:
        await page.hub.quarantine.assign(page.caller, case_id, page.form.text("party_id")[:63], page.form.text("note")[:1000])
    except Problem as problem:
        return await _refused(page, problem)
    return page.go(f"{HERE}/quarantine", page._("It is theirs now, to send or to reject."))


@takes("/hub/quarantine/{case_id:uuid}/reject", scope="decide")
async def reject(page: NamedDependency[Page], case_id: CaseId) -> Response[str]:
    """End the case."""
    note = page.form.text("note")[:1000]
    try:
        if not note:
            raise choosing.wrong(page, "/note", page._("Say why it will not be sent."))
        await page.hub.quarantine.reject(page.caller, case_id, note)
    except Problem as problem:
        return await _refused(page, problem)
    return page.go(f"{HERE}/quarantine", page._("Rejected. The bytes and your note stay."))


@shows("/hub/quarantine/{case_id:uuid}/content")
async def bytes_of(page: NamedDependency[Page], case_id: CaseId) -> Response[bytes]:
    """The very bytes, always as a plain download."""
    headers = {"Content-Disposition": f'attachment; filename="{case_id}.bin"', "X-Content-Type-Options": "nosniff"}
    return Response(await page.hub.quarantine.body(page.caller, case_id), media_type="application/octet-stream", headers=headers)


async def _parties(page: Page, problem: Problem | None, q: str, after: str, link: str = "") -> Response[str]:
    items = await page.hub.keys.parties(page.caller, q, after, PARTIES + 1)
    return page.html(
        "hub_parties.html",
        problem.status if problem else 201 if link else 200,
        items=items[:PARTIES],
        next=items[PARTIES - 1]["party_id"] if len(items) > PARTIES else "",
        q=q,
        after=after,
        link=link,
        problem=problem,
        countries=choosing.countries(page),
        crumbs=[(page._("Hub"), HERE), (page._("Companies"), "")],
    )


async def _refused(page: Page, problem: Problem) -> Response[str]:
    if problem.status in (401, 404) or problem.status >= 500:
        raise problem
    return await _quarantine(page, problem, None)


async def _quarantine(page: Page, problem: Problem | None, before: UUID | None) -> Response[str]:
    items = await page.hub.quarantine.list(page.caller, "waiting", before, CASES)
    return page.html(
        "hub_quarantine.html",
        problem.status if problem else 200,
        items=items,
        next=items[-1]["quarantine_id"] if len(items) == CASES else None,
        problem=problem,
        now=await page.hub.store.now(),
        crumbs=[(page._("Quarantine"), "")],
    )


handlers = [hub, parties, register, content, quarantine, retry, assign, reject, bytes_of]
nav = [Nav(N_("Hub"), HERE, 10, scope="admin", shown=lambda page: page.caller.operator)]
