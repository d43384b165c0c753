"""What is due at a step, for somebody with a system of its own: of which instance, referring to what, and what the document has to say.

An example alone leaves open what in it is meant. Numbers, dates, amounts and words are the partner's own; parties, codes and answers of yes
and no decide where a trade goes, and what others have to repeat.
"""

from collections.abc import Iterator
from typing import Any

from tradeflow.machine.load import machine
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.document import get
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Step
from tradeflow.scenario.rehearse import Rehearsal
from tradeflow.scenario.seats import Due
from tradeflow.scenario.worlds import objects

Tree = dict[str, Any]
PARTICULARS = frozenset({"country", "currency", "language", "unit", "unlocode"})  # code lists of which many a code does as well
DECIDING = ("code", "boolean")


def due(book: Catalogue, filler: Filler, rehearsal: Rehearsal, step: Step, example: Tree) -> Due:
    """The step as a partner is told of it."""
    instance = step.instance.partition(".")[0]
    if not step.message or not example:
        return Due(example, instance)
    says = {} if step.resend else dict(_deciding(book, step.message, example))
    return Due(example, instance or _moved(rehearsal, step, example), tuple(dict.fromkeys(_referred(filler, example))), says)


def _moved(rehearsal: Rehearsal, step: Step, example: Tree) -> str:
    """The instance of the region that takes the message: one that the example moves, else one that the scenario speaks of."""
    before = {key: region.state for key, region in rehearsal.state.regions.items()}
    after = rehearsal.trial(step, example).states
    moved = [key for key, state in after.items() if before.get(key) != state]
    taking = {(region.process, region.id) for region in machine().on.get(step.message, ())}

    def takes(key: str) -> bool:
        instance, _, region = key.partition(".")
        return (instance.partition("#")[0], region) in taking

    expected = [one.partition("=")[0] for one in step.expect]
    return next((key.partition(".")[0] for key in (*moved, *expected) if takes(key)), "")


def _referred(filler: Filler, example: Tree) -> Iterator[tuple[str, str]]:
    """The documents of the trade that the example names."""
    content = {name: value for name, value in example.items() if name not in ("message", "document")}
    for node in objects(content):
        if isinstance(node.get("type"), str) and isinstance(node.get("number"), str) and filler.has(node["type"], node["number"]):
            yield node["type"], node["number"]


def _deciding(book: Catalogue, message: str, example: Tree) -> Iterator[tuple[str, Any]]:
    """The parties, the codes, and the yes and no of the document itself, by path."""
    for field in book.message(message).fields:
        path = field.path.removesuffix("[]")
        names = field.codelist and not book.codelists[field.codelist].codes  # of a container, a bank: a pattern, no choice
        decides = field.object == "Party" or (field.type in DECIDING and not names and field.codelist not in PARTICULARS)
        if decides and "[]" not in path and not path.startswith("document.") and (said := get(example, path)) is not None:
            yield path, said
