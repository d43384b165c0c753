"""Signing in at one's own organisation: a real provider on loopback, and everything that one that cheats could send."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from joserfc import jwt

from tests.http.desk import Desk, Reply
from tests.http.organisation import Claims, Organisation, new_key, serving
from tests.http.problems import assert_problem
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.oidc.provider import KEYS_AGAIN
from tradeflow.app.oidc.sign_in import BEGUN_SECONDS_MAX
from tradeflow.app.oidc.tokens import AGE_SECONDS_MAX, SKEW_SECONDS, Expected, TokenRefused, identity
from tradeflow.app.wiring import Hub
from tradeflow.ports import NullDoorbell
from tradeflow.settings import Settings

PARTIES = ("golden-lantern", "van-der-meer")


@dataclass
class House:
    """A hub, a party's provider, and a browser that keeps its cookies."""

    hub: Hub
    desk: Desk
    org: Organisation
    browser: Desk

    async def set(self, party: str = "golden-lantern", **given: Any) -> Reply:
        body = {"issuer": self.org.issuer, "client_id": self.org.client_id, "client_secret": self.org.secret}
        return await self.desk.call(
            "PUT", f"/v1/parties/{party}/identity-provider", party, {**body, "email_domains": ["Lantern.example".lower()], **given}
        )

    async def begin(self, **given: str) -> str:
        reply = await self.browser.post("/v1/session/oidc", None, {"party_id": "golden-lantern", **given})
        assert reply.status == 200, reply.body
        return str(reply.json["url"])

    async def back(self, url: str) -> Reply:
        path = url.removeprefix(self.desk.base_url)
        assert path.startswith("/v1/session/oidc/callback?")
        return await self.browser.get(path, allow_redirects=False)

    async def sign_in(self) -> Reply:
        return await self.back(self.org.authorize(await self.begin()))

    async def who(self) -> Any:
        return (await self.browser.get("/v1/session")).json


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(data_dir=tmp_path, sandbox=True, internal_addresses=True, rate_per_second=0, port=0)
    org = Organisation()
    async with serving(org), aiohttp.ClientSession() as calls:
        hub = await Hub.open(settings, database, NullDoorbell())
        jar = aiohttp.CookieJar(unsafe=True)
        async with Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession(cookie_jar=jar) as browser:
            hub.organisations._url = listener.base_url
            desk = Desk(listener.base_url, calls, {"operator": await operator_key(hub.store)})
            for party in PARTIES:
                assert (await desk.post("/v1/parties", "operator", {"party_id": party, "name": party})).status == 201
                desk.keys[party] = (await desk.post(f"/v1/parties/{party}/keys", "operator", {"name": "tests"})).json["key"]
            yield House(hub, desk, org, Desk(listener.base_url, browser))
        await hub.close()


def jwt_part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def symmetric(claims: Claims, key: bytes) -> str:
    """Signed with HS256, whatever the key is: no library would."""
    signed = f"{jwt_part({'alg': 'HS256', 'kid': 'first'})}.{jwt_part(claims)}"
    return f"{signed}.{base64.urlsafe_b64encode(hmac.digest(key, signed.encode(), 'sha256')).rstrip(b'=').decode()}"


async def test_somebody_new_becomes_a_user_and_comes_again(house: House) -> None:
    made = await house.set(just_in_time=True, roles=["exporter"], scopes=["read", "lodge"])
    assert made.status == 200, made.body
    assert made.json["has_secret"] and house.org.secret not in made.body.decode()
    assert made.json["redirect_uri"].endswith("/v1/session/oidc/callback")
    url = await house.begin(return_to="/trades?open=1")
    reply = await house.back(house.org.authorize(url))
    assert reply.status == 303, reply.body
    assert reply.headers["Location"] == "/trades?open=1"
    first = await house.who()
    user = first["user"]
    assert (user["email"], user["name"], user["roles"], user["scopes"]) == (
        "anna@lantern.example",
        "Anna Li",
        ["exporter"],
        ["read", "lodge"],
    )
    assert first["party"]["party_id"] == "golden-lantern"
    changed = await house.browser.call("PUT", "/v1/session/password", None, {"present": "x", "password": "y" * 12})
    assert_problem(changed, 403, "CSRF_TOKEN")
    house.org.user |= {"email": "anna.li@lantern.example"}  # married, say: the subject is who she is
    assert (await house.sign_in()).status == 303
    again = await house.who()
    assert again["user"]["user_id"] == user["user_id"] and again["csrf_token"] != first["csrf_token"]
    listed = (await house.desk.get("/v1/users", "golden-lantern")).json["items"]
    assert len(listed) == 1


