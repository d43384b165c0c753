"""Every setting of a hub. The environment (TRADEFLOW_*) wins over the file tradeflow.toml, which wins over the default here."""

import functools
import os
from pathlib import Path
from typing import Annotated, Literal

import tomli
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


def _data_dir() -> Path:
    # root's home is closed to the unprivileged account that PostgreSQL has to run as
    return Path("/var/lib/tradeflow") if os.geteuid() == 0 else Path.home() / ".local/share/tradeflow"


def _settings_file() -> Path:
    return Path(os.environ.get("TRADEFLOW_SETTINGS_FILE", "tradeflow.toml"))


def _plain_dsn(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1).replace("postgres://", "postgresql://", 1)


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """The settings of one process. Unknown names in the file are errors, so that a typo is not a silent default."""

    model_config = SettingsConfigDict(
        env_prefix="TRADEFLOW_", use_attribute_docstrings=True, extra="forbid", env_ignore_empty=True, frozen=True
    )

    data_dir: Folder = Field(default_factory=_data_dir)
    """Where a hub keeps its embedded database, its operator key and its logs. TRADEFLOW_DATA_DIR; as root /var/lib/tradeflow."""

    database_url: Annotated[str, AfterValidator(_plain_dsn)] | None = Field(default=None, repr=False)
    """PostgreSQL 15 or later, as postgresql://user:password@host/name; when absent, one is started in data_dir."""

    redis_url: str | None = Field(default=None, repr=False)
    """Redis 7 or Valkey, as redis://host:6379/0; when absent, the doorbell rings inside the process."""

    secret_keys: str | None = Field(default=None, repr=False)
    """Keys of the secrets in the database, id:Base64 with commas between; the first one seals. When absent, secrets.key in data_dir."""

    host: str = "127.0.0.1"
    """The address the HTTP API listens on."""

    port: int = Field(default=8080, ge=0, le=65535)
    """The TCP port the HTTP API listens on; 0 lets the system choose."""

    sandbox: bool = False
    """Take the time from a clock that the API can set. Never in production: deadlines become what a caller says."""

    content_roots: list[Folder] = []
    """Further folders with documents/, workflows/ or adapters/ of your own; they may add, never override."""

    body_bytes_max: int = Field(default=5_000_000, gt=0)
    """The largest request body in bytes; anything above is answered with 413 before it is read."""

    sign_up: bool = False
    """Let anybody register a company in the portal. A sandbox always does; otherwise the operator registers and invites."""

    demo: bool = False
    """Show the people of a demo, with their password, at the sign-in. `tradeflow serve --demo` sets it; nothing but a sandbox heeds it."""

    session_idle_minutes: float = Field(default=30, gt=0)
    """A browser's session ends after so many minutes without a request."""

    session_hours: float = Field(default=12, gt=0)
    """A browser's session ends after so many hours in any case."""

    rate_per_second: float = Field(default=100, ge=0)
    """Requests a second that one party may send to all processes of the hub together; 0 limits nothing."""

    rate_burst: int = Field(default=1_000, ge=1)
    """Requests that a party may send at once before its rate counts."""

    public_url: str = ""
    """The address that others reach this hub at; with https:// cookies are for HTTPS only. When absent, http:// with host and port."""

    font_folders: list[Folder] = []
    """Folders with further TrueType or OpenType fonts for printed documents."""

    print_processes: int = Field(default=2, ge=1)
    """Documents that are printed at the same time at most, each in a process of its own."""

    print_seconds_max: float = Field(default=20, gt=0)
    """How long printing one document may take; its process is ended then."""

    pool_size: int = Field(default=10, ge=1)
    """Connections to PostgreSQL that one process holds at most."""

    lease_seconds: float = Field(default=10, gt=0)
    """How long a worker may keep a claimed delivery before another may take it over."""

    sweep_seconds: float = Field(default=5, gt=0)
    """How often the sweeper looks for due work that no doorbell announced."""

    deliver_attempts_max: int = Field(default=12, ge=1)
    """Tries to hand a delivery over before it waits for a person."""

    internal_addresses: bool = False
    """Let channels and providers of a sandbox be at addresses of the machine itself. A production hub never does, whatever stands here."""

    fetch_seconds: float = Field(default=5, gt=0)
    """How often the hub looks for what partners left in file drops and on their SFTP servers."""

    listen_host: str = "127.0.0.1"
    """The address the hub's own SFTP server and mail server listen on."""

    sftp_port: int | None = Field(default=None, ge=0, le=65535)
    """The TCP port of the hub's own SFTP server, where parties reach their file drops; when absent, there is none."""

    mail_port: int | None = Field(default=None, ge=0, le=65535)
    """The TCP port where the operator's mail server hands over mail to the hub (SMTP); when absent, none is taken."""

    smtp_url: str | None = Field(default=None, repr=False)
    """The mail server that e-mail goes out through, as smtp://user:password@host:587 or smtps://host; when absent, none is sent."""

    mail_from: str | None = None
    """The hub's e-mail address, such as hub@hub.example; mail to hub+anything@hub.example has to reach it too."""

    mail_secret: str | None = Field(default=None, min_length=16, repr=False)
    """A long random text that codes and reply addresses are made with. A new one makes every party verify its address again."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe log line that is written."""

    log_json: bool | None = None
    """One JSON object a line (true) or text for people (false); when absent, text if standard error is a terminal."""

    service_user: str = "nobody"
    """The account the embedded servers run as when the hub is started by root."""

    pg_bin: Folder | None = None
    """The folder with `postgres` and `initdb` to use for the embedded database, instead of those of the wheel."""

    valkey_bin: Folder | None = None
    """The `valkey-server` or `redis-server` program to use for an embedded broker, instead of that of the wheel."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the file; the other sources of the library are not used."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_settings_file()))


@functools.cache
def settings() -> Settings:
    """The settings of this process, read once."""
    try:
        return Settings()
    except tomli.TOMLDecodeError as error:
        raise ValueError(f"{_settings_file()}: {error}") from error
