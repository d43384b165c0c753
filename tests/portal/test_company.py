"""The administration of a company and the operator's pages, over HTTP, as those who may and as those who may not."""

import asyncio
import hashlib
import io
import json
import subprocess
import sys
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.http.desk import Desk, order, reference
from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import Visits, email_of, enlisted
from tests.portal.visitor import PASSWORD, Visitor
from tradeflow.portal.pages import board as board_page

PAGES = [
    "/portal/company",
    "/portal/company/users",
    "/portal/company/keys",
    "/portal/company/channels",
    "/portal/company/channel?kind=webhook",
]
PAGES += ["/portal/company/mandates", "/portal/company/links", "/portal/audit", "/portal/account", "/portal/held", "/portal/held-rules"]
HUB = ["/portal/hub", "/portal/hub/parties", "/portal/hub/content", "/portal/hub/quarantine"]


@pytest.fixture
async def boss(desk: Desk, visitor: Visits) -> Visitor:
    """An administrator of a company of its own, whose name is the part before the @ of its address."""
    party = f"admin-{uuid.uuid4().hex[:8]}"
    assert (await desk.post("/v1/parties", "operator", {"party_id": party, "name": "Admin Ltd", "country": "HK"})).status == 201
    await enlisted(desk, party, email_of(party))
    one = await visitor("")
    assert (await one.sign_in(email_of(party))).status == 200
    one.party = party  # type: ignore[attr-defined]
    return one


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_an_administrators(boss: Visitor, desk: Desk, visitor: Visits, path: str) -> None:
    page = await boss.get(path)
    assert page.status == 200 and page.all("//h1")
    email = f"clerk-{uuid.uuid4().hex[:8]}@portal.example"
    await enlisted(desk, boss.party, email, scopes=["read"])  # type: ignore[attr-defined]
    clerk = await visitor("")
    await clerk.sign_in(email)
    seen = await clerk.get(path)
    only_admin = any(word in path for word in ("users", "keys", "kind=", "rules"))
    assert seen.status == (403 if only_admin else 200), path
    posts = [form.get("action") for form in seen.all("//main//form[@method='post']")]
    assert all(action.startswith(("/portal/account", "/portal/language")) for action in posts), posts


@pytest.mark.parametrize("path", HUB)
async def test_the_hub_is_the_operators(visitor: Visits, path: str) -> None:
    operator, other = await visitor("operator"), await visitor("van-der-meer")
    page = await operator.get(path)
    assert page.status == 200 and page.all("//h1")
    assert (await other.get(path)).status == (200 if path.endswith("quarantine") else 403)


async def test_the_profile_is_changed(boss: Visitor, desk: Desk) -> None:
    await boss.get("/portal/company")
    wrong = await boss.submit("/portal/company", name="", country="")
    assert wrong.status == 422
    done = await boss.submit("/portal/company", name="Brighter Lamps Ltd", country="NL")
    assert done.path == "/portal/company" and "Brighter Lamps Ltd" in done.title
    assert (await desk.get(f"/v1/parties/{boss.party}", "operator")).json["country"] == "NL"  # type: ignore[attr-defined]


async def test_a_colleague_is_invited_limited_and_disabled(boss: Visitor, visitor: Visits) -> None:
    email = f"mei-{uuid.uuid4().hex[:8]}@portal.example"
    await boss.get("/portal/company/users")
    wrong = await boss.submit("/portal/company/users", email="nobody", days="99")
    assert wrong.status == 422 and wrong.all("//*[@class='wrong']")
    made = await boss.submit("/portal/company/users", email=email, name="Mei", days="3")
    link = made.all("//*[@class='once']//code/text()")[0]
    assert made.status == 201 and "/portal/invitation?token=ti_" in link
    assert link not in (await boss.get("/portal/company/users")).body and email in boss.page.text  # type: ignore[union-attr]
    mei = await visitor("")
    await mei.get("/portal/" + link.partition("/portal/")[2])
    assert (await mei.submit("/portal/invitation", password=PASSWORD)).path == "/portal"
    path = (await boss.get("/portal/company/users")).all("//tr[contains(., 'Mei')]//a/@href")[0]
    fields = [("csrf_token", (await boss.get(path)).form(path)["csrf_token"]), ("scopes", "read"), ("all_roles", "1")]
    saved = await boss.post(path, fields)
    assert saved.path == "/portal/company/users" and (await mei.get("/portal/company/keys")).status == 403
    assert (await boss.post(path, [*fields, ("disabled", "1")])).path == "/portal/company/users"
    assert (await mei.get("/portal/company")).path == "/portal/sign-in"
    own = boss.page.all("//tr[contains(., '(you)')]//a/@href")[0]  # type: ignore[union-attr]
    assert "Another administrator" in (await boss.get(own)).text


