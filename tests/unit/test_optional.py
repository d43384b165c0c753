"""What a party may send although nobody waits for it: only what the trade would take from it."""

import pytest

from tests.rehearsed import states
from tradeflow.app.optional import options
from tradeflow.cli.scenario import shipped
from tradeflow.machine.allowed import allowed
from tradeflow.machine.load import machine
from tradeflow.scenario.load import load

BANKS = ("advising_bank", "issuing_bank")


@pytest.fixture(scope="module")
def offered() -> list[tuple[str, str, set[str]]]:
    """At each step of S01: a bank, who holds the bill, and what the bank may also send."""
    tables, found = machine(), []
    for state in states(load(shipped()["S01"])):
        holders = {title.holder for title in state.titles.values()}
        for role in BANKS:
            may = {one.message for one in options(tables, state, allowed(tables, state, {role}), {"lc_advice"})}
            found += [(role, "holds" if holders & set(state.parties_with(role)) else "does not", may)]
    return found


def test_a_bill_is_passed_on_by_who_holds_it(offered: list[tuple[str, str, set[str]]]) -> None:
    told = {(holds, "title_transfer" in may) for _, holds, may in offered}
    assert ("holds", True) in told and ("does not", True) not in told


def test_what_is_waited_for_or_sent_again_is_no_option(offered: list[tuple[str, str, set[str]]]) -> None:
    assert any(may for _, _, may in offered) and max(len(may) for _, _, may in offered) <= 6
    assert not any({"lc_advice", "letter_of_credit"} & may for role, _, may in offered if role == "advising_bank")
