"""A whole hub for each test: HTTP server, delivery and sweep in a thread, a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.cli._hub import Running, hub_in_thread
from tradeflow.settings import Settings

SCENARIOS = bundle_root() / "workflows" / "trade" / "scenarios"


@pytest.fixture
def hub(database: str, tmp_path: Path) -> Iterator[Running]:
    """A running sandbox hub."""
    with hub_in_thread(Settings(data_dir=tmp_path, database_url=database, sandbox=True, port=0), database) as running:
        yield running
