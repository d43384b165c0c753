"""A document for a step that leaves open what it says: of several that could be meant, one that does what the step says.

Where the document that comes first to mind would not do, other samples are tried, other ways of translating them, what an answer may
answer, and what the findings themselves ask to be corrected. A step of the short form that has to be refused gets a slip.
"""

import copy
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from msgspec.structs import replace

from tradeflow.machine.admit import CHANGES
from tradeflow.model.catalogue import Catalogue
from tradeflow.scenario.correct import corrected, is_number
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Made, Step
from tradeflow.scenario.rehearse import Rehearsal
from tradeflow.scenario.worlds import MANNERS, samples_of

Tree = dict[str, Any]
ROUNDS, SLIPS_MAX = 4, 400
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SLIP = ("GUARD_FAILED", "RULE_VIOLATION")


def proposed(filler: Filler, rehearsal: Rehearsal, book: Catalogue, step: Step, message_id: str) -> Tree:
    """The document of the step: the first that does what the step says, else the one that comes closest."""
    tree = filler.document(step, step.message, message_id)
    best = (_cost(rehearsal, step, tree), tree)
    if isinstance(step, Made) and not step.error and step.function in CHANGES and (latest := filler.latest(step.message)):
        for revised in _revised(rehearsal, book, step, tree, latest):
            if _cost(rehearsal, step, revised) == 0:
                return revised
    for made in _others(filler, rehearsal, book, step, message_id) if _is_open(step, best[0], rehearsal, tree) else ():
        cost = _cost(rehearsal, step, made)
        best = min(best, (cost, made), key=lambda one: one[0])
        if cost == 0:
            break
    return best[1]


def _revised(rehearsal: Rehearsal, book: Catalogue, step: Step, tree: Tree, latest: Tree) -> Iterator[Tree]:
    """Another version of what this trade has, before one made from another sample."""
    made = {**copy.deepcopy(latest), "message": tree["message"]}
    made["document"] |= {"version": tree["document"]["version"], "issue_date": step.date.date().isoformat()}
    yield made
    yield from _corrected(rehearsal, book, step, made)


def _is_open(step: Step, cost: int, rehearsal: Rehearsal, tree: Tree) -> bool:
    """Whether another document is worth trying: this one is refused or, in the short form, does something else than meant."""
    return cost > 0 and not step.resend and (isinstance(step, Made) or bool(rehearsal.trial(step, tree).code))


def _cost(rehearsal: Rehearsal, step: Step, tree: Tree) -> int:
    return rehearsal.trial(step, tree).missed(step)


def _others(filler: Filler, rehearsal: Rehearsal, book: Catalogue, step: Step, message_id: str) -> Iterator[Tree]:
    """Other documents that could be meant, the likeliest first."""
    bases = [filler.document(step, step.message, message_id)]
    for one in _steps(filler, book, step):
        for manner in MANNERS:
            try:
                made = filler.document(one, step.message, message_id, manner)
            except KeyError:
                continue
            bases.append(made)
    bases += [_drafted(rehearsal, step, base) for base in bases[: len(MANNERS) + 1]]
    for base in bases:
        yield base
        yield from _answers(filler, rehearsal, base)
        if not step.error or isinstance(step, Made):
            yield from _corrected(rehearsal, book, step, base)
    if isinstance(step, Made) and not step.error:
        yield from _parts(bases[0])
        yield from _there(rehearsal, step, bases)
        yield from _to_order(filler, step, bases)
    if isinstance(step, Made) and step.error in SLIP:
        for base in bases[:2]:
            yield from _denying(book, base)
            yield from slips(base, SLIPS_MAX)


def _drafted(rehearsal: Rehearsal, step: Step, told: Tree) -> Tree:
    """The document with all that the trade itself can say of it; what the step says, and what the trade does not know, stays."""
    own = {path.partition(".")[0].partition("[")[0] for path in step.set} | {"message", "document", "references"}
    made = rehearsal.drafted(step, told["document"]["number"])
    return {**told, **{name: _over(told.get(name), value) for name, value in made.items() if name not in own}}


def _over(told: Any, said: Any) -> Any:
    """One value over another: objects member by member, lists element by element as far as the upper one goes."""
    if isinstance(told, dict) and isinstance(said, dict):
        return {**copy.deepcopy(told), **{name: _over(told.get(name), value) for name, value in said.items()}}
    if isinstance(told, list) and isinstance(said, list):
        return [_over(told[n] if n < len(told) else None, value) for n, value in enumerate(said)]
    return said


