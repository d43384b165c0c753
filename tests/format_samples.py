"""`python -m tests.format_samples`: what becomes of every EDIFACT and SWIFT file that others made, as the table in docs/formats.md."""

import sys
from pathlib import Path

from tradeflow.codec import formats, intake
from tradeflow.errors import BadInput

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
PAGE = Path(__file__).parents[1] / "docs" / "formats.md"
BEGIN, END = "<!-- made by python -m tests.format_samples -->\n", "<!-- end -->\n"
FOLDERS = {"edifact": "edifact", "swift-mt": "swift_mt"}
SHOWN = 160  # characters of what a finding says


def files() -> list[tuple[Path, str]]:
    """Every sample with the format it is read in, as far as there is a codec for it."""
    found = [
        (file, kind) for folder, kind in FOLDERS.items() if kind in formats.kinds() for file in sorted((SAMPLES / folder).rglob("*.*"))
    ]
    return [(file, kind) for file, kind in found if file.is_file()]


def outcome(body: bytes, kind: str) -> tuple[str, str]:
    """("read" or the code of the refusal, what it is or the first things that are wrong with it)."""
    try:
        document = intake.read(body, formats.kinds()[kind].media_type)
    except BadInput as refusal:
        said = "; ".join(finding.message for finding in refusal.findings[:2])
        more = f" and {len(refusal.findings) - 2} more" if len(refusal.findings) > 2 else ""
        return refusal.code, said[:SHOWN] + ("…" if len(said) > SHOWN else "") + more
    return "read", f"{document.type} {document.number}"


def table() -> str:
    """The table of all files."""
    lines = ["| file | result | because |", "| --- | --- | --- |"]
    for file, kind in files():
        code, said = outcome(file.read_bytes(), kind)
        plain = said.replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| {file.relative_to(SAMPLES)} | {code} | {plain} |")
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
