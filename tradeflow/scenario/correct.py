"""A document corrected by its findings: they say where it is wrong, what was found there and what is expected."""

import copy
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tradeflow.draft.words.texts import in_words
from tradeflow.model.catalogue import Catalogue, Field
from tradeflow.model.finding import Finding
from tradeflow.scenario.worlds import samples_of

Tree = dict[str, Any]
OPEN = "."  # how an expected text ends that goes on
SOMETHING = "a value"  # what a rule expects that asks only for something to be given
MADE_UP = {"string": "as agreed", "text": "as agreed between the parties", "id": "REF-1", "integer": 30, "boolean": True, "decimal": "1"}


def corrected(book: Catalogue, tree: Tree, findings: Iterable[Finding]) -> Tree | None:
    """The document as these findings ask for it; None where they say nothing that could be put in."""
    made = copy.deepcopy(tree)
    said = [_correct(book, made, finding) for finding in findings]  # all of them, whatever the first does
    return made if any(said) else None


def _correct(book: Catalogue, tree: Tree, finding: Finding) -> bool:
    """Say what the finding expects; where its other place is in this document, say there what was found."""
    name = f"{tree['message']['type']} {tree['document']['number']}"
    other, _, pointer = finding.other.partition("#")
    if finding.document in ("", name):
        return _say(book, tree, finding.pointer, finding.expected)
    return other == name and _say(book, tree, pointer, finding.found)


def _say(book: Catalogue, tree: Tree, pointer: str, value: Any) -> bool:
    *way, last = [int(part) if part.isdigit() else part for part in pointer.split("/") if part] or [""]
    node: Any = tree
    for part in way:
        if isinstance(part, int) and isinstance(node, list) and part < len(node):
            node = node[part]
        else:
            node = node.get(part) if isinstance(node, dict) else None
    if not isinstance(node, dict) or not last:
        return False
    if last not in node:
        said = _example(book, tree, pointer) if value in (None, SOMETHING) else _typed(book, tree, pointer, value)
        if said is not None:
            node[last] = said
        return said is not None
    if value is None and len(way) == 1:  # what should not be there, or names what is not in the trade
        del tree[str(way[0])]
        return True
    if isinstance(value, list) and value and not isinstance(node[last], (dict, list)):
        value = value[0]  # one of several that would do
    said = _like(node[last], value)
    if said is None or said == node[last]:
        return False
    node[last] = said
    if last == "unlocode" and "country" in node:
        node["country"] = str(said)[:2]  # a UN/LOCODE says its country
    return True


def _typed(book: Catalogue, tree: Tree, pointer: str, value: Any) -> Any:
    """What a finding writes as text, as its field has it."""
    path = ".".join(part for part in pointer.split("/") if part and not part.isdigit())
    row = book.message(tree["message"]["type"]).field_at(path)
    return int(value) if row and row.scalar == "integer" and isinstance(value, str) and value.isdigit() else value


def _like(old: Any, value: Any) -> Any:
    """The value as the document writes such values: an amount keeps its decimals; None where it is of another kind."""
    if isinstance(old, dict) and isinstance(value, dict) and value.keys() <= old.keys():
        return old | {name: _like(old[name], part) for name, part in value.items()}
    if isinstance(old, (dict, list)) or isinstance(value, (dict, list)) or value == SOMETHING:
        return None
    if isinstance(old, int) and not isinstance(old, bool) and isinstance(value, str):
        return int(value) if value.isdigit() else None
    if isinstance(old, str) and isinstance(value, str) and " " in value and len(words := _fitting(old, value)) == 1:
        value = words[0]
    if isinstance(old, str) and isinstance(value, str) and value.endswith(OPEN * 3):  # how it has to begin
        begin = value.rstrip(OPEN)
        return begin + old[len(begin) :] if len(old) > len(begin) else None
    if isinstance(old, str) and not isinstance(value, bool) and str(value).isdigit() and (counted := _counted(old, int(value))):
        return counted
    if isinstance(old, str) and isinstance(value, int):
        return None
    if isinstance(old, str) and isinstance(value, str) and is_number(old) and is_number(value):
        return f"{Decimal(value):.{len(old.partition('.')[2])}f}" if "." in old else value
    return value


def _fitting(old: str, value: str) -> list[str]:
    """The words of an expected text that are like the one word there: of "45G1 1", a size and how many of it, the size."""
    return [word for word in value.split() if len(word) == len(old)] if " " not in old else []


def _counted(old: str, count: int) -> str | None:
    """The count in a text as such texts give it: package numbers ("1-700"), or words and figure ("SEVEN HUNDRED (700) CARTONS")."""
    if numbers := re.fullmatch(r"(\d+)-\d+", old):
        return f"{numbers[1]}-{int(numbers[1]) + count - 1}"
    if spelled := re.search(r"\(\d+\)", old):
        return f"{in_words(count)} ({count}){old[spelled.end() :]}".upper()
    return None


def _example(book: Catalogue, tree: Tree, pointer: str) -> Any:
    """What another sample says at a place where this document says nothing; else something of its kind."""
    path = ".".join(part for part in pointer.split("/") if part and not part.isdigit())
    message = tree["message"]["type"]
    for kind in (message, *(one for one in book.ids() if one != message)):
        for sample in samples_of(book, kind) if book.message(kind).field_at(path) else ():
            if (said := _at(sample.tree, path)) is not None:
                return copy.deepcopy(said)
    if row := book.message(message).field_at(path):
        return _made_up(book, tree, row)
    group = {f.path.rpartition(".")[2]: _made_up(book, tree, f) for f in book.message(message).fields if f.path.startswith(f"{path}[].")}
    return [group] if group else None


def _at(tree: Any, path: str) -> Any:
    node = tree
    for part in path.split("."):
        node = node[0] if isinstance(node, list) and node else node
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _made_up(book: Catalogue, tree: Tree, row: Field) -> Any:
    """The least that may stand in a field: the first code, a few words, the required parts of an object."""
    made: Any
    if row.object == "DocumentReference":  # a change names what it changes
        made = {"type": tree["message"]["type"], "number": tree["document"]["number"]}
    elif row.object:
        made = {part.path: _made_up(book, tree, part) for part in book.types[row.object] if part.required}
    else:
        made = next(iter(book.codelists[row.codelist].codes), None) if row.codelist else MADE_UP.get(row.scalar)
    return [made] if row.type == "list" else made


def is_number(text: str) -> bool:
    """Whether a text is digits with at most one point."""
    return text.replace(".", "", 1).isdigit()
