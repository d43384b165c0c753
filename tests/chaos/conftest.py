"""Processes that are made to be killed, and what is stored afterwards."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.conftest import execute, named

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 60


@dataclass
class Run:
    """What a process said before it ended."""

    code: int
    answers: dict[str, str] = field(default_factory=dict)  # message id -> hash of the answer
    done: bool = False


def process(module: str, *arguments: str, fault: str = "") -> "subprocess.Popen[str]":
    """python -m tests.chaos.<module>, with a crash point armed."""
    command = [sys.executable, "-m", f"tests.chaos.{module}", *arguments]
    environment = {**os.environ, "TRADEFLOW_FAULT": fault, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def finished(child: "subprocess.Popen[str]") -> Run:
    """Wait for the end; a process that hangs is killed and fails the test."""
    try:
        said, _ = child.communicate(timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        child.kill()
        raise
    return told(child.returncode, said)


def told(code: int, said: str) -> Run:
    """What a process said, line by line."""
    run = Run(code)
    for line in said.splitlines():
        word, *rest = line.split()
        run.done |= word == "done"
        if word == "answered":
            run.answers[rest[0]] = rest[1]
    return run


def ask(dsn: str, *statements: str) -> list[list[tuple[Any, ...]]]:
    """The rows of statements, in one connection."""

    async def go() -> list[list[tuple[Any, ...]]]:
        connection = await asyncpg.connect(dsn)
        try:
            return [[tuple(row) for row in await connection.fetch(sql)] for sql in statements]
        finally:
            await connection.close()

    return asyncio.run(go())


def story(dsn: str) -> dict[str, Any]:
    """What happened, apart from when: the same for every run of the same commands."""
    states, messages, deliveries, inbox = ask(
        dsn,
        "SELECT trade_id, version, convert_from(state, 'UTF8')::jsonb FROM trade",
        "SELECT message_id, type, sender FROM message ORDER BY 1",
        "SELECT message_id, seq, kind, party_id, role, status FROM delivery",
        "SELECT party_id, position FROM inbox_item ORDER BY 1, 2",
    )
    return {
        "regions": {trade: {k: r["state"] for k, r in json.loads(state)["regions"].items()} for trade, _, state in states},
        "versions": {trade: version for trade, version, _ in states},
        "documents": {trade: sorted(json.loads(state)["documents"]) for trade, _, state in states},
        "messages": messages,
        "deliveries": Counter(deliveries),
        "inbox": inbox,
    }


@pytest.fixture
def databases(database_server: str, template: str) -> Iterator[Callable[[], str]]:
    """Makes migrated databases, as many as a test asks for."""
    made: list[str] = []

    def make() -> str:
        name = f"chaos_{os.getpid()}_{len(made)}"
        execute(database_server, f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return named(database_server, name)

    yield make
    for name in made:
        execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")
