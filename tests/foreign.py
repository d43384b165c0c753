"""Documents of others, read as far as they go: what tests/contract/test_foreign_*.py hold against what a clerk would read in them."""

import json
from typing import Any

import pytest

from tradeflow.app.convert import convert
from tradeflow.errors import BadInput

Json = dict[str, Any]


def read(body: bytes, media_type: str) -> tuple[Json, list[str]]:
    """The document in a file, and the places in the file that were not taken."""
    made = convert(body, media_type, "json")
    return json.loads(made.body), [loss.pointer for loss in made.not_taken]


def refused(body: bytes, media_type: str) -> str:
    """What is said about a file that is refused: its findings, with their hints."""
    with pytest.raises(BadInput) as refusal:
        convert(body, media_type, "json")
    assert refusal.value.findings, "a refusal has its reason as a finding"
    return " ".join(f"{one.message} {one.hint}" for one in refusal.value.findings)


def at(tree: Json, path: str) -> Any:
    """What stands at a path such as lines/0/description; None where nothing does."""
    node: Any = tree
    for step in path.split("/"):
        if isinstance(node, list):
            node = node[int(step)] if int(step) < len(node) else None
        else:
            node = node.get(step) if isinstance(node, dict) else None
    return node
