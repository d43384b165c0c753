"""What providers say about themselves, their keys, and the exchange of a code. They are addresses somebody chose: see outbound.py."""

import base64
import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import aiohttp

from tradeflow.model.addresses import AddressDenied
from tradeflow.outbound import denied, session, url_faults

SECONDS_MAX = 10.0
BYTES_MAX = 262_144
KEPT_SECONDS = 3_600.0
PROVIDERS_MAX = 1_000
KEYS_AGAIN, KEYS_AGAIN_SECONDS = 5, 60.0  # so often in this time keys are read again for a token that names an unknown one
Json = dict[str, Any]


class ProviderFailed(Exception):
    """The provider cannot be reached, or says what it must not; str() is for whoever set it up."""


@dataclass(frozen=True, slots=True)
class Client:
    """The hub as a provider knows it. `secret` is empty for a public client."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(slots=True)
class _Known:
    metadata: Json
    at: float
    keys: list[Json] = field(default_factory=list)
    keys_at: deque[float] = field(default_factory=lambda: deque(maxlen=KEYS_AGAIN))


class Providers:
    """Reads what is public of providers, and keeps it for an hour."""

    def __init__(self, internal: bool) -> None:
        self._internal = internal
        self._known: dict[str, _Known] = {}

    async def metadata(self, issuer: str) -> Json:
        """What a provider says about itself (OpenID Connect Discovery 1.0). Raises ProviderFailed."""
        return (await self._provider(issuer)).metadata

    async def keys(self, issuer: str, again: bool = False) -> Sequence[Mapping[str, Any]]:
        """The provider's keys; `again` where they may have changed. Raises ProviderFailed."""
        known, now = await self._provider(issuer), time.monotonic()
        read_lately = len(known.keys_at) == KEYS_AGAIN and now - known.keys_at[0] < KEYS_AGAIN_SECONDS
        if not known.keys or (again and not read_lately):
            found = await self._get(known.metadata["jwks_uri"])
            keys = found.get("keys")
            if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
                raise ProviderFailed(f"{known.metadata['jwks_uri']} holds no keys")
            known.keys = keys
            known.keys_at.append(now)
        return known.keys

    async def exchange(self, client: Client, code: str, verifier: str, redirect_uri: str) -> str:
        """The ID token for a code. Raises ProviderFailed."""
        metadata = await self.metadata(client.issuer)
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        headers = {"accept": "application/json"}
        if client.secret and "client_secret_basic" in methods:
            # both parts are form-encoded first (RFC 6749, 2.3.1)
            login = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
            headers["authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        else:
            fields |= {"client_id": client.client_id} | ({"client_secret": client.secret} if client.secret else {})
        said = await self._call("POST", metadata["token_endpoint"], headers, fields)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise ProviderFailed(f"the provider gave no ID token: {str(said.get('error', 'none in its answer'))[:100]}")
        return token

    async def _provider(self, issuer: str) -> _Known:
        known = self._known.get(issuer)
        if known is None or time.monotonic() - known.at > KEPT_SECONDS:
            metadata = await self._get(issuer.rstrip("/") + "/.well-known/openid-configuration")
            _checked(metadata, issuer)
            while len(self._known) >= PROVIDERS_MAX:
                del self._known[next(iter(self._known))]
            known = self._known[issuer] = _Known(metadata, time.monotonic())
        return known

    def forget(self, issuer: str) -> None:
        """Read a provider anew the next time."""
        self._known.pop(issuer, None)

    async def _get(self, url: str) -> Json:
        return await self._call("GET", url, {"accept": "application/json"}, None)

    async def _call(self, method: str, url: str, headers: Mapping[str, str], fields: Mapping[str, str] | None) -> Json:
        """One call; redirects are not followed, and only permitted addresses connected to."""
        try:
            async with (
                session(self._internal, SECONDS_MAX) as calls,
                calls.request(method, url, data=fields, headers=headers, allow_redirects=False) as answer,
            ):
                body = await _bounded(answer)
                if answer.status >= 300 and not (fields and answer.status in (400, 401)):
                    raise ProviderFailed(f"{url} answered {answer.status}")
            said = json.loads(body)
        except TimeoutError:
            raise ProviderFailed(f"{url} did not answer within {SECONDS_MAX:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise ProviderFailed(f"{url}: {AddressDenied() if denied(error) else 'cannot connect'}") from None
        except (aiohttp.ClientError, ValueError, RecursionError) as error:
            raise ProviderFailed(f"{url}: no JSON came back ({type(error).__name__})") from None
        if not isinstance(said, dict):
            raise ProviderFailed(f"{url}: no JSON object came back")
        return said


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > BYTES_MAX:
            raise ProviderFailed(f"{answer.url.origin()} sends more than {BYTES_MAX:,} bytes")
    return bytes(body)


def issuer_faults(issuer: str) -> list[str]:
    """What is wrong with an issuer as text (OpenID Connect Discovery 1.0, 4.3: no query, no fragment)."""
    found = url_faults(issuer)
    if "?" in issuer or "#" in issuer:
        found.append("holds no ? and no #")
    return found


def _checked(metadata: Json, issuer: str) -> None:
    if metadata.get("issuer") != issuer:
        raise ProviderFailed(
            f"the provider at {issuer} says it is {str(metadata.get('issuer'))[:200]}: the issuer has to be the same, to the letter"
        )
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if found := url_faults(str(metadata.get(name, ""))):
            raise ProviderFailed(f"the provider's {name}: {found[0]}")
    methods = metadata.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise ProviderFailed("the provider does not take proof keys (PKCE with S256)")
