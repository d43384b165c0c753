"""Writing documents: every message's form, and that what is typed into it is what lodging the same document is."""

import json
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.http.desk import TERMS, Desk, reference
from tests.portal.conftest import email_of
from tests.portal.typed import fields
from tests.portal.visitor import Seen, Visitor
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.entry.read import entered

SAMPLES = sorted((bundle_root() / "documents").glob("*/samples/valid/*.json"))


def test_every_message_has_its_samples() -> None:
    assert {file.parts[-4] for file in SAMPLES} == set(catalogue().ids())


@pytest.mark.parametrize("kind", catalogue().ids())
def test_what_a_form_sends_back_is_the_document(kind: str) -> None:
    for file in (file for file in SAMPLES if file.parts[-4] == kind):
        tree = json.loads(file.read_bytes())
        sent = entered(catalogue().message(kind), fields(tree, kind))
        assert canonical.document(kind, sent.tree).canonical == canonical.document(kind, tree).canonical, file.name


def filled(page: Seen, action: str) -> list[tuple[str, str]]:
    """The fields of a form of a page as a browser sends them, without its buttons."""
    found = next(form for form in page.tree.xpath("//form") if form.get("action") == action)
    return [(name, value or "") for name, value in found.form_values()]


@pytest.fixture(scope="session")
async def everybody(desk: Desk) -> str:
    """A trade in which one party plays every role that sends, and another every role that receives."""
    roles = sorted(catalogue().roles)
    cast = [{"party_id": party, "role": role} for party in ("golden-lantern", "van-der-meer") for role in roles]
    reply = await desk.post("/v1/trades", "golden-lantern", {"participants": cast, "trade_id": reference(), "terms": TERMS})
    assert reply.status == 201, reply.body
    return str(reply.json["trade_id"])


@pytest.fixture(scope="session")
async def clerk(desk: Desk) -> AsyncIterator[Visitor]:
    """Somebody of the party with every role, signed in once for all forms."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        made = Visitor(desk.base_url, session)
        assert (await made.sign_in(email_of("golden-lantern"))).path == "/portal"
        yield made


def unnamed(page: Seen) -> list[str]:
    """Fields that nobody could tell what they are for, and ids that stand twice."""
    fields = page.all("//main//*[(self::input or self::select or self::textarea) and not(@type='hidden') and not(ancestor::template)]")
    named = set(page.all("//label/@for"))
    wrong = [one.get("name") for one in fields if not (one.get("aria-label") or one.get("id") in named or one.xpath("ancestor::label"))]
    ids = Counter(str(one) for one in page.all("//*[not(ancestor::template)]/@id"))
    return [*wrong, *(one for one, times in ids.items() if times > 1)]


@pytest.mark.parametrize("kind", catalogue().ids())
async def test_every_form_takes_a_document_and_gives_it_back(kind: str, desk: Desk, clerk: Visitor, everybody: str) -> None:
    """Through the pages: what was kept as a draft stands in the form, and what the form sends is the same document to the byte."""
    path = f"/portal/trades/{everybody}/write/{kind}"
    fresh = await clerk.get(path)
    assert fresh.status == 200 and unnamed(fresh) == []
    tree = json.loads(next(file for file in SAMPLES if file.parts[-4] == kind).read_bytes())
    kept = await desk.post("/v1/drafts", "golden-lantern", {"trade_id": everybody, "message": kind, "document": tree})
    assert kept.status == 201, kept.body
    page = await clerk.get(f"{path}?draft={kept.json['draft_id']}")
    assert page.status == 200 and unnamed(page) == []
    saved = await clerk.post(path, [*filled(page, path), ("do", "save")])
    assert saved.status == 200 and "Kept as a draft" in saved.text
    now = await desk.get(f"/v1/drafts/{kept.json['draft_id']}", "golden-lantern")
    assert now.json["revision"] == 2
    assert canonical.document(kind, now.json["document"]).canonical == canonical.document(kind, tree).canonical
    assert (await desk.call("DELETE", f"/v1/drafts/{kept.json['draft_id']}", "golden-lantern")).status == 204
