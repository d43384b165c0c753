"""Containers against what was booked."""

from collections import Counter

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


@word("units_within")
def units_within(place: Place, used: Each, booked: Each) -> Faults:
    """Not more containers of a size and type are used than were booked; nothing is decided where no types were booked."""
    confirmed = Counter[str]()
    for _, equipment in booked.of(place):
        if "size_type" in equipment:
            confirmed[equipment["size_type"]] += int(equipment.get("units", 1))
    taken = Counter[str]()
    for pointer, container in used.of(place):
        kind = container["size_type"]
        taken[kind] += 1
        if confirmed and taken[kind] > confirmed[kind]:
            because = say(
                "%(taken)s of type %(kind)s are used, %(confirmed)s booked.", taken=taken[kind], kind=kind, confirmed=confirmed[kind]
            )
            yield Fault(used, taken[kind], shown(dict(confirmed)), because, booked, f"{pointer}/size_type")
