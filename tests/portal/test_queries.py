"""How often a page asks the database: as often with many trades and documents as with few, and for its trade once."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.http.desk import Desk, order, reference, sample
from tests.portal.conftest import Visits, email_of, enlisted
from tests.portal.visitor import Visitor
from tradeflow.store.once import sharing
from tradeflow.store.pool import _Plain

MORE = 4  # trades and documents beside the first
METHODS = ("fetch", "fetchrow", "fetchval", "execute")
Asked = list[str]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Every statement that pages send while they are made; what workers beside them ask does not count."""
    sent: Asked = []

    def counted(method: str) -> Any:
        plain = getattr(_Plain, method)

        async def call(self: Any, query: str, *args: Any, **more: Any) -> Any:
            if sharing():
                sent.append(" ".join(query.split()))
            return await plain(self, query, *args, **more)

        return call

    for method in METHODS:
        monkeypatch.setattr(_Plain, method, counted(method))
    return sent


async def statements(one: Visitor, asked: Asked, path: str) -> Counter[str]:
    """What a page asks when it is looked at again."""
    assert (await one.get(path)).status == 200
    asked.clear()
    assert (await one.get(path)).status == 200
    assert asked, "nothing is counted"
    return Counter(asked)


async def test_a_list_of_trades_asks_as_often_for_one_as_for_several(desk: Desk, visitor: Visits, asked: Asked) -> None:
    id = reference().lower().replace("http", "counter")
    assert (await desk.post("/v1/parties", "operator", {"party_id": id, "name": "Counter", "country": "HK"})).status == 201
    desk.keys[id] = (await desk.post(f"/v1/parties/{id}/keys", "operator", {"name": "tests"})).json["key"]
    await enlisted(desk, id, email_of(id))
    one = await visitor(id)
    pages = ("/portal/trades", "/portal/desks/trader", "/portal/desks/trader?section=also", "/portal/audit", "/portal")
    cast = [{"party_id": id, "role": "importer"}, {"party_id": "golden-lantern", "role": "exporter"}]
    assert (await desk.post("/v1/trades", id, {"trade_id": reference(), "participants": cast})).status == 201
    few = {path: await statements(one, asked, path) for path in pages}
    for _ in range(MORE):
        assert (await desk.post("/v1/trades", id, {"trade_id": reference(), "participants": cast})).status == 201
    many = {path: await statements(one, asked, path) for path in pages}
    assert len((await one.get("/portal/trades")).all("//tbody/tr")) == MORE + 1
    assert [path for path in pages if many[path] != few[path]] == []


async def test_a_trade_asks_as_often_for_one_document_as_for_several(desk: Desk, visitor: Visits, asked: Asked) -> None:
    small, large = await desk.trade(), await desk.trade()
    first = {trade_id: order(trade_id) for trade_id in (small, large)}
    for message in first.values():
        assert (await desk.lodge(message, "van-der-meer")).status == 201
    for number in range(MORE):
        reply = await desk.lodge(proforma(large, f"PI-{number}", first[large]), "golden-lantern")
        assert reply.status == 201, reply.body
    one = await visitor("golden-lantern")
    document = f"documents/purchase_order/{first[small]['document']['number']}"
    paths = ("", "/write/sales_order", f"/{document}", "/findings", "/versions?type=purchase_order&number=" + document.rpartition("/")[2])
    few = {path: await statements(one, asked, f"/portal/trades/{small}{path}") for path in paths}
    many = {path: await statements(one, asked, f"/portal/trades/{large}{path}") for path in paths}
    assert len((await one.get(f"/portal/trades/{large}")).all("//section[@id='documents']//tbody/tr[td]")) == MORE + 1
    assert [path for path in paths if many[path] != few[path]] == []
    reads = Counter({query: count for query, count in many[""].items() if "tf_read" in query or "FROM message" in query})
    assert reads and set(reads.values()) == {1}, "the page of a trade reads it once"


async def test_a_board_asks_as_often_for_one_conversation_as_for_several(desk: Desk, visitor: Visits, asked: Asked) -> None:
    one, board = await visitor("golden-lantern"), []
    for _ in range(1 + MORE):
        trade_id = await desk.trade()
        message = order(trade_id)
        assert (await desk.lodge(message, "van-der-meer")).status == 201
        about = f"/v1/trades/{trade_id}/comments/purchase_order/{message['document']['number']}"
        assert (await desk.post(about, "van-der-meer", {"text": "When does it sail?"})).status == 201
        board.append(await statements(one, asked, "/portal/trades"))
    assert len((await one.get("/portal/trades")).all("//tbody//a[contains(@href, '#conversation')]")) > MORE
    assert board[0] == board[-1] and sum("document_comment" in query for query in board[0]) == 1


def proforma(trade_id: str, number: str, beside: dict[str, Any]) -> dict[str, Any]:
    """A pro-forma invoice of the exporter of the cast, under a number of its own."""
    text = json.dumps(sample("proforma_invoice", trade_id, "s11", created_at=beside["message"]["created_at"]))
    made: dict[str, Any] = json.loads(text.replace("victoria-electronics", "golden-lantern").replace("gulf-instruments", "van-der-meer"))
    del made["signature"]  # dated after the first day
    made["document"]["number"] = number
    return made
