"""Words about what banks do with documents: examination, refusal, collection."""

from tradeflow.language.sentences import say
from tradeflow.machine.case import Case, scalar
from tradeflow.machine.words import Verdict, word


@word()
def nothing_found(case: Case) -> Verdict:
    """The examiner who decides lists no discrepancy."""
    found = case.raised.findings if case.raised else ()
    return Verdict(
        not found,
        say("%(found)s discrepancies listed", found=len(found)) if found else "no discrepancy is listed",
        "raise examination_discrepant instead",
    )


@word()
def discrepancies_worded(case: Case) -> Verdict:
    """At least one discrepancy is listed, each in words: in the message, or in the note or findings of the decision (LC-86)."""
    if case.document is not None:
        texts = [scalar(row.get("text")) for row in case.value("discrepancies") or ()]
    else:
        texts = [f.message for f in case.raised.findings] or [case.raised.note] if case.raised else []
    worded = [text for text in texts if text.strip()]
    return Verdict(
        bool(texts) and worded == texts, say("%(worded)s discrepancies worded", worded=len(worded)), "state each discrepancy in words"
    )


@word()
def refusal_in_time(case: Case) -> Verdict:
    """The examination period of this bank still runs (close of the fifth banking day), and the notice says why and what happens."""
    clock = "p8_exam_issuing" if case.envelope and case.envelope.role == "issuing_bank" else "p8_exam_nominated"
    timer = case.state.timers.get(f"{case.instance}.{clock}")
    if timer is None or case.now > timer.due_at:
        return Verdict(
            False,
            say("the five banking days are over (%(why)s)", why=timer.why) if timer else "no examination is running",
            "the right to refuse is lost",
        )
    missing = [p for p in ("discrepancies", "disposal", "refuses") if not case.value(p)]
    return Verdict(
        not missing,
        say("not stated: %(missing)s", missing=", ".join(missing)) if missing else say("in time (%(why)s)", why=timer.why),
        "state discrepancies and disposal",
    )


@word()
def bank_is_bound(case: Case) -> Verdict:
    """The bank whose period lapsed undertook to honour: the issuing bank, or a bank that confirmed the credit (UCP 16(f))."""
    if case.raised is not None and case.raised.event == "exam_period_lapsed":
        return Verdict(True, "the issuing bank is bound by its credit")
    confirmed = bool(case.state.parties_with("confirming_bank")) and bool(case.attribute("lc.confirmed"))
    return Verdict(
        confirmed, say("the credit is %(words)s", words="confirmed" if confirmed else "not confirmed"), "only a confirming bank is bound"
    )


@word(reads=("lc_collection_letter",))
def collection_released_by(case: Case, release: str) -> Verdict:
    """The collection instruction releases documents this way; a letter that is silent means DP (URC 522 art. 7(b))."""
    letter = case.latest("lc_collection_letter")
    found = scalar(letter.get("collection.release")) or "DP" if letter else ""
    return Verdict(
        found == release,
        say("release is %(found)s", found=found or "not instructed"),
        say("collection.release = %(release)s", release=release),
    )
