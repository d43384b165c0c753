"""`python -m tests.format_samples`: what becomes of every file in a format of the outside that others made, as the table in docs/formats.md."""

import json
import sys
from pathlib import Path

from tradeflow.app.convert import convert
from tradeflow.codec import formats
from tradeflow.errors import BadInput
from tradeflow.model.pointers import leaves

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
PAGE = Path(__file__).parents[1] / "docs" / "formats.md"
BEGIN, END = "<!-- made by python -m tests.format_samples -->\n", "<!-- end -->\n"
FOLDERS = {"customs": "wco", "dcsa": "dcsa", "edifact": "edifact", "swift-mt": "swift_mt", "ubl": "ubl"}
SHARED = 4  # files of a folder with one result: one line
SHOWN = 160  # characters of what a finding says


def files() -> list[tuple[Path, str]]:
    """Every sample with the format it is read in, as far as there is a codec for it."""
    found = [
        (file, kind) for folder, kind in FOLDERS.items() if kind in formats.kinds() for file in sorted((SAMPLES / folder).rglob("*.*"))
    ]
    return [(file, kind) for file, kind in found if file.is_file()]


def outcome(body: bytes, kind: str) -> tuple[str, str]:
    """("read" or the code of the refusal, what it is and what it needs before it can be lodged, or what is wrong with it first)."""
    media_type = formats.kinds()[kind].media_type
    try:
        made = convert(body, media_type, "json")
    except BadInput as refusal:
        said = "; ".join(finding.message for finding in refusal.findings[:2])
        more = f" and {len(refusal.findings) - 2} more" if len(refusal.findings) > 2 else ""
        return refusal.code, said[:SHOWN] + ("…" if len(said) > SHOWN else "") + more
    fields = len([*leaves(json.loads(made.body))])
    said = f"{made.type} {made.number}: {fields} fields, {len(made.not_taken)} of the file not taken"
    return "read", f"{said}; {len(made.findings)} findings before it can be lodged" if made.findings else said


def table() -> str:
    """The table of all files; those of a folder that have the same result for the same reason share a line."""
    alike: dict[tuple[Path, str, str], list[str]] = {}
    for file, kind in files():
        alike.setdefault((file.parent.relative_to(SAMPLES), *outcome(file.read_bytes(), kind)), []).append(file.name)
    lines = ["| file | result | because |", "| --- | --- | --- |"]
    for (folder, code, said), names in alike.items():
        shared = len(names) >= SHARED
        plain = said.replace("|", "\\|").replace("<", "&lt;")
        shown_names = [f"{names[0]} and {len(names) - 1} others"] if shared else names
        lines += [f"| {folder}/{name} | {code} | {plain} |" for name in shown_names]
    return "\n".join(lines) + "\n"


def shown() -> str:
    """The table that stands in the page."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> int:
    """Write the table anew; 2 where the samples are not at hand."""
    if not SAMPLES.is_dir():
        print(f"no samples: {SAMPLES} is not there; the table stays as it is", file=sys.stderr)
        return 2
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
