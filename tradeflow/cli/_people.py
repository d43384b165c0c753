"""A demo hub: trades of one scenario in it, and people of every role to sign in as, all made over HTTP as anybody would."""

import asyncio
import signal
import threading
from collections import Counter

import aiohttp
import click
import msgspec

from tradeflow.api import PORTAL
from tradeflow.app.demo import DOMAIN, PASSWORD
from tradeflow.cli._hub import Running, hub_in_thread, settle
from tradeflow.cli.scenario import shipped
from tradeflow.errors import EmbeddedError
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.warm import warm
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Player
from tradeflow.settings import Settings

SCENARIO = "S01"
FINISHED, HALF_WAY = "GLL-2025-0117", "GLL-2025-0118"
HALF_WAY_STEPS = 34
OPERATOR = (f"operator@{DOMAIN}", "Operator of the hub", "This hub")
Person = tuple[str, str, str]  # address, role, company


def serve_demo(config: Settings, dsn: str) -> None:
    """Run a demo hub until interrupted; what it says first is where to go and as whom."""
    stop = threading.Event()
    with hub_in_thread(config, dsn) as running:
        click.echo("Setting the demo up: a finished trade, and one that is half way…", err=True)
        scenario = load(shipped()[SCENARIO])
        persons = asyncio.run(prepared(running, scenario))
        asyncio.run(warm())
        settle()
        told(running, persons)
        click.echo("Ctrl-C ends it; what you did stays for the next time.")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()


async def prepared(running: Running, scenario: Scenario) -> list[Person]:
    """The demo's trades, played where they are not there yet, and its people. The clock stands where the second trade does."""
    part = msgspec.structs.replace(scenario, reference=HALF_WAY, step=scenario.step[:HALF_WAY_STEPS])
    headers = {"Authorization": f"Bearer {running.operator_key}"}
    async with aiohttp.ClientSession(running.base_url, headers=headers) as session:
        for trade in (msgspec.structs.replace(scenario, reference=FINISHED), part):
            async with session.get(f"/v1/trades/{trade.reference}") as there:
                if there.status == 200:
                    continue
            outcome = await Player(running.base_url, running.operator_key, catalogue()).play(trade)
            if outcome.difference:
                raise EmbeddedError(f"the demo's trade did not go as written: {outcome.difference}")
    return await settled(running, scenario)


async def settled(running: Running, scenario: Scenario) -> list[Person]:
    """One user for each party of the cast, and one for the operator; their passwords are the demo's again."""
    made = [*people(scenario), OPERATOR]
    parties = [*(member.party for member in scenario.cast), "operator"]
    async with aiohttp.ClientSession(running.base_url, raise_for_status=True) as session:
        for (email, role, _), party in zip(made, parties, strict=True):
            asked = {"party_id": party, "email": email, "name": role}
            async with session.post("/v1/invitations", json=asked, headers={"Authorization": f"Bearer {running.operator_key}"}) as answer:
                token = (await answer.json())["token"]
            async with session.post("/v1/invitations/user", json={"token": token, "password": PASSWORD}):
                pass
    return made


def people(scenario: Scenario) -> list[Person]:
    """Who takes part: the address names the role, and the party where several play it."""
    names, seen = catalogue().roles, Counter[str]()
    found: list[Person] = []
    for member in scenario.cast:
        role = member.roles[0]
        seen[role] += 1
        local = role.replace("_", "-") if seen[role] == 1 else member.party
        found.append((f"{local}@{DOMAIN}", names[role].name if role in names else role, member.name))
    return found


def told(running: Running, persons: list[Person]) -> None:
    """Where the portal is, and who can be signed in as."""
    click.echo(f"\nThe portal is at {running.base_url}{PORTAL}\n\nSign in as anybody; the password of all is: {PASSWORD}")
    width = max(len(email) for email, _, _ in persons)
    for email, role, company in persons:
        click.echo(f"  {email:{width}}  {role}, {company}")
    click.echo(f"\nBegin as exporter@{DOMAIN}: the first page says what to do next.")
