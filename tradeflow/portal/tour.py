"""A guided tour of a trade: notes that stand beside its page, one after the other."""

from dataclasses import dataclass

from tradeflow.language.catalogues import N_


@dataclass(frozen=True, slots=True)
class Stop:
    """A note about one part of the page of a trade, by its anchor."""

    anchor: str
    title: str
    text: str


STOPS = (
    Stop(
        "todo",
        N_("What is yours to do"),
        N_(
            "The hub knows the rules of the trade, so it knows which document is missing, who owes it and by when. "
            "What is yours comes first, with a button to write it; most of it is filled in already from the documents that are there."
        ),
    ),
    Stop(
        "map",
        N_("Where the trade stands"),
        N_(
            "Each line is one of the processes: the contract, the credit, the transport and so on. Full dots are where it has been, "
            "the large one is where it stands, empty ones are the way to go. Red means that something blocks it or is late."
        ),
    ),
    Stop(
        "clocks",
        N_("Which deadlines run"),
        N_(
            "Deadlines start and stop by themselves. Each says how it is reckoned, which days do not count, what happens when it runs "
            "out, and which document stops it."
        ),
    ),
    Stop(
        "documents",
        N_("One set of documents for everybody"),
        N_(
            "Whatever a partner sends is checked against every other document before it joins the set. Each keeps its versions; the "
            "number leads to what changed. You see what your role may see; so do the others."
        ),
    ),
    Stop(
        "timeline",
        N_("What happened"),
        N_("Every message, decision and cargo event in order, each chained to the one before, so that nobody can change it afterwards."),
    ),
    Stop(
        "people",
        N_("Who takes part"),
        N_(
            "Exporter and importer bring partners in, by name or by an invitation. To see this trade with the eyes of the bank or the "
            "carrier, sign out and sign in as one of them."
        ),
    ),
)
