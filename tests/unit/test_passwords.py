"""A password costs whoever guesses it what RFC 9106 recommends, and one that was hashed for less is hashed anew."""

import argon2
import pytest

from tests.conftest import REAL_HASHER
from tradeflow.app import passwords

WORDS = "several words that do not belong together"


async def test_it_is_hashed_as_rfc_9106_recommends(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = await passwords.hashed(WORDS)
    monkeypatch.setattr(passwords, "hasher", REAL_HASHER)
    kept = await passwords.hashed(WORDS)
    least = argon2.profiles.RFC_9106_LOW_MEMORY
    given = argon2.extract_parameters(kept)
    assert (given.type, given.version) == (least.type, least.version)
    assert given.memory_cost >= least.memory_cost and given.time_cost >= least.time_cost
    assert await passwords.verified(WORDS, kept) and not await passwords.verified(WORDS + "s", kept)
    assert passwords.outdated(cheap) and not passwords.outdated(kept)


async def test_where_there_is_no_password_as_much_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    class Watched(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            tried.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "hasher", Watched(time_cost=1, memory_cost=8, parallelism=1))
    kept = await passwords.hashed(WORDS)
    assert not await passwords.verified(WORDS, None)
    assert not await passwords.verified("nobody has this password", None)
    assert not await passwords.verified(WORDS + "s", kept)
    assert [argon2.extract_parameters(hash) for hash in tried] == [argon2.extract_parameters(kept)] * 3
