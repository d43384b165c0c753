"""A simulated partner that is told when it is its turn: what the conformance kit itself is tried with, in every role."""

import asyncio
from contextlib import suppress

import msgspec

from tradeflow.client import AsyncClient, HubProblem
from tradeflow.machine.admit import REPEATS
from tradeflow.simulate.choose import Cue
from tradeflow.simulate.conformance import Prompt
from tradeflow.simulate.counterparty import Counterparty


class Prompted:
    """Answers what it has heard where the tables know an answer that leads on; sends the example it is given where they do not."""

    def __init__(self, client: AsyncClient, party: str) -> None:
        self._client, self._counterparty = client, Counterparty(client, party, by_document=False)
        self._turn = asyncio.Lock()

    async def __call__(self, prompt: Prompt) -> None:
        """Do what the prompt asks for. What the hub refuses is in the kit's report."""
        async with self._turn:
            await self._counterparty.collect()
            example, envelope = prompt.example, prompt.example.get("message", {})
            refers = frozenset((one["type"], one["number"]) for one in prompt.refers)
            cue = Cue(prompt.message or prompt.event, frozenset(prompt.expect), prompt.instance, True, refers, prompt.says)
            again = envelope.get("function") in REPEATS  # what was sent before: there is nothing to think about
            sent = [] if again else await self._counterparty.turn(prompt.trade_id, cue)
            led = {f"{move.region}={move.target}" for one in sent for move in one.receipt.response.moved}
            if sent and (not prompt.expect or led & set(prompt.expect)):
                return
            with suppress(HubProblem):
                if prompt.event:
                    await self._client.decide(prompt.trade_id, prompt.event, example["region"], prompt.role, example["note"])
                elif example:
                    await self._client.lodge(msgspec.json.encode(example))
