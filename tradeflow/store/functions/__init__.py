"""Statements that need settings of their transaction, as functions of the database: one round trip for both.

Each file holds one CREATE FUNCTION. It is made under its name and the hash of its text, so that processes of two versions work side by side
and no migration has to repeat it.
"""

import hashlib
from functools import cache
from pathlib import Path

HASH = 10  # hexadecimal digits


@cache
def called(name: str) -> str:
    """The name under which the function of this file is in the database."""
    return f"tf_{name}_{hashlib.sha256(_text(name).encode()).hexdigest()[:HASH]}"


def definitions() -> list[str]:
    """CREATE OR REPLACE for every file of this folder."""
    names = sorted(file.stem for file in Path(__file__).parent.glob("*.sql"))
    return [_text(n).replace(f"CREATE FUNCTION tf_{n}(", f"CREATE OR REPLACE FUNCTION {called(n)}(", 1) for n in names]


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
