"""What an Incoterms 2020 rule asks for (ICC publication 723E)."""

from dataclasses import dataclass

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the Incoterms matrix: modes it is meant for, what its named place is, who pays the main carriage, who insures."""

    waterborne: bool
    place: str
    freight: str
    seller_insures: bool = False


TERMS = {
    "EXW": Term(False, "delivery", "COL"),
    "FCA": Term(False, "delivery", "COL"),
    "FAS": Term(True, "loading", "COL"),
    "FOB": Term(True, "loading", "COL"),
    "CFR": Term(True, "discharge", "PRE"),
    "CIF": Term(True, "discharge", "PRE", True),
    "CPT": Term(False, "destination", "PRE"),
    "CIP": Term(False, "destination", "PRE", True),
    "DAP": Term(False, "destination", "PRE"),
    "DPU": Term(False, "destination", "PRE"),
    "DDP": Term(False, "destination", "PRE"),
}
_WATER = ("1", "8")


@word("incoterm_fits_mode")
def incoterm_fits_mode(place: Place, incoterm: Path, mode: Path) -> Faults:
    """FAS, FOB, CFR and CIF are for sea and inland waterway only (transport modes 1 and 8)."""
    term, carried = incoterm.of(place), mode.of(place)
    if TERMS[term].waterborne and carried is not None and carried not in _WATER:
        yield Fault(
            mode, carried, list(_WATER), say("%(term)s does not go with transport mode %(carried)s.", term=term, carried=carried), incoterm
        )


@word("incoterm_place")
def incoterm_place(place: Place, incoterm: Path, named: Path, loading: Path, discharge: Path) -> Faults:
    """The named place of FAS and FOB is the port of loading, that of CFR and CIF the port of discharge, where the document gives them."""
    term, wanted = incoterm.of(place), {"loading": loading, "discharge": discharge}
    port = wanted.get(TERMS[term].place)
    if port is None:
        return
    stated, expected = named.of(place), port.of(place)
    if expected is not None and not same_place(stated, expected):
        said = {"term": term, "stated": shown(stated), "expected": shown(expected)}
        because = say("%(term)s %(stated)s, but the port of discharge is %(expected)s.", **said)
        if port is loading:
            because = say("%(term)s %(stated)s, but the port of loading is %(expected)s.", **said)
        yield Fault(
            named,
            stated,
            expected,
            because,
            port,
        )


@word("incoterm_freight")
def incoterm_freight(place: Place, incoterm: Path, freight: Path) -> Faults:
    """Freight is collect under E and F rules and prepaid under C and D rules."""
    term, stated = incoterm.of(place), freight.of(place)
    if stated is not None and stated != TERMS[term].freight:
        yield Fault(
            freight,
            stated,
            TERMS[term].freight,
            say("Under %(term)s the main freight is %(freight)s, not %(stated)s.", term=term, freight=TERMS[term].freight, stated=stated),
            incoterm,
        )


@word("incoterm_freight_asked")
def incoterm_freight_asked(place: Place, incoterm: Path, freights: Each) -> Faults:
    """Documents that are asked for are to be marked freight collect under E and F rules and freight prepaid under C and D rules."""
    term = incoterm.of(place)
    for pointer, stated in freights.of(place):
        if stated != TERMS[term].freight:
            yield Fault(
                freights,
                stated,
                TERMS[term].freight,
                say(
                    "Under %(term)s the main freight is %(freight)s, not %(stated)s.", term=term, freight=TERMS[term].freight, stated=stated
                ),
                incoterm,
                pointer,
            )


def same_place(first: dict[str, str], second: dict[str, str]) -> bool:
    """Whether two locations are one: by UN/LOCODE where both give it, else by name."""
    if "unlocode" in first and "unlocode" in second:
        return first["unlocode"] == second["unlocode"]
    return first["name"].casefold() == second["name"].casefold()
