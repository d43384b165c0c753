"""Code blocks of Markdown pages, and a reader who types them in: one shell for a page, what is printed compared with what the page shows."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tradeflow.bundle import bundle_root

ROOT = bundle_root()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RUN = ("sh", "console", "python")
SKIP = "no-run"
BLOCK_SECONDS_MAX = 60
SURROUNDINGS = {"LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}  # of every program
_FENCE = re.compile(r"^```([^\s`]*)[ \t]*([^\n]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_MARK = "--- a block of the documentation ends here ---"


@dataclass(frozen=True)
class Block:
    """One fenced block: its page, its first line, its language, the word after it, its text."""

    page: Path
    line: int
    language: str
    info: str
    text: str

    @property
    def runs(self) -> bool:
        return self.language in RUN and self.info != SKIP

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    return [Block(page, text[: m.start()].count("\n") + 1, m[1], m[2].strip(), m[3]) for m in _FENCE.finditer(text)]


class Reader:
    """Works in a folder that looks like a clone, with `tradeflow` on the path and the hub where the pages say it is.

    `program` is the text of `tradeflow` where that is to be another than the one of the clone.
    """

    def __init__(self, folder: Path, url: str, environment: dict[str, str], program: str = "") -> None:
        self.folder, self.url = folder, url
        self._kept = folder / ".environment"
        for name in ("docs", "documents", "workflows", "schemas", "tests", "compose.yaml", "pyproject.toml", "tradeflow"):
            (folder / name).symlink_to(ROOT / name)
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        (programs / "activate").touch()
        for name, arguments in (("tradeflow", "-m tradeflow "), ("python", "")):
            (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {arguments}"$@"\n')
            (programs / name).chmod(0o755)
        if program:
            (programs / "tradeflow").write_text(program)
        path = f"{programs}:{os.environ['PATH']}"
        self._environment = {"PATH": path, "HOME": str(folder), **SURROUNDINGS, **environment}

    def type_in(self, block: Block) -> str:
        """Run a block and return "" or what went otherwise than the page says."""
        text = block.text.replace("http://127.0.0.1:8080", self.url)
        if block.language == "console":
            return self._console(text)
        if block.language == "python":
            status, said = self._run("python -", stdin=text)
        else:
            status, said = self._run(f"set -eu\n{text}")
        return f"exit status {status}:\n{said}" if status else ""

    def _console(self, text: str) -> str:
        commands = commands_of(text)
        status, said = self._run("\n".join(f"{command}\nprintf '%s\\n' '{_MARK}'" for command, _ in commands))
        printed = said.split(f"{_MARK}\n")
        if len(printed) != len(commands) + 1:
            return f"ended early with status {status}:\n{said}"
        for (command, shown), output in zip(commands, printed, strict=False):
            if not matches(shown, output):
                return f"$ {command}\nthe page shows\n{shown}\nbut it printed\n{output}"
        return ""

    def _run(self, script: str, stdin: str = "") -> tuple[int, str]:
        """A shell that goes on where the one before ended: variables and functions stay."""
        before = f". {self._kept}\n" if self._kept.exists() else ""
        whole = f"{before}set -a\ntrap '{{ export -p; declare -f; }} > {self._kept}' EXIT\n{script}\n"
        done = subprocess.run(
            ["bash", "-c", whole],
            cwd=self.folder,
            env=self._environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=BLOCK_SECONDS_MAX,
            check=False,
        )
        return done.returncode, done.stdout


def commands_of(text: str) -> list[tuple[str, str]]:
    """The commands of a console block with what each is shown to print. A command goes on after a backslash and in a quoted text."""
    found: list[tuple[str, str]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            command, shown = found[-1]
            found[-1] = (command, f"{shown}{line}\n")
            continue
        command = line.removeprefix("$ ")
        while command.endswith("\\") or command.count("'") % 2:
            command += f"\n{next(lines)}"
        found.append((command, ""))
    return found


def matches(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed: "..." stands for anything within a line, a line of its own for any lines; nothing shown asks nothing."""
    if not shown.strip():
        return True
    pattern = ""
    for line in shown.strip("\n").splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += re.escape(line.rstrip()).replace(re.escape("..."), ".*") + r"[ \t]*\n"
    return re.fullmatch(rf"\n*{pattern}\n*", printed.rstrip() + "\n") is not None
