"""Environment over file over default; typos and nonsense are errors; secrets do not show."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tradeflow.settings import Settings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEFLOW_SETTINGS_FILE", str(tmp_path / "tradeflow.toml"))
    return tmp_path / "tradeflow.toml"


def test_the_environment_wins_over_the_file_which_wins_over_the_default(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().port == 8080
    file.write_text("port = 9000\npool_size = 3\n")
    monkeypatch.setenv("TRADEFLOW_PORT", "9001")
    assert (Settings().port, Settings().pool_size) == (9001, 3)
    assert Settings(port=9002).port == 9002


def test_an_unknown_name_in_the_file_is_an_error(file: Path) -> None:
    file.write_text("prot = 9000\n")
    with pytest.raises(ValidationError, match="prot"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"), [("port", "70000"), ("pool_size", "0"), ("body_bytes_max", "-1"), ("lease_seconds", "soon"), ("log_level", "loud")]
)
def test_nonsense_is_an_error_that_names_the_setting(file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"TRADEFLOW_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


def test_any_spelling_of_a_database_url_becomes_the_plain_one(file: Path) -> None:
    for url in ("postgresql+asyncpg://u:p@h/d", "postgres://u:p@h/d", "postgresql://u:p@h/d"):
        assert Settings(database_url=url).database_url == "postgresql://u:p@h/d"


def test_secrets_do_not_show_when_settings_are_printed(file: Path) -> None:
    printed = repr(Settings(database_url="postgresql://u:hush@h/d", redis_url="redis://:hush@h/0"))
    assert "hush" not in printed


def test_folders_are_absolute(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEFLOW_CONTENT_ROOTS", '["mine", "~/more"]')
    assert Settings(data_dir=Path("here")).data_dir == Path.cwd() / "here"
    assert Settings().content_roots == [Path.cwd() / "mine", Path.home() / "more"]


def test_an_empty_variable_counts_as_absent(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEFLOW_DATABASE_URL", "")
    assert Settings().database_url is None


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []
