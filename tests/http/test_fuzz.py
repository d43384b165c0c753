"""Whatever is sent to whatever operation: no answer is a 5xx, and every answer is one the description has."""

import json
import os
import random
import string
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from tests.http.description import Description, Operation
from tests.http.desk import CAST, Desk, order, reference
from tests.http.problems import MEMBERS
from tradeflow.api.problems import MEDIA_TYPE as PROBLEM

ROUNDS = int(os.environ.get("TRADEFLOW_FUZZ_ROUNDS", "20"))  # of each operation; `make variants` takes more
STRANGE = [
    "",
    " ",
    "\x00",
    "\ud7ff",
    "\u202e",
    "é",
    "𝔘",
    "'",
    '"',
    "--",
    "%",
    "\\",
    "../..",
    "a\nb",
    "0",
    "-1",
    "1e400",
    "null",
    "true",
    "NaN",
    "{}",
    "9" * 30,
    "x" * 3000,
]
CONTENT_TYPES = [
    "application/json",
    "application/xml",
    "text/xml",
    "application/json; charset=utf-8",
    "text/plain",
    "",
    "application/x-www-form-urlencoded",
]
PARTIES = [*CAST, "operator"]


class Fuzzer:
    """Makes calls that are almost right, and calls that are nothing like it."""

    def __init__(self, seed: int, trades: list[str]) -> None:
        self.random, self.trades = random.Random(seed), trades

    def text(self) -> str:
        if self.random.random() < 0.5:
            return self.random.choice(STRANGE)
        return "".join(self.random.choices(string.printable + "éß茶\u0301\u2028😀", k=self.random.randint(0, 40)))

    def value(self, depth: int = 0) -> Any:
        kinds = [
            self.text,
            lambda: self.random.choice([0, -1, 2**31, 2**63, 10**25, 1.5, 1e308]),
            lambda: self.random.choice([None, True, False]),
        ]
        if depth < 3:
            kinds += [lambda: [self.value(depth + 1) for _ in range(self.random.randint(0, 3))], lambda: self.tree(depth)]
        return self.random.choice(kinds)()

    def tree(self, depth: int = 0) -> dict[str, Any]:
        return {self.text(): self.value(depth + 1) for _ in range(self.random.randint(0, 3))}

    def identifier(self, name: str) -> str:
        good = {
            "trade_id": [*self.trades, reference()],
            "type": ["purchase_order", "bill_of_lading"],
            "number": ["25-0117", "A/1"],
            "party_id": list(CAST),
            "message_id": [str(uuid.uuid4())],
            "delivery_id": [str(uuid.uuid4())],
            "file": ["purchase_order.json", "purchase_order.xsd"],
            "name": ["s01.json", "incoterm_2020"],
            "key_id": ["0011223344556677"],
            "message": ["sales_order"],
        }.get(name, [str(uuid.uuid4()), "0011223344556677"])
        return self.random.choice(good) if self.random.random() < 0.6 else self.text()

    def mutated(self, tree: Any) -> Any:
        """A tree with a few places changed, removed or added."""
        tree = json.loads(json.dumps(tree))
        for _ in range(self.random.randint(1, 4)):
            node = tree
            while isinstance(node, dict | list) and node:
                key = self.random.choice(list(node)) if isinstance(node, dict) else self.random.randrange(len(node))
                if not isinstance(node[key], dict | list) or self.random.random() < 0.3:
                    if isinstance(node, dict) and self.random.random() < 0.3:
                        del node[key]
                        node[self.text()] = self.value()
                    else:
                        node[key] = self.value()
                    break
                node = node[key]
        return tree

    def body(self, operation: Operation) -> bytes:
        content = operation.described["requestBody"]["content"]["application/json"]
        examples = [example["value"] for example in content.get("examples", {}).values()]
        if operation.id == "lodgeMessage":
            examples = [order(self.random.choice(self.trades))]
        choice = self.random.random()
        if choice < 0.6 and examples:
            tree = self.mutated(self.random.choice(examples))
        elif choice < 0.8:
            tree = self.value()
        else:
            whole = json.dumps(self.random.choice(examples)).encode() if examples else b"{}"
            at = self.random.randrange(len(whole) + 1)
            return whole[:at] + self.random.randbytes(self.random.randint(0, 4)) + whole[at + self.random.randint(0, 3) :]
        return json.dumps(tree).encode("utf-8", "surrogatepass")

    def query(self, operation: Operation) -> list[tuple[str, str]]:
        names = [p["name"] for p in operation.described.get("parameters", ()) if p["in"] == "query"]
        chosen = [name for name in names if self.random.random() < 0.5] + ([self.text()] if self.random.random() < 0.1 else [])
        if operation.streams and "wait_seconds" not in chosen:
            chosen.append("wait_seconds")
        return [(name, self.small() if name == "wait_seconds" else self.text()) for name in chosen]

    def small(self) -> str:
        return self.random.choice(["0", "1", "-1", "x", "", "61", "0.5"])

    def headers(self, operation: Operation) -> dict[str, str]:
        made: dict[str, str] = {}
        if operation.takes_body:
            made["Content-Type"] = self.random.choice(CONTENT_TYPES) if self.random.random() < 0.2 else "application/json"
        for name in ("Idempotency-Key", "Accept", "X-Request-ID", "If-None-Match"):
            if self.random.random() < 0.2:
                made[name] = "".join(c for c in self.text() if c.isprintable() and ord(c) < 256)[:500]
        return made


