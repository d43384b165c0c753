"""A folder for a party: files in, answers beside, deliveries out, by the disk and by the hub's own SFTP server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.channels.conftest import Until
from tests.http.desk import Desk, order
from tradeflow.app.wiring import Hub
from tradeflow.worker.servers import Servers

Json = dict[str, Any]


async def channel(desk: Desk, party: str, name: str, **given: Any) -> None:
    reply = await desk.call("PUT", f"/v1/parties/{party}/channels/{name}", party, given)
    assert reply.status in (200, 201), reply.body


@pytest.fixture(scope="module")
async def folder(desk: Desk, hub: Hub, until: Until) -> Path:
    """The buyer's drop."""
    await channel(desk, "van-der-meer", "drop", kind="file_drop", message_types=["purchase_order"])
    root = hub.settings.data_dir / "drop" / "van-der-meer" / "drop"

    async def there() -> bool:
        return (root / "in").is_dir()

    await until(there)
    return root


def put(folder: Path, name: str, body: bytes) -> None:
    """As a partner should: another name first."""
    (folder / "in" / f".{name}.part").write_bytes(body)
    (folder / "in" / f".{name}.part").rename(folder / "in" / name)


async def answer(folder: Path, until: Until, name: str) -> Json:
    async def written() -> Json | None:
        found = [folder / "answers" / f"{name}.{how}.json" for how in ("accepted", "refused")]
        return next((json.loads(file.read_bytes()) for file in found if file.exists()), None)

    return await until(written)  # type: ignore[return-value]


async def test_a_file_is_lodged_answered_and_put_aside(desk: Desk, folder: Path, until: Until) -> None:
    trade_id = await desk.trade()
    put(folder, "order-1.json", json.dumps(order(trade_id)).encode())
    receipt = await answer(folder, until, "order-1.json")
    assert receipt["receipt"]["trade_id"] == trade_id

    async def aside() -> bool:
        return not list((folder / "in").iterdir()) and len(list((folder / "done").glob("*_order-1.json"))) == 1

    await until(aside)


