"""Rule rows as they stand in content: documents/<message>/rules.toml, documents/_common/rules/*.toml, documents/_common/cross*.toml."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import MessageType
from tradeflow.model.content import load
from tradeflow.model.finding import Severity

ID = r"^[A-Z]+(-[A-Z]+)?-[0-9]{2,3}[a-z]?$"
Text = Annotated[str, Meta(min_length=1)]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"passing": "pass", "failing": "fail"}, kw_only=True):
    """One rule as written. A letter after the number of an id ("M-LC-03b") marks a further part of the same rule.

    `when` narrows a rule to places where each path has the value, or one of the values; "" stands for an absent value, "present"
    for any list or group, and "trade:incoterm" for a term of the trade. `passing` and `failing` are overrides
    of a valid sample (path = value, "-path" removes) with which the rule must hold, and must not; `now` and `state` are the
    clock and the trade both are judged by, `sample` and `on` the sample and (for shared rows) the message.
    """

    id: Annotated[str, Meta(pattern=ID)]
    severity: Severity
    check: Text
    text: Text
    hint: Text
    source: Text
    args: dict[str, Any] = {}
    when: dict[str, Any] = {}
    messages: tuple[str, ...] = ()
    uses: str = ""
    applies_to: str = ""
    documents: tuple[str, ...] = ()
    on: str = ""
    sample: str = ""
    now: str = ""
    state: dict[str, Any] = {}
    passing: dict[str, Any] = {}
    failing: dict[str, Any] = {}
    file: str = ""
    line: int = 0

    def defect(self, what: str) -> ContentError:
        """The content error for this row."""
        return ContentError(self.file, self.line, f"{self.id}: {what}")

    def concerns(self, message: MessageType) -> bool:
        """Whether a shared row is meant for this message (its paths decide the rest where it applies to all)."""
        return self.applies_to == "all" or message.id in self.messages or self.uses in message.uses


@functools.cache
def rows(file: Path) -> tuple[Row, ...]:
    """The rows of one file; ContentError at the first that is not well formed."""
    table = load(file)
    lines = [n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if re.match(r"\s*\[\[rule\]\]", line)]
    made = table.data.get("rule", [])
    if not isinstance(made, list) or len(made) != len(lines) or table.data.keys() - {"rule", "alias"}:
        raise ContentError(str(file), 1, "a rules file holds [[rule]] rows, each starting on a line of its own, and nothing else")
    return tuple(_row(body, str(file), line) for body, line in zip(made, lines, strict=True))


class Alias(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name for several message types, or for those documents of a type that have certain values: the newest of them is meant.

    Documents of successive types take the place of one another: offer, acceptance, accepted change.
    """

    of: tuple[str, ...]
    where: dict[str, tuple[str, ...]] = {}
    successive: bool = False


@functools.cache
def aliases(file: Path) -> Mapping[str, Alias]:
    """The names a file of rules across documents gives; ContentError if one is not well formed."""
    table = load(file)
    try:
        given = {name: {"of": row} if isinstance(row, list) else row for name, row in table.data.get("alias", {}).items()}
        return msgspec.convert(given, dict[str, Alias])
    except msgspec.ValidationError as error:
        raise table.defect(f"alias: {error}", "alias") from error


def shared_files(roots: tuple[Path, ...]) -> list[Path]:
    """The files of rows that several messages share."""
    return [file for root in roots for file in sorted((root / "documents" / "_common" / "rules").glob("*.toml"))]


def _row(body: Mapping[str, Any], file: str, line: int) -> Row:
    if "file" in body or "line" in body:
        raise ContentError(file, line, f"{body.get('id', 'rule')}: file and line are not for rows to say")
    try:
        row = msgspec.convert({**body, "file": file, "line": line}, Row)
    except msgspec.ValidationError as error:
        raise ContentError(file, line, f"{body.get('id', 'rule without an id')}: {error}") from error
    if not (row.failing or row.now or row.state):
        raise row.defect("it needs a failing snippet (fail)")
    return row
