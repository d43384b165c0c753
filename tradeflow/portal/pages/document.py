"""A document: as a page, as a file in any of its forms, its versions and what they differ in, and what is said about it."""

import asyncio
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import quote

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from tradeflow.app.guidance import message_type, takes_again
from tradeflow.app.redaction import redacted
from tradeflow.codec import formats
from tradeflow.errors import BadInput, Missing
from tradeflow.language.catalogues import DEFAULT, negotiated, tag
from tradeflow.model.catalogue import catalogue
from tradeflow.pdf.reader import Reader
from tradeflow.pdf.sheet import Sheet
from tradeflow.portal import addresses
from tradeflow.portal.page import HOME, Page, shows, takes

TradeId = Annotated[str, PathParameter(name="trade_id")]
Type = Annotated[str, PathParameter(name="type")]
Number = Annotated[str, PathParameter(name="number")]
Form = Annotated[str, PathParameter(name="form")]
Version = Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)]
Language = Annotated[str, QueryParameter(max_length=35)]
Bilingual = Annotated[bool, QueryParameter()]
Since = Annotated[int | None, QueryParameter(name="from", ge=1, le=2**31 - 1)]
OWN = {"pdf": ("PDF", "pdf", "application/pdf"), "json": ("JSON", "json", ""), "xml": ("XML", "xml", "")}
COMMENT_MAX = 4000
OWED_SHOWN = 3


def at(trade_id: str, kind: str, type_: str, number: str) -> str:
    """The address of a document: as a page, a file, its versions, its comments."""
    return f"{HOME}/trades/{quote(trade_id, safe='')}/{kind}/{type_}/{quote(number, safe='')}"


@shows("/trades/{trade_id:str}/documents/{type:str}/{number:path}")
async def document(page: NamedDependency[Page], trade_id: TradeId, type: Type, number: Number, version: Version = None) -> Response[str]:
    """One version as it would stand on paper."""
    return await _shown(page, trade_id, type, number.removeprefix("/"), version)


async def _shown(page: Page, trade_id: str, type_: str, number: str, version: int | None, problem: BadInput | None = None) -> Response[str]:
    hub, caller = page.hub, page.caller
    kind = message_type(type_)
    found, withheld = await hub.documents.seen(caller, trade_id, type_, number, version)
    data, pointers = redacted(found, withheld)
    versions = (await hub.documents.versions(caller, trade_id, type_, number))["items"]
    trade = await hub.queries.trade(caller, trade_id, timeline=False)
    findings = (await hub.queries.findings(caller, trade_id, "open", f"{type_}:{number}"))["items"]
    blocks = await asyncio.to_thread(Sheet(kind, data, pointers, Reader(page.language)).blocks)
    now = {entry.message for entry in trade["allowed"] if entry.message}
    entries = {(entry.type, entry.number): entry.instance for entry in trade["documents"]}
    mine = {p.role for p in trade["participants"] if p.party_id == caller.party_id and caller.may_act_as(p.role)}
    names = {
        **{id_: (name, suffix) for id_, (name, suffix, _) in OWN.items()},
        **{k.id: (k.name, k.suffixes[0].lstrip(".")) for k in formats.formats_of(type_)},
    }
    crumbs = [(page._("Trades"), HOME), (trade_id, f"{HOME}/trades/{quote(trade_id, safe='')}"), (f"{page._(kind.name)} {number}", "")]
    return page.html(
        "document.html",
        problem.status if problem else 200,
        crumbs,
        kind=kind,
        trade_id=trade_id,
        number=number,
        document=found,
        sender=data.get("message", {}).get("sender", {}),
        blocks=blocks,
        versions=list(reversed(versions)),
        shown=next(v for v in versions if v["sha256"] == found.sha256),
        findings=findings,
        files=_files(page, {id_: name for id_, (name, _) in names.items()}, trade_id, type_, number, found.version),
        comments=await hub.comments.about(caller, trade_id, type_, number),
        paths={one: at(trade_id, one, type_, number) for one in ("documents", "comments", "differences")},
        may_change=bool(mine & set(kind.from_roles)) and page.may("lodge"),
        passable=page.may("lodge") and any(takes_again(one, type_) and mine & set(one.by) for one in trade["allowed"]),
        people=await hub.keys.names(caller, {v["sender"] for v in versions}),
        replies=[
            r
            for r in kind.replies
            if page.may("lodge")
            and data["message"]["sender"]["party_id"] != caller.party_id
            and r in now
            and mine & set(catalogue().message(r).from_roles)
        ],
        owed=await _owed(page, trade_id, mine, type_),
        where=addresses,
        instance=apart(trade["regions"], entries.get((type_, number), "")),
        problem=problem,
    )


