"""Whole trades (one in `make test`, three in `make variants`) with every party in a format of its own: they end as they do in JSON, with the same content in every document."""

import asyncio
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.channels.test_every_channel import World, leave, until, world
from tests.scenario.conftest import SCENARIOS
from tests.variants import variants
from tests.verified import verified
from tradeflow.client import AsyncClient, HubProblem, Receipt, calls
from tradeflow.client.answers import Acknowledged
from tradeflow.client.calls import Call
from tradeflow.codec import formats, intake
from tradeflow.codec.business.manifest import OWN, RECORDS, Adapter, adapters
from tradeflow.codec.business.records import record
from tradeflow.codec.business.translate import answered
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document
from tradeflow.model.format import ASIDE, Loss
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Player
from tradeflow.simulate.seats import Simulated

SHEETS = next((kind for kind in ("excel", "csv") if kind in formats.kinds()), "json")
OF_ROLE = {"exporter": SHEETS, "importer": "ubl"}  # what those speak that have no adapter
FORMS = {  # at least these were spoken
    "S01": {SHEETS, "ubl", "swift_mt", "dcsa", "edifact", "xml", RECORDS, adapters()["customs_hk"].in_["customs_response"].form},
    "S02": {"ubl", "swift_mt", "edifact", "json"},
    "S16": {"ubl", "edifact", RECORDS},
}
COMPARED = ("S01", "S02")  # with the same trade in JSON; of the others each document is compared when it is lodged
SIMULATED_MIN = 15  # messages of S02 that the simulator chooses
SETTINGS = {"customs_advance": {"filer": "NL812345678"}, "inspection": {"client": "C-10442"}, "bank": {"container": "pcc"}}


def spoken(member: Any) -> str:
    """What a party of the cast speaks: the adapter of its role, Hong Kong's for its customs, else what its role speaks, else JSON."""
    fitting = [one.id for one in adapters().values() if set(one.roles) & set(member.roles)]
    if "customs" in member.roles:
        return "customs_hk" if member.country == "HK" else "customs_advance"
    return fitting[0] if fitting else next((OF_ROLE[role] for role in member.roles if role in OF_ROLE), "json")


def lost(losses: Sequence[Loss]) -> set[str]:
    """What a file does not hand over; of the time of its making EDIFACT has no fractions of a second."""
    return {loss.pointer for loss in losses if loss.kind != ASIDE} - {"/message/created_at"}


class InItsFormat(AsyncClient):
    """A party that lodges in its own format: by its folder where an adapter reads it, else by the API."""

    def __init__(self, there: World, party: str, key: str, speaks: str) -> None:
        super().__init__(there.url, key)
        self.there, self.who, self.speaks = there, party, speaks
        self.settings = SETTINGS.get(speaks, {})
        self.sent: Counter[str] = Counter()  # (message, form) as text

    async def connect(self) -> None:
        """A folder in which its deliveries are in its format, too."""
        settings = {"adapter": self.settings} if self.settings else {}
        body = {"kind": "file_drop", "message_types": ["*"], "settings": settings, "format": self.speaks}
        await self.send(calls.send("PUT", f"/v1/parties/{self.who}/channels/main", dict[str, Any], body))

    async def lodge(self, document: Any) -> Receipt:
        """In the party's own format, where it has the message."""
        try:
            ours = intake.read(document, "application/xml" if document.startswith(b"<") else "application/json")
        except BadInput:
            return await super().lodge(document)  # a mistake of the scenario's, which no other format could hold
        adapter = adapters().get(self.speaks)
        return await (self._by_adapter(adapter, ours) if adapter else self._by_api(ours))

    async def acknowledge(self, delivery_id: str) -> Acknowledged:
        """What comes by the folder is not taken from the inbox, too: that would withdraw it from the channel."""
        return Acknowledged(delivery_id, datetime.now(UTC))

    async def _by_adapter(self, adapter: Adapter, ours: Document) -> Receipt:
        made = await asyncio.to_thread(answered, adapter, ours, self.settings)
        assert lost(made.losses) == set(), f"{ours.type} by {adapter.id}"
        flow = adapter.in_.get(ours.type)
        self.sent[f"{ours.type} {flow.form if flow else adapter.others}"] += 1
        name, root = f"{uuid.uuid4()}{made.suffix}", self.there.drop(self.who)
        leave(root / "in", name, made.body)

        async def answer() -> bytes:
            return b"".join(file.read_bytes() for file in (root / "answers").glob(f"{name}.*ed.json"))  # beside it a CONTRL may stand

        said = await until(answer)
        if "code" in json.loads(said):
            problem = msgspec.json.decode(said)
            raise HubProblem(problem["status"], problem)
        receipt = msgspec.json.decode(said, type=Receipt)
        assert receipt.receipt.payload_sha256 == ours.payload_sha256, f"{ours.type} {ours.number} is another document by {adapter.id}"
        return receipt

    async def _by_api(self, ours: Document) -> Receipt:
        form = form_of(self.speaks, ours.type)
        body, media_type = ours.canonical, "application/json"
        if form != "json":
            written = await asyncio.to_thread(formats.write, ours, form)
            assert lost(written.losses) == set(), f"{ours.type} as {form}"
            body, media_type = written.body, formats.kinds()[form].media_type
        self.sent[f"{ours.type} {form}"] += 1
        receipt = await self.send(Call("POST", "/v1/messages", Receipt, body=body, headers={"Content-Type": media_type}))
        assert receipt.receipt.payload_sha256 == ours.payload_sha256, f"{ours.type} {ours.number} is another document as {form}"
        return receipt

    def arrived(self, delivery_id: str) -> Path | None:
        """The file of a delivery in its folder."""
        return next(iter((self.there.drop(self.who) / "out").glob(f"[!.]*_{delivery_id}.*")), None)


