"""Words about carriage: bookings and cut-offs, reported events, what is on board."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.machine.case import TRANSPORT_DOCUMENTS, Case, scalar
from tradeflow.machine.timers import cutoffs
from tradeflow.machine.words import Verdict, misstated, word

ROUTES = (*TRANSPORT_DOCUMENTS, "booking_confirmation", "booking_request", "shipping_instruction")


@word(reads=(*ROUTES, "cargo_arrival_notice"))
def event_is(case: Case, events: list[str], at_destination: bool = False) -> Verdict:
    """The status reports one of these events as having happened (classifier ACT); at_destination: at the final port or airport."""
    event, classifier = scalar(case.value("event")), scalar(case.value("classifier"))
    if event not in events:
        return Verdict(False, say("event is %(event)s", event=event or "not stated"), say("event = %(events)s", events=" or ".join(events)))
    if classifier != "ACT":
        return Verdict(
            False, say("%(event)s is %(classifier)s, only ACT counts", event=event, classifier=classifier), "report it when it has happened"
        )
    if not at_destination:
        return Verdict(True, say("%(event)s ACT", event=event))
    place, final = case.value("place"), destination(case)
    if final is None:
        return Verdict(False, "the port of discharge is not known", "issue the transport document first")
    same = same_place(place, final)
    return Verdict(
        same,
        say("%(event)s at %(place)s, destination is %(final)s", event=event, place=_name(place), final=_name(final)),
        say("only %(event)s at %(final)s counts", event=event, final=_name(final)),
    )


def destination(case: Case) -> Mapping[str, Any] | None:
    """The port or airport of discharge: of the transport document, else of the booking, else of the notice of arrival."""
    for document in (*case.documents(ROUTES), *case.documents(["cargo_arrival_notice"])):
        found = document.get("port_of_discharge") or document.get("destination")
        if found is None and (legs := document.get("legs")):
            found = legs[-1].get("to")
        if isinstance(found, Mapping):
            return found
    return None


def same_place(one: Any, other: Any) -> bool:
    """Whether two locations are the same port or airport: by UN/LOCODE, else by IATA code, else by name and country."""
    for code in ("unlocode", "iata"):
        if one.get(code) and other.get(code):
            return bool(one[code] == other[code])
    return bool(one.get("name", "").casefold() == other.get("name", "").casefold() and one.get("country") == other.get("country"))


def _name(place: Any) -> str:
    return scalar(place and (place.get("unlocode") or place.get("iata") or place.get("name"))) or "nowhere"


TOTAL_LOSS = {"event": "DIS", "classifier": "ACT", "remark": "total loss"}


@word()
def event_total_loss(case: Case) -> Verdict:
    """A DIS event that happened, with "total loss" in its remark."""
    event, remark = scalar(case.value("event")), scalar(case.value("remark")).casefold()
    holds = event == "DIS" and case.value("classifier") == "ACT" and "total loss" in remark
    wrong = [
        misstated("event_total_loss", path, case.value(path), value) for path, value in TOTAL_LOSS.items() if case.value(path) != value
    ]
    says = say("event is %(event)s, remark %(remark)s", event=event, remark=remark or "empty")
    return Verdict(holds, says, "event = DIS with remark total loss", () if holds else tuple(wrong))


@word(reads=ROUTES)
def event_informative(case: Case) -> Verdict:
    """No other transition of this region waits for this event: it only informs."""
    state, message = case.here.state, case.document.type if case.document else ""
    for other in case.region.on.get(message, ()):
        if other is case.transition or state not in other.source:
            continue
        for guard in other.guards:
            informs = any(term.word.name == event_informative.__name__ for term in guard.when)
            if guard.name.startswith("event_") and not informs and all(t.holds(case).holds for t in guard.when):
                return Verdict(
                    False, say("%(scalar)s moves %(id)s: %(id2)s", scalar=scalar(case.value("event")), id=case.region.id, id2=other.id)
                )
    return Verdict(True, say("%(scalar)s only informs", scalar=scalar(case.value("event"))))


@word(reads=("booking_confirmation",))
def before_cutoff(case: Case, codes: list[str], at: str = "") -> Verdict:
    """Now (or the time at this path) is not after the booking's cut-off; a booking that states none sets none.

    A carrier that accepts late says so with a booking confirmation of function 5 and a later cut-off.
    """
    moment = case.value(at) if at else case.now
    for code, limit in cutoffs(case):
        if code in codes:
            holds = isinstance(moment, datetime) and moment <= limit
            return Verdict(
                holds,
                say("%(code)s cut-off %(limit)s, it is %(scalar)s", code=code, limit=limit.isoformat(), scalar=scalar(moment)),
                "the carrier can confirm a later cut-off (function 5)",
            )
    return Verdict(True, say("the booking states no %(codes)s cut-off", codes=" or ".join(codes)))


@word(reads=("booking_confirmation",))
def plan_changed(case: Case, hours: int) -> Verdict:
    """Vessel, voyage, ports or, by more than these hours, the departure differ from the confirmation before (M-BKG-05)."""
    before = case.stored("booking_confirmation")
    if before is None:
        return Verdict(False, "there is no earlier confirmation", "send it with function 9")
    old, new = before.get("legs") or [], case.value("legs") or []
    wrong = [] if len(old) == len(new) else ["legs"]
    for index, (one, other) in enumerate(zip(old, new, strict=False)):
        wrong += [f"legs[{index}].{p}" for p in ("means_name", "voyage", "imo_no") if one.get(p) != other.get(p)]
        wrong += [f"legs[{index}].{p}" for p in ("from", "to") if not same_place(one[p], other[p])]
        if "etd" in one and "etd" in other and abs(other["etd"] - one["etd"]) > timedelta(hours=hours):
            wrong.append(f"legs[{index}].etd")
    return Verdict(
        bool(wrong),
        say("changed: %(wrong)s", wrong=", ".join(wrong)) if wrong else "the plan is unchanged",
        "a replacement changes the plan",
    )


@word()
def awb_sound(case: Case) -> Verdict:
    """The air waybill number has its check digit, the consignee is named and not "to order", chargeable weight covers gross weight."""
    number = "".join(c for c in scalar(case.value("doc.number")) if c.isdigit())
    if len(number) != 11 or int(number[3:10]) % 7 != int(number[10]):
        return Verdict(
            False,
            say("%(scalar)s is no air waybill number", scalar=scalar(case.value("doc.number")) or "no number"),
            "11 digits, the last one the check digit",
        )
    consignee = scalar(case.value("consignee.name"))
    if not consignee or consignee.casefold().startswith("to order"):
        return Verdict(False, say("consignee is %(consignee)s", consignee=consignee or "not stated"), "name the consignee")
    for row in case.value("rates") or ():
        if row["chargeable_weight"]["value"] < row["gross_weight"]["value"]:
            return Verdict(
                False,
                say(
                    "chargeable %(value)s below gross %(value2)s",
                    value=row["chargeable_weight"]["value"],
                    value2=row["gross_weight"]["value"],
                ),
                "charge the gross weight",
            )
    return Verdict(True, say("air waybill %(number)s to %(consignee)s", number=number, consignee=consignee))


@word(state_only=True)
def loaded(case: Case, yes: bool) -> Verdict:
    """The cargo of this consignment is on board (or, yes = false, is not)."""
    equipment, movement = case.state_of("transport.equipment"), case.state_of("transport.movement")
    on_board = equipment in ("loaded", "discharged", "full_out", "stripped") or movement in (
        "departed", "in_transhipment", "arrived", "available", "delivered", "closed",
    )  # fmt: skip
    return Verdict(on_board is yes, say("equipment is %(equipment)s, movement is %(movement)s", equipment=equipment, movement=movement))


@word(reads=("transport_status", "cargo_receipt", "reception_checklist"))
def cargo_on_board(case: Case) -> Verdict:
    """Every container named was loaded; without containers, a load, RCS or departure event or an accepted receipt is on file (M-DEP-01)."""
    boxes = list(containers_of(case))
    if boxes:
        missing = [box for box in boxes if case.state.containers.get(box) != "load"]
        return Verdict(
            not missing,
            say("not loaded: %(missing)s", missing=", ".join(missing)) if missing else say("loaded: %(boxes)s", boxes=", ".join(boxes)),
            "transport_status LOAD ACT",
        )
    for document in case.documents(["transport_status", "reception_checklist", "cargo_receipt"]):
        if document.get("event") in ("LOAD", "RCS", "DEP", "MAN") and document.get("classifier") == "ACT":
            return Verdict(True, say("%(get)s ACT (%(number)s)", get=document.get("event"), number=document.number))
        if document.type == "reception_checklist" and scalar(document.get("result")).startswith("ACCEPTED"):
            return Verdict(True, say("accepted by the terminal (%(number)s)", number=document.number))
        if document.type == "cargo_receipt":
            return Verdict(True, say("received for shipment (%(number)s)", number=document.number))
    return Verdict(False, "no evidence that the cargo is on board", "transport_status LOAD or RCS ACT, or a receipt")


def containers_of(case: Case) -> Iterator[str]:
    """The container numbers a message is about."""
    for path in ("container.number", "container_no"):
        if found := case.value(path):
            yield str(found)
    for box in case.value("containers") or ():
        yield str(box["number"] if isinstance(box, Mapping) else box)
