"""Words about handing over: empties and gates, release of the cargo, overdue containers."""

from datetime import datetime

from tradeflow.language.sentences import say
from tradeflow.machine.case import Case, scalar
from tradeflow.machine.words import Verdict, word
from tradeflow.machine.words.transport import ROUTES, destination

SOUND = ("SOUND", "REPAIRED")
ORDERS_TO_GATE = ("empty_container_order", "release_order", "delivery_order", "house_delivery_order", "booking_confirmation")


@word(reads=("container_inventory_report",))
def stock_available(case: Case) -> Verdict:
    """The depot's last stock report shows enough sound units of each size ordered; without a report the carrier vouches for them."""
    report = case.latest("container_inventory_report")
    if report is None:
        return Verdict(True, "no depot reported its stock; the carrier that orders vouches for it")
    stock: dict[str, int] = {}
    for row in report.get("summary") or ():
        if row.get("condition") in SOUND:
            stock[row["size_type"]] = stock.get(row["size_type"], 0) + int(row["units"])
    short = [
        say(
            "%(units)s x %(get)s wanted, %(get2)s sound",
            units=row["units"],
            get=row.get("size_type"),
            get2=stock.get(row.get("size_type", ""), 0),
        )
        for row in case.value("equipment") or ()
        if stock.get(row.get("size_type", ""), 0) < int(row.get("units", 0))
    ]
    return Verdict(not short, "; ".join(short) or say("%(number)s shows enough", number=report.number), "order from another depot")


@word(reads=ORDERS_TO_GATE)
def pin_matches(case: Case) -> Verdict:
    """The order named at `order` is in this trade and still valid, and its PIN, if it has one, is repeated (M-EQP-04)."""
    number = scalar(case.value("order.number"))
    order = next(
        (d for d in case.documents(ORDERS_TO_GATE) if number and number in (d.number, d.get("booking_no"), d.get("order_no"))), None
    )
    if order is None:
        return Verdict(False, say("order %(number)s is not in this trade", number=number or "not stated"), "refer to the order or booking")
    until = order.get("valid_until")
    if until is not None and case.now > until:
        return Verdict(
            False,
            say("%(type)s %(number)s was valid until %(until)s", type=order.type, number=order.number, until=until.isoformat()),
            "have it extended",
        )
    wanted = order.get("pin")
    holds = wanted is None or case.value("pin") == wanted
    return Verdict(
        holds,
        say("the PIN of %(type)s %(number)s %(words)s", type=order.type, number=order.number, words="matches" if holds else "is another"),
        "give the PIN of the order",
    )


@word(reads=("vgm_declaration",))
def vgm_declared(case: Case) -> Verdict:
    """A verified gross mass was declared for the container the message names (SOLAS VI/2)."""
    number = scalar(case.value("container_no"))
    known = [scalar(d.get("container.number")) for d in case.documents(["vgm_declaration"])]
    says = say("VGM known for %(known)s", known=", ".join(known)) if known else "no VGM declared"
    return Verdict(
        bool(known) and (not number or number in known), says, say("vgm_declaration for %(number)s", number=number or "the container")
    )


@word(reads=("release_order",))
def release_covers(case: Case) -> Verdict:
    """The release is in force and names the container that leaves (M-DO-02, M-DO-06)."""
    state = case.state_of("transport.release")
    if state != "release_ordered":
        return Verdict(False, say("transport.release is %(state)s", state=state or "not started"), "release_order to the terminal")
    number, order = scalar(case.value("container.number")), case.latest("release_order")
    if order is None:
        return Verdict(False, "there is no release order in this trade", "release_order to the terminal")
    named = [row["number"] for row in order.get("containers") or ()]
    if named and number not in named:
        return Verdict(
            False,
            say("%(number)s releases %(named)s, not %(number2)s", number=order.number, named=", ".join(named), number2=number),
            "order the release of this container",
        )
    until = order.get("valid_until")
    if until is not None and case.now > until:
        return Verdict(False, say("%(number)s was valid until %(until)s", number=order.number, until=until.isoformat()), "have it extended")
    return Verdict(True, say("released by %(number)s", number=order.number))


