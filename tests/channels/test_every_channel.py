"""S02, and in `make variants` S01, with every party on a channel of its own kind, in and out: the trade ends as it does over the API alone."""

import asyncio
import json
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import msgspec
import pytest
from aiohttp import web

from tests.channels.partners import MailBox, PartnerServer
from tests.scenario.conftest import SCENARIOS
from tests.variants import variants
from tests.verified import verified
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.kinds import kinds
from tradeflow.app.wiring import Hub
from tradeflow.client import AsyncClient, HubProblem, Receipt
from tradeflow.client.answers import Acknowledged
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Player
from tradeflow.settings import Settings
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell
from tradeflow.worker.servers import Servers

PULLED = ("api", "pull")  # no channel of the hub: they ask
NOWHERE = {"null"}  # for trying out: what it takes over reaches nobody
KINDS = [*PULLED, *sorted(kinds().keys() - NOWHERE)]  # every folder of adapters/ that is a channel
Json = dict[str, Any]


@dataclass
class World:
    """One hub and the servers of its partners. `came` are the deliveries that reached each party by its channel, in their order."""

    hub: Hub
    url: str
    key: str
    servers: Servers
    mailbox: MailBox
    partner: PartnerServer
    webhooks: str
    kinds: dict[str, str] = field(default_factory=dict)
    came: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def arrived(self, party: str) -> set[str]:
        """The deliveries that a party holds by its channel."""
        kind = self.kinds[party]
        if kind == "mail":
            return {str(mail["X-Tradeflow-Delivery"]) for mail in self.mailbox.to(f"{party}@mail.example") if mail["X-Tradeflow-Delivery"]}
        if kind in ("sftp", "file_drop"):
            root = self.partner.root / party / "out" if kind == "sftp" else self.drop(party) / "out"
            return {re.split(r"[_.]", file.name)[-2] for file in root.glob("[!.]*")}
        return set(self.came[party])

    def drop(self, party: str) -> Path:
        return self.hub.settings.data_dir / "drop" / party / "main"


@asynccontextmanager
async def world(database: str, folder: Path) -> AsyncIterator[World]:
    """Everything runs: hub, its servers, and those of the partners."""
    came: dict[str, list[str]] = defaultdict(list)

    async def receive(request: web.Request) -> web.Response:
        came[request.match_info["party"]].append(request.headers["webhook-id"])
        return web.Response()

    async with AsyncExitStack() as stack:
        mailbox, partner = await stack.enter_async_context(MailBox()), await stack.enter_async_context(PartnerServer(folder / "partner"))
        app = web.Application()
        app.router.add_post("/{party}", receive)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        bell = InProcessDoorbell()
        settings = Settings(
            data_dir=folder / "data", database_url=database, sandbox=True, internal_addresses=True, fetch_seconds=0.03, sftp_port=0, mail_port=0,
            smtp_url=f"smtp://127.0.0.1:{mailbox.port}", mail_from="hub@hub.example", mail_secret="a long text that nobody guesses",
        )  # fmt: skip
        hub = await Hub.open(settings, database, bell)
        stack.push_async_callback(hub.close)
        await stack.enter_async_context(background(hub, bell))
        servers = await stack.enter_async_context(Servers(hub))
        listener = await stack.enter_async_context(Listener(create_app(hub), "127.0.0.1", 0))
        webhooks = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield World(hub, listener.base_url, await operator_key(hub.store), servers, mailbox, partner, webhooks, came=came)


