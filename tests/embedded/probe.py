"""Looking at servers from outside."""

import asyncio
import os
import sys
import time
from typing import Any

import asyncpg
import psutil
import pytest


def query(dsn: str, statement: str) -> Any:
    """The first value of the first row."""

    async def run() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def ended(pid: int, seconds: float) -> bool:
    """Whether a process is gone, or a zombie nobody waits for, within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a child die with its parent")
