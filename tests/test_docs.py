"""The documentation names everything there is, and nothing that is not: settings, verbs, codes, operations, keys, files. Commands are run in tests/docs."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import msgspec
import pytest

from tests.docs import settings_table
from tests.docs.blocks import PAGES, ROOT
from tradeflow import cli
from tradeflow.api import codes
from tradeflow.api.app import route_handlers
from tradeflow.machine import check
from tradeflow.machine.effects import VERBS
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import Field, MessageType
from tradeflow.rules.rows import Row
from tradeflow.scenario.load import Cast, Scenario, Step, load

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
MADE_FOR_READING = {"id", "fields", "folder", "catalogue"}  # of a MessageType: not keys of message.toml


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def named(page: str, names: object) -> list[str]:
    """Those of the names that a page does not show as code."""
    shown = set(re.findall(r"`([^`\n]+)`", text(page)))
    words = shown | {word for code in shown for word in re.findall(r"[\w-]+", code)}
    return sorted(set(names) - words)  # type: ignore[call-overload]


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*\[\]]|\(.*?\)", "", heading.lower())).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS, ROOT / "CHANGELOG.md"], ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(file), f"{page.name}: {target}"


def test_every_page_says_what_its_reader_will_have_and_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        if page.name != "benchmarks.md":  # figures, for whoever looks for them
            assert f"docs/{page.name}" in readme, page.name
            assert "**At the end of this page**" in page.read_text(encoding="utf-8"), page.name


def test_the_table_of_settings_is_that_of_the_class() -> None:
    assert settings_table.shown() == settings_table.table(), "run python -m tests.docs.settings_table"


def test_every_verb_is_described() -> None:
    context = click.Context(cli.tradeflow)
    verbs = cli.tradeflow.list_commands(context)
    assert {"demo", "serve", "verify"} <= set(verbs)
    assert [verb for verb in verbs if f"`tradeflow {verb}`" not in text("operators.md")] == []
    for verb in verbs:
        command = cli.tradeflow.get_command(context, verb)
        if isinstance(command, click.Group):
            assert named("operators.md", command.commands) == []


def test_every_exit_code_is_described() -> None:
    said = {int(n) for n in re.findall(r"^\| (\d+) \| [a-z]", text("errors.md"), re.MULTILINE)}
    assert said >= {value for name, value in vars(cli).items() if name.startswith("EXIT_")}


def test_every_code_is_described_with_its_status() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", text("errors.md"), re.MULTILINE))
    assert {code: known.http for code, known in codes.every().items() if str(known.http) not in rows.get(code, "")} == {}
    raised = r"(?:Problem|BadInput|Refused|Missing|Unavailable)\(\s*\"([A-Z_]+)\""
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "tradeflow").rglob("*.py")]
    used = {code for source in sources for code in re.findall(raised, source)}
    assert used - rows.keys() == set()
    assert rows.keys() - used - codes.every().keys() == set(), "codes that nobody raises"


def test_every_operation_is_described_at_its_address() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([A-Z]+ [^`]+)`", text("integrators.md"), re.MULTILINE))
    known = {}
    for handler in route_handlers():
        if handler.operation_id:
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", min(handler.paths))
            known[handler.operation_id] = f"{min(handler.http_methods)} {path}"
    assert rows.keys() == known.keys()
    moved = {id for id in known if id != "getSchema" and rows[id] != known[id]}
    assert moved == set()


def test_every_key_of_a_scenario_is_described() -> None:
    for shape in (Scenario, Cast, Step):
        assert named("scenarios.md", [f.encode_name for f in msgspec.structs.fields(shape)]) == []


def test_every_key_of_content_is_described() -> None:
    tables = check.PROCESS_KEYS | check.PROCESS_MAY | check.REGION_KEYS | check.REGION_MAY | check.TRANSITION_KEYS | check.TRANSITION_MAY
    assert named("content.md", tables - {"region"} | check.TIMER_KEYS | check.GUARD_MAY) == []
    assert named("content.md", VERBS) == []
    assert named("content.md", [f.encode_name for f in msgspec.structs.fields(Row) if f.name not in ("file", "line")]) == []
    assert named("content.md", {f.name for f in fields(MessageType)} - MADE_FOR_READING) == []
    assert named("content.md", [f.name for f in fields(Field)]) == []


def test_the_readme_counts_what_the_demo_plays() -> None:
    scenario = load(ROOT / "workflows" / "trade" / "scenarios" / "S01.toml")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(scenario.cast) == 17 and "Seventeen parties" in readme
    assert f"lodge {sum(bool(step.message) for step in scenario.step)} full documents" in readme
    assert len(machine().processes) == 11 and "ten processes" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_library_is_one_that_was_decided_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["embedded-redis"]]
    names = {match[0] for line in wanted if (match := re.match(r"[A-Za-z0-9-]+", line))}
    decision = text("decisions/0007-libraries.md")
    chosen = {name for row in re.findall(r"^\| [^|`]+ \| (`[^|]+`) \|", decision, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
    assert chosen == names


def test_decisions_are_numbered_and_say_the_same_three_things() -> None:
    numbers = [int(file.name[:4]) for file in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    for file in DECISIONS:
        said = file.read_text(encoding="utf-8")
        assert said.startswith(f"# {file.name[:4]} "), file.name
        assert all(part in said for part in ("**Context.**", "**Decision.**")), file.name
        assert re.search(r"^> .+", said, re.MULTILINE), f"{file.name}: the line people will quote"


def test_examples_are_used_by_a_page() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    examples = [file for file in (DOCS / "examples").rglob("*") if file.is_file() and "own-content" not in file.parts]
    assert [file.name for file in examples if file.name not in pages] == []
