"""Transfers of a bill of lading, as far as one transfer and the state of the title decide."""

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.words import Fault, Faults, word


@word("originals_handed_over", even_if_absent=True)
def originals_handed_over(place: Place, originals: Path, type: Path, number: Path, full_set: bool = False) -> Faults:
    """Of a paper bill at least one original is handed over, or the full set; decided where the trade knows the bill."""
    state = place.context.state
    title = state.titles.get(f"{type.of(place)}:{number.of(place)}") if state else None
    if title is None or title.medium != "PAPER":
        return
    given = originals.of(place) or []
    if full_set and len(given) < title.originals:
        because = say(
            "%(given)s of %(originals)s originals are handed over; the rest can still be used by another holder.",
            given=len(given),
            originals=title.originals,
        )
        yield Fault(originals, given, title.originals, because)
    elif not given:
        yield Fault(originals, given, "at least one original", "No original is handed over.")