async def until(ask: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(60):
        while not (found := await ask()):  # noqa: ASYNC110 - disks and mailboxes have no event to wait on
            await asyncio.sleep(0.01)
    return found


def leave(folder: Path, name: str, body: bytes) -> None:
    """Put a file down as a partner should."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f".{name}").write_bytes(body)
    (folder / f".{name}").rename(folder / name)


def left(folder: Path, name: str) -> bytes:
    """The answer that stands beside a file; nothing as long as there is none."""
    return b"".join(file.read_bytes() for file in folder.glob(f"{name}.*"))


class ByChannel(AsyncClient):
    """A party whose messages leave by its channel, and whose receipts come back by it."""

    def __init__(self, world: World, party: str, key: str) -> None:
        super().__init__(world.url, key)
        self.world, self.party, self.kind = world, party, world.kinds[party]
        self.reply_to = ""
        self.hours: Json | None = None

    async def connect(self) -> None:
        """Set the channel up as the party would."""
        host = {"host": "127.0.0.1", "port": self.world.partner.port, "user": "hub", "host_key": self.world.partner.public}
        places = {f"{name}_folder": f"{self.party}/{name}" for name in ("in", "out", "answers", "done")}
        settings: dict[str, Json] = {
            "webhook": {"url": f"{self.world.webhooks}/{self.party}"},
            "sftp": {**host, **places},
            "file_drop": {},
            "mail": {"address": f"{self.party}@mail.example"},
        }
        if self.kind in PULLED:
            return
        assert self.kind in settings, f"{self.kind} is new: say how a partner sets it up, and what reached it"
        secrets = {"private_key": self.world.partner.secret} if self.kind == "sftp" else {}
        (self.world.partner.root / self.party / "in").mkdir(parents=True, exist_ok=True)
        await self._put(settings[self.kind], secrets)
        if self.kind == "mail":
            await self.post(f"/v1/parties/{self.party}/channels/main/test")
            mail = self.world.mailbox.to(f"{self.party}@mail.example")[0]
            code = re.search(r"code is: (\w{10})", mail.get_content())
            assert code
            self.reply_to = str(mail["Reply-To"])
            await self._put({**settings["mail"], "code": code[1]}, {})

    async def _put(self, settings: Json, secrets: Json) -> None:
        from tradeflow.client import calls

        body = {"kind": self.kind, "message_types": ["*"], "settings": settings, "secrets": secrets}
        body |= {"hours": self.hours} if self.hours else {}
        await self.send(calls.send("PUT", f"/v1/parties/{self.party}/channels/main", dict[str, Any], body))

    async def lodge(self, document: Any) -> Receipt:
        """By the channel; the answer is the one that HTTP would have given."""
        way = {"sftp": self._by_sftp, "file_drop": self._by_drop, "mail": self._by_mail}.get(self.kind)
        if way is None:
            return await super().lodge(document)
        name = f"{uuid.uuid4()}.{'xml' if document.startswith(b'<') else 'json'}"
        answer = await way(name, document)
        if "code" in json.loads(answer):
            problem = msgspec.json.decode(answer)
            raise HubProblem(problem["status"], problem)
        return msgspec.json.decode(answer, type=Receipt)

    async def acknowledge(self, delivery_id: str) -> Acknowledged:
        """Whoever gets its deliveries elsewhere does not take them from the inbox, too: that would withdraw them from the channel."""
        if self.kind in PULLED:
            return await super().acknowledge(delivery_id)
        return Acknowledged(delivery_id, datetime.now(UTC))

    async def _by_drop(self, name: str, body: bytes) -> bytes:
        return await self._by_folder(self.world.drop(self.party) / "in", self.world.drop(self.party) / "answers", name, body)

    async def _by_sftp(self, name: str, body: bytes) -> bytes:
        here = self.world.partner.root / self.party
        return await self._by_folder(here / "in", here / "answers", name, body)

    async def _by_folder(self, into: Path, answers: Path, name: str, body: bytes) -> bytes:
        leave(into, name, body)

        async def answered() -> bytes:
            return left(answers, name)

        return bytes(await until(answered))

    async def _by_mail(self, name: str, body: bytes) -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"{self.party}@mail.example", self.reply_to, name
        mail.set_content("See the attachment.")
        mail.add_attachment(body, maintype="application", subtype=name.rpartition(".")[2], filename=name)
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=self.world.servers.ports["mail"])
        answer = next(m for m in reversed(self.world.mailbox.to(f"{self.party}@mail.example")) if name in str(m["Subject"]))
        return bytes(next(answer.iter_attachments()).get_payload(decode=True))


class Channelled(Player):
    """Plays a scenario in which the parties take the kinds of channels in turns."""

    world: World

    async def _enrol(self, stack: AsyncExitStack, scenario: Scenario) -> None:
        await super()._enrol(stack, scenario)
        for n, member in enumerate(scenario.cast):
            self.world.kinds[member.party] = KINDS[n % len(KINDS)]
            made = ByChannel(self.world, member.party, self._clients[member.party]._key)
            await made.connect()
            self._clients[member.party] = await stack.enter_async_context(made)


@pytest.mark.slow
@pytest.mark.parametrize("name", variants("S02", "S01"))
async def test_every_party_on_a_channel_of_its_own(database: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "partner").mkdir()
    scenario = load(SCENARIOS / f"{name}.toml")
    async with world(database, tmp_path) as there:
        by_api = await Player(there.url, there.key, catalogue()).play(scenario)
        assert by_api.difference == ""
        player = Channelled(there.url, there.key, catalogue())
        player.world = there
        outcome = await player.play(scenario)
        assert outcome.difference == ""
        assert set(there.kinds.values()) == set(KINDS)
        assert outcome.states == by_api.states and outcome.sha256s == by_api.sha256s
        async with AsyncClient(there.url, there.key) as operator:
            sent = (await operator.get(f"/v1/trades/{outcome.trade_id}/deliveries"))["items"]
            kept = Counter(case["sender"] for case in (await operator.get("/v1/quarantine", state="waiting"))["items"])
        refused = Counter(scenario.party(step.by)[0] for step in scenario.step if step.error)
        assert kept == {party: n for party, n in refused.items() if there.kinds[party] in ("sftp", "file_drop", "mail")}
        wanted: dict[str, set[str]] = defaultdict(set)
        for delivery in sent:
            if delivery["kind"] == "message" and there.kinds[delivery["party_id"]] not in PULLED:
                wanted[delivery["party_id"]].add(delivery["delivery_id"])
        assert {there.kinds[party] for party in wanted} == set(KINDS) - set(PULLED) >= {"sftp", "file_drop", "mail"}

        async def all_there() -> bool:
            return all(there.arrived(party) >= ids for party, ids in wanted.items())

        await until(all_there)
        for party, ids in wanted.items():
            assert len(there.came[party]) == len(set(there.came[party])), "each once"
            assert {id for id in there.arrived(party) if id in ids} == ids
    assert (await asyncio.to_thread(verified, database)).faults == []
