"""`tradeflow channel` against a running hub."""

import asyncio
import re

from click.testing import CliRunner

from tests.http.desk import Desk, order
from tests.http.test_channels import own, receiving, travelled  # noqa: F401 - the fixture
from tradeflow.cli import EXIT_REFUSED
from tradeflow.cli.channel import command
from tradeflow.client import HubProblem


async def run(desk: Desk, *words: str, party: str = "golden-lantern", exits: int = 0) -> str:
    """What the command prints."""
    arguments = [*words, "--url", desk.base_url, "--key", desk.keys[party]]
    result = await asyncio.to_thread(CliRunner().invoke, command, arguments)
    code = EXIT_REFUSED if isinstance(result.exception, HubProblem) else result.exit_code  # as main() ends
    assert code == exits, result.output
    return result.output


async def test_a_channel_from_making_to_taking_away(own: Desk) -> None:  # noqa: F811
    assert "webhook: Posts every delivery" in await run(own, "kinds")
    async with receiving() as receiver:
        hours = "Asia/Hong_Kong,sat-tue,00:00-23:59"
        said = await run(
            own,
            "put",
            "golden-lantern",
            "erp",
            "--kind",
            "webhook",
            "--set",
            f"url={receiver.url}",
            "--set",
            "timeout_seconds=9",
            "--hours",
            hours,
        )
        assert re.search(r"signing \(shown this once\): whsec_\S{40,}", said)
        assert "sent: answered 204" in await run(own, "test", "golden-lantern", "erp")
        assert "paused (stocktaking), 0 waiting" in await run(own, "pause", "golden-lantern", "erp", "--reason", "stocktaking")
        trade_id = await own.trade()
        assert (await own.lodge(order(trade_id), "van-der-meer")).status == 201
        delivery = await travelled(own, trade_id, "pending")
        late = await run(own, "late", party="van-der-meer")
        assert f"{delivery['delivery_id']} {trade_id} purchase_order to golden-lantern: through erp: stocktaking" in late
        assert "erp" in await run(own, "list", "golden-lantern")
        assert "active, 1 waiting" in await run(own, "resume", "golden-lantern", "erp")
        await travelled(own, trade_id, "sent")
        assert "pending through erp" in await run(own, "resend", delivery["delivery_id"])
        assert "signing (shown this once)" in await run(own, "rotate", "golden-lantern", "erp", "--overlap-hours", "1")
        await run(own, "release", delivery["delivery_id"], exits=3)
        await run(own, "remove", "golden-lantern", "erp")
        assert await run(own, "list", "golden-lantern") == ""
        await run(own, "put", "golden-lantern", "erp", "--kind", "pigeon", exits=3)
