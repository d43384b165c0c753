"""The store over a database of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from tradeflow.store.uow import Store


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await Store.connect(database, 16, role="")  # the tests spoil and mend what no role of the hub may
    yield opened
    await opened.close()
