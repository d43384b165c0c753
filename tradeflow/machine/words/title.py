"""Words about control of a bill: holder, order party, originals, the chain of transfers (T-01..T-36)."""

from tradeflow.language.sentences import say
from tradeflow.machine.case import BANKS, SPENT, TRANSPORT_DOCUMENTS, Case, scalar
from tradeflow.machine.words import Verdict, word
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import TitleState


def _unknown(case: Case) -> Verdict:
    return Verdict(
        False, say("no bill %(bill)s is under control in this trade", bill=case.bill or "").replace("  ", " "), "name a bill of this trade"
    )


@word(state_only=True)
def actor_is_holder(case: Case) -> Verdict:
    """The sender is in control of the bill (T-03)."""
    title = case.title()
    if title is None:
        return _unknown(case)
    return Verdict(
        title.holder in case.actors,
        say("the holder is %(holder)s", holder=title.holder or "nobody"),
        say("only %(holder)s can do this", holder=title.holder or "nobody"),
    )


@word(state_only=True)
def actor_is_order_party(case: Case) -> Verdict:
    """The sender is the order party, or the bill is blank endorsed or to bearer (T-05)."""
    title = case.title()
    if title is None:
        return _unknown(case)
    if not title.order_party:
        return Verdict(True, "the bill is endorsed in blank or to bearer")
    return Verdict(
        title.order_party in case.actors,
        say("the bill is to the order of %(order_party)s", order_party=title.order_party),
        say("%(order_party)s has to endorse it", order_party=title.order_party),
    )


@word(state_only=True)
def endorsable(case: Case) -> Verdict:
    """The bill is negotiable and its last endorsement was not restrictive (T-02, T-09)."""
    title = case.title()
    if title is None:
        return _unknown(case)
    if title.form == "STRAIGHT":
        return Verdict(False, "the bill is straight (to a named consignee)", "have the carrier issue an order bill")
    return Verdict(
        not title.restricted,
        "the last endorsement was restrictive" if title.restricted else say("the bill is %(form)s", form=title.form or "to order"),
    )


@word()
def chain_intact(case: Case) -> Verdict:
    """previous_link_hash is the payload hash of the last transfer of this bill, before the first one that of the bill (T-06)."""
    title = case.title()
    if title is None:
        return _unknown(case)
    stated = scalar(case.value("previous_link_hash"))
    return Verdict(
        stated == title.last_link,
        say("the last link is %(last_link)s, %(stated)s is stated", last_link=title.last_link, stated=stated or "none"),
        say("previous_link_hash = %(last_link)s", last_link=title.last_link),
    )


@word()
def full_set(case: Case, path: str) -> Verdict:
    """All originals issued are in the sender's hand and listed at this path (a number or a list); an electronic bill is always full."""
    title = case.title()
    if title is None:
        return _unknown(case)
    stated = case.value(path)
    given = len(stated) if isinstance(stated, list) else int(stated or 0)
    if title.medium == "ELECTRONIC":
        return Verdict(True, "the bill is electronic")
    return Verdict(
        given == title.originals,
        say("%(given)s of %(originals)s originals", given=given, originals=title.originals),
        say("all %(originals)s originals are needed", originals=title.originals),
    )


@word()
def by_issuer(case: Case, agents: list[str]) -> Verdict:
    """The sender is the carrier that issued the bill, or acts in one of these agents' roles (T-32)."""
    title = case.title()
    if title is None:
        return _unknown(case)
    role = case.envelope.role if case.envelope else ""
    holds = title.issuer in case.actors or role in agents
    return Verdict(
        holds,
        say("the bill was issued by %(issuer)s", issuer=title.issuer),
        say("%(issuer)s or its agent has to answer", issuer=title.issuer),
    )


@word(reads=("letter_of_credit", "lc_application", "lc_collection_letter"))
def not_needed_for_credit(case: Case) -> Verdict:
    """No open credit that asks for the bill, and no live collection it was handed to, needs it (T-19)."""
    credit = case.latest("letter_of_credit", "lc_application")
    asked = credit is None or any("bill_of_lading" in (r.get("document_type") or "") for r in credit.get("documents_required") or ())
    for key, state in case.states_of("lc.credit").items():
        if state in ("issued", "advised", "confirmed", "partially_utilised") and asked:
            return Verdict(False, say("%(key)s is %(state)s: the credit asks for the bill", key=key, state=state), "amend the credit first")
    for key, state in case.states_of("settlement.collection").items():
        if state in ("with_remitting", "sent", "acknowledged", "presented", "accepted", "due"):
            return Verdict(
                False,
                say("%(key)s is %(state)s: the bill is part of the collection", key=key, state=state),
                "have the bank return the bill first",
            )
    return Verdict(True, "no credit or collection needs the bill")


