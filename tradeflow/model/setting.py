"""One setting or secret as the adapter.toml of a connector or a business adapter states it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TYPES: Mapping[str, type] = {"text": str, "integer": int, "boolean": bool, "list": list}


@dataclass(frozen=True, slots=True)
class Given:
    """What a party gives: `text` says what it is, `type` is one of TYPES."""

    name: str
    text: str
    type: str = "text"
    required: bool = False
    default: Any = None
    generated: bool = False  # a secret that the hub makes where none is given

    def fits(self, value: Any) -> bool:
        """Whether a value is of the type; true and false are no integers."""
        return type(value) is TYPES[self.type]