async def test_a_key_is_shown_once_and_ended(boss: Visitor, desk: Desk) -> None:
    await boss.get("/portal/company/keys")
    assert (await boss.submit("/portal/company/keys", name="")).status == 422
    made = await boss.submit("/portal/company/keys", name="order system", expires_at="2199-12-31")
    key = made.all("//*[@class='once']//code/text()")[0]
    headers = {"Authorization": f"Bearer {key}"}
    assert (await desk.get("/v1/inbox", headers=headers)).status == 200
    page = await boss.get("/portal/company/keys")
    assert key not in page.body and "order system" in page.text and "2199" in page.text
    ended = await boss.submit(f"/portal/company/keys/{key.split('_')[1]}/revoke")
    assert "ended" in ended.text and (await desk.get("/v1/inbox", headers=headers)).status == 401


async def test_a_second_factor_is_set_up_by_its_code(boss: Visitor, visitor: Visits) -> None:
    await boss.get("/portal/account")
    page = await boss.submit("/portal/account/second-factor")
    secret = page.all("//section[@aria-labelledby='factor']//code/text()")[0]
    assert page.all("//img[starts-with(@src, 'data:image/svg+xml')]") and page.headers["Cache-Control"] == "no-store"
    wrong = await boss.submit("/portal/account/second-factor/confirm", code="000000")
    assert wrong.status == 403 and "wrong" in wrong.text
    again = await boss.submit("/portal/account/second-factor")
    secret = again.all("//section[@aria-labelledby='factor']//code/text()")[0]
    on = await boss.submit("/portal/account/second-factor/confirm", code=pyotp.TOTP(secret).now())
    assert on.path == "/portal/account" and "second factor is on" in on.text
    other = await visitor("")
    assert (await other.sign_in(email_of(boss.party))).status == 401  # type: ignore[attr-defined]
    off = await boss.submit("/portal/account/second-factor/remove", code=pyotp.TOTP(secret).at(time.time() + 30))
    assert "second factor is off" in off.text


async def test_the_password_is_changed_and_other_sessions_end(boss: Visitor, visitor: Visits) -> None:
    other = await visitor("")
    await other.sign_in(email_of(boss.party))  # type: ignore[attr-defined]
    page = await boss.get("/portal/account")
    assert page.text.count("used last") == 2
    assert (await boss.submit("/portal/account/sessions/end")).path == "/portal/account"
    assert (await other.get("/portal/account")).path == "/portal/sign-in"
    new = "nine green bottles on a wall"
    differ = await boss.submit("/portal/account/password", present=PASSWORD, password=new, again="another one of these")
    assert differ.status == 422 and "not the same" in differ.text
    assert (await boss.submit("/portal/account/password", present="wrong", password=new, again=new)).status == 403
    assert "changed" in (await boss.submit("/portal/account/password", present=PASSWORD, password=new, again=new)).text
    assert (await other.sign_in(email_of(boss.party), new)).path == "/portal"  # type: ignore[attr-defined]


