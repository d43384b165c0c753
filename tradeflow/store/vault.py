"""Secrets that the hub must have in clear, sealed where they are stored: AES-256-GCM, each bound to the row it belongs to."""

import base64
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tradeflow.errors import Refused, Unavailable
from tradeflow.language.sentences import say

FILE: Final = "secrets.key"
KEY_BYTES, NONCE_BYTES = 32, 12
VERSION = "tfs1"  # what a sealed value begins with
Key = tuple[str, bytes]  # (id, the key)


class Vault:
    """Seals with the first of its keys, opens with any. A file of keys is read again when it changes: a rotation needs no restart."""

    def __init__(self, keys: Sequence[Key], file: Path | None = None) -> None:
        self._keys, self._file = list(keys), file
        self._read_at = _changed(file)

    @property
    def current(self) -> str:
        """The id of the key that seals."""
        self._refresh()
        return self._keys[0][0]

    @property
    def key_ids(self) -> list[str]:
        """The ids of all its keys, the one that seals first."""
        self._refresh()
        return [id for id, _ in self._keys]

    @property
    def file(self) -> Path | None:
        """Where its keys are; None where a setting holds them."""
        return self._file

    def seal(self, clear: str, row: str) -> str:
        """A secret as it is stored. `row` names the row and column: elsewhere the value does not open."""
        self._refresh()
        id, key = self._keys[0]
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, clear.encode("utf-8", "surrogatepass"), _bound(id, row))
        return f"{VERSION}.{id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, stored: str, row: str) -> str:
        """What was sealed for this row. Raises Unavailable SECRET_KEY where no key of this hub opens it, or it is another row's."""
        version, _, rest = stored.partition(".")
        id, _, text = rest.partition(".")
        if version != VERSION or not text:
            raise _unreadable(row, "it is not sealed; start the hub once, which seals what is stored in clear")
        key = self._key(id)
        if key is None:
            raise _unreadable(row, f"it is sealed with the key {id}, which this hub does not have")
        raw = base64.urlsafe_b64decode(text)
        try:
            return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(id, row)).decode("utf-8", "surrogatepass")
        except InvalidTag:
            raise _unreadable(row, "it was changed, or belongs to another row") from None

    def _key(self, id: str) -> bytes | None:
        self._refresh()
        return next((key for known, key in self._keys if known == id), None)

    def _refresh(self) -> None:
        if self._file and (changed := _changed(self._file)) != self._read_at:
            self._keys, self._read_at = read(self._file), changed


def is_sealed(stored: str) -> bool:
    """Whether a stored value is sealed at all."""
    return stored.startswith(f"{VERSION}.")


def sealed_with(stored: str) -> str:
    """The id of the key a stored value is sealed with; "" for one in clear."""
    return stored.split(".", 2)[1] if is_sealed(stored) else ""


def new_key() -> Key:
    """A key, and an id that says nothing about it."""
    return secrets.token_hex(4), os.urandom(KEY_BYTES)


def written(key: Key) -> str:
    """A key as files and settings hold it: id:Base64."""
    return f"{key[0]}:{base64.b64encode(key[1]).decode()}"


def parsed(text: str) -> Key:
    """A key as it is written. Raises ValueError, without the key in its message."""
    id, _, rest = text.strip().partition(":")
    try:
        key = base64.b64decode(rest, validate=True)
    except ValueError:
        key = b""
    if not (id.isalnum() and id.isascii() and len(key) == KEY_BYTES):
        raise ValueError(f"a key is written as letters and digits, a colon, and {KEY_BYTES} bytes as Base64")
    return id, key


def read(file: Path) -> list[Key]:
    """The keys of a file, one a line. Raises Refused SECRET_KEY for a file that is open to others, or no file of keys."""
    if file.stat().st_mode & 0o077:
        raise Refused(
            "SECRET_KEY", say("%(file)s is open to others; take their rights away (chmod 600), and think of a rotation", file=file), 409
        )
    try:
        keys = [parsed(line) for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
    except ValueError as error:
        raise Refused("SECRET_KEY", f"{file}: {error}", 409) from None
    if not keys:
        raise Refused("SECRET_KEY", say("%(file)s holds no key", file=file), 409)
    return keys


def create(file: Path) -> list[Key]:
    """The keys of a new file; those of who was faster, where two start at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    made = new_key()
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _write(part, [made])
    try:
        os.link(part, file)
    except FileExistsError:
        return read(file)
    finally:
        part.unlink()
    return [made]


def replace(file: Path, keys: Sequence[Key]) -> None:
    """Other keys for a file, at once for whoever reads it."""
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _write(part, keys)
    part.replace(file)


def _write(file: Path, keys: Sequence[Key]) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write("".join(f"{written(key)}\n" for key in keys))
        out.flush()
        os.fsync(out.fileno())


def _bound(id: str, row: str) -> bytes:
    return f"{VERSION}\x1f{id}\x1f{row}".encode()


def _changed(file: Path | None) -> tuple[int, int]:
    if file is None:
        return 0, 0
    said = file.stat()
    return said.st_ino, said.st_mtime_ns


def _unreadable(row: str, why: str) -> Unavailable:
    return Unavailable("SECRET_KEY", say("a secret cannot be read (%(row)s): %(why)s", row=row, why=why), 503)