async def test_no_call_is_answered_with_a_5xx(desk: Desk, description: Description) -> None:
    seed = int(os.environ.get("TRADEFLOW_FUZZ_SEED", "20250106"))
    fuzzer = Fuzzer(seed, [await desk.trade() for _ in range(3)])
    faults: list[str] = []
    for operation in description.operations():
        for turn in range(ROUNDS):
            values = {part[1:-1]: fuzzer.identifier(part[1:-1]) for part in operation.path.split("/") if part.startswith("{")}
            address = operation.address(**{name: quote(value, safe="") for name, value in values.items()}) if values else operation.path
            party = fuzzer.random.choice([*PARTIES, None]) if fuzzer.random.random() < 0.5 else "van-der-meer"
            if operation.id == "setClock":
                party = "stranger"  # or all other tests live in another century
            body = fuzzer.body(operation) if operation.takes_body else None
            query = fuzzer.query(operation)
            reply = await desk.call(operation.method, address, party, body, headers=fuzzer.headers(operation), params=query)
            where = f"seed {seed}, {operation.id} turn {turn}: {operation.method} {address} {query} {body!r:.300}"
            if reply.status >= 500:
                faults.append(f"{where}: {reply.body!r:.500}")
            elif reply.status >= 400 and (reply.headers["Content-Type"] != PROBLEM or reply.json.keys() != MEMBERS):
                faults.append(f"{where}: not the shape of a problem: {reply.body!r:.300}")
            elif not _elsewhere(values, query) and reply.status != 304:
                faults += [f"{where}: {fault}" for fault in description.disagreements(operation, reply)]
    assert not faults, "\n".join(faults[:20])


def _elsewhere(values: dict[str, str], query: list[tuple[str, str]]) -> bool:
    """An id that is no single piece of a path leads to another address; a NUL leads nowhere, whatever the operation."""
    nul = any("\x00" in text for text in (*values.values(), *(text for pair in query for text in pair)))
    return nul or any(not value.strip() or "/" in value or "." in value for value in values.values())


@pytest.mark.parametrize("seed", range(5))
async def test_no_path_is_answered_with_a_5xx(desk: Desk, seed: int) -> None:
    source = random.Random(seed)
    pieces = [
        "v1",
        "trades",
        "messages",
        "docs",
        "..",
        ".",
        "",
        "%2e",
        "%00",
        "%ff",
        "%F0%9F%98%80",
        "a" * 500,
        "{trade_id}",
        ";",
        "*",
        "health",
        "?",
        "openapi.json",
    ]
    for _ in range(ROUNDS):
        path = "/" + "/".join(source.choices(pieces, k=source.randint(1, 6)))
        method = source.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
        reply = await desk.call(method, path, source.choice([None, "stranger"]))
        assert reply.status < 500, (method, path, reply.body)
