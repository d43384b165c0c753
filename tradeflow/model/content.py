"""Content files (TOML) with what is needed to say where a defect is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from tradeflow.errors import ContentError


@dataclass(frozen=True, slots=True)
class Table:
    """A parsed content file."""

    file: Path
    data: dict[str, Any]

    def defect(self, what: str, word: str = "", last: bool = False) -> ContentError:
        """The error for `what`, at the first (or last) line that holds `word`, at line 1 if none does."""
        lines = self.file.read_text(encoding="utf-8").splitlines()
        hits = [n for n, line in enumerate(lines, 1) if word and (f'"{word}"' in line or re.match(rf"\[?{re.escape(word)}\b", line))]
        return ContentError(str(self.file), hits[-1 if last else 0] if hits else 1, what)

    def rows(self, body: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
        """The field rows of a table of this file; ContentError unless each is a table with a path."""
        rows = body.get("fields", [])
        if not isinstance(rows, list) or any(not isinstance(row, dict) or not isinstance(row.get("path"), str) for row in rows):
            raise self.defect(f"{where}: fields must be rows with a path", where)
        return rows


def load(file: Path) -> Table:
    """Read a content file; ContentError with the line if it is not valid TOML."""
    try:
        return Table(file, tomli.loads(file.read_text(encoding="utf-8")))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ContentError(str(file), int(line[1]) if line else 1, f"not valid TOML: {error}") from error
