"""The text of a library.toml: types and values as `tradeflow/elements/library.py` reads them."""

from collections.abc import Mapping
from typing import Any


def line(facts: Mapping[str, Any]) -> str:
    """What one kind of value may say."""
    return ", ".join(f"{name} = {_toml(value)}" for name, value in facts.items())


def whole(head: str, types: Mapping[str, str], values: Mapping[str, str]) -> str:
    """The file: `values` leads from the line of a kind of value to its name."""
    said = "".join(f'{name} = "{words}"\n' for name, words in sorted(types.items()))
    kinds = "".join(f"{name} = {{ {facts} }}\n" for facts, name in sorted(values.items(), key=lambda one: one[1]))
    return f"{head}\n[types]\n{said}\n[values]\n{kinds}"


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f"'{value}'" if isinstance(value, str) else str(value)
