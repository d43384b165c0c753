"""The sentences of the hub, read from its program: every template of `say`, every fixed text that a verdict, finding or problem says.

What a template is filled with may be a few words too ("not stated"): they are extracted beside it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TRADEFLOW = Path(__file__).parent.parent
PARTS = ("machine", "rules", "app", "api", "codec", "draft", "elements", "pdf", "portal", "store")
WORDS = ("machine/words/", "rules/words/", "machine/timers.py", "codec/wording.py")  # what stands here as a text is said to somebody
TELL = frozenset(
    {
        *("Fault", "Verdict", "Finding", "Notice", "Miss", "WhyNot", "Refusal", "refuse", "invalid"),
        *("Problem", "BadInput", "Refused", "Missing", "Unavailable"),
    }
)
_WORDS = re.compile(r"[a-z]{2,}")
_CODE = re.compile(r"[A-Za-z0-9_./#:%-]*|(guard|tradeflow rule catalogue) .*")  # and sources of findings


@cache
def spoken() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """(templates, texts, the few words that templates are filled with): each with the file and line it stands in."""
    templates: dict[str, str] = {}
    texts: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for part in PARTS:
        for file in sorted((TRADEFLOW / part).rglob("*.py")):
            name = file.relative_to(TRADEFLOW).as_posix()
            read = _Reader(whole=name.startswith(WORDS))
            read.visit(ast.parse(file.read_bytes()))
            for found, into in ((read.templates, templates), (read.texts, texts), (read.phrases, phrases)):
                for line, text in found:
                    into.setdefault(text, f"{name}:{line}")
    return templates, {text: where for text, where in texts.items() if text not in templates}, phrases


class _Reader(ast.NodeVisitor):
    """Walks a module; `whole` takes every text of it that is a sentence, not only what is handed to those who tell."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole
        self.templates: list[tuple[int, str]] = []
        self.texts: list[tuple[int, str]] = []
        self.phrases: list[tuple[int, str]] = []

    def visit_Call(self, node: ast.Call) -> None:
        called = _name(node.func)
        if called == "say" and node.args and isinstance(node.args[0], ast.Constant):
            self.templates.append((node.lineno, str(node.args[0].value)))
            for keyword in node.keywords:
                self.phrases += [(node.lineno, text) for text in _said(keyword.value) if _WORDS.search(text)]
        elif called in TELL:
            for given in (*node.args, *(one.value for one in node.keywords)):
                self.texts += [(node.lineno, text) for text in _said(given) if not _CODE.fullmatch(text)]
        self.generic_visit(node)

    def visit_Module(self, node: ast.Module) -> None:
        for one in node.body:  # tables of a module, by what they are looked up with
            if self.whole and isinstance(one, ast.Assign) and isinstance(one.value, ast.Dict):
                for value in one.value.values:
                    self.texts += [(one.lineno, text) for text in _said(value) if not _CODE.fullmatch(text)]
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        told = {one.id for call in ast.walk(node) if isinstance(call, ast.Call) and _name(call.func) in TELL for one in _names(call)}
        for one in ast.walk(node):
            if isinstance(one, ast.Assign) and (self.whole or any(isinstance(to, ast.Name) and to.id in told for to in one.targets)):
                self.texts += [(one.lineno, text) for text in _said(one.value) if not _CODE.fullmatch(text)]
            if self.whole and isinstance(one, ast.Return | ast.Yield) and one.value is not None:
                self.texts += [(one.lineno, text) for text in _said(one.value) if not _CODE.fullmatch(text)]
        for inner in node.body:
            self.visit(inner)


def _names(call: ast.Call) -> Iterator[ast.Name]:
    for given in (*call.args, *(one.value for one in call.keywords)):
        yield from (one for one in ast.walk(given) if isinstance(one, ast.Name))


def _said(node: ast.AST) -> Iterator[str]:
    """The texts that an expression may be: not those that it only looks something up with."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_said(node.body), *_said(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (text for one in node.values for text in _said(one))
    elif isinstance(node, ast.Tuple | ast.List):
        yield from (text for one in node.elts for text in _said(one))
    elif isinstance(node, ast.BinOp):
        yield from (*_said(node.left), *_said(node.right))


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
