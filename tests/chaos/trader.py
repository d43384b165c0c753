"""A hub and all parties of a trade in one process, made to be killed: python -m tests.chaos.trader DSN STEPS.

Plays the first steps of S01 through the real main path, one after the other, with message ids that are the same in every run. Says a line for
every answer it got, and "done" once everything is delivered. Started again, it sends everything again, as parties do that got no answer.
"""

import asyncio
import hashlib
import json
import sys
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from tradeflow.app.access import OPERATOR, Caller
from tradeflow.app.trades import TradeSpec
from tradeflow.app.wiring import Hub
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import Participant
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario, load
from tradeflow.settings import Settings
from tradeflow.store import parties
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell

S01 = Path(__file__).parents[2] / "workflows/trade/scenarios/S01.toml"
LEASE_SECONDS = 1.0
_PENDING = "SELECT count(*) FROM delivery WHERE status = 'pending'"


def message_id(step: int) -> str:
    """The id of the message of a step, the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://tradeflow.test/{step}"))


def say(*words: object) -> None:
    print(*words, flush=True)


async def play(hub: Hub, scenario: Scenario, steps: int) -> None:
    """Register, open, lodge; what is there already is not there twice."""
    for member in scenario.cast:
        with suppress(parties.PartyTaken):
            await parties.add_party(hub.store, member.party, member.name, member.country)
    spec = TradeSpec([Participant(m.party, role) for m in scenario.cast for role in m.roles], scenario.reference, scenario.terms)
    if await hub.store.read(scenario.reference) is None:
        await hub.set_clock(Caller(OPERATOR, "key"), scenario.step[0].date, timedelta(0))
        await hub.trades.open(Caller(scenario.cast[0].party, "key"), spec, None)
    filler = Filler(catalogue(), scenario, scenario.reference)
    for number, step in enumerate(scenario.step[:steps], 1):
        if await hub.store.now() < step.date:
            await hub.set_clock(Caller(OPERATOR, "key"), step.date, timedelta(0))
        tree = filler.document(step, step.message, message_id(number))
        caller = Caller(scenario.party(step.by)[0], "key")
        answer = await hub.handler.lodge(caller, json.dumps(tree).encode(), "application/json")
        filler.lodged(step.message, tree)
        say("answered", message_id(number), hashlib.sha256(answer.body).hexdigest())


async def main(dsn: str, steps: int) -> None:
    bell = InProcessDoorbell()
    settings = Settings(sandbox=True, lease_seconds=LEASE_SECONDS, sweep_seconds=0.2)
    hub = await Hub.open(settings, dsn, bell)
    async with background(hub, bell):
        await play(hub, load(S01), steps)
        async with hub.store.connection() as connection:
            while await connection.fetchval(_PENDING):  # noqa: ASYNC110 - the database has no event to wait on
                await asyncio.sleep(0.05)
    await hub.close()
    say("done")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
