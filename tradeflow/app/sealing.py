"""Which keys a hub seals its secrets with: found or made when it opens, renewed by `tradeflow secrets`."""

import logging
from pathlib import Path

from tradeflow.errors import Refused
from tradeflow.language.sentences import say
from tradeflow.settings import Settings
from tradeflow.store import sealed, vault
from tradeflow.store.uow import Store
from tradeflow.store.vault import Vault

_log = logging.getLogger(__name__)


async def entrusted(store: Store, settings: Settings) -> None:
    """Give the store the hub's keys, and seal what an earlier version kept in clear. Raises Refused SECRET_KEY.

    A key is made only where the database knows none: with another key the hub would run, and every channel would be dead.
    """
    found = vault_of(settings)
    if found is None:
        if known := await sealed.known_keys(store):
            raise _lost(settings, known)
        file = _file(settings)
        found = Vault(vault.create(file), file)
    if not await sealed.admit(store, found.key_ids):
        raise _lost(settings, await sealed.known_keys(store))
    store.trust(found)
    if written := await sealed.reseal(store) if (await sealed.count(store)).get("") else 0:
        _log.warning("%d secrets that were stored in clear are sealed now; backups made before still hold them", written)


def vault_of(settings: Settings) -> Vault | None:
    """The keys of the setting, or of the file in the data folder; None where there is neither."""
    if settings.secret_keys:
        try:
            return Vault([vault.parsed(text) for text in settings.secret_keys.split(",")])
        except ValueError as error:
            raise Refused("SECRET_KEY", f"TRADEFLOW_SECRET_KEYS: {error}", 409) from None
    file = _file(settings)
    return Vault(vault.read(file), file) if file.exists() else None


async def rotate(store: Store) -> int:
    """A new key for the file, and everything sealed with it; the older keys stay until forget(). Returns how many were sealed anew.

    Where the keys are a setting, whoever runs the hub puts a new one first; then this seals everything with it.
    """
    if store.vault.file:
        vault.replace(store.vault.file, [vault.new_key(), *vault.read(store.vault.file)])
    await sealed.admit(store, store.vault.key_ids)
    return await sealed.reseal(store)


async def forget(store: Store) -> list[str]:
    """Drop every key but the present one, after nothing is sealed with them any more. Returns their ids."""
    await sealed.reseal(store)
    current, known = store.vault.current, await sealed.known_keys(store)
    if store.vault.file:
        vault.replace(store.vault.file, vault.read(store.vault.file)[:1])
    dropped = [id for id in known if id != current]
    await sealed.forget(store, dropped)
    return dropped


def _file(settings: Settings) -> Path:
    return settings.data_dir / vault.FILE


def _lost(settings: Settings, known: list[str]) -> Refused:
    where = "TRADEFLOW_SECRET_KEYS" if settings.secret_keys else str(_file(settings))
    says = say(
        "secrets in this database are sealed with the key %(known)s, which %(where)s does not have; take it from the backup, "
        "or from the machine that has it (tradeflow secrets --help says what to do where it is lost)",
        known=", ".join(known),
        where=where,
    )
    return Refused("SECRET_KEY", says, 409)


async def abandon(store: Store, settings: Settings) -> tuple[int, list[str]]:
    """Remove what no key of this hub opens. Returns how many secrets that were, and the ids of the lost keys."""
    found = vault_of(settings)
    kept = found.key_ids if found else []
    lost = [id for id in await sealed.known_keys(store) if id not in kept]
    removed = await sealed.remove(store, lost)
    await sealed.forget(store, lost)
    return removed, lost
