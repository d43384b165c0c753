"""The laws of the code. Each takes the path of a file, as tradeflow/…, and its text, and yields what breaks it as "line: what"."""

import ast
import functools
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final

Law = Callable[[str, str], Iterator[str]]

# what each part may import from tradeflow, besides itself; every part may import the GROUND
GROUND: Final = {"__version__", "bundle", "errors", "fault", "language", "logs", "settings"}
CORE: Final = {"model", "machine", "rules", "codec", "draft"}
OUTSIDE: Final = {*CORE, "pdf", "app", "ports", "store", "embedded"}
MAY_IMPORT: Final = {
    "model": set(),
    "machine": {"model"},
    "rules": {"model"},
    "codec": {"model", "ports"},
    "draft": {"model"},
    "pdf": {"model", "codec"},
    "ports": {"model"},
    "outbound": {"model"},
    "embedded": set(),
    "client": set(),
    "store": {"model", "ports"},
    "elements": {"model", "codec"},
    "adapters": {"model", "ports", "elements", "outbound"},
    "app": {*CORE, "pdf", "ports", "store", "outbound"},
    "api": OUTSIDE,
    "portal": {*OUTSIDE, "api"},
    "worker": OUTSIDE,
    "scenario": {*OUTSIDE, "client"},
    "simulate": {*OUTSIDE, "client", "scenario"},
    "cli": {*OUTSIDE, "api", "portal", "worker", "client", "scenario", "simulate"},
    "__main__": {"cli"},
    "__init__": set(),
    "bundle": {"settings"},
    "errors": {"model"},
    "fault": {"settings"},
    "language": set(),
    "logs": {"settings"},
    "settings": set(),
}


@functools.cache
def parsed(source: str) -> ast.Module:
    """The tree of a source, which every law looks at and none changes."""
    return ast.parse(source)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported name, dotted, with its line; those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string with its line; an f-string counts as one, with {} where a value goes."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def calls(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Every call x.y.f() as line, "y" (the last word before the method) and "f"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = node.func.value
            word = receiver.attr if isinstance(receiver, ast.Attribute) else receiver.id if isinstance(receiver, ast.Name) else ""
            yield node.lineno, word, node.func.attr


def dependencies_point_one_way(path: str, source: str) -> Iterator[str]:
    """model <- {machine, rules, codec, draft} <- app <- {api, worker, scenario, simulate} <- cli, api <- portal <- cli; store and adapters implement ports.

    client stands alone: whoever connects a system imports nothing of the hub.
    """
    parts = PurePosixPath(path).with_suffix("").parts
    part = parts[1] if parts[0] == "tradeflow" else "adapters"
    if part not in MAY_IMPORT:
        yield f"1: {part} has no place in the order of dependencies; give it one in tests/laws.py"
        return
    allowed = MAY_IMPORT[part] | GROUND | {part}
    for line, name in imports(parsed(source)):
        words = name.split(".")
        if name.startswith("."):
            yield f"{line}: {name}: write the whole name, so that this law can read it"
        elif words[0] == "tradeflow" and words[1] not in allowed:
            yield f"{line}: {part} must not import {name}"


def no_adapter_is_imported_by_name(path: str, source: str) -> Iterator[str]:
    """Adapters are found by listing their folder: adding one edits nothing."""
    for line, name in imports(parsed(source)):
        if name.startswith(("tradeflow.adapters.", "adapters.")) and not path.startswith("adapters/"):
            yield f"{line}: imports the adapter {name}"


def only_the_xml_codec_touches_lxml(path: str, source: str) -> Iterator[str]:
    """One hardened parser: everything hostile passes through codec/xml*.py."""
    if re.fullmatch(r"tradeflow/codec/xml\w*\.py", path):
        return
    for line, name in imports(parsed(source)):
        if name.split(".")[0] == "lxml":
            yield f"{line}: imports {name}"


def no_parsing_by_path(path: str, source: str) -> Iterator[str]:
    """etree.parse(path) unpacks gzip without being asked, and reads what the path says."""
    for line, word, method in calls(parsed(source)):
        if (word, method) == ("etree", "parse"):
            yield f"{line}: etree.parse"


def only_the_unit_of_work_commits(path: str, source: str) -> Iterator[str]:
    """One commit per command, in store/uow.py; store/migrations/ is Alembic's."""
    if path == "tradeflow/store/uow.py" or path.startswith("tradeflow/store/migrations/"):
        return
    tree = parsed(source)
    for line, word, method in calls(tree):
        if method in {"commit", "rollback", "begin_nested"} or (method == "begin" and word in {"engine", "connection", "session"}):
            yield f"{line}: {word}.{method}()"
        if method == "transaction" and not (path.startswith("tradeflow/store/") and word.lstrip("_") == "store"):
            yield f"{line}: {word}.transaction()"
    for line, text in texts(tree):
        if re.match(r"\s*(BEGIN|COMMIT|ROLLBACK|END|START TRANSACTION)\s*(;|$|WORK\b|TRANSACTION\b|ISOLATION\b|READ\b)", text):
            yield f"{line}: {text.strip().splitlines()[0]}"


def no_setting_outlives_its_transaction(path: str, source: str) -> Iterator[str]:
    """SET without LOCAL, or set_config(…, false), stays on a pooled connection and meets the next party."""
    found = texts(parsed(source)) if path.endswith(".py") else iter([(1, source)])
    for line, text in found:
        if re.search(r"(?:^|;)\s*SET\s+(?!LOCAL\b|CONSTRAINTS\b)[\w.]+(?:\s+[\w.]+)?\s*(?:=|\bTO\b)", text) or re.search(
            r"set_config\([^()]*,\s*false\s*\)", text, re.IGNORECASE
        ):
            yield f"{line}: {text.strip().splitlines()[0]}"


def functions_are_short(path: str, source: str) -> Iterator[str]:
    """At most 70 lines: one screen."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > 70:
                yield f"{node.lineno}: {node.name} has {length} lines"


def files_are_short(path: str, source: str) -> Iterator[str]:
    """At most 400 lines."""
    length = len(source.splitlines())
    if length > 400:
        yield f"1: {length} lines"


def names_say_something(path: str, source: str) -> Iterator[str]:
    """A module is named after what it holds."""
    for word in PurePosixPath(path).with_suffix("").parts:
        if re.search(r"(?:^|_)(?:util|utils|utilities|helper|helpers|manager|managers|misc|common)$", word):
            yield f"1: {word} says nothing"
