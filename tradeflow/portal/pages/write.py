"""Writing a document: a form of its definition, filled by the draft, checked while one types, kept as a draft, sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.app.checking import missing
from tradeflow.app.guidance import message_type
from tradeflow.codec import canonical
from tradeflow.codec.shape import shape
from tradeflow.draft import Origin
from tradeflow.errors import Problem, Refused
from tradeflow.machine.admit import REPEATS
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import get as at_path
from tradeflow.model.finding import Finding
from tradeflow.model.pointers import leaves, put
from tradeflow.portal import addresses
from tradeflow.portal.entry.read import Entered, entered
from tradeflow.portal.entry.rows import less, more
from tradeflow.portal.entry.view import Blank, Block, Control, Drawing, Drawn, worded
from tradeflow.portal.page import HOME, Page, shows, takes

Json = dict[str, Any]
TradeId = Annotated[str, PathParameter(name="trade_id")]
Type = Annotated[str, PathParameter(name="type")]
Text = Annotated[str, QueryParameter(max_length=200)]
Pointer = Annotated[str, QueryParameter(max_length=300, pattern="^(/[A-Za-z0-9_]+)*$")]
SENDING = ("function", "process_instance", "in_reply_to", "signature")  # of the envelope, for who writes to say
REPLACE = "5"  # UNCL 1225
WRITE_BYTES_MAX = 2_000_000


@dataclass
class Desk:
    """A document being written."""

    page: Page
    trade_id: str
    kind: MessageType
    role: str
    tree: Json
    origins: Mapping[str, Origin] = field(default_factory=dict)
    draft_id: str = ""
    revision: str = ""
    instance: str = ""  # the shipment, bill, declaration ... it belongs to
    candidates: list[str] = field(default_factory=list)  # those it could belong to

    @property
    def path(self) -> str:
        return addresses.write(self.trade_id, self.kind.id)

    def anew(self, **said: str) -> str:
        """The same form once more, with something said otherwise."""
        return addresses.write(self.trade_id, self.kind.id, **{"role": self.role, "instance": self.instance, **said})

    @property
    def body(self) -> bytes:
        return canonical.encode(self.tree)

    async def shown(
        self, problem: Problem | None = None, checked: Json | None = None, entry: Entered | None = None, **more: Any
    ) -> Response[str]:
        """The form as it stands."""
        findings = list(problem.findings if problem else checked["findings"] if checked and more.get("show_all") else ())
        drawing = Drawing(self.kind, self.tree, self.origins, findings)
        drawn = drawing.drawn()
        sending = [drawing.any(n, self.tree.get("message", {}).get(n.name), f"/message/{n.name}", n.required) for n in _sending(self.kind)]
        crumbs = [
            (self.page._("Trades"), HOME),
            (self.trade_id, f"{HOME}/trades/{quote(self.trade_id, safe='')}"),
            (self.page._(self.kind.name), self.path),
        ]
        return self.page.html(
            "write.html",
            200,  # a refusal is shown like everything else: browsers report a 4xx of a page as a failure of the page
            crumbs,
            **_said(self, drawn, sending, problem, checked, entry or Entered(self.tree)),
            drawn=drawn,
            sending=sending,
            sending_wrong=any(one.wrong for one in sending),
            type=self.kind.id,
            trade_id=self.trade_id,
            role=self.role,
            **await _people(self),
            hidden=_hidden(drawn.envelope),
            anew=self.anew,
            instance=self.instance,
            which=[] if self.draft_id or not more.get("fresh") else await _places(self),
            draft_id=self.draft_id,
            revision=self.revision,
            kept=bool(self.draft_id),
            sent=not more.get("fresh"),
            counts=more.get("counts"),
            lists=[*drawn.lists, "offset"],
            show_all=more.get("show_all", False),
        )


def _said(desk: Desk, drawn: Drawn, sending: list[Any], problem: Problem | None, checked: Json | None, entry: Entered) -> Json:
    """What the part of the page about the checks needs."""
    places = {one.name: one.id for one in _everything(drawn, sending)}
    for name in list(places):  # a group of fields has no place of its own: its first field stands for it
        if (above := name.rpartition("/")[0]) not in places and above:
            places[above] = places[name]
    found = [_as_finding(f) for f in checked["findings"]] if checked else []
    said = [
        {
            "at": entry.in_form(f.pointer) + ("/value" if _amount(f) else ""),
            "severity": str(f.severity),
            "missing": missing(f),
            "value": _amount(f) or (f.expected if isinstance(f.expected, str) and f.pointer.endswith("/value") else None),
            "message": f.message,
            "hint": f.hint,
        }
        for f in found
    ]
    computed = [
        {"at": entry.in_form(c["pointer"]), "value": c["value"], "text": worded(desk.kind, c["origin"]).text}
        for c in (checked["computed"] if checked else ())
    ]
    allowed = [one.message or one.event for one in (problem.extra.get("allowed") or ()) if one.message or one.event] if problem else []
    return {
        "here": desk.path,
        "problem": problem,
        "checked": {**checked, "findings": found} if checked else None,
        "missing": sum(missing(f) for f in found),
        "said_of": said,
        "computed": computed,
        "places": places,
        "allowed": sorted({str(one) for one in allowed}),
    }


def _amount(finding: Finding) -> str:
    """The figure that is expected where a finding is about an amount or a quantity as a whole: its field stands below."""
    return str(finding.expected.get("value", "")) if isinstance(finding.expected, dict) else ""


async def _places(desk: Desk) -> list[tuple[str, str]]:
    """The instances that the document could be for, each with the newest of its documents; none where there is one only."""
    if len(desk.candidates) < 2:
        return []
    trade = await desk.page.hub.queries.trade(desk.page.caller, desk.trade_id, timeline=False)
    newest = {entry.instance: f"{desk.page._(message_type(entry.type).name)} {entry.number}" for entry in trade["documents"]}
    return [(one, newest.get(one, "")) for one in desk.candidates]


def _as_finding(given: Any) -> Finding:
    return given if isinstance(given, Finding) else msgspec.convert(given, Finding)


def _everything(drawn: Drawn, sending: Iterable[Control | Block | Blank]) -> Iterable[Control | Block | Blank]:
    """Every field and every block of a form."""
    todo = [*sending, *(item for section in drawn.sections for item in (*section.items, *section.more))]
    while todo:
        one = todo.pop()
        yield one
        if isinstance(one, Block):
            todo += [*one.items, *one.more]


def _sending(kind: MessageType) -> list[Any]:
    envelope = next(member for member in shape(kind).members if member.name == "message")
    return [node for node in envelope.members if node.name in SENDING]


def _hidden(envelope: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    shown = tuple(f"/message/{name}" for name in (*SENDING, "recipients"))
    return [(name, value) for name, value in envelope if not name.startswith(shown)]


async def _people(desk: Desk) -> Json:
    """Who can be written to: those chosen first, then everybody of the trade in a role that this message goes to; and the roles that the
    writer could take instead."""
    participants = await desk.page.hub.queries.participants(desk.page.caller, desk.trade_id)
    chosen = [
        (one.get("party_id", ""), one.get("role", "")) for one in at_path(desk.tree, "message.recipients") or () if isinstance(one, dict)
    ]
    others = [(p.party_id, p.role) for p in participants if p.role in (*desk.kind.to_roles, *desk.kind.visible_to)]
    mine = desk.page.caller.party_id
    every = [*chosen, *(one for one in others if one not in chosen and one[0] != mine)]
    names = await desk.page.hub.keys.names(desk.page.caller, [party_id for party_id, _ in every])
    recipients = [
        {"party_id": p, "name": names.get(p, p), "role": r, "value": f"{p}|{r}", "chosen": (p, r) in chosen}
        for p, r in dict.fromkeys(every)
    ]
    held = {p.role for p in participants if p.party_id == mine and desk.page.caller.may_act_as(p.role)}
    return {"recipients": recipients, "instead": [role for role in desk.kind.from_roles if role in held and role != desk.role]}


async def begun(
    page: Page, trade_id: str, kind: MessageType, role: str = "", copy: str = "", number: str = "", instance: str = ""
) -> tuple[Desk, Json]:
    """A new document as the draft fills it."""
    made = await page.hub.guidance.draft(page.caller, trade_id, kind.id, role, number, copy == "last", instance)
    desk = Desk(page, trade_id, kind, made["role"], made["document"], {one["pointer"]: one["origin"] for one in made["origins"]})
    desk.instance, desk.candidates = made["instance"], made["candidates"]
    return desk, made["counts"]


async def sent(page: Page, trade_id: str, type_: str) -> tuple[Desk, Entered]:
    """The document that the form of a request holds."""
    kind = message_type(type_)
    entry = entered(kind, page.form)
    envelope = entry.tree.setdefault("message", {})
    to = [one.partition("|") for one in page.form.all("to")]
    recipients = [{"party_id": party, "role": role} for party, _, role in to if party]
    if isinstance(envelope, dict) and recipients:
        envelope["recipients"] = recipients
    desk = Desk(page, trade_id, kind, page.form.text("role"), entry.tree)
    desk.draft_id, desk.revision = page.form.text("draft_id"), page.form.text("revision")
    desk.instance = str(at_path(desk.tree, "message.process_instance") or page.form.text("instance"))
    return desk, entry


async def with_origins(desk: Desk) -> None:
    """Where values come from that still are what the draft said. What is passed on unchanged has no draft: somebody else wrote it."""
    if at_path(desk.tree, "message.function") in REPEATS:
        return
    number = str(at_path(desk.tree, "document.number") or "")
    try:
        made, _ = await begun(desk.page, desk.trade_id, desk.kind, desk.role, "", number, desk.instance)
    except Refused as refused:
        if refused.code != "CORRELATION_NOT_FOUND":
            raise
        return  # no such process: the check says so beside its field
    now = dict(leaves(desk.tree))
    drafted = dict(leaves(made.tree))
    desk.origins = {pointer: origin for pointer, origin in made.origins.items() if now.get(pointer) == drafted.get(pointer)}


@shows("/trades/{trade_id:str}/write/{type:str}", scope="lodge")
async def write(
    page: NamedDependency[Page],
    trade_id: TradeId,
    type: Type,
    role: Text = "",
    copy: Text = "",
    draft: Text = "",
    number: Text = "",
    instance: Text = "",
    change: Text = "",
    present: Text = "",
    at: Pointer = "",
    value: Text = "",
) -> Response[str]:
    """A new document, a draft that was kept, or the next version of one; with a value that somebody proposed. Or one to be passed on."""
    kind = message_type(type)
    if present:
        made = await page.hub.guidance.passed_on(page.caller, trade_id, kind.id, present)
        desk = Desk(page, trade_id, kind, made["message"]["sender"]["role"], made)
        return await desk.shown(checked=await checked(desk))
    if change:
        desk = await _next_version(page, trade_id, kind, change)
        if at and value and put(desk.tree, at, value):
            desk.origins = {at: Origin("proposed", page._("proposed"))}
        return await desk.shown(checked=await checked(desk))
    desk, counts = await begun(page, trade_id, kind, role, copy, number, instance)
    if at and value and put(desk.tree, at, value):
        desk.origins = {**desk.origins, at: Origin("proposed", page._("proposed"))}
    if draft:
        kept = await page.hub.drafts.draft(page.caller, draft)
        desk.tree, desk.draft_id, desk.revision = kept["document"], kept["draft_id"], str(kept["revision"])
        desk.instance = str(at_path(desk.tree, "message.process_instance") or "")
        await with_origins(desk)
        return await desk.shown(checked=await checked(desk))
    return await desk.shown(checked=await checked(desk), counts=counts, fresh=True)


async def _next_version(page: Page, trade_id: str, kind: MessageType, number: str) -> Desk:
    """What a document says now, as its next version. Raises Missing, Refused."""
    found, _ = await page.hub.documents.seen(page.caller, trade_id, kind.id, number, None)
    head = (await page.hub.guidance.draft(page.caller, trade_id, kind.id, "", number))["document"]["message"]
    tree: Json = msgspec.json.decode(found.canonical)
    was = tree["message"]
    tree["message"] = {**head, "function": REPLACE, "recipients": was["recipients"]}
    tree["message"] |= {name: was[name] for name in ("process_instance",) if name in was}
    tree["document"]["version"] = found.version + 1
    return Desk(page, trade_id, kind, head["sender"]["role"], tree)


async def checked(desk: Desk) -> Json:
    """What the hub says of the document as it stands."""
    return await desk.page.hub.checking.check(desk.page.caller, desk.body, "application/json")


@takes("/trades/{trade_id:str}/write/{type:str}/check", scope="lodge", bytes_max=WRITE_BYTES_MAX)
async def check(page: NamedDependency[Page], trade_id: TradeId, type: Type) -> Response[str]:
    """The checks of what is typed so far, for a script that shows them beside the fields."""
    desk, entry = await sent(page, trade_id, type)
    drawing = Drawing(desk.kind, desk.tree, {}, ())
    return page.part("checked.html", **_said(desk, drawing.drawn(), [], None, await checked(desk), entry), show_all=False)


@takes("/trades/{trade_id:str}/write/{type:str}", scope="lodge", bytes_max=WRITE_BYTES_MAX)
async def written(page: NamedDependency[Page], trade_id: TradeId, type: Type) -> Response[str]:
    """Send it, keep it, check it, or one row more or less."""
    desk, _ = await sent(page, trade_id, type)
    if page.form.text("do") == "send":
        return await _send(desk)
    if page.form.text("do") == "save":
        return await _save(desk)
    if page.form.text("add"):
        more(desk.tree, page.form.text("add"))
    elif page.form.text("remove"):
        less(desk.tree, page.form.text("remove"))
    else:
        return await _complete(desk)
    await with_origins(desk)
    return await desk.shown(checked=await checked(desk))


async def _complete(desk: Desk) -> Response[str]:
    """Checked, with what can be computed filled in where nothing stands."""
    said = await checked(desk)
    there = dict(leaves(desk.tree))
    for one in said["computed"]:
        if one["pointer"] not in there:
            put(desk.tree, one["pointer"], one["value"])
    await with_origins(desk)
    return await desk.shown(checked=await checked(desk), show_all=True)


async def _send(desk: Desk) -> Response[str]:
    page = desk.page
    try:
        answer = await page.hub.handler.lodge(page.caller, desk.body, "application/json")
    except Problem as problem:
        if problem.status >= 500 or problem.status in (401, 429):
            raise
        await with_origins(desk)
        return await desk.shown(problem=problem)
    if desk.draft_id:
        await _forget(desk)
    number = str(at_path(desk.tree, "document.number") or "")
    trade = f"{HOME}/trades/{quote(desk.trade_id, safe='')}"
    if answer.status == 202:
        why = str(msgspec.json.decode(answer.body).get("because", ""))
        return page.go(f"{HOME}/held", page._("Kept for a second person of your company to release: %(why)s.", why=why), "warn")
    said = page._("%(type)s %(number)s is sent.", type=page._(desk.kind.name), number=number)
    return page.go(f"{trade}/documents/{desk.kind.id}/{quote(number, safe='')}", said)


async def _forget(desk: Desk) -> None:
    try:
        await desk.page.hub.drafts.drop(desk.page.caller, desk.draft_id)
    except Problem as problem:
        if problem.status != 404:
            raise


async def _save(desk: Desk) -> Response[str]:
    page, drafts = desk.page, desk.page.hub.drafts
    if desk.draft_id:
        revision = int(desk.revision) if desk.revision.isdecimal() and len(desk.revision) < 10 else None
        try:
            kept = await drafts.keep(page.caller, desk.draft_id, desk.tree, revision)
        except Problem as problem:
            if problem.status not in (404, 409):
                raise
            desk.draft_id = ""  # the next time it is kept it is a draft of its own
            return await desk.shown(problem=problem)
    else:
        kept = await drafts.add(page.caller, desk.trade_id, desk.kind.id, desk.tree)
    return page.go(
        f"{desk.path}?{urlencode({'draft': kept['draft_id']})}", page._("Kept as a draft. Anybody of your company can finish it.")
    )


handlers = [write, check, written]