@word(reads=("trade_declaration", *ROUTES))
def customs_cleared(case: Case) -> Verdict:
    """Customs released the goods, or the place of discharge asks for a declaration only afterwards (HK_POST_14D).

    Where the import is declared elsewhere, not in this trade, whoever orders the release vouches for the customs release it names.
    """
    if case.attribute("customs.released"):
        return Verdict(True, "customs released the goods")
    declared = next((d for d in case.documents(["trade_declaration"]) if d.get("direction") == "IMPORT"), None)
    if declared is not None:
        after = declared.get("regime") == "HK_POST_14D"
        return Verdict(
            after,
            say("declaration %(number)s is %(get)s, not released", number=declared.number, get=declared.get("regime")),
            "customs_response RELEASED",
        )
    if reference := scalar(case.value("customs_release_ref")):
        return Verdict(
            True, say("no import declaration in this trade; the sender vouches for customs release %(reference)s", reference=reference)
        )
    place = destination(case)
    country = scalar(place and place.get("country"))
    return Verdict(
        country == "HK",
        say("discharged in %(country)s, no release by customs", country=country or "an unknown country"),
        "customs_response RELEASED",
    )


@word(reads=("delivery_order", "house_delivery_order"))
def delivery_order_live(case: Case) -> Verdict:
    """The delivery order named is in this trade and still valid (M-DO-01)."""
    number = scalar(case.value("delivery_order.number"))
    order = next((d for d in case.documents(["delivery_order", "house_delivery_order"]) if d.number == number), None)
    if order is None:
        return Verdict(
            False, say("delivery order %(number)s is not in this trade", number=number or "not stated"), "refer to the delivery order"
        )
    until = order.get("valid_until")
    return Verdict(
        until is None or case.now <= until,
        say("valid until %(until)s", until=until.isoformat() if until else "revoked"),
        "have the delivery order extended",
    )


@word()
def guarantee_meets_policy(case: Case, bank_joins: bool, percent_min: int) -> Verdict:
    """The carrier's policy for delivery without the bill: a bank joins, liability is unlimited or this percentage of the invoice value."""
    if bank_joins and not case.value("bank_joining"):
        return Verdict(False, "no bank joins in the guarantee", "have a bank join (bank_joining)")
    limit, value = case.value("liability_amount"), case.value("invoice_value")
    if (
        limit is not None
        and value is not None
        and limit["currency"] == value["currency"]
        and limit["value"] * 100 < value["value"] * percent_min
    ):
        return Verdict(
            False,
            say(
                "liability %(value)s is below %(percent_min)s %% of %(value2)s",
                value=limit["value"],
                percent_min=percent_min,
                value2=value["value"],
            ),
            "raise or leave out liability_amount",
        )
    return Verdict(True, "the guarantee meets the carrier's policy")


@word()
def date_passed(case: Case, path: str) -> Verdict:
    """The date or time at this path of the message is over."""
    end = case.value(path)
    today = case.now.date()
    over = end is not None and (case.now > end if isinstance(end, datetime) else today > end)
    return Verdict(
        over,
        say("%(path)s is %(scalar)s, it is %(today)s", path=path, scalar=scalar(end) or "not stated", today=today),
        say("only after %(path)s", path=path),
    )


@word(reads=("detention_notice_1",))
def first_notice_expired(case: Case) -> Verdict:
    """The first notice named was sent and its deadline is over (M-DET-03)."""
    number = scalar(case.value("first_notice.number"))
    first = next((d for d in case.documents(["detention_notice_1"]) if d.number == number), None)
    if first is None:
        return Verdict(
            False, say("first notice %(number)s is not in this trade", number=number or "not stated"), "send detention_notice_1 first"
        )
    end = first.get("respond_by")
    return Verdict(case.now.date() > end, say("the first notice ran until %(end)s", end=end), say("only after %(end)s", end=end))