async def test_a_channel_is_made_tried_paused_and_removed(boss: Visitor) -> None:
    await boss.get("/portal/company/channel?kind=webhook")
    wrong = await boss.submit("/portal/company/channel", name="No Name", **{"setting-url": "https://erp.example/in"})
    assert wrong.status == 422
    made = await boss.submit("/portal/company/channel", name="erp", **{"setting-url": "http://127.0.0.1:9/in"})
    if made.status == 422:  # only https where the hub says so
        made = await boss.submit("/portal/company/channel", name="erp", **{"setting-url": "https://127.0.0.1:9/in"})
    assert made.status == 200 and "whsec_" in made.body, made.text
    secret = made.all("//*[@class='once']//code/text()")[0]
    path = "/portal/company/channels/erp"
    assert secret not in (await boss.get(path)).body
    tried = await boss.submit(f"{path}/test")
    assert "did not arrive" in tried.text
    assert "Paused" in (await boss.submit(f"{path}/pause", reason="holiday")).text
    assert "It goes on" in (await boss.submit(f"{path}/resume")).text
    assert "whsec_" in (await boss.submit(f"{path}/rotate")).body
    assert (await boss.get(f"{path}/change")).status == 200
    await boss.get(path)
    assert (await boss.submit(f"{path}/remove")).path == "/portal/company/channels"
    assert (await boss.get(path)).status == 404


async def test_a_delegation_is_given_and_taken_back(boss: Visitor, desk: Desk, visitor: Visits) -> None:
    await boss.get("/portal/company/mandates")
    assert (await boss.submit("/portal/company/mandates", agent="nobody-here", ends_at="2100-01-01")).status == 404
    assert (await boss.submit("/portal/company/mandates", agent="van-der-meer", ends_at="soon")).status == 422
    given = await boss.submit(
        "/portal/company/mandates", agent="van-der-meer", ends_at="2100-01-01", amount_max="50,000.00", currency="usd"
    )
    assert "van-der-meer →" in given.text and "USD" in given.text
    agent = await visitor("van-der-meer")
    assert boss.party in (await agent.get("/portal/company/mandates")).text  # type: ignore[attr-defined]
    action = next(form.get("action") for form in given.all("//form") if form.get("action", "").endswith("/revoke"))
    assert "Ended." in (await boss.submit(action)).text


async def test_a_link_is_made_and_ended(desk: Desk, visitor: Visits) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    one = await visitor("van-der-meer")
    await one.get(f"/portal/company/links?trade_id={trade_id}&type=purchase_order&number={message['document']['number']}")
    made = await one.submit("/portal/company/links", party_id="van-der-meer", role="importer")
    token = made.all("//*[@class='once']//code/text()")[0]
    opened = await desk.get("/v1/link", headers={"Authorization": f"Bearer {token}"})
    assert opened.status == 200
    await one.get("/portal/company/links")
    assert "The link is ended" in (await one.submit(f"/portal/company/links/{token.split('_')[1]}/revoke")).text
    assert (await desk.get("/v1/link", headers={"Authorization": f"Bearer {token}"})).status == 404
    assert (
        await one.submit(
            "/portal/company/links", trade_id="NO-SUCH-TRADE", type="purchase_order", number="1", party_id="x1", role="importer"
        )
    ).status == 404


