"""tradeflow simulate: counterparties that answer by themselves, on a hub that is running."""

import asyncio
import contextlib
import sys

import click

from tradeflow.cli._trades import SOON
from tradeflow.client import AsyncClient, Conflict
from tradeflow.model.catalogue import catalogue
from tradeflow.simulate.counterparty import Counterparty
from tradeflow.simulate.roles import meant


@click.command(
    epilog="""\b
Examples
  tradeflow simulate --role carrier                       parties of its own, simulated-sea-carrier and simulated-air-carrier
  tradeflow simulate blue-ensign                          answer for this party, in every role it has
  tradeflow simulate blue-ensign --role sea_carrier       in this role only
  tradeflow simulate maasbank pearl-delta hk-customs      several parties in one program
  tradeflow simulate blue-ensign --key "$KEY"             with the key of the party instead of the operator's

What they answer follows from the process tables; the first letter of a reference chooses the outcome: R refuses, Q queries,
W waits, X answers with garbage, Z stays silent, any other accepts.
"""
)
@click.argument("parties", nargs=-1)
@click.option(
    "--role", "roles", multiple=True, help="Answer in this role, or group of roles, only; again for more. Every role of a party if absent."
)
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="The hub.")
@click.option("--key", help="The API key of the party, if it is one.")
@click.option("--operator-key", envvar="TRADEFLOW_OPERATOR_KEY", help="The operator's key: each party is registered and gets a key.")
@click.option("--seconds", type=click.FloatRange(0), help="End after so long; on until interrupted, if absent.")
def command(
    parties: tuple[str, ...], roles: tuple[str, ...], url: str, key: str | None, operator_key: str | None, seconds: float | None
) -> None:
    """Answer for PARTIES as their roles would, until interrupted."""
    try:
        wanted = [one for role in roles for one in meant(role, catalogue().roles)]
    except KeyError as unknown:
        raise click.UsageError(str(unknown.args[0])) from None
    parties = parties or tuple(f"simulated-{role.replace('_', '-')}" for role in wanted)
    if not parties:
        raise click.UsageError("name parties, or roles with --role")
    if key and len(parties) > 1:
        raise click.UsageError("--key is the key of one party; for several give --operator-key")
    if not key and not operator_key:
        raise click.UsageError("give --key, or --operator-key (or TRADEFLOW_OPERATOR_KEY)")
    asyncio.run(_simulate(url, parties, wanted, key, operator_key or "", seconds))


async def _simulate(
    url: str, parties: tuple[str, ...], roles: list[str], key: str | None, operator_key: str, seconds: float | None
) -> None:
    keys = {parties[0]: key} if key else await _keys(url, operator_key, parties)
    clients = {party: AsyncClient(url, own) for party, own in keys.items()}
    simulated = [Counterparty(client, party, roles, told=_tell) for party, client in clients.items()]
    tasks = [asyncio.create_task(one.run()) for one in simulated]
    click.echo(f"answering for {', '.join(parties)}" + (f" as {', '.join(roles)}" if roles else ""), err=True)
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in clients.values():
            await client.aclose()


async def _keys(url: str, operator_key: str, parties: tuple[str, ...]) -> dict[str, str]:
    """A key for each party; one that is new is registered."""
    made: dict[str, str] = {}
    async with AsyncClient(url, operator_key, retries=SOON) as operator:
        for party in parties:
            with contextlib.suppress(Conflict):  # it is known already
                await operator.add_party(party, party.replace("-", " ").title())
            made[party] = (await operator.add_key(party, "tradeflow simulate")).key
    return made


def _tell(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()
