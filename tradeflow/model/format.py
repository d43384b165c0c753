"""What a format of the outside and a document of ours have to say to each other: rows, what was read, what was written, what is lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import MessageType
from tradeflow.model.content import Table
from tradeflow.model.document import Tree
from tradeflow.model.finding import Finding

DROPPED, CHANGED, ASIDE = "dropped", "changed", "aside"


@dataclass(frozen=True, slots=True)
class Loss:
    """One field that a conversion does not hand over as it is.

    `kind` is "dropped" (it is not there), "changed" (it is there, shortened or in another wording) or "aside" (it is there, in
    free text that a partner's system shows but does not understand). `pointer` leads into the document, or names the place in the
    file where something stands that the document has no field for.
    """

    pointer: str
    kind: str
    message: str


def nowhere(_: str) -> str:
    """The place of a value in a file without cells."""
    return ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: the message type, its tree before the schema has judged it, and what of the file is not in the tree.

    `faults` are values that could not be taken as they stand; the schema judges the rest, and all is told at once. `place` gives the
    cell of a table that a JSON Pointer leads to, "" where the format has none.
    """

    type: str
    tree: Tree
    losses: tuple[Loss, ...] = ()
    faults: tuple[Finding, ...] = ()
    place: Callable[[str], str] = nowhere


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a partner's system says about a file that it got: whether it takes it, and in words why not.

    `references` are what it names the file by, the first that fits counts: the reference of the file, the id of its message (with or
    without hyphens), the number of its document.
    """

    kind: str
    references: tuple[str, ...]
    accepted: bool
    said: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document of a file: in words, and with its findings."""

    accepted: bool
    said: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what of the document is not in it as it was."""

    body: bytes
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The rows that bind one message to one format: documents/<message>/formats/<format>.toml and what all messages share."""

    message: MessageType
    table: Table
    shared: Mapping[str, tuple[Table, Any]]  # name -> the file it stands in and its body, of documents/_common/formats/<format>.toml

    def defect(self, what: str, word: str = "") -> ContentError:
        """The error for `what` in the message's own file, at the line that holds `word`."""
        lines = self.table.file.read_text(encoding="utf-8").splitlines()
        hit = next((n for n, line in enumerate(lines, 1) if word and word in line), 1)
        return ContentError(str(self.table.file), hit, f"{self.message.id}: {what}")

    def shared_defect(self, name: str, what: str, word: str = "") -> ContentError:
        """The error for `what` in the shared rows of that name."""
        file = self.shared[name][0].file
        lines = file.read_text(encoding="utf-8").splitlines()
        start = next((n for n, line in enumerate(lines) if line.strip() in (f"[{name}]", f"[[{name}]]")), 0)
        hit = next((n for n, line in enumerate(lines[start:], start + 1) if word and word in line), start + 1)
        return ContentError(str(file), hit, f"{name}: {what}")
