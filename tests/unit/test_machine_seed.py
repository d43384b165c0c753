"""Trades that begin in the middle are as they would be had their history been played, and say so where they cannot be."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tests.unit.cases.history import play
from tests.unit.cases.trade import Trade
from tradeflow.bundle import bundle_root
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Context, Lodge, Seed
from tradeflow.machine.decide import decide
from tradeflow.machine.load import machine
from tradeflow.machine.routes import OnFile, route
from tradeflow.model.document import Document
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import Participant, TradeState

S01 = bundle_root() / "workflows" / "trade" / "scenarios" / "S01.toml"
CAST = [Participant("golden-lantern", "exporter"), Participant("van-der-meer", "importer"), Participant("maasbank", "issuing_bank")]
NOW = datetime.fromisoformat("2025-01-20T09:00:00+08:00")


@cache
def played() -> list[tuple[TradeState, tuple[Document, ...], datetime]]:
    """S01 after each step that was taken: its state, every message so far as it was lodged, and the time."""
    found: list[tuple[TradeState, tuple[Document, ...], datetime]] = []
    lodged: list[Document] = []
    original = Trade.lodge

    def noting(self: Trade, document: Document, at: datetime) -> Decision | Refusal:
        answer = original(self, document, at)
        lodged.append(document)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trade, "lodge", noting)
        for step, _, trade, answer in play(S01):
            if answer is not None:
                found.append((trade.state, tuple(lodged), step.date))
    return found


def seeded(given: dict[str, str], history: tuple[Document, ...] = (), now: datetime = NOW) -> Decision | Refusal:
    command = Seed("SEED-0001", {}, CAST, given, tuple(Lodge(d, Envelope.of(d)) for d in history))
    return decide(machine(), TradeState("SEED-0001"), command, Context(now))


def again(state: TradeState, history: tuple[Document, ...], now: datetime) -> TradeState:
    """The same trade, seeded with where it stands and what is on file."""
    given = {key: region.state for key, region in state.regions.items() if region.state != machine().region(key).initial}  # type: ignore[union-attr]
    kept = {key: region.state for key, region in state.regions.items() if region.last_message}
    cast = [(p.party_id, p.role) for p in state.participants]
    return Trade.seeded(state.trade_id, state.terms, cast, given | kept, list(history), now).state


def seen(state: TradeState) -> dict[str, Any]:
    """What of a state is the same however it came about: not the times of folding, nor which event brought a region where it is."""
    return {
        "regions": {k: (r.state, r.last_message, r.last_type, r.last_sender) for k, r in state.regions.items()},
        "documents": {k: (e.version, e.sha256, e.role, e.presented) for k, e in state.documents.items()},
        "titles": state.titles,
        "containers": state.containers,
        "attributes": state.attributes,
        "payables": {k: (p.kind, p.open) for k, p in state.payables.items()},
    }


@pytest.mark.parametrize("step", range(5, 65, 6))
def test_a_seeded_trade_is_what_playing_its_history_made(step: int) -> None:
    state, history, now = played()[step - 1]
    assert seen(again(state, history, now)) == seen(state)


@pytest.mark.parametrize("step", [9, 33, 50])
def test_its_clocks_run_as_they_would(step: int) -> None:
    state, history, now = played()[step - 1]
    clocks = {key: (t.region, t.event, t.due_at) for key, t in again(state, history, now).timers.items()}
    assert clocks == {key: (t.region, t.event, t.due_at) for key, t in state.timers.items()}
    assert clocks


def test_a_clock_that_ran_out_meanwhile_does_not_run() -> None:
    state, history, now = played()[4]
    later = now + timedelta(days=200)
    assert again(state, history, later).timers == {}
    assert again(state, history, later).state_of("lc.credit") == "advised"


def test_every_state_can_be_given_alone() -> None:
    """Except those that only a return to where a region was before leads to: there are none."""
    on_file = OnFile((), machine_roles(), lambda *_: False)
    for process in machine().processes.values():
        for region in process.regions.values():
            for state in region.states:
                way = route(machine(), f"{process.id}.{region.id}", state, on_file)
                assert way is not None, f"{process.id}.{region.id}={state}"
                assert [leg.target for leg in way][-1:] in ([state], []), state


def machine_roles() -> frozenset[str]:
    return frozenset(role for p in machine().processes.values() for r in p.regions.values() for t in r.transitions for role in t.by)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"contract.side": "agreed"}, "there is no region contract.side"),
        ({"contract.main": "signed"}, "contract.main has no state signed; it has negotiating, "),
        ({"payment#tips.payable": "paid"}, "no payable is called payment#tips; there are payment#goods, "),
        ({"contract.main": "agreed"}, "contract.main=agreed needs a purchase_order from importer (p1.t01) on file"),
        ({"transport.title": "endorsed"}, "transport.title=endorsed needs a "),
    ],
)
def test_a_state_that_cannot_be_is_refused(given: dict[str, str], says: str) -> None:
    answer = seeded(given)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.status) == ("STATE_UNREACHABLE", 422)
    assert answer.detail.startswith(says)


def test_what_is_decided_without_a_document_needs_none() -> None:
    answer = seeded({"inspection.main": "not_required", "payment#goods.payable": "invoiced"})
    assert isinstance(answer, Decision)
    assert answer.fired == ["p10.t03", "p5.t02"] or set(answer.fired) >= {"p10.t03"}
    assert answer.notices == []
