"""ID tokens: whose they are, for whom, and when (OpenID Connect Core 1.0, 3.1.3.7). Pure: keys, expectations and the time come in.

The library of tokens is read by hubs only where somebody signs in with one.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from joserfc.jwt import JWTClaimsRegistry

SKEW_SECONDS = 60  # clocks of two organisations
AGE_SECONDS_MAX = 600  # of a token that was asked for a moment ago
BYTES_MAX = 16_384
RSA_BITS_MIN = 2048
# asymmetric ones only: with HS256 whoever knows the public key, or the client secret, could sign
FAMILIES: Final[Mapping[str, Sequence[str]]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("Ed25519",),
}
ALGORITHMS: Final = tuple(name for names in FAMILIES.values() for name in names)
Jwk = Mapping[str, Any]


class TokenRefused(Exception):
    """The token proves nothing; str() says why, for whoever set the provider up."""


class KeyUnknown(TokenRefused):
    """It names a key that is not among the provider's: they may have changed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say."""

    issuer: str
    client_id: str
    nonce: str
    now: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is by its provider."""

    subject: str
    email: str
    name: str


def identity(token: str, keys: Sequence[Jwk], expected: Expected) -> Identity:
    """Who a token is about. Raises TokenRefused, KeyUnknown."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    algorithm, kid = _header(token)
    key = _key(keys, algorithm, kid)
    try:
        claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        _registry(expected).validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise TokenRefused(f"the provider's token does not hold: {error}") from None
    _for_us_alone(claims, expected)
    if claims["iat"] < expected.now - AGE_SECONDS_MAX - SKEW_SECONDS:
        raise TokenRefused("the provider's token was issued too long ago")
    if claims.get("email_verified") not in (True, "true"):
        raise TokenRefused("the provider does not say that the e-mail address is verified (email_verified)")
    email, subject = claims.get("email"), claims["sub"]
    if not isinstance(email, str) or email.count("@") != 1 or not email.isprintable() or len(email) > 200 or not 0 < len(subject) <= 255:
        raise TokenRefused("the provider's token has no e-mail address, or no subject")
    name = claims.get("name")
    said = name if isinstance(name, str) and name.isprintable() else ""
    return Identity(subject, email.strip().lower(), said[:200] or email)


def _header(token: str) -> tuple[str, str | None]:
    """Algorithm and key id that a token names. Neither is believed: they only choose among what is allowed."""
    if len(token) > BYTES_MAX or token.count(".") != 2:
        raise TokenRefused("the provider sent no signed token")
    part = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        algorithm, kid = header["alg"], header.get("kid")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TokenRefused("the provider's token has no readable header") from None
    if algorithm not in ALGORITHMS:
        raise TokenRefused(f"the provider's token is signed with {str(algorithm)[:20]}; it has to be one of {', '.join(ALGORITHMS)}")
    return algorithm, kid if isinstance(kid, str) else None


def _key(keys: Sequence[Jwk], algorithm: str, kid: str | None) -> Any:
    """The provider's key for a token: with this id or, where it names none, the only one that fits."""
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey, import_key

    fitting = [jwk for jwk in keys if _fits(jwk, algorithm)]
    named = [jwk for jwk in fitting if kid is None or jwk.get("kid") == kid]
    if len(named) != 1:
        raise KeyUnknown("the provider's token is signed with a key that is not among the provider's keys")
    try:
        key = import_key(dict(named[0]))
    except (JoseError, ValueError, TypeError, KeyError):
        raise KeyUnknown("the provider's key cannot be read") from None
    if isinstance(key, RSAKey) and key.public_key.key_size < RSA_BITS_MIN:
        raise TokenRefused(f"the provider's RSA key is shorter than {RSA_BITS_MIN} bits")
    return key


def _fits(jwk: Jwk, algorithm: str) -> bool:
    family = FAMILIES.get(str(jwk.get("kty")))
    return (
        family is not None
        and algorithm in family
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", algorithm) == algorithm
        and "verify" in jwk.get("key_ops", ["verify"])
    )


def _registry(expected: Expected) -> "JWTClaimsRegistry":
    from joserfc.jwt import JWTClaimsRegistry

    return JWTClaimsRegistry(
        now=expected.now,
        leeway=SKEW_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )


def _for_us_alone(claims: Mapping[str, Any], expected: Expected) -> None:
    """A token for several says which of them asked for it."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != expected.client_id:
        raise TokenRefused("the provider's token was made for somebody else (azp)")
