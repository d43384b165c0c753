"""Process content as files, with the line of every row: what `tradeflow check` reads."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tradeflow.errors import ContentError
from tradeflow.model.content import load


@dataclass
class Source:
    """One file, and the defects found in it."""

    file: Path
    data: dict[str, Any]
    defects: list[ContentError] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[str]:
        return self.file.read_text(encoding="utf-8").splitlines()

    def line(self, needle: str, after: int = 1, occurrence: int = 1) -> int:
        """The line, from `after` on, of the n-th occurrence of a text; `after` where there is none."""
        hits = [n for n, line in enumerate(self.lines, 1) if n >= after and needle in line]
        return hits[min(occurrence, len(hits)) - 1] if hits else after

    def table(self, name: str) -> int:
        """The line of [name] or of `name =`."""
        pattern = re.compile(rf"^(\[{re.escape(name)}\]|{re.escape(name)}\s*=)")
        return next((n for n, line in enumerate(self.lines, 1) if pattern.match(line)), 1)

    def report(self, line: int, what: str) -> None:
        self.defects.append(ContentError(str(self.file), line, what))


@dataclass
class Sources:
    """All process content of some roots. A file that cannot be read is a defect and is left out."""

    processes: dict[str, Source]
    shared: dict[str, list[Source]]
    unreadable: list[ContentError]

    @classmethod
    def read(cls, roots: Iterable[Path], shared: Iterable[str]) -> "Sources":
        found = cls({}, {name: [] for name in shared}, [])
        for root in roots:
            for file in sorted((root / "workflows").glob("*/process.toml")):
                if (source := found._load(file)) is None:
                    continue
                if file.parent.name in found.processes:
                    source.report(1, f"process {file.parent.name} is already defined in {found.processes[file.parent.name].file}")
                    found.unreadable += source.defects
                else:
                    found.processes[file.parent.name] = source
            for name in found.shared:
                file = root / "workflows" / "_common" / f"{name}.toml"
                if file.is_file() and (source := found._load(file)) is not None:
                    found.shared[name].append(source)
        return found

    def _load(self, file: Path) -> Source | None:
        try:
            return Source(file, load(file).data)
        except ContentError as error:
            self.unreadable.append(error)
            return None

    def rows(self, name: str) -> Iterator[tuple[Source, str, Any]]:
        """Every (file, key, row) of a shared file."""
        for source in self.shared[name]:
            for key, row in source.data.items():
                yield source, key, row

    def names(self, name: str) -> Mapping[str, Any]:
        return {key: row for _, key, row in self.rows(name)}

    def defects(self) -> list[ContentError]:
        """All defects so far, file by file, in order of lines."""
        every = [*self.processes.values(), *(s for sources in self.shared.values() for s in sources)]
        found = [defect for source in every for defect in source.defects]
        return sorted([*self.unreadable, *found], key=lambda d: (d.file, d.line, d.what))