@word(reads=("surrender_notice",))
def releases_surrender(case: Case) -> Verdict:
    """The telex release answers the surrender: same bill, same party, full set received, authenticated (T-20)."""
    notice = next((d for d in case.documents(["surrender_notice"]) if d.number == case.value("surrender.number")), None)
    if notice is None:
        return Verdict(
            False, say("surrender %(value)s is not in this trade", value=case.value("surrender.number")), "refer to the surrender notice"
        )
    wrong = [p for p in ("bill.number", "release_to.name") if case.value(p) != notice.get(p)]
    wrong += [p for p in ("full_set_received", "authentication") if not case.value(p)]
    return Verdict(
        not wrong,
        say("%(wrong)s not as surrendered", wrong=", ".join(wrong)) if wrong else say("answers surrender %(number)s", number=notice.number),
        "state what was surrendered",
    )


@word()
def replaces_full_set(case: Case) -> Verdict:
    """The carrier holds the full old set, and the new bill names it in references[] or carries its number (T-25, T-27)."""
    held = [t for t in case.state.titles.values() if t.instance == case.instance and t.status not in SPENT]
    old = held[-1] if held else None
    if old is None or case.document is None:
        return Verdict(False, "no bill was surrendered", "surrender the full set first")
    number = old.document.partition(":")[2]
    named = {case.document.number} | {str(v) for _, v in case.document.each("references[].number")}
    full = _with_issuer(old)
    says = (
        say("the new bill %(words)s %(number)s", words="replaces" if number in named else "does not name", number=number)
        if full
        else say("%(holder)s holds the old set", holder=old.holder or "nobody")
    )
    return Verdict(full and number in named, says, say("list %(number)s in references after its full set came back", number=number))


def _with_issuer(title: TitleState) -> bool:
    return title.holder == title.issuer and bool(title.issuer)


@word(state_only=True)
def carrier_holds_set(case: Case) -> Verdict:
    """The full set is back with the carrier that acts (T-27)."""
    title = case.title()
    if title is None:
        return _unknown(case)
    return Verdict(
        title.holder in case.actors, say("the holder is %(holder)s", holder=title.holder or "nobody"), "the full set has to come back first"
    )


@word()
def house_title_shown(case: Case) -> Verdict:
    """The house bill was surrendered or released, or the house document is a waybill (T-29)."""
    number = scalar(case.value("house_document.number"))
    title = next((t for k, t in case.state.titles.items() if k == f"house_bill_of_lading:{number}"), None)
    if title is not None:
        done = title.status == "SURRENDERED_FOR_DELIVERY"
        return Verdict(
            done,
            say("house bill %(number)s is %(status)s", number=number, status=title.status),
            "the house bill has to be surrendered or telex-released",
        )
    known = any(k in case.state.documents for k in (f"sea_waybill:{number}", f"house_air_waybill:{number}"))
    return Verdict(
        known,
        say("house document %(number)s is %(words)s", number=number, words="a waybill" if known else "not in this trade"),
        "name the house document",
    )


@word(reads=("booking_confirmation",))
def master_known(case: Case) -> Verdict:
    """The master document that the house document names (master_ref, else references[]) is in this trade, or the booking gave its number.

    By air the master is written after its houses, but its number is known: the carrier confirms the booking with it.
    """
    named = [scalar(case.value("master_ref.number"))] if case.value("master_ref") else []
    if not named and case.document is not None:
        named = [scalar(number) for _, number in case.document.each("references[].number")]
    known = [key for key in case.state.documents if key.partition(":")[0] in TRANSPORT_DOCUMENTS and key.partition(":")[2] in named]
    if known:
        return Verdict(True, say("the master is %(known)s", known=known[0]))
    booked = [scalar(d.get("booking_no")) for d in case.documents(["booking_confirmation"]) if d.get("status") == "CONFIRMED"]
    if any(number in named for number in booked):
        return Verdict(True, say("%(named)s is the number of the booking", named=", ".join(named)))
    says = say("%(named)s is not in this trade", named=", ".join(named) or "no master")
    kind, unlock = scalar(case.value("master_ref.type")), "lodge the master document first and refer to it"
    if not named or kind not in TRANSPORT_DOCUMENTS:
        return Verdict(False, says, unlock)
    hint, source = f"{unlock[0].upper()}{unlock[1:]}.", "guard M-HBL-01"
    lacks = Finding(
        "M-HBL-01", Severity.ERROR, "/master_ref/number", f"{says}.", hint, named[0], "a value", f"{kind} {named[0]}", source
    )  # fmt: skip
    return Verdict(False, says, unlock, (lacks,))


@word(reads=("title_transfer",))
def documents_held_by_bank(case: Case) -> Verdict:
    """No bank has given a bill of this trade out of its hands again (LC-90).

    Whoever presents documents need not tell that the bill went with them: what counts is whether a bank returned or released it.
    """
    for title in case.state.titles.values():
        if title.status in SPENT or not title.holder or case.state.roles_of(title.holder) & BANKS:
            continue
        transfers = case.documents(["title_transfer"])
        last = next((d for d in transfers if d.get("bill.number") == title.document.partition(":")[2]), None)
        sent = case.state.documents.get(f"title_transfer:{last.number}") if last else None
        if sent is not None and sent.role in BANKS:
            return Verdict(False, say("%(document)s is with %(holder)s", document=title.document, holder=title.holder))
    return Verdict(True, "no bank gave the documents away")
