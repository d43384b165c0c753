"""The client knows what the hub says: its shapes against the API description, its two faces against each other, and what it imports."""

import inspect
import subprocess
import sys
from typing import Any, get_type_hints

import msgspec
import pytest

from tests.http.description import Description
from tradeflow.client import AsyncClient, Client, answers

SCHEMAS = {
    "Receipt": "Receipt", "Receipted": "ReceiptPart", "Move": "Move", "Response": "ResponsePart", "SentTo": "SentTo", "Region": "Region",
    "DocumentEntry": "DocumentEntry", "TimelineEvent": "TimelineEvent", "Trade": "Trade", "TradeLine": "TradeLine", "TradePage": "Trades",
    "AllowedNow": "AllowedNow", "Allowed": "Allowed", "Condition": "GuardView", "DocumentList": "Documents", "FindingList": "Findings",
    "Refused": "RefusedMessage", "RefusalList": "Refusals", "ToType": "Missing", "Draft": "DraftAnswer", "WhyNot": "WhyNotAnswer",
    "Owed": "MissingAnswer", "InboxItem": "InboxItem", "Inbox": "Inbox", "Links": "InboxLinks", "Acknowledged": "Acknowledged",
    "Party": "Party", "IssuedKey": "IssuedKey", "Clock": "Clock", "Finding": "Finding", "Participant": "Participant",
}  # fmt: skip


def structs() -> list[type[msgspec.Struct]]:
    return [one for one in vars(answers).values() if inspect.isclass(one) and issubclass(one, msgspec.Struct) and one is not msgspec.Struct]


async def test_every_member_is_one_that_the_hub_describes(description: Description) -> None:
    schemas: dict[str, Any] = description.document["components"]["schemas"]
    assert {one.__name__ for one in structs()} == {*SCHEMAS, "Answer"}
    for one in structs():
        if one is answers.Answer:
            continue
        properties = schemas[SCHEMAS[one.__name__]]["properties"]
        for field in msgspec.structs.fields(one):
            assert field.encode_name in properties, f"{one.__name__}.{field.encode_name}"


@pytest.mark.parametrize("name", [name for name in vars(Client) if not name.startswith("_")])
def test_both_clients_say_the_same(name: str) -> None:
    other = {"close": "aclose"}.get(name, name)
    here, there = getattr(Client, name), getattr(AsyncClient, other)
    assert list(inspect.signature(here).parameters.values())[2:] == list(inspect.signature(there).parameters.values())[2:]
    assert list(inspect.signature(here).parameters) == list(inspect.signature(there).parameters)
    assert inspect.getdoc(here) == inspect.getdoc(there)
    hints = {key: str(kind) for key, kind in get_type_hints(here).items() if key != "return"}
    assert hints == {key: str(kind) for key, kind in get_type_hints(there).items() if key != "return"}
    assert {n for n in vars(AsyncClient) if not n.startswith("_")} == {n for n in vars(Client) if not n.startswith("_")} - {"close"} | {
        "aclose"
    }


def test_importing_the_client_imports_nothing_of_the_hub() -> None:
    code = "import sys, tradeflow.client; print(*[m for m in sys.modules if m.startswith('tradeflow')]); print('litestar' in sys.modules or 'asyncpg' in sys.modules or 'lxml' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert {name for name in said[0].split() if not name.startswith("tradeflow.client")} == {"tradeflow"}
    assert said[1] == "False"
