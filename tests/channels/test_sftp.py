"""A partner's own SFTP server: deliveries go there, what lies there is fetched and answered, and only the pinned server is spoken to."""

import json
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.channels.conftest import Until
from tests.channels.partners import PartnerServer
from tests.http.desk import Desk, order
from tradeflow.app.wiring import Hub
from tradeflow.worker.servers import Servers

Json = dict[str, Any]


def to(partner: PartnerServer, **more: Any) -> Json:
    where = {"host": "127.0.0.1", "port": partner.port, "user": "hub", "host_key": partner.public, "in_folder": "for-the-hub"}
    return {"kind": "sftp", "message_types": ["purchase_order"], "settings": {**where, **more}, "secrets": {"private_key": partner.secret}}


async def put(desk: Desk, party: str, given: Json) -> None:
    reply = await desk.call("PUT", f"/v1/parties/{party}/channels/host", party, given)
    assert reply.status in (200, 201), reply.body


async def test_deliveries_are_uploaded_whole(desk: Desk, partner: PartnerServer, until: Until) -> None:
    await put(desk, "golden-lantern", to(partner, in_folder=""))
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201

    async def there() -> list[Path]:
        return list((partner.root / "out").glob(f"{trade_id}_*_purchase_order_*.json"))

    file = (await until(there))[0]  # type: ignore[index]
    assert json.loads(file.read_bytes())["message"]["id"] == message["message"]["id"]
    assert not list((partner.root / "out").glob("*.part"))
    await desk.call("DELETE", "/v1/parties/golden-lantern/channels/host", "golden-lantern")


async def test_what_lies_there_is_fetched_answered_and_moved(desk: Desk, partner: PartnerServer, until: Until) -> None:
    (partner.root / "for-the-hub").mkdir()
    await put(desk, "van-der-meer", to(partner))
    trade_id = await desk.trade()
    (partner.root / "for-the-hub" / "order.json").write_bytes(json.dumps(order(trade_id)).encode())
    (partner.root / "for-the-hub" / "notes.txt").write_bytes(b"please call back")

    async def answered() -> bool:
        return {f.name for f in (partner.root / "answers").glob("*")} == {"order.json.accepted.json", "notes.txt.refused.json"}

    await until(answered)
    receipt = json.loads((partner.root / "answers" / "order.json.accepted.json").read_bytes())
    assert receipt["receipt"]["trade_id"] == trade_id

    async def moved() -> bool:
        return {f.name for f in (partner.root / "done").glob("*")} == {"order.json", "notes.txt"}

    await until(moved)
    cases = (await desk.get("/v1/quarantine", "van-der-meer")).json["items"]
    assert [(c["channel"], c["address"], c["reason"]) for c in cases if c["name"] == "notes.txt"] == [
        ("sftp", "hub@127.0.0.1", "unreadable")
    ]


async def test_another_server_than_the_pinned_one_is_refused_and_stops_the_channel(desk: Desk, partner: PartnerServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").convert_to_public().export_public_key().decode().strip()
    await put(desk, "maasbank", to(partner, host_key=other))
    tried = (await desk.post("/v1/parties/maasbank/channels/host/test", "maasbank")).json
    assert tried["result"] == "failed" and "HostKeyNotVerifiable" in tried["said"]


async def test_settings_are_looked_at_when_they_are_given(desk: Desk, partner: PartnerServer) -> None:
    for wrong, says in (({"host_key": "no key"}, "host_key"), ({"port": 70_000}, "port"), ({"nothing": 1}, "/settings/nothing")):
        reply = await desk.call("PUT", "/v1/parties/stranger/channels/host", "stranger", to(partner, **wrong))
        assert reply.status == 422 and says in reply.json["detail"]


async def test_a_server_that_is_away_is_tried_again(desk: Desk, partner: PartnerServer) -> None:
    await put(desk, "harbour-trade-bank", to(partner, port=1, in_folder=""))
    tried = (await desk.post("/v1/parties/harbour-trade-bank/channels/host/test", "harbour-trade-bank")).json
    assert tried["result"] == "retry"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "169.254.169.254"])
async def test_a_production_hub_is_not_led_into_its_own_network(hub: Hub, servers: Servers, host: str) -> None:
    from tradeflow.app.kinds import kinds
    from tradeflow.ports import ChannelSettings, Failed, Outgoing

    key = asyncssh.generate_private_key("ssh-ed25519").convert_to_public().export_public_key().decode()
    given = ChannelSettings("x", "x", {"host": host, "port": servers.ports["sftp"], "user": "x", "host_key": key})
    outgoing = Outgoing(*([None] * 15))  # type: ignore[arg-type] # nothing of it is looked at
    connector = kinds()["sftp"].connector(given)
    object.__setattr__(outgoing, "type", "test")
    object.__setattr__(outgoing, "content_type", "application/json")
    result = await connector.send(outgoing)
    assert isinstance(result, Failed) and "no channel may use" in result.why
