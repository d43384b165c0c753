"""What a sentence may tell: figures that stand only in what is withheld from the reader are taken out, with whatever stands beside them."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tests.unit.cases.documents import document
from tests.unit.cases.given import given
from tradeflow.app.access import OPERATOR, Caller
from tradeflow.app.sight import Sight
from tradeflow.app.telling import Telling, of_trade
from tradeflow.errors import Refused
from tradeflow.machine.answers import Allowed, GuardView
from tradeflow.machine.owed import Owed
from tradeflow.model.document import DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding, Severity
from tradeflow.store.circulation import Circulation

CREDIT = document(
    "letter_of_credit",
    {"expiry_date": date(2025, 4, 15), "amount.value": "102900.00", "port_of_loading": "CNSZX", "issuing_bank.name": "Maasbank Rotterdam"},
    by="issuing_bank",
    to=("advising_bank",),
    number="MAAS25LC00417",
)
BILL = document(
    "bill_of_lading", {"on_board_date": date(2025, 3, 12)}, by="sea_carrier", to=("exporter", "advising_bank"), number="BLEN2503"
)
CASE = given({"lc.credit": "issued"}, CREDIT, BILL, attributes={"lc.utilised": "54321.00"})


def telling(party: str) -> Telling:
    known = {}
    for one in (CREDIT, BILL):
        e = Envelope.of(one)
        known[UUID(e.id)] = Circulation(one.type, (e.sender, e.role), set(e.recipients))
    state = CASE.state()
    return of_trade(Sight.of(Caller(party, ""), state, known), state, DocumentSet([CREDIT, BILL]))


SENTENCES = [
    ("until 2025-04-15 (letter_of_credit MAAS25LC00417)", "until (withheld) (letter_of_credit (withheld))"),
    ("21 days after 2025-03-12, not later than 2025-04-15T23:59+02:00", "21 days after 2025-03-12, not later than (withheld)"),
    ("drawn USD 102,900 of which 777.00 are left", "drawn USD (withheld) of which (withheld) are left"),
    ("what was drawn is 54321", "what was drawn is (withheld)"),
    ("the bank is Maasbank Rotterdam", "the bank is (withheld)"),
    ("21 days after 2025-03-12", "21 days after 2025-03-12"),
    ("the bill BLEN2503 says 777.00", "the bill BLEN2503 says 777.00"),
    ("lc.credit is issued", "lc.credit is issued"),
]


@pytest.mark.parametrize(("said", "told"), SENTENCES)
def test_a_carrier_reads_a_sentence_without_what_the_credit_says(said, told):
    assert telling("sea_carrier-co").text(said) == told
    assert telling("advising_bank-co").text(said) == said
    assert telling(OPERATOR).text(said) == said


def test_a_last_day_that_the_credit_sets_is_not_told():
    due = datetime(2025, 4, 15, 22, tzinfo=UTC)
    owed = Owed(
        "documents", ["lc_collection_letter"], "exporter", [], "why", "UCP 600", due=due, due_why="until 2025-04-15 (letter_of_credit)"
    )
    told = telling("sea_carrier-co").owed(owed)
    assert (told.due, told.due_why, told.due_withheld) == (None, "", True)
    assert telling("advising_bank-co").owed(owed) == owed


def test_a_refusal_keeps_its_own_figures_and_loses_those_of_others():
    theirs = Finding(
        "X-28", Severity.CONFLICT, "/on_board_date", "2025-03-12 is after 2025-04-15.", "Amend.", "2025-03-12", "2025-04-15",
        other="letter_of_credit MAAS25LC00417#/expiry_date", document="bill_of_lading BLEN2503",
    )  # fmt: skip
    own = Finding("M-BL-01", Severity.ERROR, "/on_board_date", "The date 2025-03-12 is wrong.", "", "2025-03-12", "2025-03-11")
    entry = Allowed("lc.credit", "lc", [], [], guards=[GuardView("g", "text", False, "expires 2025-04-15")])
    refusal = Refused("GUARD_FAILED", "needs: in time. Now: 2025-04-15 is over.", 409, findings=[theirs, own], extra={"allowed": [entry]})
    told = telling("sea_carrier-co").problem(refusal)
    assert told.detail == "needs: in time. Now: (withheld) is over."
    assert (told.findings[0].found, told.findings[0].expected) == (None, None)
    assert "2025-04-15" not in told.findings[0].message
    assert told.findings[1] == own
    assert told.extra["allowed"][0].guards[0].because == "expires (withheld)"
    assert telling("issuing_bank-co").problem(refusal).detail == refusal.detail
