"""Passwords under argon2id, and the codes of a second factor."""

import asyncio
import hmac
import time
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.finding import Finding, Severity

LENGTH = (12, 200)
STEP_SECONDS = 30
AT_ONCE = 2  # each takes 64 MiB and a core for a moment
hasher = PasswordHasher()  # RFC 9106's parameters where memory is short: three passes over 64 MiB
_turns = asyncio.Semaphore(AT_ONCE)


async def hashed(password: str) -> str:
    """What is kept of a password."""
    async with _turns:
        return await asyncio.to_thread(hasher.hash, password)


async def verified(password: str, kept: str | None) -> bool:
    """Whether it is this password. Where there is none, as much work is done as where there is one."""
    async with _turns:
        return await asyncio.to_thread(_verify, password, kept)


@cache
def _nobody() -> str:
    """A hash that no password is of; made when it is first asked for, not whenever a program starts."""
    return hasher.hash("nobody has this password")


def _verify(password: str, kept: str | None) -> bool:
    try:
        hasher.verify(kept or _nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether it was hashed under weaker parameters than today's."""
    return hasher.check_needs_rehash(kept)


def acceptable(password: str, email: str) -> None:
    """Raises BadInput INVALID_REQUEST for a password that is too short, or that everybody who knows the address would try."""
    least, most = LENGTH
    says = ""
    if not least <= len(password) <= most:
        says = say("A password has %(least)s to %(most)s characters.", least=least, most=most)
    elif email.partition("@")[0] in password.lower() or len(set(password)) < 5:
        says = "This password is easy to guess: it holds the address, or hardly any different characters."
    if says:
        finding = Finding("REQUEST", Severity.ERROR, "/password", says, "Several words that do not belong together do well.")
        raise BadInput("INVALID_REQUEST", says, 422, findings=[finding])


def new_totp(email: str) -> tuple[str, str]:
    """A secret for an authenticator, and the address that it takes as a QR code (otpauth://)."""
    secret = pyotp.random_base32()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="tradeflow")


def totp_step(secret: str, code: str) -> int | None:
    """The time step of a code: this one, the one before or the next; None where it is none of theirs."""
    now = int(time.time() // STEP_SECONDS)
    totp = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None
