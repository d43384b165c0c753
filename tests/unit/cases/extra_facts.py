"""What single transitions need besides their guards: an order of the other side, a contract, the action of a transfer."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.facts import BL, CREDIT, LATER, order
from tests.unit.cases.given import bill
from tests.unit.cases.guard_facts import Facts, of_sample, samples
from tradeflow.model.trade import TimerState

CONTRACT = Facts(states={"contract.main": "agreed"})
OFFER = Facts(docs=(order(),))
TRAVELS = Facts(
    fields={"bill": {"number": "B1"}, "action": "TRANSFER", "previous_link_hash": "link-0"},
    states={"transport.title": "issued"},
    titles=(bill(),),
    by="exporter",
)
COLLECTION = Facts(
    fields={
        "presenting_bank": {"name": "Maas Bank N.V.", "bic": "MAASNL2RXXX"},
        "collection": {"release": "DP", "charges_for": "DRAWEE", "rules": "URC 522"},
        "lc_number": None,
    }
)


def action(name: str) -> Facts:
    """The action of a title transfer, all three originals with it."""
    return Facts(fields={"action": name, "originals_delivered": [1, 2, 3]})


DEPARTS = Facts(
    fields={
        "departed_at": NOW,
        "eta": NOW + timedelta(days=30),
        "port": {"unlocode": "HKHKG", "name": "Hong Kong", "country": "HK"},
    }
)
PORTS = [{"code": code, "at": LATER} for code in ("DCO", "VCO", "FCO")]
FREE = [{"type": kind, "days": 5, "unit": "CD"} for kind in ("DEM", "DET")]
PLACE = {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"}
BOOKED = Facts(docs=(document("booking_confirmation", {"cutoffs": PORTS, "free_time": FREE}, by="sea_carrier", number="BK-1"),))
ARRIVED = Facts(docs=(document("cargo_arrival_notice", {"free_time": FREE, "place": PLACE}, by="sea_carrier", number="AN-1"),))
DRAFT = Facts(docs=(document("bill_of_exchange", {"maturity_date": date(2025, 6, 9)}, number="DR-1"),))
SURRENDERED = Facts(titles=(bill(holder="sea_carrier-co", presenter="exporter-co", status="PENDING_SURRENDER_FOR_DELIVERY"),))
RELEASED = Facts(titles=tuple(bill(document=f"bill_of_lading:{made.data['bill']['number']}") for made in samples("telex_release")))
CREDITED = Facts(docs=(CREDIT, BL))


def held_by(bank: str) -> Facts:
    """A bank has the documents, the bill among them."""
    return Facts(titles=(bill(holder=f"{bank}-co"),), docs=(BL,), presented=("bill_of_lading:B1",), by=bank)


EXTRA: dict[str, Facts] = {
    "p1.t10": OFFER,
    "p1.t11": OFFER,
    "p2.c01": CONTRACT,
    "p2.o02": Facts(fields={"period": {"start": NOW, "end": LATER}}),
    "p2.o04": Facts(fields={"period": {"start": NOW, "end": LATER}}),
    "p2.o06": Facts(fields={"insured_value": {"value": Decimal(60)}}, attributes={"open_policy.balance": "60"}),
    "p3.t12": CREDITED,
    "p6.l06": Facts(fields={"valid_until": date(2025, 9, 30)}),
    "p2.c12": Facts(docs=(document("insurance_policy", {}, by="insurer"),)),
    "p2.c17": Facts(docs=(document("insurance_policy", {}, by="insurer"),)),
    "p3.t16": Facts(docs=(CREDIT,)),
    "p6.l17": Facts(docs=(document("licence", {}, by="licensing_authority"),)),
    "p6.n08": OFFER,
    "p7.b12": BOOKED,
    "p7.d01": Facts(at=datetime(2025, 3, 1, 12, tzinfo=UTC)),
    "p7.d10": Facts(fields={"consignee": {"name": "Van der Meer Verlichting B.V."}}),
    "p7.e05": BOOKED,
    "p7.e12": Facts(fields={"container": {"number": "BLEU2004176"}}),
    "p7.m10": DEPARTS,
    "p7.t04": action("ENDORSE"),
    "p7.t06": SURRENDERED,
    "p7.t07": SURRENDERED | RELEASED,
    "p7.t08": action("SURRENDER_FOR_DELIVERY"),
    "p7.t11": action("SURRENDER_FOR_AMENDMENT"),
    "p7.t14": action("SWITCH_TO_PAPER"),
    "p7.x01": ARRIVED,
    "p7.x02": ARRIVED,
    "p7.x11": ARRIVED,
    "p8.s01": CREDITED,
    "p9.t15": Facts(docs=(document("trade_declaration", {}, number="TD-1"),)),
    "p8.s02": CONTRACT | CREDITED,
    "p8.s10": held_by("advising_bank"),
    "p8.s14": held_by("advising_bank"),
    "p8.s15": Facts(
        timers={"settlement.p8_exam_nominated": TimerState("settlement.presentation", "exam_nominated_lapsed", NOW, LATER, "five days")},
        by="advising_bank",
    ),
    "p8.s25": held_by("issuing_bank"),
    "p8.s27": DRAFT,
    "p8.s35": TRAVELS,
    "p8.c02": CONTRACT,
    "p8.c03": COLLECTION,
    "p8.c04": COLLECTION | held_by("remitting_bank"),
    "p8.c10": DRAFT,
    "p8.c11": DRAFT,
    "p8.c18": held_by("collecting_bank"),
    "p8.c19": held_by("collecting_bank"),
    "p8.c21": TRAVELS,
    "p8.a02": CONTRACT | Facts(fields={"due_date": date(2025, 6, 9)}),
    "p8.a03": CONTRACT,
    "p8.a06": CONTRACT,
    "p10.t01": Facts(fields={"due_date": date(2025, 4, 9)}),
    "p10.t02": Facts(fields={"due_date": date(2025, 4, 9)}),
    "p10.t16": Facts(payables={"payment": "LOCAL_CHARGES"}),
    "p0.t15": Facts(states={"transport.movement": "delivered"}),
}

ELSEWHERE = Facts(docs=(order("SO-2", payment__method="MIXED"),))
UNDERINSURED = Facts(
    fields={
        "insured_value": {"value": Decimal(100), "currency": "USD"},
        "invoice_value": {"value": Decimal(100), "currency": "USD"},
        "clauses": ["WAR_CARGO"],
    },
    terms={"incoterm": "CIF"},
)


def arms() -> Facts:
    """The manifest of the sample, its first line declared as cartridges."""
    manifest = of_sample("manifest")
    assert manifest is not None
    return Facts(fields={"lines": [{**manifest.data["lines"][0], "hs_code": "930630"}]})


# what makes a guard of a transition fail, where neither its own cases nor its row do it in the company of the other guards
FAILS: dict[tuple[str, str], Facts] = {
    ("p2.c10", "insured_amount_sufficient"): UNDERINSURED,
    ("p2.c10", "cover_matches_terms"): UNDERINSURED,
    ("p2.o06", "floating_balance_zero"): Facts(attributes={"open_policy.balance": "61"}),
    ("p7.m06", "licences_in_order"): arms(),
    ("p7.m07", "licences_in_order"): arms(),
    ("p7.t04", "actor_is_order_party"): Facts(titles=(bill(order_party="importer-co"),)),
    ("p7.t04", "endorsable"): Facts(titles=(bill(form="STRAIGHT"),)),
    ("p7.t11", "full_set_delivered"): Facts(fields={"originals_delivered": [1]}),
    ("p7.t08", "actor_is_order_party"): Facts(titles=(bill(order_party="importer-co"),)),
    ("p8.s01", "payment_is_lc"): ELSEWHERE,
    ("p8.s07", "discrepancies_listed"): Facts(note=" "),
    ("p8.s08", "bank_is_bound"): Facts(attributes={"lc.confirmed": False}),
    ("p8.s18", "discrepancies_listed"): Facts(note=" "),
    ("p8.c01", "payment_is_collection"): ELSEWHERE,
    ("p8.a01", "payment_is_open"): ELSEWHERE,
    ("p8.c08", "release_dp"): Facts(docs=(document("lc_collection_letter", {"collection.release": "DA"}, number="L-2"),)),
    ("p8.c11", "release_dp"): Facts(docs=(document("lc_collection_letter", {"collection.release": "DA"}, number="L-2"),)),
}

# guards that cannot fail alone, and why
NEVER_ALONE = {
    ("p3.t03", "facility_available"): "only the issuing bank, which vouches for it, may send a credit",
    ("p8.s23", "bank_is_bound"): "the issuing bank is always bound by its own credit",
}
