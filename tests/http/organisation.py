"""A real OpenID provider on loopback: keys, discovery, codes bound to their proof keys; and one that does whatever an attack asks for."""

import base64
import hashlib
import html
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class Organisation:
    """What the provider knows, and what a test makes it do. `claims` changes a token before it is signed, `sign` signs it."""

    issuer: str = ""
    client_id: str = "tradeflow-hub"
    secret: str = "a secret of the provider's"
    keys: list[RSAKey] = field(default_factory=lambda: [new_key("first")])
    user: Claims = field(default_factory=lambda: {"sub": "u-1", "email": "Anna@Lantern.example", "email_verified": True, "name": "Anna Li"})
    claims: Callable[[Claims], Claims] = dict
    sign: Callable[[Claims], str] | None = None
    metadata: Claims = field(default_factory=dict)
    codes: dict[str, Claims] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.keys[-1].kid}, claims, self.keys[-1])

    def authorize(self, url: str) -> str:
        """What the browser is sent back with once somebody has signed in at the provider."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == self.client_id and asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: Claims, login: str) -> tuple[int, Claims]:
        expected = base64.b64encode(b"tradeflow-hub:a+secret+of+the+provider%27s").decode()
        if login != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if asked is None or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.user}
        return 200, {"id_token": (self.sign or self.signed)(self.claims(claims)), "token_type": "Bearer", "access_token": "of no use here"}

    async def discovery(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        known = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token"}
        known |= {"jwks_uri": f"{self.issuer}/keys"}
        return web.json_response({**known, "authorization_response_iss_parameter_supported": True, **self.metadata})

    async def asked_for(self, request: web.Request) -> web.Response:
        """Where a browser comes to: a page on which somebody signs in, and is sent back."""
        self.asked.append(request.path)
        back = html.escape(self.authorize(str(request.url)))
        page = f'<!doctype html><title>Lantern</title><link rel="icon" href="data:,"><a href="{back}">Sign in as {html.escape(self.user["name"])}</a>'
        return web.Response(text=page, content_type="text/html")

    async def published(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def exchanged(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        form = {name: str(value) for name, value in (await request.post()).items()}
        status, said = self.token(form, request.headers.get("authorization", ""))
        return web.json_response(said, status=status)


@asynccontextmanager
async def serving(org: Organisation) -> AsyncIterator[None]:
    """The provider, on a port of loopback."""
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", org.discovery)
    app.router.add_get("/keys", org.published)
    app.router.add_get("/authorize", org.asked_for)
    app.router.add_post("/token", org.exchanged)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    org.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield
    await runner.cleanup()
