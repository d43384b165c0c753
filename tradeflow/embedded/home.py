"""Where a server keeps its files: one folder, one owner process, one short folder for its socket."""

import fcntl
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from tradeflow.embedded.account import Account
from tradeflow.errors import EmbeddedError

OPEN_PLACE = Path("/var/lib/tradeflow/embedded")
SOCKET_PATH_BYTES_MAX = 100  # 104 on macOS, 108 on Linux, both with a closing NUL


def home(data_dir: Path, name: str, account: Account) -> Path:
    """The folder data_dir/name, owned by the account and closed to others.

    Where the account cannot pass the folders above (data under /root), the files live in OPEN_PLACE and data_dir/name is a link to them;
    no permission of an existing folder is changed.
    """
    if not data_dir.exists():
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        data_dir.mkdir(mode=0o711 if account.drop else 0o700)
    place = data_dir / name
    if place.exists():
        return place.resolve()
    if account.reaches(data_dir, "-x"):
        place.unlink(missing_ok=True)  # a link whose target is gone
        place.mkdir(mode=0o700)
        account.own(place)
        return place.resolve()
    OPEN_PLACE.mkdir(parents=True, exist_ok=True)
    if not account.reaches(OPEN_PLACE, "-x"):
        raise EmbeddedError(
            f"the account {account.name} can reach neither {data_dir} nor {OPEN_PLACE}; set TRADEFLOW_DATA_DIR to a folder it can reach"
        )
    elsewhere = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=OPEN_PLACE))
    account.own(elsewhere)
    place.unlink(missing_ok=True)
    place.symlink_to(elsewhere)
    return elsewhere


def socket_folder(home: Path, account: Account) -> Path:
    """A folder for the unix socket that only the account can enter: in the home, or under /tmp when that path is too long for a socket."""
    folder = home / "run"
    if len(os.fsencode(folder)) + len("/.s.PGSQL.5432.lock") > SOCKET_PATH_BYTES_MAX:
        folder = Path("/tmp") / f"tradeflow-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"  # noqa: S108 its owner is checked below
    if not folder.is_symlink() and not folder.exists():
        folder.mkdir(mode=0o700)
        account.own(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(f"{folder} is not a closed folder of {account.name}; remove it and start again")
    return folder


class OwnerLock:
    """One owner process per server and data folder. The kernel lets go when the owner dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take(self) -> None:
        """Become the owner. Raises EmbeddedError naming the process that is."""
        if self._file is not None:
            return
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 32).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise EmbeddedError(
                f"{self.path.parent} is in use by process {holder}; stop it, or set TRADEFLOW_DATA_DIR to another folder"
            ) from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Let another process become the owner. The file stays: removing it would let two owners lock two files of one name."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