async def test_a_user_there_is_keeps_its_limits_and_a_disabled_one_stays_out(house: House) -> None:
    asked = {"email": "anna@lantern.example", "scopes": ["read"]}
    invited = (await house.desk.post("/v1/invitations", "golden-lantern", asked)).json
    user = (await house.desk.post("/v1/invitations/user", None, {"token": invited["token"], "password": "correct horse battery"})).json
    assert (await house.set()).status == 200
    assert (await house.sign_in()).status == 303
    assert (await house.who())["user"]["user_id"] == user["user_id"]
    assert (await house.who())["user"]["scopes"] == ["read"]
    house.org.user["sub"] = "u-2"  # the address was given to somebody else
    assert_problem(await house.sign_in(), 401, "OIDC_REFUSED")
    house.org.user["sub"] = "u-1"
    limits = {"roles": None, "scopes": ["read"], "disabled": True}
    assert (await house.desk.call("PUT", f"/v1/users/{user['user_id']}", "golden-lantern", limits)).status == 200
    assert_problem(await house.sign_in(), 401, "OIDC_REFUSED")


async def test_nobody_becomes_a_user_unless_the_party_says_so_and_nobody_of_another_party(house: House) -> None:
    assert (await house.set()).status == 200
    assert_problem(await house.sign_in(), 401, "OIDC_REFUSED")
    invited = (await house.desk.post("/v1/invitations", "van-der-meer", {"email": "anna@lantern.example"})).json
    await house.desk.post("/v1/invitations/user", None, {"token": invited["token"], "password": "correct horse battery"})
    assert (await house.set(just_in_time=True)).status == 200
    theirs = await house.sign_in()
    assert_problem(theirs, 401, "OIDC_REFUSED")
    house.org.user |= {"email": "nobody@lantern.example", "sub": "u-9"}
    assert (await house.set(just_in_time=False)).status == 200
    nobody = await house.sign_in()
    assert theirs.json["detail"] == nobody.json["detail"], "a provider does not learn who signs in for others"
    assert (await house.browser.get("/v1/session")).status == 401


def _without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def _with(**changes: Any) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, **changes}


def _later(**seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, **{name: int(time.time()) + moved for name, moved in seconds.items()}}


