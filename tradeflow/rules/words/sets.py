"""What a schedule of documents says about the documents themselves."""

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


@word("listed_number")
def listed_number(place: Place, number: Path, listed: Each, type: str, originals: Path | None = None) -> Faults:
    """A document of this type that a schedule lists is the one in the set, with as many originals as were issued."""
    stated, issued = number.of(place), originals.of(place) if originals else None
    for pointer, entry in listed.of(place):
        if entry["type"] != type:
            continue
        if entry["number"] != stated:
            yield Fault(
                listed,
                entry["number"],
                stated,
                say("%(number)s is listed; in the set is %(stated)s.", number=entry["number"], stated=stated),
                number,
                f"{pointer}/number",
            )
        elif issued is not None and originals is not None and entry.get("originals", issued) != issued:
            because = say(
                "%(originals)s originals are listed; %(issued)s were issued.", originals=shown(entry["originals"]), issued=shown(issued)
            )
            yield Fault(listed, entry["originals"], issued, because, originals, f"{pointer}/originals")
