"""Snippets: a valid sample with some values replaced or removed, with which a rule row proves itself."""

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradeflow.model.catalogue import Catalogue
from tradeflow.rules.rows import Row

_SEGMENT = re.compile(r"([a-z0-9_]+)((?:\[[0-9]+\])*)")


def overridden(tree: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a JSON tree with `lines[0].quantity.value` = value set and every "-path" removed; ValueError where nothing is there."""
    made: dict[str, Any] = copy.deepcopy(dict(tree))
    for path, value in overrides.items():
        *outer, last = _steps(path.removeprefix("-"))
        node: Any = made
        for step, following in zip(outer, [*outer, last][1:], strict=True):
            node = _into(node, step, following, path)
        _put(node, last, value, path, remove=path.startswith("-"))
    return made


def sample(known: Catalogue, message: str, name: str = "") -> dict[str, Any] | None:
    """A valid sample of a message as JSON: the one of that name, else that of scenario S01, else the first; None if there is none."""
    folder: Path = known.message(message).folder / "samples" / "valid"
    files = sorted(folder.glob(f"{name or '*'}.json"), key=lambda file: (file.stem != "s01", file.stem))
    return json.loads(files[0].read_bytes()) if files else None


def stands_on(row: Row, known: Catalogue, messages: list[str]) -> str:
    """The message whose sample a row is proved on: the one it names, or the first of its messages that has a sample."""
    if row.on:
        return row.on
    return next((message for message in messages if sample(known, message, row.sample) is not None), messages[0])


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for segment in path.split("."):
        match = _SEGMENT.fullmatch(segment)
        if match is None:
            raise ValueError(f"{path} is not a path of a snippet: lines[0].quantity.value")
        steps += [match[1], *(int(index) for index in re.findall(r"[0-9]+", match[2]))]
    return steps


def _into(node: Any, step: str | int, following: str | int, path: str) -> Any:
    if isinstance(node, list) and isinstance(step, int):
        if step == len(node):
            node.append({} if isinstance(following, str) else [])
        if step < len(node):
            return node[step]
    elif isinstance(node, dict) and isinstance(step, str):
        return node.setdefault(step, {} if isinstance(following, str) else [])
    raise ValueError(f"{path}: there is no {step} to go into")


def _put(node: Any, step: str | int, value: Any, path: str, *, remove: bool) -> None:
    known = step in node if isinstance(node, dict) else isinstance(step, int) and step < len(node)
    if remove:
        if not known:
            raise ValueError(f"{path}: there is nothing to remove")
        del node[step]
    elif isinstance(node, list) and isinstance(step, int) and step == len(node):
        node.append(value)
    elif (isinstance(node, dict) and isinstance(step, str)) or known:
        node[step] = value
    else:
        raise ValueError(f"{path}: there is no {step} to set")
