"""Examples of the API description: recorded from a real trade, and samples of messages."""

import functools
from pathlib import Path
from typing import Any

import msgspec

from tradeflow.api import described

Examples = dict[str, Any]
_RECORDED = Path(__file__).with_name("examples.json")
MESSAGES = {"json": ("purchase_order", "sales_order", "commercial_invoice"), "xml": ("purchase_order",)}
SAMPLE = "s01"


@functools.cache
def _recorded() -> dict[str, Examples]:
    return msgspec.json.decode(_RECORDED.read_bytes(), type=dict[str, Examples])


def requests() -> Examples:
    """Request bodies by operation id, then by name."""
    return _recorded()["requests"]


def answers() -> Examples:
    """Success answers by operation id, then by name."""
    return _recorded()["answers"]


def problems() -> Examples:
    """Problems by status, then by name."""
    return _recorded()["problems"]


def messages(form: str) -> Examples:
    """Sample messages in one wire form, by type; those that are there."""
    found: Examples = {}
    for id in MESSAGES[form]:
        kind = described.message_type(id)
        if f"{SAMPLE}.{form}" in described.samples(kind):
            body = described.sample(kind, f"{SAMPLE}.{form}")
            found[id] = {"summary": kind.name, "value": msgspec.json.decode(body) if form == "json" else body.decode()}
    return found
