"""The store over a database of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from tradeflow.store.uow import Store


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await Store.connect(database, 16)
    yield opened
    await opened.close()