def apart(regions: Iterable[str], instance: str) -> str:
    """The instance, where a trade has several of its process; else "": there is nothing to tell apart."""
    process = instance.partition("#")[0]
    return instance if len({key.partition(".")[0] for key in regions if key.partition(".")[0].partition("#")[0] == process}) > 1 else ""


def _files(page: Page, names: dict[str, str], trade_id: str, type_: str, number: str, version: int) -> list[tuple[str, str]]:
    """Every form of a version with its address. Who does not read English has the print in both languages, and in English, too."""
    made = [(name, f"{at(trade_id, f'files/{id_}', type_, number)}?version={version}") for id_, name in names.items()]
    if page.language == DEFAULT:
        return made
    paper = f"{at(trade_id, 'files/pdf', type_, number)}?version={version}&language="
    prints = [
        ("PDF", f"{paper}{tag(page.language)}"),
        (page._("PDF, English"), f"{paper}{DEFAULT}"),
        (page._("PDF, both languages"), f"{paper}{tag(page.language)}&bilingual=true"),
    ]
    return prints + [(name, path) for name, path in made if "/files/pdf/" not in path]


async def _owed(page: Page, trade_id: str, mine: set[str], but: str) -> list[str]:
    """What else the trade needs from whoever has just sent something: the next form is one click away."""
    if not page.may("lodge") or not page.was_told:
        return []
    items = (await page.hub.guidance.missing(page.caller, trade_id))["items"]
    messages = [item.messages[0] for item in items if item.possible_now and item.role in mine]
    return [one for one in dict.fromkeys(messages) if one != but][:OWED_SHOWN]


@shows("/trades/{trade_id:str}/files/{form:str}/{type:str}/{number:path}")
async def file(
    page: NamedDependency[Page],
    trade_id: TradeId,
    form: Form,
    type: Type,
    number: Number,
    version: Version = None,
    language: Language = "",
    bilingual: Bilingual = False,
) -> Response[bytes]:
    """One version as a file: the same bytes as `GET /v1/trades/{trade_id}/documents/...` answers for the media type."""
    number = number.removeprefix("/")
    if form == "pdf":
        reader = Reader(negotiated([language]) or DEFAULT, bilingual)
        body, _ = await page.hub.printing.printed(page.caller, trade_id, type, number, version, reader=reader)
        media_type, suffix = "application/pdf", "pdf"
    elif form in ("json", "xml") or form in formats.kinds():
        body, media_type, _, _ = await page.hub.documents.document(page.caller, trade_id, type, number, version, form)
        suffix = form if form in OWN else formats.kinds()[form].suffixes[0].lstrip(".")
    else:
        raise Missing("NOT_FOUND", page._("There is no such form of a document."), 404)
    name = quote(f"{type}-{number}.{suffix}".replace("/", "-"), safe="-._")
    shown = "inline" if form == "pdf" else "attachment"
    return Response(body, media_type=media_type, headers={"Content-Disposition": f"{shown}; filename*=UTF-8''{name}"})


@shows("/trades/{trade_id:str}/differences/{type:str}/{number:path}")
async def differences(
    page: NamedDependency[Page], trade_id: TradeId, type: Type, number: Number, since: Since = None, to: Version = None
) -> Response[str]:
    """What two versions differ in, field by field."""
    number = number.removeprefix("/")
    kind = message_type(type)
    found = await page.hub.documents.difference(page.caller, trade_id, type, number, since, to)
    here = at(trade_id, "documents", type, number)
    versions = (await page.hub.documents.versions(page.caller, trade_id, type, number))["items"]
    trade = f"{HOME}/trades/{quote(trade_id, safe='')}"
    crumbs = [(page._("Trades"), HOME), (trade_id, trade), (f"{page._(kind.name)} {number}", here), (page._("Differences"), "")]
    return page.html("differences.html", crumbs=crumbs, kind=kind, number=number, found=found, versions=versions, here=here)


@takes("/trades/{trade_id:str}/comments/{type:str}/{number:path}", scope="lodge")
async def comment(page: NamedDependency[Page], trade_id: TradeId, type: Type, number: Number) -> Response[str]:
    """Something said about a document."""
    number = number.removeprefix("/")
    text = page.form.text("text").replace("\r\n", "\n")
    if not text or len(text) > COMMENT_MAX:
        what = page._("Write something first.") if not text else page._("A comment has at most %(n)s characters.", n=COMMENT_MAX)
        return await _shown(page, trade_id, type, number, None, BadInput("INVALID_REQUEST", what, 422))
    internal = page.form.text("internal") == "true"
    await page.hub.comments.say(page.caller, trade_id, type, number, text, internal)
    back = f"{HOME}/trades/{quote(trade_id, safe='')}#conversation" if page.form.text("back") == "trade" else ""
    return page.go(back or at(trade_id, "documents", type, number) + "#comments", page._("Your comment is there."))


handlers = [document, file, differences, comment]