async def test_the_same_file_again_is_answered_as_the_first_time(desk: Desk, folder: Path, until: Until) -> None:
    trade_id = await desk.trade()
    body = json.dumps(order(trade_id)).encode()
    put(folder, "twice.json", body)
    first = await answer(folder, until, "twice.json")
    put(folder, "twice-again.json", body)
    assert await answer(folder, until, "twice-again.json") == first
    messages = [e for e in (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["timeline"] if e["kind"] == "message"]
    assert len(messages) == 1


async def test_a_file_that_grows_is_left_alone(desk: Desk, folder: Path) -> None:
    body = json.dumps(order(await desk.trade())).encode()
    with (folder / "in" / "slow.json").open("wb") as file:
        for start in range(0, len(body), len(body) // 12):
            file.write(body[start : start + len(body) // 12])
            file.flush()
            assert not list((folder / "answers").glob("slow.json.*"))
            await asyncio.sleep(0.05)
    (folder / "in" / "never.json.part").write_bytes(b"{")
    (folder / "in" / "link.json").symlink_to("/etc/hostname")
    async with asyncio.timeout(60):
        while not (folder / "answers" / "slow.json.accepted.json").exists():  # noqa: ASYNC110 - a disk has no event to wait on
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.4)
    assert (folder / "in" / "never.json.part").exists()
    assert not list((folder / "answers").glob("link.json*"))
    (folder / "in" / "never.json.part").unlink()
    (folder / "in" / "link.json").unlink()


async def test_what_cannot_be_taken_is_answered_and_visible(desk: Desk, folder: Path, until: Until) -> None:
    put(folder, "junk.bin", b"\x89PNG not a document")
    problem = await answer(folder, until, "junk.bin")
    assert problem["code"] == "UNSUPPORTED_MEDIA_TYPE"
    cases = (await desk.get("/v1/quarantine", "van-der-meer")).json["items"]
    case = next(c for c in cases if c["quarantine_id"] == problem["quarantine_id"])
    assert (case["channel"], case["name"], case["reason"]) == ("file_drop", "junk.bin", "unreadable")


async def test_deliveries_come_out_whole_and_in_order(desk: Desk, hub: Hub, until: Until) -> None:
    await channel(desk, "golden-lantern", "drop", kind="file_drop", message_types=["purchase_order"])
    out = hub.settings.data_dir / "drop" / "golden-lantern" / "drop" / "out"
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201

    async def there() -> list[Path]:
        return sorted(out.glob(f"{trade_id}_*_purchase_order_*.json"))

    files = await until(there)
    assert json.loads(files[0].read_bytes())["message"]["id"] == message["message"]["id"]  # type: ignore[index]
    await desk.call("DELETE", "/v1/parties/golden-lantern/channels/drop", "golden-lantern")


async def test_a_party_reaches_its_folder_by_sftp_and_nothing_else(
    desk: Desk, folder: Path, until: Until, servers: Servers, own_key: asyncssh.SSHKey
) -> None:
    public = own_key.convert_to_public().export_public_key().decode().strip()
    await channel(desk, "van-der-meer", "drop", kind="file_drop", message_types=["purchase_order"], settings={"authorized_keys": [public]})
    login = {"known_hosts": None, "client_keys": [own_key], "config": None, "agent_path": None}
    trade_id = await desk.trade()
    async with asyncssh.connect("127.0.0.1", servers.ports["sftp"], username="van-der-meer", **login) as connection:
        async with connection.start_sftp_client() as sftp:
            async with sftp.open("in/by-sftp.json", "wb") as file:
                await file.write(json.dumps(order(trade_id)).encode())
                assert not (folder / "in" / "by-sftp.json").exists(), "it has its name when it is whole"
            assert (await answer(folder, until, "by-sftp.json"))["receipt"]["trade_id"] == trade_id
            assert "by-sftp.json.accepted.json" in await sftp.listdir("answers")
            assert {"in", "out", "answers", "done"} <= set(await sftp.listdir("../../.."))
            heavy = await sftp.open("in/heavy.json", "wb")
            with pytest.raises(asyncssh.SFTPError):
                await heavy.write(b"x", 6_000_000)
            with pytest.raises(asyncssh.SFTPError):
                await sftp.symlink("/etc", "in/etc")
            for outside in ("/etc/hostname", "../../../../etc/hostname"):
                with pytest.raises(asyncssh.SFTPError):
                    await sftp.open(outside, "rb")
        with pytest.raises(asyncssh.Error):
            await connection.run("id", check=True)
    for user, key in (("golden-lantern", own_key), ("van-der-meer", asyncssh.generate_private_key("ssh-ed25519")), ("operator", own_key)):
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect("127.0.0.1", servers.ports["sftp"], username=user, **{**login, "client_keys": [key]})


async def test_an_upload_that_breaks_off_is_not_taken(folder: Path, servers: Servers, own_key: asyncssh.SSHKey) -> None:
    connection = await asyncssh.connect(
        "127.0.0.1", servers.ports["sftp"], username="van-der-meer", known_hosts=None, client_keys=[own_key], config=None, agent_path=None
    )
    sftp = await connection.start_sftp_client()
    file = await sftp.open("in/half.json", "wb")
    await file.write(b'{"message": {')
    connection.abort()
    await asyncio.sleep(0.6)
    assert not (folder / "in" / "half.json").exists()
    assert not list((folder / "answers").glob("half*"))


async def test_what_waits_for_a_second_person_is_neither_accepted_nor_refused(desk: Desk, hub: Hub, folder: Path) -> None:
    await desk.call("PUT", "/v1/release-rules", "van-der-meer", {"items": [{"type": "purchase_order"}]})
    hub.handler.holding.changed("van-der-meer")
    put(folder, "four-eyes.json", json.dumps(order(await desk.trade())).encode())
    file = folder / "answers" / "four-eyes.json.held.json"
    async with asyncio.timeout(60):
        while not file.exists():  # noqa: ASYNC110 - a disk has no event to wait on
            await asyncio.sleep(0.05)
    assert [one.name for one in (folder / "answers").glob("four-eyes.json.*")] == [file.name]
    held = json.loads(file.read_bytes())
    assert held["state"] == "waiting" and "second person" in held["because"]
    await desk.call("PUT", "/v1/release-rules", "van-der-meer", {"items": []})
    hub.handler.holding.changed("van-der-meer")
    assert (await desk.post(f"/v1/held/{held['held_id']}/reject", "van-der-meer", {"note": "a test"})).status == 200
