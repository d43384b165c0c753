"""Words about what a shipment still needs."""

from tradeflow.language.sentences import say
from tradeflow.machine.case import Case, scalar
from tradeflow.machine.words import Verdict, word


@word(reads_args=["of"])
def document_says(case: Case, of: str, path: str, values: list[str] = []) -> Verdict:  # noqa: B006 - never changed
    """Some document of this type in the trade has one of these values at the path, or any value where none is named."""
    found = [scalar(document.get(path)) for document in case.docs.of(of)]
    hit = next((value for value in found if value and (value in values or not values)), "")
    says = say("%(path)s of %(of)s is %(hit)s", path=path, of=of, hit=hit or ", ".join(found) or "not stated")
    todo = say("lodge a %(of)s with %(path)s = %(values)s", of=of, path=path, values=" or ".join(values))
    if not values:
        todo = say("lodge a %(of)s with %(path)s", of=of, path=path)
    return Verdict(bool(hit), says, todo)
