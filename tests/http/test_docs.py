"""The pages for people: complete, true, readable without a script, nothing from another host."""

import ast
import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests.http.description import Description
from tests.http.desk import Desk
from tradeflow.api import codes
from tradeflow.bundle import bundle_root
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.rules.cross import cross_rules
from tradeflow.rules.evaluate import rules_of

IDS = catalogue().ids()
PAGES = ["/docs", "/docs/errors", "/docs/messages", "/docs/messages/commercial_invoice", "/docs/messages/bill_of_lading"]
VOID = {"meta", "link", "br", "img", "input", "hr"}
RAISED = {"Problem", "BadInput", "Refused", "Missing", "Unavailable", "Refusal", "malformed", "refuse", "no"}
AT_START = {"SANDBOX_DATABASE"}  # said by the command line, never over HTTP


class Page(HTMLParser):
    """What a page is made of; fails on a tag that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, tag

    def all(self, name: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(name))]


async def page(desk: Desk, path: str) -> Page:
    reply = await desk.get(path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return Page(reply.body.decode())


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_nothing_from_elsewhere_and_no_script(desk: Desk, path: str) -> None:
    found = await page(desk, path)
    loaded = [*found.all("src"), *(attrs["href"] for tag, attrs in found.tags if tag == "link")]
    assert loaded and all(address.startswith("/docs/static/") for address in loaded if address)
    assert all(href.startswith(("/", "#")) for href in found.all("href"))
    assert not [tag for tag, _ in found.tags if tag in ("script", "style", "iframe", "object", "form")]
    assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on") or name == "style"]
    assert found.tags[0] == ("html", {"lang": "en"})
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in [attrs for tag, attrs in found.tags if tag == "meta"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_forbids_what_it_does_not_need(desk: Desk, path: str) -> None:
    headers = (await desk.get(path)).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["Referrer-Policy"]) == ("DENY", "no-referrer")


@pytest.mark.parametrize("path", PAGES)
async def test_every_link_leads_somewhere(desk: Desk, path: str) -> None:
    found = await page(desk, path)
    places = set(found.all("id"))
    assert len(places) == len(found.all("id")), "ids are unique"
    for href in set(found.all("href")):
        address, _, place = href.partition("#")
        if not address:
            assert place in places, href
        else:
            assert (await desk.get(address)).status == 200, href


async def test_the_style_sheet_loads_nothing(desk: Desk) -> None:
    reply = await desk.get("/docs/static/docs.css")
    assert reply.headers["Content-Type"].startswith("text/css")
    assert b"url(" not in reply.body and b"@import" not in reply.body and b"//" not in reply.body


async def test_the_first_address_leads_to_the_documentation(desk: Desk) -> None:
    reply = await desk.get("/", allow_redirects=False)
    assert (reply.status, reply.headers["Location"]) == (303, "/docs")


async def test_the_reference_shows_every_operation_and_every_shape(desk: Desk, description: Description) -> None:
    reply = await desk.get("/docs")
    places = set(Page(reply.body.decode()).all("id"))
    assert {operation.id for operation in description.operations()} <= places
    assert {f"shape-{name}" for name in description.document["components"]["schemas"]} <= places
    assert b"Idempotency-Key" in reply.body and b"wait_seconds" in reply.body


def raised_codes() -> Iterator[tuple[str, str]]:
    """Every code that stands as first argument where a problem is made."""
    for file in sorted((bundle_root() / "tradeflow").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                value = node.args[0].value
                if name in RAISED and isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z_]{3,}", value):
                    yield value, f"{file.name}:{node.lineno}"


async def test_every_code_is_explained(desk: Desk) -> None:
    found = dict(raised_codes())
    assert len(found) > 25, "the search finds them"
    assert {code: where for code, where in found.items() if code not in codes.every() and code not in AT_START} == {}
    places = set((await page(desk, "/docs/errors")).all("id"))
    assert places == set(codes.every())
    assert not [name for name, code in codes.every().items() if not code.text]


def test_the_hubs_own_codes_are_all_in_use() -> None:
    spoken = {code for code, _ in raised_codes()} | set(codes._PLAIN.values()) | {"INTERNAL"}
    assert set(codes.HUB) - spoken == set()


@pytest.mark.parametrize("id", IDS)
async def test_the_page_of_a_message_has_all_of_it(desk: Desk, id: str) -> None:
    reply = await desk.get(f"/docs/messages/{id}")
    found, kind = Page(reply.body.decode()), catalogue().message(id)
    text = html.unescape(reply.body.decode())
    assert (reply.status, kind.name in text) == (200, True)
    assert all(f"<code>{row.path}</code>" in text for row in kind.fields)
    crossing = {rule.id for rule in cross_rules() for types in rule.types.values() if id in types}
    assert {rule.id for rule in rules_of(id)} | crossing <= set(found.all("id"))
    assert all(kind.catalogue.roles[role].name in text for role in (*kind.from_roles, *kind.to_roles))
    assert {f"/v1/schemas/{id}.json", f"/v1/schemas/{id}.xsd"} <= set(found.all("href"))
    places = set(found.all("id"))
    assert [href for href in found.all("href") if href.startswith("#") and href[1:] not in places] == []


async def test_the_page_of_a_message_says_where_it_is_used(desk: Desk) -> None:
    text = (await desk.get("/docs/messages/purchase_order")).body.decode()
    assert "contract.main" in text and "Establish sales / purchase contract" in text
    assert "no binding order or offer on the table" in text, "states are explained"
    assert "/v1/samples/purchase_order/s01.json" in text


async def test_the_list_names_every_message(desk: Desk) -> None:
    hrefs = set((await page(desk, "/docs/messages")).all("href"))
    assert {f"/docs/messages/{id}" for id in IDS} <= hrefs


async def test_the_list_follows_the_trade(desk: Desk) -> None:
    found = await page(desk, "/docs/messages")
    places = found.all("id")
    processes = [process.id for process in machine().processes.values() if process.number]
    assert [place for place in places if place in processes] == processes
    assert len(found.all("href")) - len(set(found.all("href"))) > len(IDS), "each message in each of its processes, and by name"
