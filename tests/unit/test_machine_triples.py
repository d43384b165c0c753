"""Only listed transitions happen: every other (state, message, role) of every region is refused as specified, and changes nothing.

Asked of each region alone, without guards and effects: with every role, every function, every message the region names, and all others.
"""

import copy
from collections import Counter
from itertools import chain, product

import msgspec
import pytest

from tests.unit.cases.documents import NOW, PARTY, document
from tests.unit.cases.given import ROLES
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Context, Lodge, Open
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import from_content, machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import DocumentEntry, Participant, RegionState, TradeState

REGIONS = [(p.id, r.id) for p in machine().processes.values() for r in p.regions.values()]
FUNCTIONS = ("9", "5", "4", "1", "6", "7", "31")
ANSWER = "application_response"


def alone(process, region):
    """A machine with one region, no guards, no effects: the bare table."""
    content = copy.deepcopy(machine().content)
    body = next(p for p in content["processes"] if p["id"] == process)
    body["regions"] = [r for r in body["regions"] if r["id"] == region]
    body.pop("after", None)
    for row in body["regions"][0]["transitions"]:
        row["guards"], row["effects"] = [], []
    content["processes"], content["dependencies"] = [body], {"edges": []}
    return from_content(content)


def seeded(tables, key, state):
    """A trade in which the region is in this state, and a first version of every document is on file."""
    cast = [Participant(PARTY.format(role=role), role) for role in ROLES]
    opened = decide(tables, TradeState(""), Open("TEST-TRADE-1", {}, cast, PARTY.format(role="exporter")), Context(NOW))
    trade = fold(TradeState(""), opened.changes, NOW)
    trade.regions[key] = RegionState(state, last_message="m-1")
    for message in catalogue().ids():
        payload = asked(message, "31", catalogue().message(message).from_roles[0]).payload_sha256
        trade.documents[f"{message}:OLD"] = DocumentEntry(message, "OLD", 1, "", payload, "", "")
    return trade


def asked(message, function, role):
    """A message whose number and version fit its function."""
    number, version = ("NEW" if function == "9" else "OLD"), (2 if function in ("4", "5") else 1)
    to = (catalogue().message(message).to_roles[0],)
    return document(message, {"answers_message_id": "m-1"}, by=role, to=to, number=number, version=version, function=function, id="m-2")


def expected(body, state, message, function, role):
    """The transition that fires and "", or "" and the error: read off the rows, in the order in which people would look."""
    if role not in catalogue().message(message).from_roles:
        return "", "WRONG_SENDER"
    named = [row for row in body["transitions"] if message in _messages(row)]
    if not named:
        return "", "CORRELATION_NOT_FOUND" if message == ANSWER else "OUT_OF_ORDER"
    open_ = [row for row in named if state in row["from"] and function in row.get("function", ["9"])]
    if mine := next((row for row in open_ if role in row["by"]), None):
        return mine["id"], ""
    if open_:
        return "", "WRONG_SENDER"
    known = next((r for r in body.get("refuse", ()) if r["on"] == message and state in r["state"]), {}) if function == "9" else {}
    return "", known.get("error") or ("TERMINAL_STATE" if state in body["terminal"] else "OUT_OF_ORDER")


def _messages(row):
    found = row.get("message", [])
    return [found] if isinstance(found, str) else found


def every(body):
    """Every (message, function, role) worth asking.

    Of the messages and functions that a row names every role, of other functions and messages each sender and one that is none.
    """
    named = sorted({*chain.from_iterable(map(_messages, body["transitions"]))})
    for message, function in product(named, FUNCTIONS):
        senders = catalogue().message(message).from_roles
        listed = function == "9" or any(message in _messages(row) and function in row.get("function", ()) for row in body["transitions"])
        roles = ROLES if listed else (*senders, *[role for role in ROLES if role not in senders][:1])
        yield from ((message, function, role) for role in roles)
    for message in catalogue().ids():
        if message not in named:
            yield from ((message, "9", role) for role in catalogue().message(message).from_roles)


@pytest.mark.parametrize(("process", "region"), REGIONS, ids=[".".join(r) for r in REGIONS])
def test_what_is_not_in_the_table_is_refused_and_changes_nothing(process, region):
    tables = alone(process, region)
    body = tables.content["processes"][0]["regions"][0]
    key, told = f"{process}.{region}", Counter()
    lodges = [(*one, Lodge(new, Envelope.of(new))) for one in every(body) for new in [asked(*one)]]
    for state in tables.processes[process].regions[region].states:
        trade = seeded(tables, key, state)
        before = msgspec.msgpack.encode(trade)
        for message, function, role, lodge in lodges:
            answer = decide(tables, trade, lodge, Context(NOW))
            fired, error = expected(body, state, message, function, role)
            if error:
                assert isinstance(answer, Refusal), (state, message, function, role, answer)
                assert answer.code == error, (state, message, function, role, answer.detail)
            else:
                assert isinstance(answer, Decision), (state, message, function, role, answer)
                assert answer.fired == [fired], (state, message, function, role)
            told[error] += 1
        assert msgspec.msgpack.encode(trade) == before, "a decision never touches the state it is given"
    assert sum(told.values()) == len(lodges) * len(body["states"])
    assert told[""] or not any(map(_messages, body["transitions"]))
    assert told["WRONG_SENDER"] > 0 or not any(map(_messages, body["transitions"]))