CHEATS: dict[str, Callable[[Claims], Claims]] = {
    "another issuer": _with(iss="https://evil.example"),
    "the issuer with a slash": lambda claims: {**claims, "iss": claims["iss"] + "/"},
    "no issuer": _without("iss"),
    "another audience": _with(aud="another-client"),
    "an audience that begins like ours": _with(aud="tradeflow-hub-2"),
    "several audiences, made for another": _with(aud=["tradeflow-hub", "x"], azp="x"),
    "several audiences, made for nobody": _with(aud=["tradeflow-hub", "x"]),
    "one audience, made for another": _with(azp="x"),
    "no audience": _without("aud"),
    "expired": _later(exp=-SKEW_SECONDS - 2),
    "without an end": _without("exp"),
    "an end in words": _with(exp="tomorrow"),
    "not valid yet": _later(nbf=SKEW_SECONDS + 60),
    "of the future": _later(iat=SKEW_SECONDS + 60),
    "old": _later(iat=-AGE_SECONDS_MAX - SKEW_SECONDS - 2),
    "a nonce of before": _with(nonce="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "no nonce": _without("nonce"),
    "an address that is not verified": _with(email_verified=False),
    "an address nobody speaks of verifying": _without("email_verified"),
    "an address of another domain": _with(email="anna@evil.example"),
    "an address of a domain under ours": _with(email="anna@mail.lantern.example"),
    "two addresses": _with(email="anna@evil.example@lantern.example"),
    "no address": _without("email"),
    "no subject": _without("sub"),
    "an empty subject": _with(sub=""),
    "a subject that is a number": _with(sub=7),
}


async def test_no_cheat_with_what_a_token_says_signs_anybody_in(house: House) -> None:
    assert (await house.set(just_in_time=True)).status == 200
    for name, cheat in CHEATS.items():
        house.org.claims = cheat
        reply = await house.sign_in()
        assert (reply.status, reply.code) == (401, "OIDC_REFUSED"), (name, reply.body)
        assert (await house.browser.get("/v1/session")).status == 401, name
    assert (await house.desk.get("/v1/users", "golden-lantern")).json["items"] == []
    for allowed in (_later(exp=-SKEW_SECONDS + 5), _later(iat=SKEW_SECONDS - 5, nbf=SKEW_SECONDS - 5), _with(aud=["tradeflow-hub"])):
        house.org.claims = allowed
        assert (await house.sign_in()).status == 303, "clocks differ a little, and a list of one is an audience"


async def test_no_cheat_with_a_signature_signs_anybody_in(house: House) -> None:
    assert (await house.set(just_in_time=True)).status == 200
    public = house.org.keys[0].as_pem(private=False)
    stranger = new_key("first")

    def with_public_key(claims: Claims) -> str:
        """HS256 by what everybody can read: the classic confusion of keys."""
        return symmetric(claims, public)

    def with_secret(claims: Claims) -> str:
        return symmetric(claims, house.org.secret.encode())

    def swapped(claims: Claims) -> str:
        head, _, mark = house.org.signed(claims).split(".")
        return f"{head}.{jwt_part({**claims, 'email': 'boss@lantern.example'})}.{mark}"

    cheats: dict[str, Callable[[Claims], str]] = {
        "alg none": lambda claims: f"{jwt_part({'alg': 'none'})}.{jwt_part(claims)}.",
        "alg nOnE with the key's name": lambda claims: f"{jwt_part({'alg': 'nOnE', 'kid': 'first'})}.{jwt_part(claims)}.",
        "HS256 with the public key": with_public_key,
        "HS256 with the client secret": with_secret,
        "a key that is not the provider's under its name": lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, stranger),
        "a key that is not the provider's": lambda claims: jwt.encode({"alg": "RS256", "kid": "elsewhere"}, claims, stranger),
        "a key in the token itself": lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "first", "jwk": stranger.as_dict(private=False)}, claims, stranger
        ),
        "a body that was not signed": swapped,
        "no signature": lambda claims: house.org.signed(claims).rpartition(".")[0] + ".",
        "no token": lambda claims: "garbage",
        "rubbish in three parts": lambda claims: "a.b.c",
        "a header that is a list": lambda claims: f"{jwt_part([1])}.{jwt_part(claims)}.x",
        "a long one": lambda claims: house.org.signed({**claims, "more": "x" * 20_000}),
    }
    for name, cheat in cheats.items():
        house.org.sign = cheat
        reply = await house.sign_in()
        assert (reply.status, reply.code) == (401, "OIDC_REFUSED"), (name, reply.body)
    house.org.sign = None
    assert (await house.sign_in()).status == 303