def _there(rehearsal: Rehearsal, step: Step, trees: list[Tree]) -> Iterator[Tree]:
    """The documents as of the place where the goods are bound for: what counts there only counts nowhere else."""
    if final := rehearsal.destination(step):
        yield from ({**copy.deepcopy(tree), "place": final} for tree in trees if "place" in tree)


def _to_order(filler: Filler, step: Made, trees: list[Tree]) -> Iterator[Tree]:
    """The endorsements to the order of who writes on the bill next: it may be handed to somebody else on the way there."""
    if not step.endorsee:
        return
    for tree in trees:
        if "endorsee" in tree.get("endorsement", {}):
            made = copy.deepcopy(tree)
            made["endorsement"]["endorsee"] |= filler.card(step.endorsee)
            yield made


def _parts(tree: Tree) -> Iterator[Tree]:
    """The document about half of an amount that it states at its top: a drawing that leaves a balance, a payment in part."""
    for name, value in tree.items():
        if isinstance(value, dict) and value.keys() == {"value", "currency"} and is_number(str(value["value"])):
            yield {**copy.deepcopy(tree), name: {**value, "value": f"{Decimal(value['value']) / 2:.2f}"}}


def _steps(filler: Filler, book: Catalogue, step: Step) -> list[Step]:
    """The step from its own sample, then from the others; those first that tell of a trade which documents of this one are made from."""
    if not isinstance(step, Made) and step.sample:
        return [step]
    known = samples_of(book, step.message)
    told = sorted(known, key=lambda one: (one.trade not in filler.worlds, one.name != step.sample, known.index(one)))
    return [replace(step, sample=sample.name) for sample in told]


def _answers(filler: Filler, rehearsal: Rehearsal, tree: Tree) -> Iterator[Tree]:
    """The answer as one to each message that a region took last."""
    if "answers" not in tree or "answers_message_id" not in tree:
        return
    for message_id in dict.fromkeys(region.last_message for region in reversed(rehearsal.state.regions.values())):
        if sent := filler.sent(message_id):
            made = copy.deepcopy(tree)
            made["answers"] |= dict(zip(("type", "number"), sent, strict=True))
            made["answers_message_id"] = message_id
            if "in_reply_to" in made["message"]:
                made["message"]["in_reply_to"] = message_id
            yield made


def _corrected(rehearsal: Rehearsal, book: Catalogue, step: Step, tree: Tree) -> Iterator[Tree]:
    """The document with what the findings expect in place of what they found, again and again."""
    made: Tree | None = tree
    for _ in range(ROUNDS):
        assert made is not None
        trial = rehearsal.trial(step, made)
        made = corrected(book, made, trial.findings if trial.code else rehearsal.wants(step, made))
        if made is None:
            return
        yield made


def _denying(book: Catalogue, tree: Tree) -> Iterator[Tree]:
    """The document with a no at a place where it says nothing."""
    fields = book.message(tree["message"]["type"]).fields
    for row in (row for row in fields if row.scalar == "boolean" and row.path.partition("[")[0] == row.path):
        *way, last = row.path.split(".")
        made = copy.deepcopy(tree)
        node: Any = made
        for part in way:
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, dict) and last not in node:
            node[last] = False
            yield made


def slips(tree: Tree, most: int) -> Iterator[Tree]:
    """The first of the documents that differ from this one by a slip."""
    return islice(_slips(tree, "", tree), most)


def _slips(node: Any, at: str, whole: Tree) -> Iterator[Tree]:
    """The document with one thing wrong: a flag the other way, a number ten times or a tenth, another year, a part left out."""
    for key, value in list(node.items()) if isinstance(node, dict) else list(enumerate(node)):
        if at == "" and key in ("message", "document"):
            continue
        for wrong in _wrong(value):
            node[key] = wrong
            yield copy.deepcopy(whole)
        node[key] = value
        if isinstance(value, (dict, list)):
            yield from _slips(value, f"{at}/{key}", whole)
        if isinstance(node, dict):
            del node[key]
            yield copy.deepcopy(whole)
            node[key] = value


def _wrong(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, str) and DATE.fullmatch(value):
        yield from (f"{int(value[:4]) + years}{value[4:]}" for years in (-2, 2))
    elif isinstance(value, str) and is_number(value):
        yield from (
            f"{value.partition('.')[0]}0{''.join(value.partition('.')[1:])}",
            f"0.{value.partition('.')[2]}" if "." in value else "1",
        )
