"""Signing in and out, signing up, invitations, languages, and pages that say what to do where something is wrong."""

import time
import uuid
from collections.abc import AsyncIterator

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.http.desk import Desk
from tests.http.organisation import Organisation, serving
from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import DESKTOP, Visits, email_of, enlisted, watched
from tests.portal.visitor import PASSWORD
from tradeflow.app.oidc.provider import Providers
from tradeflow.app.wiring import Hub
from tradeflow.portal.pages.start import _inside

OPEN = ["/portal/sign-in", "/portal/sign-up", "/portal/invitation"]


@pytest.fixture
async def lantern(desk: Desk, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Organisation]:
    """The provider of golden-lantern: it vouches for Anna, who has no user yet."""
    org = Organisation()
    async with serving(org):
        monkeypatch.setattr(hub.organisations, "providers", Providers(internal=True))
        monkeypatch.setattr(hub.organisations, "_url", desk.base_url)
        given = {"issuer": org.issuer, "client_id": org.client_id, "client_secret": org.secret, "email_domains": ["lantern.example"]}
        given |= {"just_in_time": True, "roles": ["exporter"], "scopes": ["read", "lodge"]}
        at = "/v1/parties/golden-lantern/identity-provider"
        assert (await desk.call("PUT", at, "golden-lantern", given)).status == 200
        yield org
        assert (await desk.call("DELETE", at, "golden-lantern")).status == 204


async def test_somebody_signs_in_at_the_company_in_a_browser(desk: Desk, chromium: Browser, lantern: Organisation) -> None:
    """From the hub to the provider and back, by clicks; and what a refusal looks like. Nothing may be said in the console."""
    async with watched(chromium, desk, DESKTOP, lantern.issuer) as page:
        await page.goto("/portal/sign-in?next=/portal/trades")
        await page.get_by_text("Sign in at your company instead").click()
        await page.get_by_label("Short name of your company").fill("golden-lantern")
        assert await barriers(page) == []
        await page.get_by_role("button", name="Go on to your company's sign-in").click()
        await page.get_by_role("link", name="Sign in as Anna Li").click()
        await page.wait_for_url("**/portal/trades")
        await expect(page.locator(".user-menu")).to_contain_text("Anna Li")
    async with watched(chromium, desk, DESKTOP, lantern.issuer) as page:
        lantern.user["email_verified"] = False
        await page.goto("/portal/sign-in")
        await page.get_by_text("Sign in at your company instead").click()
        await page.get_by_label("Short name of your company").fill("golden-lantern")
        await page.get_by_role("button", name="Go on to your company's sign-in").click()
        await page.get_by_role("link", name="Sign in as Anna Li").click()
        await expect(page.get_by_role("alert")).to_contain_text("did not prove who you are")


async def test_a_company_without_a_provider_is_said_to_have_none(visitor: Visits) -> None:
    one = await visitor("")
    for party in ("van-der-meer", "no-such-company"):
        await one.get("/portal/sign-in")
        said = await one.submit("/portal/sign-in/organisation", party_id=party)
        assert said.status == 404 and "no company of this name" in said.text


async def test_who_is_not_signed_in_is_asked_to_and_led_back(visitor: Visits) -> None:
    one = await visitor("")
    page = await one.get("/", Accept="text/html,application/xhtml+xml")
    assert page.path == "/portal/sign-in" and page.form("/portal/sign-in")["next"] == "/portal"
    wrong = await one.submit("/portal/sign-in", email=email_of("van-der-meer"), password="not this one")
    assert wrong.status == 401 and "is wrong" in wrong.text and wrong.form("/portal/sign-in")["email"] == email_of("van-der-meer")
    right = await one.submit("/portal/sign-in", email=email_of("van-der-meer"), password=PASSWORD)
    assert right.path == "/portal" and right.all("//header//*[contains(@class, 'who')]")[0].text_content().startswith("Van Der Meer")