async def test_a_sign_in_counts_once_for_the_browser_that_began(house: House) -> None:
    assert (await house.set(just_in_time=True)).status == 200
    back = house.org.authorize(await house.begin())
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
        stolen = await Desk(house.desk.base_url, other).get(back.removeprefix(house.desk.base_url), allow_redirects=False)
        assert_problem(stolen, 401, "OIDC_REFUSED")
    cookie = next(c for c in house.browser.session.cookie_jar if c.key.endswith("_oidc")).value
    assert (await house.back(back)).status == 303
    assert_problem(await house.back(back), 401, "OIDC_REFUSED")  # the browser gave its cookie back
    again = {"Cookie": f"tf_session_oidc={cookie}"}
    replayed = await house.desk.get(back.removeprefix(house.desk.base_url), headers=again, allow_redirects=False)
    assert_problem(replayed, 401, "OIDC_REFUSED")
    assert "finished before" in replayed.json["detail"]
    for change in ("state=AAAA", "iss=https://evil.example", "code="):
        name, _, value = change.partition("=")
        url = house.org.authorize(await house.begin())
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()} | {name: value}
        reply = await house.browser.get("/v1/session/oidc/callback", params=query, allow_redirects=False)
        assert_problem(reply, 401, "OIDC_REFUSED")
    denied = await house.browser.get("/v1/session/oidc/callback?error=access_denied", allow_redirects=False)
    assert_problem(denied, 401, "OIDC_REFUSED")


async def test_a_sign_in_ends_after_a_while_and_with_the_provider(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await house.set(just_in_time=True)).status == 200
    back = house.org.authorize(await house.begin())
    assert (await house.set(just_in_time=True, client_id="another")).status == 200
    assert_problem(await house.back(back), 401, "OIDC_REFUSED")
    assert (await house.set(just_in_time=True)).status == 200
    back, real = house.org.authorize(await house.begin()), time.time
    with monkeypatch.context() as later:
        later.setattr("tradeflow.app.oidc.sign_in.time.time", lambda: real() + BEGUN_SECONDS_MAX + 1)
        assert_problem(await house.back(back), 401, "OIDC_REFUSED")
    assert (await house.desk.call("DELETE", "/v1/parties/golden-lantern/identity-provider", "golden-lantern")).status == 204
    gone = await house.browser.post("/v1/session/oidc", None, {"party_id": "golden-lantern"})
    assert_problem(gone, 404, "NO_PROVIDER")
    never = await house.browser.post("/v1/session/oidc", None, {"party_id": "no-such-party0"})
    assert never.json["detail"] == gone.json["detail"].replace("golden-lantern", "no-such-party0")


async def test_keys_are_renewed_and_read_again_but_not_for_every_guess(house: House) -> None:
    assert (await house.set(just_in_time=True)).status == 200
    assert (await house.sign_in()).status == 303
    house.org.keys.append(new_key("second"))
    assert (await house.sign_in()).status == 303, "the new key"
    del house.org.keys[0]
    assert (await house.sign_in()).status == 303
    read = house.org.asked.count("/keys")
    stranger = new_key("third")
    house.org.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "third"}, claims, stranger)
    for _ in range(KEYS_AGAIN + 3):
        assert_problem(await house.sign_in(), 401, "OIDC_REFUSED")
    assert house.org.asked.count("/keys") - read < KEYS_AGAIN


