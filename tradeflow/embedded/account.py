"""Who the servers run as. PostgreSQL refuses to be root, and a broker has no reason to be."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tradeflow.errors import EmbeddedError


@dataclass(frozen=True)
class Account:
    """An account of the operating system. `drop` says that we are root and processes must change to it."""

    name: str
    uid: int
    gid: int
    drop: bool

    def reaches(self, path: Path, test: str) -> bool:
        """Whether this account can do -r, -w or -x on a path, asked of the kernel so that closed parent folders count."""
        if not self.drop:
            return os.access(path, {"-r": os.R_OK, "-w": os.W_OK, "-x": os.X_OK}[test])
        asked = subprocess.run(
            ["/bin/sh", "-c", f'test {test} "$0"', str(path)], user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False
        )
        return asked.returncode == 0

    def own(self, path: Path) -> None:
        """Hand a file or folder of ours to this account."""
        if self.drop:
            os.chown(path, self.uid, self.gid)


def account(service_user: str) -> Account:
    """The account for servers: ourselves, or service_user when we are root. Raises EmbeddedError when there is no such account."""
    if os.geteuid() != 0:
        return Account(f"uid {os.geteuid()}", os.geteuid(), os.getegid(), drop=False)
    try:
        entry = pwd.getpwnam(service_user)
    except KeyError:
        raise EmbeddedError(
            f"there is no account {service_user!r} to run the servers as; set TRADEFLOW_SERVICE_USER to an unprivileged one"
        ) from None
    if entry.pw_uid == 0:
        raise EmbeddedError("TRADEFLOW_SERVICE_USER is root, and PostgreSQL refuses to run as root; name an unprivileged account")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drop=True)


def owner_of(path: Path, otherwise: Account) -> Account:
    """The account that a folder belongs to when we may act as it (we are root, it is not); the given one otherwise."""
    uid = path.stat().st_uid
    if not otherwise.drop or uid in (0, otherwise.uid):
        return otherwise
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(f"uid {uid}", uid, path.stat().st_gid, drop=True)
    return Account(entry.pw_name, uid, entry.pw_gid, drop=True)
