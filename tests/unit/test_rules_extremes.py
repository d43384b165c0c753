"""No rule stumbles over what the schema lets through: every number and date at its extremes, every member left out.

Here one change in STRIDE, another share for each message; `make extremes` makes them all.
"""

import functools
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from tradeflow.codec import canonical
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.trade import Participant, TradeState
from tradeflow.rules.cross import cross_rules
from tradeflow.rules.evaluate import check_message
from tradeflow.rules.snippets import overridden, sample

NOW = datetime(2025, 3, 19, 6, 20, tzinfo=UTC)
STATE = TradeState(
    "GLL-2025-0117",
    terms={"incoterm": "CIF", "payment_method": "LC_SIGHT"},
    participants=[Participant("van-der-meer", "importer"), Participant("golden-lantern", "exporter")],
)
DAYS = ("0001-01-01", "9999-12-31")
TIMES = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
NUMBERS = ("0", "-0.0000000001", "999999999999999999.9999999999", "-999999999999999999.99")
COUNTS = (0, -1, 999_999_999_999_999)
STRIDE = int(os.environ.get("TRADEFLOW_EXTREMES_STRIDE", "8"))
SAMPLED = [message for message in catalogue().ids() if sample(catalogue(), message) is not None]


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every path of a JSON tree in the notation of snippets, with its value; groups and lists too."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            inner = f"{path}.{name}" if path else name
            yield inner, value
            yield from leaves(value, inner)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield f"{path}[{index}]", value
            yield from leaves(value, f"{path}[{index}]")


def extremes(value: Any) -> tuple[Any, ...]:
    """What else could stand in place of a value, at the ends of its type; an empty list for a list."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return COUNTS
    if isinstance(value, list):
        return ([],)
    if not isinstance(value, str):
        return ()
    if len(value) == 10 and value[4:5] == value[7:8] == "-":
        return DAYS
    if len(value) > 18 and value[10:11] == "T":
        return TIMES
    return NUMBERS if value.replace(".", "", 1).replace("-", "", 1).isdigit() else ("-", "«é»\n" * 40)


def variants(message: str, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """This message's share of the override sets that each change one thing."""
    return islice(every(base), zlib.crc32(message.encode()) % STRIDE, None, STRIDE)


def every(base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All of them."""
    for path, value in leaves(base):
        if not path.endswith("]"):
            yield {f"-{path}": ""}
        for extreme in extremes(value):
            yield {path: extreme}


@functools.cache
def others() -> tuple[Document, ...]:
    """The documents of the sea trade."""
    return tuple(canonical.document(message, sample(catalogue(), message)) for message in SAMPLED)


@pytest.mark.parametrize("message", SAMPLED)
def test_rules_take_whatever_the_schema_lets_through(message: str) -> None:
    base = sample(catalogue(), message)
    assert base is not None
    accepted = 0
    for changes in variants(message, base):
        try:
            document = canonical.document(message, overridden(base, changes))
        except BadInput:
            continue
        accepted += 1
        for state in (None, STATE):
            report = check_message(document, NOW, state)
            assert all(finding.message and finding.pointer.startswith("/") for finding in report.findings), changes
    assert accepted > 12 // STRIDE


CROSSING = sorted({type_ for rule in cross_rules() for types in rule.types.values() for type_ in types} & set(SAMPLED))


@pytest.mark.parametrize("message", CROSSING)
def test_rules_across_documents_do_too(message: str) -> None:
    base = sample(catalogue(), message)
    assert base is not None
    concerned = [rule for rule in cross_rules() if any(message in types for types in rule.types.values())]
    rest = [document for document in others() if document.type != message]
    for changes in variants(message, base):
        try:
            document = canonical.document(message, overridden(base, changes))
        except BadInput:
            continue
        docs = DocumentSet([*rest, document])
        for rule in concerned:
            assert all(finding.message for finding in rule.findings(docs)), changes
