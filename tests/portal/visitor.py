"""Somebody in front of the portal without a browser: keeps cookies, fills forms as they stand on the page, follows where it is led."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from lxml import html

PASSWORD = "correct horse battery staple"


@dataclass
class Seen:
    """A page that was answered."""

    status: int
    url: str
    headers: Any
    body: str
    tree: Any = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def text(self) -> str:
        """What a reader reads: no markup, blanks as one."""
        found = self.tree.xpath("//body") or [self.tree]
        return " ".join(found[0].text_content().split())

    def all(self, xpath: str) -> list[Any]:
        return list(self.tree.xpath(xpath))

    @property
    def title(self) -> str:
        return str(self.tree.findtext(".//title"))

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form with this address, with the values they stand there with."""
        found = [form for form in self.tree.xpath("//form") if form.get("action") == action]
        assert found, f"no form leads to {action}: {[form.get('action') for form in self.tree.xpath('//form')]}"
        return {name: value or "" for name, value in found[0].form_values()}


@dataclass
class Visitor:
    """`base_url` is the hub's; `page` is the page in front of it."""

    base_url: str
    session: aiohttp.ClientSession
    page: Seen | None = None

    async def get(self, path: str, **headers: str) -> Seen:
        async with self.session.get(self.base_url + path, headers=headers) as answer:
            return await self._read(answer)

    async def post(self, path: str, fields: Any, **headers: str) -> Seen:
        async with self.session.post(self.base_url + path, data=fields, headers=headers) as answer:
            return await self._read(answer)

    async def submit(self, action: str, **fields: str) -> Seen:
        """Send the form of the page in front that leads to `action`, with these fields filled in."""
        assert self.page is not None
        return await self.post(action, self.page.form(action) | fields)

    async def sign_in(self, email: str, password: str = PASSWORD) -> Seen:
        await self.get("/portal/sign-in")
        return await self.submit("/portal/sign-in", email=email, password=password)

    async def _read(self, answer: aiohttp.ClientResponse) -> Seen:
        body = await answer.text()
        tree = html.document_fromstring(body) if body.strip() else html.Element("html")
        self.page = Seen(answer.status, urljoin(self.base_url, str(answer.url)), answer.headers, body, tree)
        return self.page


async def upload(one: Any, trade: str, name: str, body: bytes, **fields: str) -> Any:
    """Choose a file and look at it."""
    path = f"/portal/trades/{trade}/upload"
    page = await one.get(path)
    form = aiohttp.FormData()
    form.add_field("csrf_token", page.form(path)["csrf_token"])
    form.add_field("do", "preview")
    form.add_field("file", body, filename=name, content_type="application/octet-stream")
    for key, value in fields.items():
        form.add_field(key, value)
    return await one.post(path, form)