class Polyglot(Player):
    """Plays a scenario in which every party speaks its own format."""

    there: World
    parties: dict[str, InItsFormat]

    async def _enrol(self, stack: AsyncExitStack, scenario: Scenario) -> None:
        await super()._enrol(stack, scenario)
        self.parties = {}
        for member in scenario.cast:
            made = InItsFormat(self.there, member.party, self._clients[member.party]._key, spoken(member))
            await made.connect()
            self._clients[member.party] = self.parties[member.party] = await stack.enter_async_context(made)


def form_of(speaks: str, message: str) -> str:
    """The form in which a message should leave to whoever speaks this."""
    adapter = adapters().get(speaks)
    if adapter:
        return adapter.out[message].form if message in adapter.out else adapter.others
    return speaks if speaks in formats.kinds() and message in formats.sheets(speaks) else "json"


def suffixes(speaks: str, message: str) -> set[str]:
    """How the name of such a file ends."""
    form = form_of(speaks, message)
    if form == RECORDS:
        return {f".{record(adapters()[speaks].folder, message).form}"}
    return {f".{form}"} if form in OWN else {formats.kinds()[form].suffixes[0], ".json"}


@pytest.mark.slow
@pytest.mark.parametrize("name", variants("S01", "S02", "S16"))
async def test_every_party_in_a_format_of_its_own(database: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "partner").mkdir()
    scenario = load(SCENARIOS / f"{name}.toml")
    async with world(database, tmp_path) as there:
        by_api = await Player(there.url, there.key, catalogue(), "json").play(scenario) if name in COMPARED else None
        player = Polyglot(there.url, there.key, catalogue(), "json")
        player.there = there
        outcome = await player.play(scenario)
        assert outcome.difference == ""
        if by_api:
            assert by_api.difference == ""
            assert outcome.states == by_api.states
            assert outcome.sha256s == by_api.sha256s, "every document has the content that it has in JSON"
        async with AsyncClient(there.url, there.key) as operator:
            sent = (await operator.get(f"/v1/trades/{outcome.trade_id}/deliveries"))["items"]
        wanted: dict[str, dict[str, str]] = defaultdict(dict)
        for delivery in sent:
            if delivery["kind"] == "message" and delivery["party_id"] in player.parties:
                wanted[delivery["party_id"]][delivery["delivery_id"]] = delivery["type"]

        async with AsyncClient(there.url, there.key) as operator:
            stuck = (await operator.get("/v1/deliveries", status="quarantined"))["items"]
            assert [(one["party_id"], one["type"], one["channel"]) for one in stuck if one["trade_id"] == outcome.trade_id] == []

        async def all_there() -> bool:
            return all(player.parties[party].arrived(id) for party, ids in wanted.items() for id in ids)

        await until(all_there)
        for party, ids in wanted.items():
            client = player.parties[party]
            for id, message in ids.items():
                assert (file := client.arrived(id)) and file.suffix in suffixes(client.speaks, message), (party, message, file)
    forms = {text.partition(" ")[2] for client in player.parties.values() for text in client.sent}
    assert forms >= FORMS[name] | {SHEETS}
    assert (await asyncio.to_thread(verified, database)).faults == []


@pytest.mark.slow
async def test_simulated_partners_answer_in_the_words_of_their_own_systems(database: str, tmp_path: Path) -> None:
    """The simulator chooses the answers, the adapters say them, and the trade goes where the scenario says."""
    (tmp_path / "partner").mkdir()
    scenario = load(SCENARIOS / "S02.toml")
    seats = {member.party: Simulated() for member in scenario.cast if spoken(member) in adapters()}
    async with world(database, tmp_path) as there:
        player = Polyglot(there.url, there.key, catalogue(), "json", seats=seats)
        player.there = there
        outcome = await player.play(scenario)
        assert outcome.difference == ""
        assert outcome.by_others >= SIMULATED_MIN
        assert [line for seat in seats.values() for line in seat.refusals] == []
        said = sum((client.sent for party, client in player.parties.items() if party in seats), Counter[str]())
    assert {text.partition(" ")[2] for text in said} >= {"edifact", "ubl", "swift_mt"}
