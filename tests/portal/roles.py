"""Trades in the middle, with every role of the catalogue played by a company of its own: what role views and decisions are tested on."""

import asyncio
import functools
import time
from datetime import UTC, datetime
from typing import Any

from tests.http.desk import Desk
from tests.portal.conftest import email_of, enlisted
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.begin import history
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Cast, Scenario

NOW = datetime(2025, 3, 12, 10, tzinfo=UTC)
ROLES = [role for role in catalogue().roles if role != "platform"]
TERMS = {"incoterm": "CIF", "payment_method": "LC_SIGHT", "transport_mode": "1", "load_type": "FCL"}


def company(role: str) -> str:
    """The party that plays a role."""
    return f"{role.replace('_', '-')}-co"


async def registered(desk: Desk, roles: list[str]) -> None:
    """A company for each role, with a key and a user <company>@portal.example; those there already stay."""
    for role in roles:
        party = company(role)
        if party in desk.keys:
            continue
        card = {"party_id": party, "name": f"{catalogue().roles[role].name} Co", "country": "HK"}
        assert (await desk.post("/v1/parties", "operator", card)).status == 201
        desk.keys[party] = (await desk.post(f"/v1/parties/{party}/keys", "operator", {"name": "tests"})).json["key"]
        await enlisted(desk, party, email_of(party))


async def standing(desk: Desk, given: list[str], terms: dict[str, str] | None = None, prefix: str = "DESK") -> str:
    """A trade that stands in these states ("region=state"), with the documents on file that led there. Returns its reference."""
    await registered(desk, ROLES)
    reference = f"{prefix}-{time.time_ns():X}"  # the later one stands first in every list
    agreed = terms or TERMS
    seed = {
        "trade_id": reference,
        "participants": [{"party_id": company(role), "role": role} for role in ROLES],
        "terms": agreed,
        "given": given,
        "history": await asyncio.to_thread(on_file, tuple(given), tuple(agreed.items())),
    }
    reply = await desk.post("/v1/sandbox/trades", "operator", seed)
    assert reply.status == 201, reply.body
    return reference


@functools.cache
def on_file(given: tuple[str, ...], terms: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    """The documents that led to these states."""
    cast = [Cast(company(role), catalogue().roles[role].name, [role], "HK") for role in ROLES]
    scenario = Scenario("DESK", "desk", "DESK-0000", dict(terms), cast, [], list(given))
    return history(machine(), scenario, Filler(catalogue(), scenario, scenario.reference), NOW)
