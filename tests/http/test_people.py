"""People: invited, signed in by password and second factor, held to their limits, signed out; as a browser does it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pyotp
import pytest

from tests.http.desk import Desk, Reply, order
from tests.http.problems import assert_problem
from tradeflow.app.sessions import TRIES
from tradeflow.app.wiring import Hub

PASSWORD = "correct horse battery staple"


@dataclass
class Browser:
    """Keeps cookies as a browser does, and sends the token of its session with changes."""

    desk: Desk
    session: aiohttp.ClientSession
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        sent = {**({"X-CSRF-Token": self.csrf} if self.csrf else {}), **headers}
        return await Desk(self.desk.base_url, self.session).call(method, path, None, body, headers=sent)

    async def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> Reply:
        reply = await self.call("POST", "/v1/session", {"email": email, "password": password, **more})
        if reply.status == 200:
            self.csrf = reply.json["csrf_token"]
        return reply

    @property
    def token(self) -> str:
        return next((cookie.value for cookie in self.session.cookie_jar if cookie.key == "tf_session"), "")


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Browser(desk, session)


async def invited(desk: Desk, email: str, by: str = "van-der-meer", **limits: Any) -> Any:
    reply = await desk.post("/v1/invitations", by, {"email": email, "name": "Anna", **limits})
    assert reply.status == 201, reply.body
    return reply.json


async def hired(desk: Desk, email: str, by: str = "van-der-meer", **limits: Any) -> Any:
    made = await invited(desk, email, by, **limits)
    reply = await desk.post("/v1/invitations/user", None, {"token": made["token"], "password": PASSWORD})
    assert reply.status == 201, reply.body
    return reply.json


async def test_from_the_invitation_to_a_message_and_out_again(desk: Desk, browser: Browser) -> None:
    user = await hired(desk, "Anna@van-der-meer.example", scopes=["read", "lodge", "decide"])
    signed = await browser.sign_in("anna@VAN-der-meer.example")
    assert signed.status == 200, signed.body
    cookie = signed.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert signed.json["user"]["user_id"] == user["user_id"] and signed.json["party"]["party_id"] == "van-der-meer"
    assert browser.token not in str(signed.json)
    assert (await browser.call("GET", "/v1/session")).json["csrf_token"] == browser.csrf
    trade_id = await desk.trade()
    lodged = await browser.call("POST", "/v1/messages", order(trade_id))
    assert lodged.status == 201, lodged.body
    who = (await desk.get(f"/v1/trades/{trade_id}", "golden-lantern")).json["timeline"][-1]
    assert (who["party"], who["role"]) == ("van-der-meer", "importer")
    assert_problem(await browser.call("GET", "/v1/users"), 403, "SCOPE_MISSING")
    assert (await browser.call("DELETE", "/v1/session")).status == 204
    assert_problem(await browser.call("GET", "/v1/trades"), 401, "UNAUTHENTICATED")


async def test_what_a_user_does_is_recorded_under_its_id(desk: Desk, browser: Browser, hub: Hub) -> None:
    user = await hired(desk, "recorded@van-der-meer.example")
    await browser.sign_in("recorded@van-der-meer.example")
    trade_id = await desk.trade()
    assert (await browser.call("POST", "/v1/messages", order(trade_id))).status == 201
    async with hub.store.connection() as connection:
        assert await connection.fetchval("SELECT key_id FROM event WHERE trade_id = $1 AND seq = 2", trade_id) == f"user:{user['user_id']}"


async def test_a_change_without_the_token_of_the_session_is_refused(desk: Desk, browser: Browser) -> None:
    await hired(desk, "csrf@van-der-meer.example")
    await browser.sign_in("csrf@van-der-meer.example")
    trade_id = await desk.trade()
    for token in ("", "x", browser.csrf[:-1], desk.keys["stranger"]):
        assert_problem(await browser.call("POST", "/v1/messages", order(trade_id), **{"X-CSRF-Token": token}), 403, "CSRF_TOKEN")
    assert (await browser.call("GET", f"/v1/trades/{trade_id}", **{"X-CSRF-Token": ""})).status == 200, "reading needs none"
    other = {"Authorization": f"Bearer {desk.keys['stranger']}"}
    assert_problem(await browser.call("GET", f"/v1/trades/{trade_id}", **other), 404, "UNKNOWN_TRADE")
    assert_problem(await browser.call("GET", "/v1/trades", Authorization="Basic x"), 401, "UNAUTHENTICATED")


async def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_before(desk: Desk, browser: Browser) -> None:
    await hired(desk, "rotate@van-der-meer.example")
    await browser.sign_in("rotate@van-der-meer.example")
    first = browser.token
    await browser.sign_in("rotate@van-der-meer.example")
    assert browser.token != first
    assert (await browser.call("GET", "/v1/trades")).status == 200
    fixed = {"Cookie": f"tf_session={first}"}
    assert_problem(await desk.get("/v1/trades", headers=fixed), 401, "UNAUTHENTICATED")
    planted = {"Cookie": "tf_session=chosen-by-somebody-else"}
    reply = await desk.post("/v1/session", None, {"email": "rotate@van-der-meer.example", "password": PASSWORD}, headers=planted)
    assert "chosen-by-somebody-else" not in reply.headers["Set-Cookie"]


async def test_a_session_ends_when_idle_and_after_its_time(desk: Desk, browser: Browser, hub: Hub) -> None:
    user = await hired(desk, "idle@van-der-meer.example")
    for ended in ("seen_at = now() - interval '31 minutes'", "expires_at = now() - interval '1 second'"):
        await browser.sign_in("idle@van-der-meer.example")
        assert (await browser.call("GET", "/v1/trades")).status == 200
        async with hub.store.transaction() as connection:
            await connection.execute(f"UPDATE session SET {ended} WHERE user_id = $1", user["user_id"])
        assert_problem(await browser.call("GET", "/v1/trades"), 401, "UNAUTHENTICATED")


async def test_wrong_names_and_wrong_passwords_look_the_same_and_wait_the_same(desk: Desk, browser: Browser) -> None:
    await hired(desk, "locked@van-der-meer.example")
    seen = []
    for email in ("locked@van-der-meer.example", "nobody@van-der-meer.example"):
        replies = [await browser.sign_in(email, "wrong wrong wrong") for _ in range(TRIES + 1)]
        seen.append([(reply.status, reply.body if reply.status == 401 else reply.code) for reply in replies])
        assert 1 <= int(replies[-1].headers["Retry-After"]) <= 30
    assert seen[0] == seen[1]
    assert [status for status, _ in seen[0]] == [401] * TRIES + [429]
    assert_problem(await browser.sign_in("locked@van-der-meer.example"), 429, "TOO_MANY_REQUESTS")


async def test_many_guesses_at_once_are_no_way_around_the_lock(desk: Desk, browser: Browser) -> None:
    await hired(desk, "storm@van-der-meer.example")
    replies = await asyncio.gather(*(browser.sign_in("storm@van-der-meer.example", f"guess number {n} of many") for n in range(25)))
    assert sum(reply.status == 401 for reply in replies) == TRIES


async def test_a_second_factor_is_asked_for_and_each_code_works_once(desk: Desk, browser: Browser) -> None:
    email = "totp@van-der-meer.example"
    await hired(desk, email)
    await browser.sign_in(email)
    began = (await browser.call("POST", "/v1/session/totp")).json
    assert began["uri"].startswith("otpauth://totp/tradeflow:")
    totp = pyotp.TOTP(began["secret"])
    assert_problem(await browser.call("PUT", "/v1/session/totp", {"code": "000000"}), 403, "PASSWORD_WRONG")
    code = totp.now()
    assert (await browser.call("PUT", "/v1/session/totp", {"code": code})).status == 204
    assert_problem(await browser.sign_in(email), 401, "TOTP_REQUIRED")
    assert_problem(await browser.sign_in(email, "wrong wrong wrong", code=code), 401, "UNAUTHENTICATED")
    assert_problem(await browser.sign_in(email, code=code), 401, "UNAUTHENTICATED")  # it confirmed the factor: used up
    later = totp.at(time.time() + 30)
    assert (await browser.sign_in(email, code=later)).status == 200
    assert_problem(await browser.sign_in(email, code=later), 401, "UNAUTHENTICATED")
    assert_problem(await browser.call("POST", "/v1/session/totp"), 409, "TOTP_STATE")


async def test_another_password_ends_the_other_sessions(desk: Desk, browser: Browser) -> None:
    email = "change@van-der-meer.example"
    await hired(desk, email)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        other = Browser(desk, session)
        await other.sign_in(email)
        await browser.sign_in(email)
        new = {"present": PASSWORD, "password": "purple monkey dishwasher"}
        assert_problem(await browser.call("PUT", "/v1/session/password", {**new, "present": "x"}), 403, "PASSWORD_WRONG")
        for weak in ("short", "aaaaaaaaaaaaaaaa", "i am change, you know"):
            assert_problem(await browser.call("PUT", "/v1/session/password", {**new, "password": weak}), 422, "INVALID_REQUEST")
        assert (await browser.call("PUT", "/v1/session/password", new)).status == 204
        assert (await browser.call("GET", "/v1/trades")).status == 200
        assert_problem(await other.call("GET", "/v1/trades"), 401, "UNAUTHENTICATED")
    assert_problem(await browser.sign_in(email), 401, "UNAUTHENTICATED")
    assert (await browser.sign_in(email, "purple monkey dishwasher")).status == 200


async def test_an_invitation_works_once_and_not_after_its_end(desk: Desk, hub: Hub) -> None:
    async def accept(token: str) -> Reply:
        return await desk.post("/v1/invitations/user", None, {"token": token, "password": PASSWORD})

    used, ended, expired = [await invited(desk, f"{name}@van-der-meer.example") for name in ("used", "ended", "expired")]
    assert (await accept(used["token"])).status == 201
    assert (await desk.call("DELETE", f"/v1/invitations/{ended['invitation_id']}", "van-der-meer")).status == 204
    async with hub.store.transaction() as connection:
        await connection.execute("UPDATE invitation SET expires_at = now() WHERE invitation_id = $1", expired["invitation_id"])
    wrong = [used["token"], ended["token"], expired["token"], used["token"][:-1] + "x", "ti__", "x", "ti_0000_0000"]
    replies = [await accept(token) for token in wrong]
    assert {(reply.status, reply.body) for reply in replies} == {(404, replies[0].body)}, "which it is, is not told"
    listed = (await desk.get("/v1/invitations", "van-der-meer")).json["items"]
    assert used["token"] not in str(listed) and [row["used_by"] is not None for row in listed if row["email"].startswith("used@")] == [True]


async def test_two_who_use_an_invitation_at_once_are_one(desk: Desk) -> None:
    token = (await invited(desk, "twice@van-der-meer.example"))["token"]
    asked = [desk.post("/v1/invitations/user", None, {"token": token, "password": PASSWORD}) for _ in range(6)]
    assert sorted(reply.status for reply in await asyncio.gather(*asked)) == [201] + [404] * 5


async def test_an_admin_changes_disables_and_lets_in_again(desk: Desk, browser: Browser) -> None:
    email = "limits@van-der-meer.example"
    user = await hired(desk, email)
    await browser.sign_in(email)
    address = f"/v1/users/{user['user_id']}"
    limited = await desk.call("PUT", address, "van-der-meer", {"roles": None, "scopes": ["read"], "disabled": False})
    assert limited.json["scopes"] == ["read"]
    assert_problem(await browser.call("POST", "/v1/messages", order(await desk.trade())), 403, "SCOPE_MISSING")
    assert (await desk.call("PUT", address, "van-der-meer", {"roles": None, "scopes": ["read"], "disabled": True})).json["disabled_at"]
    assert_problem(await browser.call("GET", "/v1/trades"), 401, "UNAUTHENTICATED")
    assert_problem(await browser.sign_in(email), 401, "UNAUTHENTICATED")
    again = await invited(desk, email, scopes=["read"])
    accepted = {"token": again["token"], "password": "purple monkey dishwasher"}
    assert (await desk.post("/v1/invitations/user", None, accepted)).json["user_id"] == user["user_id"]
    assert (await browser.sign_in(email, "purple monkey dishwasher")).status == 200


async def test_a_limited_admin_hands_out_no_more_than_it_has_and_touches_nobody_above(desk: Desk, browser: Browser) -> None:
    boss = await hired(desk, "boss@van-der-meer.example")
    clerk = await hired(desk, "clerk@van-der-meer.example", scopes=["admin", "read"])
    await browser.sign_in("clerk@van-der-meer.example")
    for limits in ({}, {"scopes": ["lodge"]}):
        assert_problem(await browser.call("POST", "/v1/invitations", {"email": "x@y.example", **limits}), 403, "SCOPE_MISSING")
    everything = {"roles": None, "scopes": ["read"], "disabled": True}
    assert_problem(await browser.call("PUT", f"/v1/users/{boss['user_id']}", everything), 403, "SCOPE_MISSING")
    assert_problem(await browser.call("PUT", f"/v1/users/{clerk['user_id']}", everything), 403, "SCOPE_MISSING")
    reset = {"email": "boss@van-der-meer.example", "scopes": ["read"]}
    assert_problem(await browser.call("POST", "/v1/invitations", reset), 403, "SCOPE_MISSING")
    assert_problem(await browser.call("POST", "/v1/parties/van-der-meer/keys", {"name": "x"}), 403, "SCOPE_MISSING")


async def test_the_address_of_another_partys_user_is_not_taken_over(desk: Desk, browser: Browser) -> None:
    email = "anna@golden-lantern.example"
    await hired(desk, email, by="golden-lantern")
    token = (await invited(desk, email))["token"]
    reply = await desk.post("/v1/invitations/user", None, {"token": token, "password": "purple monkey dishwasher"})
    assert_problem(reply, 404, "UNKNOWN_INVITATION")
    assert (await browser.sign_in(email)).json["party"]["party_id"] == "golden-lantern"


async def test_the_operator_invites_the_first_admin_of_a_party_and_others_only_their_own(desk: Desk, browser: Browser) -> None:
    asked = {"email": "first@maasbank.example", "party_id": "maasbank"}
    foreign = await desk.post("/v1/invitations", "stranger", asked)
    missing = await desk.post("/v1/invitations", "stranger", {**asked, "party_id": "no-such-bank"})
    assert foreign.body.replace(b"maasbank", b"no-such-bank") == missing.body and foreign.status == 404
    made = (await desk.post("/v1/invitations", "operator", asked)).json
    assert (await desk.post("/v1/invitations/user", None, {"token": made["token"], "password": PASSWORD})).status == 201
    await browser.sign_in("first@maasbank.example")
    assert "first@maasbank.example" in [user["email"] for user in (await browser.call("GET", "/v1/users")).json["items"]]


@pytest.mark.parametrize("path", ["/v1/session/totp", "/v1/session"])
async def test_a_key_is_no_person(desk: Desk, path: str) -> None:
    method = "POST" if path.endswith("totp") else "DELETE"
    assert_problem(await desk.call(method, path, "stranger"), 403, "USERS_ONLY")


def test_over_https_the_cookie_is_for_https_only(hub: Hub) -> None:
    from dataclasses import replace

    from tradeflow.api.routes.session import session_cookie

    secure = replace(hub, settings=hub.settings.model_copy(update={"public_url": "https://hub.example"}))
    made = session_cookie(secure, "x")
    assert (made.key, made.secure, made.httponly, made.path, made.domain) == ("__Host-tf_session", True, True, "/", None)