async def test_a_provider_is_looked_at_when_it_is_set(house: House) -> None:
    for metadata, says in (
        ({"issuer": "https://login.lantern.example"}, "to the letter"),
        ({"token_endpoint": "http://evil.example/token"}, "token_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"jwks_uri": "https://user@lantern.example/keys"}, "jwks_uri"),
        ({"code_challenge_methods_supported": ["plain"]}, "PKCE"),
    ):
        house.org.metadata = metadata
        refused = await house.set()
        assert_problem(refused, 422, "INVALID_REQUEST")
        assert says in refused.json["detail"], refused.body
    house.org.metadata = {}
    for issuer in ("http://lantern.example", "https://a@lantern.example", f"{house.org.issuer}?x", f"{house.org.issuer}#x", "ftp://x", ""):
        assert_problem(await house.set(issuer=issuer), 422, "INVALID_REQUEST")
    for wrong in ({"email_domains": []}, {"email_domains": ["lantern"]}, {"email_domains": ["@lantern.example"]}, {"roles": ["king"]}):
        assert_problem(await house.set(**wrong), 422, "INVALID_REQUEST")
    for path in ("//evil.example", "/\\evil.example", "https://evil.example", "trades", "/a\nb"):
        reply = await house.browser.post("/v1/session/oidc", None, {"party_id": "golden-lantern", "return_to": path})
        assert_problem(reply, 422, "INVALID_REQUEST")


async def test_whoever_sets_a_provider_has_no_limits(house: House) -> None:
    for limits in ({"scopes": ["admin", "read"]}, {"roles": ["exporter"]}):
        key = (await house.desk.post("/v1/parties/golden-lantern/keys", "golden-lantern", {"name": "x", **limits})).json["key"]
        house.desk.keys["limited"] = key
        body = {"issuer": house.org.issuer, "client_id": "x", "email_domains": ["lantern.example"]}
        refused = await house.desk.call("PUT", "/v1/parties/golden-lantern/identity-provider", "limited", body)
        assert_problem(refused, 403, "SCOPE_MISSING")
    assert_problem(await house.desk.get("/v1/parties/golden-lantern/identity-provider", "van-der-meer"), 404, "UNKNOWN_PARTY")


async def test_a_production_hub_calls_no_address_of_its_own_network(house: House, database: str) -> None:
    """The same provider, by a hub that is not told to let loopback through: nothing connects to it."""
    settings = house.hub.settings.model_copy(update={"internal_addresses": False})
    hub = await Hub.open(settings, database, NullDoorbell())
    asked = len(house.org.asked)
    async with Listener(create_app(hub), "127.0.0.1", 0) as listener:
        desk = Desk(listener.base_url, house.desk.session, house.desk.keys)
        for issuer in (
            house.org.issuer,
            house.org.issuer.replace("127.0.0.1", "localhost"),
            "https://[::ffff:127.0.0.1]",
            "https://10.0.0.1",
        ):
            body = {"issuer": issuer, "client_id": "x", "email_domains": ["lantern.example"]}
            refused = await desk.call("PUT", "/v1/parties/golden-lantern/identity-provider", "golden-lantern", body)
            assert_problem(refused, 422, "INVALID_REQUEST")
            assert "no channel may use" in refused.json["detail"], refused.body
    assert len(house.org.asked) == asked
    await hub.close()


def test_an_elliptic_key_and_a_token_without_a_key_id_are_fine_and_a_short_rsa_key_is_not() -> None:
    from joserfc.jwk import ECKey, RSAKey

    now = int(time.time())
    claims = {
        "iss": "i",
        "aud": "c",
        "iat": now,
        "exp": now + 9,
        "nonce": "n",
        "sub": "s",
        "email": "a@b.example",
        "email_verified": "true",
    }
    expected = Expected("i", "c", "n", now)
    curve = ECKey.generate_key("P-256")
    found = identity(jwt.encode({"alg": "ES256"}, claims, curve), [curve.as_dict(private=False)], expected)
    assert (found.subject, found.email, found.name) == ("s", "a@b.example", "a@b.example")
    two = [curve.as_dict(private=False), ECKey.generate_key("P-256").as_dict(private=False)]
    with pytest.raises(TokenRefused, match="not among"):
        identity(jwt.encode({"alg": "ES256"}, claims, curve), two, expected)
    with pytest.warns(match="2048"):
        short = RSAKey.generate_key(1024, parameters={"kid": "short"})
    with pytest.raises(TokenRefused), pytest.warns(match="2048"):
        identity(jwt.encode({"alg": "RS256", "kid": "short"}, claims, short), [short.as_dict(private=False)], expected)
    encryption = {**curve.as_dict(private=False), "use": "enc"}
    with pytest.raises(TokenRefused, match="not among"):
        identity(jwt.encode({"alg": "ES256"}, claims, curve), [encryption], expected)