async def test_the_trail_and_the_evidence_of_a_trade(desk: Desk, visitor: Visits, tmp_path: Path) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    one = await visitor("van-der-meer")
    assert trade_id in (await one.get("/portal/audit?before=")).text or (await one.get(f"/portal/audit/{trade_id}")).status == 200
    page = await one.get(f"/portal/audit/{trade_id}")
    assert "Contract: negotiating → ordered" in " ".join(page.text.split())
    for party, computed in (("van-der-meer", 2), ("golden-lantern", 0), ("operator", 2)):
        async with (await visitor(party)).session.get(f"{one.base_url}/portal/audit/{trade_id}/evidence") as answer:
            assert answer.status == 200, party
            body = await answer.read()
        folder = tmp_path / party
        zipfile.ZipFile(io.BytesIO(body)).extractall(folder)
        said = await asyncio.to_thread(
            subprocess.run, [sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert said.returncode == 0 and f"({computed} computed again): 0 faults" in said.stdout, said.stdout + said.stderr
    events = folder / "events.jsonl"
    events.write_text(events.read_text().replace('"role":"importer"', '"role":"exporter"'))
    said = await asyncio.to_thread(subprocess.run, [sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert said.returncode > 0 and "was changed" in said.stdout and "does not have its hash" in said.stdout
    stranger = await visitor("stranger")
    assert (await stranger.get(f"/portal/audit/{trade_id}")).status == 404
    assert (await stranger.get(f"/portal/audit/{trade_id}/evidence")).status == 404


async def test_the_evidence_of_what_the_board_shows_is_one_file(
    desk: Desk, boss: Visitor, visitor: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    party: str = boss.party  # type: ignore[attr-defined]
    desk.keys[party] = (await desk.post(f"/v1/parties/{party}/keys", "operator", {"name": "tests"})).json["key"]
    cast = [{"party_id": party, "role": "importer"}, {"party_id": "golden-lantern", "role": "exporter"}]
    trades = [reference() for _ in range(3)]
    for trade_id in trades:
        assert (await desk.post("/v1/trades", party, {"trade_id": trade_id, "participants": cast})).status == 201
    (link,) = (await boss.get("/portal/trades")).all("//a[@data-export]/@href")

    async def exported(one: Visitor) -> tuple[dict[str, bytes], dict[str, Any]]:
        async with one.session.get(f"{desk.base_url}{link}") as answer:
            assert answer.status == 200
            with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
                assert archive.testzip() is None
                files = {name: archive.read(name) for name in archive.namelist()}
        return files, json.loads(files.pop("index.json"))

    files, index = await exported(boss)
    assert files.keys() == {f"{trade_id}.zip" for trade_id in trades} and index["more"] is False
    assert index["trades"] == {name.removesuffix(".zip"): hashlib.sha256(body).hexdigest() for name, body in files.items()}
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(files[f"{trades[0]}.zip"])).read("manifest.json"))
    assert (manifest["trade_id"], manifest["party_id"]) == (trades[0], party)
    monkeypatch.setattr(board_page, "EXPORTED_MAX", 2)
    files, index = await exported(boss)
    assert len(files) == 2 and index["more"] is True
    stranger = await visitor("stranger")
    link = f"{link}{trades[0].lower()}"
    assert await exported(stranger) == ({}, {"party_id": "stranger", "trades": {}, "more": False})


async def test_the_operator_registers_a_company(visitor: Visits) -> None:
    one, party = await visitor("operator"), f"new-{uuid.uuid4().hex[:8]}"
    await one.get("/portal/hub/parties")
    assert (await one.submit("/portal/hub/parties/new", name="New Ltd", party_id="No!", country="HK", email="x@y.example")).status == 422
    made = await one.submit("/portal/hub/parties/new", name="New Ltd", party_id=party, country="HK", email=f"{party}@portal.example")
    link = made.all("//*[@class='once']//code/text()")[0]
    assert made.status == 201 and party in made.text
    first = await visitor("")
    await first.get("/portal/" + link.partition("/portal/")[2])
    assert (await first.submit("/portal/invitation", password=PASSWORD)).path == "/portal"
    assert (await one.submit("/portal/hub/parties/new", name="New Ltd", party_id=party, country="HK", email="x@y.example")).status == 409
    assert party in (await one.get("/portal/hub/parties?q=NEW-")).text


@pytest.mark.parametrize("who", ["van-der-meer", "operator"])
async def test_nobody_is_kept_out(who: str, tab: Page, phone: Page) -> None:
    for page in (tab, phone):
        await page.goto("/portal/sign-in")
        await page.get_by_label("E-mail address").fill(email_of(who))
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.locator(".user-menu")).to_be_visible()
        for path in PAGES if who == "van-der-meer" else HUB:
            await page.goto(path)
            assert await barriers(page) == [], path
            assert await sideways(page) <= 0, path
