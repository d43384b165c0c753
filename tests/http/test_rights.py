"""Who may do what in which state, over HTTP: exhaustively what the tables say, read a second time here, and what admission lets through."""

import tomllib
from itertools import product
from typing import Any

from tests.http.desk import Desk
from tests.unit.cases.documents import NOW, PARTY
from tests.unit.test_machine_triples import FUNCTIONS, REGIONS, alone, asked, seeded
from tradeflow.bundle import bundle_root
from tradeflow.machine.answers import Decision
from tradeflow.machine.commands import Context, Lodge, Raise
from tradeflow.machine.decide import decide
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope

WORKFLOWS = bundle_root() / "workflows"


def rows() -> list[tuple[str, str, dict[str, Any]]]:
    """(process, region, row) of every table, as the files have them."""
    files = {file.parent.name: tomllib.loads(file.read_text(encoding="utf-8")) for file in WORKFLOWS.glob("*/process.toml")}
    return [
        (process, region, row)
        for process, table in files.items()
        for region, body in table["region"].items()
        for row in body["transitions"]
    ]


async def test_the_rights_are_those_of_the_tables(desk: Desk) -> None:
    reply = await desk.get("/v1/rights")
    assert reply.status == 200
    told = {right["transition"]: right for right in reply.json["items"]}
    events = tomllib.loads((WORKFLOWS / "_common" / "events.toml").read_text(encoding="utf-8"))
    assert len(told) == len(reply.json["items"]) == len(rows()) > 300
    for process, region, row in rows():
        right, said = told[row["id"]], row.get("message", [])
        assert right["region"] == f"{process}.{region}", row["id"]
        assert sorted(right["states"]) == sorted(row["from"]), row["id"]
        assert right["messages"] == ([said] if isinstance(said, str) else said), row["id"]
        assert right["event"] == row.get("event", ""), row["id"]
        assert right["functions"] == (row.get("function", ["9"]) if said else []), row["id"]
        by = row["by"] if said else [*(row.get("decided_by") or events[row["event"]].get("by", [])), "platform"]
        assert right["by"] == sorted(set(by)), row["id"]
        assert right["to"] == row["to"], row["id"]


async def test_what_a_role_may_in_a_state_is_what_is_admitted(desk: Desk) -> None:
    """Every region, state, message, role and function, guards aside: listed and taken, or not listed and refused."""
    listed = {
        (right["region"], state, message, role, function)
        for right in (await desk.get("/v1/rights")).json["items"]
        for state, message, role, function in product(right["states"], right["messages"], right["by"], right["functions"])
    }
    tried = taken = 0
    for process, region in REGIONS:
        tables, key = alone(process, region), f"{process}.{region}"
        table = tables.processes[process].regions[region]
        for state in table.states:
            trade = seeded(tables, key, state)
            for message in (m for m in table.on if m in catalogue().ids()):
                for role, function in product(catalogue().message(message).from_roles, FUNCTIONS):
                    document = asked(message, function, role)
                    answer = decide(tables, trade, Lodge(document, Envelope.of(document)), Context(NOW))
                    passed = isinstance(answer, Decision) and any(fired.startswith("p") or fired for fired in answer.fired)
                    assert passed == ((key, state, message, role, function) in listed), (key, state, message, role, function)
                    tried, taken = tried + 1, taken + passed
    assert tried > 10_000 and 500 < taken < tried


async def test_who_may_report_an_event_is_who_is_listed(desk: Desk) -> None:
    """Every region, state, event and role, guards aside."""
    listed = {
        (right["region"], state, right["event"], role)
        for right in (await desk.get("/v1/rights")).json["items"]
        if right["event"]
        for state, role in product(right["states"], right["by"])
    }
    tried = 0
    for process, region in REGIONS:
        tables, key = alone(process, region), f"{process}.{region}"
        table = tables.processes[process].regions[region]
        for state in table.states:
            trade = seeded(tables, key, state)
            for event in (e for e in table.on if e in machine().events):
                for role in (*catalogue().roles, "platform"):
                    answer = decide(tables, trade, Raise(event, key, PARTY.format(role=role), role, ""), Context(NOW))
                    assert isinstance(answer, Decision) == ((key, state, event, role) in listed), (key, state, event, role)
                    tried += 1
    assert tried > 3_000


async def test_filters_narrow_and_nobody_has_a_right_that_is_not_there(desk: Desk) -> None:
    mine = (await desk.get("/v1/rights?region=contract.main&role=exporter&state=ordered")).json["items"]
    assert {"p1.t05", "p1.t07"} <= {right["transition"] for right in mine}
    assert all("exporter" in right["by"] and "ordered" in right["states"] for right in mine)
    assert (await desk.get("/v1/rights?trigger=letter_of_credit&role=importer")).json["items"] == []
    assert (await desk.get("/v1/rights?role=king")).json["items"] == []
