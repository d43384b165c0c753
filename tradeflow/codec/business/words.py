"""The words of a partner's system for codes of ours: status.toml, one table for each field.

    [customs_response.result]
    RLS = "RELEASED"

A word that is not in the table is a finding and never a guess; a code of ours without a word cannot be sent.
"""

import copy
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tradeflow.codec.business.manifest import Adapter
from tradeflow.codec.wording import FINDINGS_MAX, shown
from tradeflow.errors import ContentError
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import Catalogue, Field, catalogue
from tradeflow.model.content import load
from tradeflow.model.document import Document, Tree, each
from tradeflow.model.finding import Finding, Severity

RULE = "M-ADP-01"
Words = Mapping[str, Mapping[str, str]]  # path of a field -> their word -> our code


@functools.cache
def status(folder: Path) -> dict[str, Words]:
    """The tables of an adapter by message; without status.toml none."""
    file = folder / "status.toml"
    if not file.exists():
        return {}
    return {message: dict(_paths(body, "")) for message, body in load(file).data.items()}


def _paths(body: Mapping[str, Any], at: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """[message.a.b] and [message."a.b"] are both the path a.b."""
    texts = {word: code for word, code in body.items() if isinstance(code, str)}
    if texts:
        yield at, texts
    for name, below in body.items():
        if isinstance(below, Mapping):
            yield from _paths(below, f"{at}.{name}" if at else name)


def ours(adapter: Adapter, message: str, tree: Tree) -> tuple[Tree, list[Finding]]:
    """A tree of theirs with our codes in it, and a finding for every word that is not in the table."""
    return _exchanged(adapter, message, tree, {path: dict(words) for path, words in status(adapter.folder).get(message, {}).items()}, False)


def theirs(adapter: Adapter, message: str, tree: Tree) -> tuple[Tree, list[Finding]]:
    """A tree of ours with their words in it, the first of each code, and a finding for every code that has none."""
    turned: dict[str, dict[str, str]] = {}
    for path, words in status(adapter.folder).get(message, {}).items():
        for word, code in words.items():
            turned.setdefault(path, {}).setdefault(code, word)
    return _exchanged(adapter, message, tree, turned, True)


def _exchanged(adapter: Adapter, message: str, tree: Tree, tables: Words, outward: bool) -> tuple[Tree, list[Finding]]:
    made, findings = copy.deepcopy(tree), []
    for path, words in tables.items():
        for pointer, value in list(each(made, path)):
            text = str(value)
            if text in words:
                _set(made, pointer, words[text])
                continue
            what = f"{adapter.name} has no word for {text!r}" if outward else f"{shown(text)!r} is no word of {adapter.name}"
            hint = say(
                "Known are %(words)s. A new one is a row in status.toml of the adapter %(id)s.",
                words=", ".join(sorted(words)),
                id=adapter.id,
            )
            findings.append(Finding(RULE, Severity.ERROR, pointer, f"{what}.", hint=hint, found=shown(text), expected=sorted(words)))
    return made, findings[:FINDINGS_MAX]


def exchanged(adapter: Adapter, document: Document, tree: Tree) -> list[str]:
    """The JSON Pointers at which a word of theirs stands in a tree in place of another one of ours."""
    paths = status(adapter.folder).get(document.type, {})
    here = {pointer: value for path in paths for pointer, value in each(document.data, path)}
    return [pointer for path in paths for pointer, value in each(tree, path) if here.get(pointer) != value]


def _set(tree: Any, pointer: str, value: str) -> None:
    *way, last = pointer.split("/")[1:]
    node = tree
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node[part]
    node[int(last) if isinstance(node, list) else last] = value


def _codes(known: Catalogue, field: Field) -> Collection[str]:
    """The codes that a field may hold: those of its list, else those that its rule names; none where it is open."""
    if field.codelist:
        return known.codelists[field.codelist].codes
    return re.findall(r"\b[A-Z][A-Z_]{2,}\b", field.rule)


def check(adapter: Adapter, book: Catalogue | None = None) -> Iterator[ContentError]:
    """Words for codes that we do not have, fields that are not there, messages that the adapter does not know."""
    known = book or catalogue()
    tables = status(adapter.folder)
    table = load(adapter.folder / "status.toml") if tables else adapter.table
    for message, words in tables.items():
        if message not in {*adapter.out, *adapter.in_}:
            yield table.defect(f"the adapter neither sends nor takes a {message}", message)
            continue
        for path, pairs in words.items():
            field = known.message(message).field_at(path)
            codes = _codes(known, field) if field else ()
            if field is None:
                yield table.defect(f"{message} has no field {path}", path)
            elif codes:
                yield from (table.defect(f"{code} is no code of {path}", word) for word, code in pairs.items() if code not in codes)
