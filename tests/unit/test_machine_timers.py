"""Every clock: when it runs out, why, and what happens then."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import bill, event, given
from tradeflow.machine.calendars import add_open_days, country_of, end_of, is_open, next_open, zone
from tradeflow.machine.case import Case
from tradeflow.machine.changes import Armed, Disarmed, Recorded, SignalDropped
from tradeflow.machine.commands import Raise
from tradeflow.machine.load import machine
from tradeflow.machine.timers import due_at
from tradeflow.model.document import DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import TimerState

HK = timezone(timedelta(hours=8))
AT = datetime(2025, 3, 10, 15, 0, tzinfo=HK)
CREDIT = document(
    "letter_of_credit",
    {"number": "LC-1", "expiry_date": date(2025, 4, 15), "expiry_place": "Hong Kong", "latest_shipment": date(2025, 3, 25), "presentation_days": 21,
     "receiver_bic": "HTBKHKHHXXX", "issuing_bank": {"bic": "MAASNL2RXXX"}}, by="issuing_bank", number="LC-1",
)  # fmt: skip
BOOKING = document(
    "booking_confirmation",
    {"cutoffs": [{"code": "DCO", "at": AT + timedelta(1)}, {"code": "VCO", "at": AT + timedelta(2)}, {"code": "FCO", "at": AT + timedelta(3)}],
     "free_time": [{"type": "DET", "days": 7, "unit": "CD"}]}, by="sea_carrier",
)  # fmt: skip
ARRIVAL = document(
    "cargo_arrival_notice",
    {"free_time": [{"type": "DEM", "days": 5, "unit": "CD"}, {"type": "DET", "days": 7, "unit": "WD"}]},
    by="sea_carrier",
)
BL = document("bill_of_lading", {"on_board_date": date(2025, 3, 10)}, by="sea_carrier", number="B1")
DRAFT = document("bill_of_exchange", {"tenor.days": 60}, number="BE-1")


def end(y, m, d, offset=HK):
    """The end of a day."""
    return datetime(y, m, d, tzinfo=offset) + timedelta(days=1)


# timer, message fields (None: an event arms it), documents, state of the region, due, what the sentence says
TIMERS = [
    ("p1_validity", {"valid_until": date(2025, 3, 20)}, (), "", end(2025, 3, 20), "until 2025-03-20"),
    ("p1_validity", {}, (), "", end(2025, 3, 17), "7 days after 2025-03-10"),
    ("p2_transit_end", {"eta": AT + timedelta(30)}, (), "", end(2025, 6, 8), "60 days after 2025-04-09"),
    ("p2_transit_end", {"eta": AT}, (document("insurance_policy", {"voyage.mode": "4"}),), "", end(2025, 4, 9), "30 days"),
    ("p2_open_expiry", {"period": {"start": AT, "end": AT + timedelta(365)}}, (), "", AT + timedelta(365), "until"),
    ("p2_cancel_notice", {}, (document("open_insurance_policy", {"cancellation_days": 45}),), "", end(2025, 4, 24), "45 days"),
    ("p2_cancel_notice", {}, (), "", end(2025, 4, 9), "30 days"),
    ("p3_issue_due", {"issuing_bank": {"bic": "MAASNL2RXXX"}}, (), "", datetime(2025, 3, 17, 23, tzinfo=UTC), "5 banking days in NL"),
    ("p3_expiry", {}, (CREDIT,), "", end(2025, 4, 15), "until 2025-04-15"),
    ("p3_latest_shipment", {}, (CREDIT,), "", end(2025, 3, 25) - timedelta(7), "reminder: until 2025-03-25"),
    ("p6_information", {"information_due": date(2025, 3, 12)}, (), "", end(2025, 3, 12), "until"),
    ("p6_information", {}, (), "", end(2025, 3, 24), "14 days"),
    ("p6_appeal", {}, (), "", end(2025, 3, 31), "21 days"),
    ("p6_licence_expiry", {"valid_until": date(2025, 6, 30)}, (), "", end(2025, 6, 30), "until"),
    ("p6_licence_expiry", {}, (), "", None, ""),
    ("p7_doc_cutoff", {}, (BOOKING,), "", AT + timedelta(1), "cut-off DCO"),
    ("p7_doc_cutoff", {}, (), "", None, ""),
    ("p7_vgm_cutoff", {}, (BOOKING,), "", AT + timedelta(2), "cut-off VCO"),
    ("p7_cargo_cutoff", {}, (BOOKING,), "", AT + timedelta(3), "cut-off FCO"),
    ("p7_empty_validity", {"valid_until": AT + timedelta(5)}, (), "", AT + timedelta(5), "until"),
    ("p7_export_detention", {}, (BOOKING,), "empty_out", end(2025, 3, 17), "7 CD free time DET"),
    ("p7_manifest_14d", {"departed_at": AT}, (), "", end(2025, 3, 24), "14 days after 2025-03-10"),
    ("p7_free_time", {"place": {"country": "NL"}}, (ARRIVAL,), "free_time", datetime(2025, 3, 15, 23, tzinfo=UTC), "5 CD free time DEM"),
    ("p7_free_time", {"facility": {"country": "NL"}}, (ARRIVAL,), "out_free_time", datetime(2025, 3, 19, 23, tzinfo=UTC), "7 WD free time DET"),
    ("p7_free_time", {}, (document("cargo_arrival_notice", {"free_time": [{"type": "DEM", "days": 36, "unit": "HR"}]}),), "free_time",
     AT + timedelta(hours=36), "36 HR"),
    ("p7_free_time", {}, (document("cargo_arrival_notice", {"free_time": [{"type": "DEM", "days": 0, "unit": "DOD"}]}),), "free_time",
     end(2025, 3, 10), "DOD"),
    ("p7_free_time", {"free_time_until": datetime(2025, 3, 20, 12, tzinfo=UTC)}, (ARRIVAL,), "free_time", datetime(2025, 3, 20, 12, tzinfo=UTC),
     "until 2025-03-20"),
    ("p7_free_time", {}, (), "free_time", None, ""),
    ("p7_notice_1", {"respond_by": date(2025, 3, 14)}, (), "", end(2025, 3, 14), "until"),
    ("p7_notice_1", {}, (), "", end(2025, 3, 17), "7 days"),
    ("p7_notice_2", {}, (), "", end(2025, 3, 24), "14 days"),
    ("p8_presentation_period", {}, (CREDIT, BL), "", end(2025, 3, 31), "21 days after 2025-03-10"),
    ("p8_presentation_period", {}, (CREDIT, document("bill_of_lading", {"on_board_date": date(2025, 4, 10)})), "", end(2025, 4, 15), "not later than"),
    ("p8_presentation_period", {}, (CREDIT,), "", None, ""),
    ("p8_exam_nominated", {}, (CREDIT,), "", end(2025, 3, 17), "5 banking days in HK after 2025-03-10"),
    ("p8_exam_issuing", {"received_on": date(2025, 4, 14)}, (CREDIT,), "", datetime(2025, 4, 23, 22, tzinfo=UTC), "5 banking days in NL after 2025-04-14"),
    ("p8_exam_issuing", {}, (CREDIT,), "", datetime(2025, 3, 17, 23, tzinfo=UTC), "after 2025-03-10"),
    ("p8_maturity", {}, (CREDIT, DRAFT), "", end(2025, 5, 9), "60 days"),
    ("p8_maturity", {"maturity_date": date(2025, 5, 2)}, (), "", end(2025, 5, 2), "until"),
    ("p8_maturity", {}, (), "", None, ""),
    ("p8_collection_maturity", {"maturity_date": date(2025, 5, 2)}, (), "", end(2025, 5, 2), "until"),
    ("p8_urc_60", {}, (), "", end(2025, 5, 9), "60 days"),
    ("p9_due", {"departed_at": AT, "port": {"country": "HK"}}, (), "", end(2025, 3, 24), "14 days after 2025-03-10"),
    ("p9_due", {"at": AT, "place": {"country": "NL"}}, (), "", datetime(2025, 3, 10, 23, tzinfo=UTC), "0 days"),
    ("p9_query", {"respond_by": date(2025, 3, 20)}, (), "", end(2025, 3, 20), "until"),
    ("p9_query", {}, (), "", end(2025, 3, 24), "14 days"),
    ("p10_due", {"due_date": date(2025, 4, 9)}, (), "", end(2025, 4, 9), "until 2025-04-09"),
    ("p10_due", {}, (), "", None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("timer", "fields", "docs", "state", "due", "says"), TIMERS, ids=[f"{t[0]}-{i}" for i, t in enumerate(TIMERS)])
def test_a_clock_runs_until(timer, fields, docs, state, due, says):
    row = machine().timers[timer]
    region = machine().processes[row.process].regions[row.owner]
    message = document("x", fields, at=AT)
    trade = given({f"{row.process}.{row.owner}": state} if state else {}).state()
    case = Case(machine(), trade, AT, region, row.process, DocumentSet(list(docs)), document=message, envelope=Envelope.of(message))
    found = due_at(row.due, case)
    if due is None:
        assert found is None
    else:
        assert found is not None
        assert found[0] == due, found
        assert says in found[1]


def test_every_clock_is_proved():
    assert {t[0] for t in TIMERS} == set(machine().timers)


def test_an_accepted_amendment_moves_expiry_and_a_rejected_one_does_not():
    amendment = document("lc_amendment", {"amendment_no": 1, "new_expiry": date(2025, 5, 15)}, by="issuing_bank", number="AM-1")
    region = machine().processes["lc"].regions["credit"]
    for accepted, last in (([1], end(2025, 5, 15)), ([], end(2025, 4, 15))):
        trade = given(attributes={"lc.terms": accepted}).state()
        case = Case(machine(), trade, AT, region, "lc", DocumentSet([CREDIT, amendment]))
        assert due_at(machine().timers["p3_expiry"].due, case)[0] == last


def test_expiry_on_a_day_the_bank_is_closed_runs_on_to_the_next_open_day():
    """15 April 2025 was a working day in Hong Kong; Good Friday, the Saturday and Easter Monday were not."""
    credit = document("letter_of_credit", {"expiry_date": date(2025, 4, 18), "expiry_place": "Hong Kong"}, by="issuing_bank")
    case = Case(machine(), given().state(), AT, machine().processes["lc"].regions["credit"], "lc", DocumentSet([credit]))
    moment, why = due_at(machine().timers["p3_expiry"].due, case)
    assert moment == end(2025, 4, 22)
    assert "closed on the last day in HK" in why


def test_arming_and_disarming_are_changes_and_arming_again_moves_the_clock():
    order = document("purchase_order", {"valid_until": date(2025, 3, 20)}, by="importer", to=("exporter",), number="PO-1", at=AT)
    first = given().when(order, at=AT)
    assert [(c.timer, c.region, c.event, c.due_at) for c in first.of(Armed)] == [
        ("contract.p1_validity", "contract.main", "validity_lapsed", end(2025, 3, 20))
    ]
    cancel = document("order_cancellation", {}, by="importer", to=("exporter",))
    running = {"contract.p1_validity": TimerState("contract.main", "validity_lapsed", AT, end(2025, 3, 20), "until")}
    ended = given({"contract.main": "ordered"}, timers=running).when(cancel)
    assert [c.timer for c in ended.of(Disarmed)] == ["contract.p1_validity"], "the region ended, and with it the clock only it would hear"


def test_a_declaration_keeps_the_days_it_was_given_by_the_departure():
    place = {"unlocode": "THBKK", "name": "Bangkok", "country": "TH"}
    booking = document("booking_confirmation", {"legs": [{"to": place}]}, by="air_carrier", number="888-10002366")
    status = document("transport_status", {"event": "ARR", "classifier": "ACT", "at": AT, "place": place}, by="air_carrier", number="ARR-1")
    states = {"transport.movement": "departed", "declaration.main": "pending", "trade.case": "shipped"}
    fresh = given(states, booking).when(status, at=AT)
    assert [c.timer for c in fresh.of(Armed)] == ["declaration.p9_due"]
    running = {"declaration.p9_due": TimerState("declaration.main", "declaration_due_passed", AT, AT + timedelta(13), "14 days")}
    kept = given(states, booking, timers=running).when(status, at=AT)
    assert kept.answer.fired == fresh.answer.fired
    assert kept.of(Armed) == []
    soon = {"declaration.p9_due": TimerState("declaration.main", "declaration_due_passed", AT, AT - timedelta(13), "0 days")}
    assert [c.timer for c in given(states, booking, timers=soon).when(status, at=AT).of(Armed)] == ["declaration.p9_due"]


def test_a_clock_that_ran_out_fires_once():
    running = {"contract.p1_validity": TimerState("contract.main", "validity_lapsed", AT, AT, "until")}
    trade = given({"contract.main": "ordered", "trade.case": "opened"}, timers=running)
    outcome = trade.when(Raise("validity_lapsed", "contract.main"), at=AT).fires("p1.t15", "p0.t02").ends_in(contract__main="lapsed")
    assert outcome.after.timers == {}


def test_a_clock_is_never_early_and_a_stopped_one_is_silent():
    running = {"contract.p1_validity": TimerState("contract.main", "validity_lapsed", AT, AT + timedelta(seconds=1), "until")}
    early = given({"contract.main": "ordered"}, timers=running).when(Raise("validity_lapsed", "contract.main"), at=AT)
    assert early.of(SignalDropped)
    assert early.answer.fired == []
    assert "contract.p1_validity" in early.after.timers
    stopped = given({"contract.main": "ordered"}).when(Raise("validity_lapsed", "contract.main"), at=AT)
    assert stopped.answer.fired == []


def test_a_person_may_report_what_a_clock_would():
    given({"contract.main": "ordered"}).when(event("validity_lapsed", "contract.main")).fires("p1.t15", "p0.t02")


def test_the_clock_of_one_region_may_be_for_another():
    """The documentation cut-off belongs to the booking; the draft hears it."""
    running = {"transport.p7_doc_cutoff": TimerState("transport.document", "draft_deadline", AT, AT, "cut-off")}
    given({"transport.document": "draft_issued"}, timers=running).when(Raise("draft_deadline", "transport.document"), at=AT).fires("p7.d08")


def test_a_reminder_tells_those_concerned_and_moves_nothing():
    running = {"transport.p7_vgm_cutoff": TimerState("transport.booking", "p7_vgm_cutoff", AT, AT, "cut-off VCO")}
    outcome = given({"transport.booking": "confirmed"}, timers=running).when(Raise("p7_vgm_cutoff", "transport.booking"), at=AT)
    assert outcome.answer.fired == []
    assert {"exporter", "sea_carrier"} <= {n.role for n in outcome.answer.notices}
    assert "container may be rolled" in outcome.answer.notices[0].text
    assert outcome.of(Recorded)
    assert outcome.after.timers == {}


def test_a_reminder_with_several_dates_is_armed_again():
    moment = end(2025, 3, 25, UTC) - timedelta(7)
    running = {"lc.p3_latest_shipment": TimerState("lc.credit", "p3_latest_shipment", AT, moment, "reminder")}
    outcome = given({"lc.credit": "advised"}, CREDIT, timers=running).when(Raise("p3_latest_shipment", "lc.credit"), at=moment)
    assert [c.due_at for c in outcome.of(Armed)] == [end(2025, 3, 25, UTC) - timedelta(2)]
    last = given({"lc.credit": "advised"}, CREDIT, timers=running).when(
        Raise("p3_latest_shipment", "lc.credit"), at=end(2025, 3, 25, UTC) - timedelta(1)
    )
    assert not last.of(Armed)


def test_presentation_starts_the_five_banking_days():
    letter = document("lc_collection_letter", {"basis": "LC_COMPLYING"}, to=("advising_bank",), at=AT)
    states = {"settlement.presentation": "awaiting_documents", "trade.money": "secured"}
    outcome = given(states, CREDIT, BL, titles=(bill(),)).when(letter, at=AT).fires("p8.s04", "p0.m02")
    assert [(c.timer, c.due_at) for c in outcome.of(Armed)] == [("settlement.p8_exam_nominated", end(2025, 3, 17))]


def test_days_and_places():
    assert is_open(date(2025, 3, 10), "HK")
    assert not is_open(date(2025, 3, 8), "HK")
    assert not is_open(date(2025, 1, 29), "HK"), "Lunar New Year"
    assert not is_open(date(2025, 3, 14), "SA"), "Friday"
    assert is_open(date(2025, 12, 25), "")
    assert is_open(date(2025, 12, 25), "ZZ"), "unknown countries know weekends only"
    assert add_open_days(date(2025, 3, 14), 1, "NL") == date(2025, 3, 17)
    assert next_open(date(2025, 4, 18), "HK") == date(2025, 4, 22)
    assert str(zone("HK")) == "Asia/Hong_Kong"
    assert zone("ZZ") is None
    assert zone("US").utcoffset(datetime(2025, 1, 1)) <= timedelta(hours=-10), "where the day ends last"  # noqa: DTZ001
    assert end_of(date(2025, 3, 10), None) == datetime(2025, 3, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "country"),
    [
        ("HK", "HK"), ("HTBKHKHHXXX", "HK"), ("NLRTM", "NL"), ("Hong Kong", "HK"), ("Kowloon, Hong Kong", "HK"), ({"bic": "MAASNL2R"}, "NL"),
        ({"unlocode": "HKHKG", "name": "x"}, "HK"), ({"address": {"country": "TH"}}, "TH"), ("nowhere", ""), (None, ""), (7, ""), ({}, ""),
    ],
)  # fmt: skip
def test_a_place_tells_its_country(place, country):
    assert country_of(place) == country


def test_now_is_used_where_no_message_says_where_it_is():
    region = machine().processes["settlement"].regions["collection"]
    case = Case(machine(), given().state(), NOW, region, "settlement")
    assert due_at(machine().timers["p8_urc_60"].due, case)[0] == datetime(2025, 5, 10, tzinfo=UTC)
