"""`python -m tests.swift_directory`: the facts of adapters/swift_mt/directory.toml, read from the field list of SWIFT MT."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIELDS = Path(__file__).parents[2] / "shared" / "standards" / "swift-mt" / "mt4xx-mt7xx.json"
FACTS = Path(__file__).parents[1] / "adapters" / "swift_mt" / "directory.toml"
MESSAGES = ["700", "701", "707", "708", "710", "711", "730", "734", "750", "752", "754", "756", "400", "410", "412"]
# fields whose format the list only calls CUSTOM: narrative of so many lines
NARRATIVE = {"23": "16x", "45B": "100*65z", "46B": "100*65z", "47B": "100*65z", "49M": "100*65z", "49N": "100*65z", "72": "6*35x"}
HEAD = """# SWIFT MT: the fields of a message in their order (! is mandatory, the letters are its options), and what a field may hold: lines*characters
# and the character set, for fields that are more than text the greatest number of characters. Facts only. Made by
# `python -m tests.swift_directory`, which also says whether they are still right.
"""


def facts(source: Path = FIELDS) -> str:
    """The text of the file."""
    known = json.loads(source.read_text(encoding="utf-8"))
    structures = {number: list(_members(known["messages"][f"MT{number}"]["structure"])) for number in MESSAGES}
    tags = sorted({row["field"] + option for rows in structures.values() for row in rows for option in row["options"]})
    lines = [f'{number} = "{" ".join(map(_place, rows))}"' for number, rows in sorted(structures.items())]
    formats = [f'{tag} = "{NARRATIVE.get(tag) or _format(known["fields"][tag]["validation"])}"' for tag in tags]
    return "\n".join([HEAD, "[messages]", *lines, "", "[fields]", *formats, ""])


def _members(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if "sequence" in row:
            yield from _members(row["content"])
        else:
            yield row


def _place(row: dict[str, Any]) -> str:
    return f"{row['field']}{'/'.join(row['options'])}{'!' if row['presence'] == 'M' else ''}"


def _format(text: str) -> str:
    text = re.sub(r"\(\*+\)", "", text)
    if plain := re.fullmatch(r"(\d+)([xz])(?:\[\$\d+[xz]\]0-(\d+))?", text):
        width, kind, more = plain.groups()
        return f"{int(more or 0) + 1}*{width}{kind}" if more else f"1*{width}{kind}"
    return text


if __name__ == "__main__":
    FACTS.write_text(facts(), encoding="utf-8")
    sys.exit(0)
