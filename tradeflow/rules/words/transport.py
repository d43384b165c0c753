"""Carriage: legs, cut-offs, free time, and what a transport document says about them."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word
from tradeflow.rules.words.dates import stepped
from tradeflow.rules.words.draft import numbers_in_words
from tradeflow.rules.words.incoterms import same_place

_SEA = "1"
_CUTOFFS_AT_SEA = (("DCO",), ("VCO",), ("FCO", "LCO"))


@word("legs_connect")
def legs_connect(place: Place, legs: Each) -> Faults:
    """Each leg starts where the one before ended, and does not leave before that one arrives."""
    route = list(legs.of(place))
    for (_, earlier), (pointer, later) in pairwise(route):
        if not same_place(earlier["to"], later["from"]):
            because = say(
                "Leg %(seq)s starts at %(from_)s; leg %(seq2)s ends at %(to)s.",
                seq=later["seq"],
                from_=shown(later["from"]),
                seq2=earlier["seq"],
                to=shown(earlier["to"]),
            )
            yield Fault(legs, later["from"], earlier["to"], because, pointer=f"{pointer}/from")
        arrives, leaves = earlier.get("eta"), later.get("etd")
        if arrives is not None and leaves is not None and leaves < arrives:
            because = say(
                "Leg %(seq)s leaves %(leaves)s, before leg %(seq2)s arrives %(arrives)s.",
                seq=later["seq"],
                leaves=shown(leaves),
                seq2=earlier["seq"],
                arrives=shown(arrives),
            )
            yield Fault(legs, leaves, arrives, because, pointer=f"{pointer}/etd")


@word("before_departure")
def before_departure(place: Place, cutoff: Path, legs: Each) -> Faults:
    """A cut-off is not later than the departure of the first leg at sea."""
    latest = cutoff.of(place)
    for pointer, leg in legs.of(place):
        if leg["mode"] == _SEA:
            leaves = leg.get("etd")
            if leaves is not None and latest > leaves:
                because = say("%(latest)s is after the vessel leaves %(leaves)s.", latest=shown(latest), leaves=shown(leaves))
                yield Fault(cutoff, latest, leaves, because, legs, other=f"{pointer}/etd")
            return


@word("cutoff_not_after")
def cutoff_not_after(place: Place, codes: Each, times: Each, first: str, later: tuple[str, ...]) -> Faults:
    """One cut-off is not later than some others."""
    given = _cutoffs(place, codes, times)
    for code in later:
        if first in given and code in given and given[first][1] > given[code][1]:
            because = say(
                "%(first)s %(given)s is after %(code)s %(given2)s.",
                first=first,
                given=shown(given[first][1]),
                code=code,
                given2=shown(given[code][1]),
            )
            yield Fault(times, given[first][1], given[code][1], because, pointer=given[first][0])


@word("cutoffs_complete", even_if_absent=True)
def cutoffs_complete(place: Place, legs: Each, codes: Each, times: Each) -> Faults:
    """Carriage by sea has cut-offs for documents (DCO), verified gross mass (VCO) and cargo (FCO or LCO)."""
    if not any(leg["mode"] == _SEA for _, leg in legs.of(place)):
        return
    given = _cutoffs(place, codes, times)
    for wanted in _CUTOFFS_AT_SEA:
        if not any(code in given for code in wanted):
            names = " or ".join(wanted)
            yield Fault(codes, sorted(given), list(wanted), say("No cut-off %(names)s is given.", names=names), pointer="/cutoffs")


@word("free_time_ends")
def free_time_ends(place: Place, expires: Path, starts: Path, length: Path, unit: Path) -> Faults:
    """Free time ends so many calendar days (CD) or hours (HR) after it starts; other units need a calendar and decide nothing."""
    begins, count, kind = starts.of(place), length.of(place), unit.of(place)
    step = {"CD": timedelta(days=1), "HR": timedelta(hours=1)}.get(kind)
    if step is None:
        return
    due = stepped(begins, step, count)
    if expires.of(place) != due:
        because = say(
            "%(count)s %(kind)s from %(begins)s end %(due)s, not %(of)s.",
            count=count,
            kind=kind,
            begins=shown(begins),
            due=shown(due),
            of=shown(expires.of(place)),
        )
        yield Fault(expires, expires.of(place), due, because, starts)


@word("some_listed", even_if_absent=True)
def some_listed(place: Place, values: Each) -> Faults:
    """A list has an entry at least."""
    if not any(True for _ in values.of(place)):
        yield Fault(values, None, "a value", "Nothing is listed.", pointer=f"/{values.text.partition('[')[0].replace('.', '/')}")


@word("none_listed")
def none_listed(place: Place, values: Each) -> Faults:
    """A list has no entry."""
    for pointer, value in values.of(place):
        yield Fault(values, value, None, say("It lists %(value)s.", value=shown(value)), pointer=pointer)


@word("needs")
def needs(place: Place, path: Path, other: Path) -> Faults:
    """Where a value is given, another is given too; an empty list counts as not given."""
    if path.of(place) != [] and other.of(place) in (None, "", []):
        yield Fault(other, None, "a value", say("%(label)s is given and %(label2)s is not.", label=path.label, label2=other.label), path)


@word("present_outside", even_if_absent=True)
def present_outside(place: Place, path: Path, country: Path, exempt: tuple[str, ...]) -> Faults:
    """The value is given, except in countries that do without it."""
    where = country.of(place)
    if where is not None and where not in exempt and path.of(place) is None:
        yield Fault(path, None, "a value", say("It is not given, and %(where)s asks for it.", where=where), country)


@word("order_wording_notified", even_if_absent=True)
def order_wording_notified(place: Place, consignee: Path, notify: Path) -> Faults:
    """Cargo consigned "to order" names whom to notify."""
    name = consignee.of(place)
    if name is not None and "to order" in str(name).casefold() and notify.of(place) is None:
        yield Fault(notify, None, "a party", say("The consignee is %(name)s and nobody is to be notified.", name=shown(name)), consignee)


@word("count_in_words")
def count_in_words(place: Place, words: Path, counts: tuple[Path, ...]) -> Faults:
    """Numbers spelled out in English ("SEVEN HUNDRED (700) CARTONS") are among the counts of the document, and there is one at least."""
    text = str(words.of(place))
    given = [count.of(place) for count in counts if count.of(place) is not None]
    spelled = numbers_in_words(text)
    if not spelled or any(value not in given for value in spelled):
        reading = say("say %(spelled)s", spelled=shown(spelled)) if spelled else "spell out no number"
        yield Fault(
            words, text, given, say("The words %(reading)s; the figures are %(given)s.", reading=reading, given=shown(given)), counts[0]
        )


@word("clean_or_claused")
def clean_or_claused(place: Place, notations: Each, clauses: Each, unclean: Each) -> Faults:
    """A document marked clean has no clause that declares goods or packaging defective (UCP 600 art. 27)."""
    faulty = [pointer for pointer, value in unclean.of(place) if value is True]
    texts: dict[str, Any] = {pointer.rpartition("/")[0]: value for pointer, value in clauses.of(place)}
    for pointer, kind in notations.of(place) if faulty else ():
        if kind == "CLEAN_ON_BOARD":
            clause = texts.get(faulty[0].rpartition("/")[0])
            because = say("It is marked clean, and a clause says %(clause)s.", clause=shown(clause))
            yield Fault(notations, kind, "CLAUSED", because, clauses, pointer, faulty[0])


def _cutoffs(place: Place, codes: Each, times: Each) -> dict[str, tuple[str, Any]]:
    """Cut-off code -> (pointer of its time, time)."""
    at = {pointer.rpartition("/")[0]: (pointer, time) for pointer, time in times.of(place)}
    return {code: at[pointer.rpartition("/")[0]] for pointer, code in codes.of(place) if pointer.rpartition("/")[0] in at}
