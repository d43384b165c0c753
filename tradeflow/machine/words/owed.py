"""Words about what a shipment still needs."""

from tradeflow.machine.case import Case, scalar
from tradeflow.machine.words import Verdict, word


@word(reads_args=["of"])
def document_says(case: Case, of: str, path: str, values: list[str] = []) -> Verdict:  # noqa: B006 - never changed
    """Some document of this type in the trade has one of these values at the path, or any value where none is named."""
    found = [scalar(document.get(path)) for document in case.docs.of(of)]
    hit = next((value for value in found if value and (value in values or not values)), "")
    says = f"{path} of {of} is {hit or ', '.join(found) or 'not stated'}"
    return Verdict(bool(hit), says, f"lodge a {of} with {path}{' = ' if values else ''}{' or '.join(values)}")