async def test_signing_out_ends_the_session(visitor: Visits) -> None:
    one = await visitor("van-der-meer")
    out = await one.submit("/portal/sign-out")
    assert out.path == "/portal/sign-in" and "You are signed out." in out.text
    assert (await one.get("/portal")).path == "/portal/sign-in"
    assert "You are signed out." not in one.page.text  # said once


async def test_a_form_without_the_token_of_its_session_does_nothing(visitor: Visits) -> None:
    one = await visitor("van-der-meer")
    for token in ("", "x" * 43):
        refused = await one.post("/portal/sign-out", {"csrf_token": token})
        assert refused.status == 403 and "CSRF_TOKEN" in refused.text
    assert (await one.get("/portal")).path == "/portal"
    elsewhere = await one.post("/portal/sign-in", {"email": "x"}, **{"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status == 403


async def test_pages_are_compressed_where_nobody_else_chose_what_stands_in_them(visitor: Visits) -> None:
    one = await visitor("van-der-meer")
    first, again = await one.get("/portal"), await one.get("/portal")
    assert first.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in first.headers["Vary"]
    assert int(first.headers["Content-Length"]) * 2 < len(first.body)
    tokens = [page.form("/portal/sign-out")["csrf_token"] for page in (first, again)]
    assert tokens[0] != tokens[1]  # what repeats in every page is not written the same way twice
    led = await one.get("/portal/trades?q=guess", **{"Sec-Fetch-Site": "cross-site"})
    plain = await one.get("/portal", **{"Accept-Encoding": "identity"})
    assert led.status == 200 and "Content-Encoding" not in led.headers and "Content-Encoding" not in plain.headers
    assert (await one.post("/portal/sign-out", {"csrf_token": tokens[0]})).path == "/portal/sign-in"


async def test_the_second_factor_is_asked_for(desk: Desk, visitor: Visits) -> None:
    email = f"anna-{uuid.uuid4().hex[:6]}@portal.example"
    await enlisted(desk, "van-der-meer", email)
    one = await visitor("")
    await one.sign_in(email)
    csrf = one.page.form("/portal/sign-out")["csrf_token"]
    headers = {"X-CSRF-Token": csrf, "Content-Type": "application/json"}
    async with one.session.post(f"{one.base_url}/v1/session/totp", headers=headers) as answer:
        secret = (await answer.json())["secret"]
    async with one.session.put(f"{one.base_url}/v1/session/totp", headers=headers, json={"code": pyotp.TOTP(secret).now()}) as answer:
        assert answer.status == 204
    await one.submit("/portal/sign-out")
    asked = await one.sign_in(email)
    assert asked.status == 401 and "authenticator" in asked.text and "code" in asked.form("/portal/sign-in")
    later = pyotp.TOTP(secret).at(time.time() + 30)  # a code is good once
    assert (await one.submit("/portal/sign-in", email=email, password=PASSWORD, code=later)).path == "/portal"


async def test_a_company_signs_up_and_is_told_everything_that_is_wrong(visitor: Visits, desk: Desk) -> None:
    one, id = await visitor(""), f"lamps-{uuid.uuid4().hex[:8]}"
    await one.get("/portal/sign-up")
    wrong = await one.submit("/portal/sign-up", company="", party_id="No!", country="", name="", email="nobody", password="short")
    assert wrong.status == 422 and len(wrong.all("//p[@class='wrong']")) == 6
    good = {"company": "Lamps Ltd", "party_id": id, "country": "HK", "name": "Li Wei", "email": f"li@{id}.example", "password": PASSWORD}
    taken = await one.submit("/portal/sign-up", **{**good, "party_id": "van-der-meer"})
    assert taken.status == 409 and "van-der-meer" in taken.text
    taken = await one.submit("/portal/sign-up", **{**good, "email": email_of("van-der-meer")})
    assert taken.status == 409 and (await desk.get(f"/v1/parties/{id}", "operator")).status == 404  # neither half was kept
    home = await one.submit("/portal/sign-up", **good)
    assert home.path == "/portal" and "Your company is on the hub" in home.text and "Lamps Ltd" in home.text
    assert (await desk.get(f"/v1/parties/{id}", "operator")).json["country"] == "HK"


async def test_an_invitation_is_taken_up(desk: Desk, visitor: Visits) -> None:
    email = f"ben-{uuid.uuid4().hex[:6]}@portal.example"
    token = (await desk.post("/v1/invitations", "van-der-meer", {"email": email, "name": "Ben"})).json["token"]
    one = await visitor("")
    await one.get(f"/portal/invitation?token={token}")
    short = await one.submit("/portal/invitation", password="short")
    assert short.status == 422 and short.all("//p[@class='wrong']")
    home = await one.submit("/portal/invitation", password=PASSWORD)
    assert home.path == "/portal" and "Ben" in home.text
    other = await visitor("")
    await other.get(f"/portal/invitation?token={token}")
    assert (await other.submit("/portal/invitation", password=PASSWORD)).status == 404


async def test_what_is_not_there_is_said_in_a_page(visitor: Visits) -> None:
    one = await visitor("van-der-meer")
    for path in ("/portal/nothing", "/portal/trades/NOT-A-TRADE", "/portal/sign-out"):
        page = await one.get(path)
        assert page.status in (404, 405), path
        assert page.headers["Content-Type"].startswith("text/html") and page.all("//h1"), path


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/portal/../x", "/docs", "/portal\\x", "/portal//x", "", "/portal/\nx"]
)
def test_signing_in_leads_nowhere_else(path: str) -> None:
    assert _inside(path) == "/portal"


async def test_files_are_kept_for_good_under_addresses_of_their_content(visitor: Visits) -> None:
    one = await visitor("")
    page = await one.get("/portal/sign-in")
    for link in page.all("//link/@href | //script/@src | //img/@src"):
        async with one.session.get(one.base_url + link) as answer:
            assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"], link
    assert (await one.get("/portal/static/nothing.css")).status == 404


async def test_pages_allow_nothing_but_what_is_the_hubs(visitor: Visits) -> None:
    page = await (await visitor("")).get("/portal/sign-in")
    policy = page.headers.getall("Content-Security-Policy")
    assert len(policy) == 1 and "'unsafe" not in policy[0] and "http" not in policy[0]
    assert page.all("//*[@style] | //script[not(@src)] | //style | //*[@onclick]") == []


@pytest.mark.parametrize("path", OPEN)
async def test_nobody_is_kept_out(path: str, tab: Page, phone: Page) -> None:
    for page in (tab, phone):
        await page.goto(path)
        assert await barriers(page) == []
        assert await sideways(page) <= 0


async def test_signing_in_and_out_in_a_browser(tab: Page) -> None:
    await tab.goto("/portal")
    await tab.get_by_label("E-mail address").fill(email_of("golden-lantern"))
    await tab.get_by_label("Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Sign in").click()
    await expect(tab.get_by_role("heading", level=1)).to_contain_text("Good day")
    await tab.locator(".user-menu summary").click()
    await tab.get_by_role("button", name="Sign out").click()
    await expect(tab.get_by_role("status")).to_have_text("You are signed out.")


async def test_the_short_name_follows_the_name(tab: Page) -> None:
    await tab.goto("/portal/sign-up")
    await tab.get_by_label("Name of the company").fill("Café Lumière & Sons Ltd.")
    await expect(tab.get_by_label("Short name")).to_have_value("cafe-lumiere-sons-ltd")


async def test_a_console_error_is_noticed(tab: Page) -> None:
    """The harness itself: what must never happen is seen when it does."""
    heard: list[str] = []
    tab.on("console", lambda said: heard.append(said.type))
    await tab.goto("/portal/sign-in")
    await tab.evaluate("console.log('a word')")
    assert heard == ["log"]
