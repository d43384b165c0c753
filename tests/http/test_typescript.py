"""The documented command makes types for TypeScript, and the program of docs/partners.md compiles against them. Skipped without Node.js."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.http.description import Description
from tradeflow.bundle import bundle_root

PACKAGES = ("typescript@5.9.3", "openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "@types/node@22")


def program() -> str:
    page = (bundle_root() / "docs" / "partners.md").read_text(encoding="utf-8")
    found = re.search(r"```ts\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.slow
async def test_the_program_of_the_page_compiles(description: Description, tmp_path: Path) -> None:
    if not (npm := shutil.which("npm")) or not shutil.which("node"):
        pytest.skip("needs Node.js")
    (tmp_path / "openapi.json").write_text(json.dumps(description.document))
    await asyncio.to_thread(compiled, npm, tmp_path)


def compiled(npm: str, folder: Path) -> None:
    installed = run(folder, npm, "install", "--no-audit", "--no-fund", "--silent", *PACKAGES)
    if installed.returncode:
        pytest.skip(f"the packages cannot be fetched here: {installed.stderr[-200:]}")
    programs = folder / "node_modules" / ".bin"
    made = run(folder, programs / "openapi-typescript", "openapi.json", "-o", "tradeflow.d.ts")
    assert made.returncode == 0, made.stdout + made.stderr
    tsc = (
        programs / "tsc",
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--target",
        "es2022",
        "--module",
        "es2022",
        "--moduleResolution",
        "bundler",
    )
    (folder / "program.ts").write_text(program())
    (folder / "wrong.ts").write_text(program().replace("].state", "].nothing_of_the_kind"))
    said = run(folder, *tsc, "program.ts", "wrong.ts").stdout.splitlines()
    assert [line for line in said if not line.startswith(("wrong.ts", " "))] == []
    assert any("nothing_of_the_kind" in line for line in said), "the types are really looked at"


def run(folder: Path, *command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
