"""tradeflow secrets: the keys that secrets of channels and people are sealed with in the database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import click

from tradeflow.app import sealing
from tradeflow.cli._hub import data_dir_of
from tradeflow.embedded import database
from tradeflow.store import migrations, sealed, vault
from tradeflow.store.uow import Store

DATA_DIR = click.option("--data-dir", help="Folder of the embedded database and of secrets.key.")


@click.group(
    epilog="""\b
Examples
  tradeflow secrets status        which keys there are, and how many secrets each seals
  tradeflow secrets rotate        a new key, and everything sealed with it; hubs that share the file need no restart
  tradeflow secrets forget        end the older keys, once every process has the new one
  tradeflow secrets new           print a key, for TRADEFLOW_SECRET_KEYS of several machines

A lost key cannot be made again: `tradeflow secrets abandon` removes what is sealed with it. Channels then need their secrets
anew, and people their second factor.
"""
)
def command() -> None:
    """Renew and end the keys that seal secrets in the database. Stop a hub with an embedded database first."""


@command.command()
def new() -> None:
    """Print a new key."""
    click.echo(vault.written(vault.new_key()))


@command.command()
@DATA_DIR
def status(data_dir: str | None) -> None:
    """Say which key seals, and how many secrets are sealed with which."""

    async def work(store: Store) -> None:
        counted = await sealed.count(store)
        for id in dict.fromkeys([*store.vault.key_ids, *await sealed.known_keys(store), *counted]):
            click.echo(f"{id}  {counted.get(id, 0)} secrets{'  (seals)' if id == store.vault.current else ''}")

    _run(data_dir, work)


@command.command()
@DATA_DIR
def rotate(data_dir: str | None) -> None:
    """Make a new key and seal everything with it. The older keys stay, so that nothing breaks while other processes go on."""

    async def work(store: Store) -> None:
        written = await sealing.rotate(store)
        click.echo(f"{written} secrets are sealed anew, with the key {store.vault.current}")

    _run(data_dir, work)


@command.command()
@DATA_DIR
def forget(data_dir: str | None) -> None:
    """End every key but the present one. Whatever is left under them is sealed anew first."""

    async def work(store: Store) -> None:
        dropped = await sealing.forget(store)
        click.echo(f"ended: {', '.join(dropped) or 'nothing'}; {store.vault.current} seals")

    _run(data_dir, work)


@command.command()
@click.confirmation_option(prompt="Remove every secret that no key of this hub opens?")
@DATA_DIR
def abandon(data_dir: str | None) -> None:
    """Remove secrets whose key is lost, so that the hub starts again."""
    config = data_dir_of(data_dir)

    async def go(dsn: str) -> tuple[int, list[str]]:
        store = await Store.connect(dsn, pool_size=2)
        try:
            return await sealing.abandon(store, config)
        finally:
            await store.close()

    with database(config) as dsn:
        migrations.upgrade(dsn)
        removed, lost = asyncio.run(go(dsn))
    click.echo(f"{removed} secrets of the keys {', '.join(lost) or '(none)'} are removed; their channels are disabled")


def _run(data_dir: str | None, work: Callable[[Store], Awaitable[Any]]) -> None:
    config = data_dir_of(data_dir)

    async def go(dsn: str) -> None:
        store = await Store.connect(dsn, pool_size=2)
        try:
            await sealing.entrusted(store, config)
            await work(store)
        finally:
            await store.close()

    with database(config) as dsn:
        migrations.upgrade(dsn)
        asyncio.run(go(dsn))
