"""Two values, or a value and what is allowed."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Both, Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import comparable, loose
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


@word("equals")
def equals(place: Place, path: Path, to: Path, loosely: bool = False) -> Faults:
    """The value equals another where both are given; loosely: letters and digits decide, not case, spaces or punctuation."""
    value, other = path.of(place), to.of(place)
    if other is not None and value != other and not (loosely and loose(value) == loose(other)):
        yield Fault(path, value, other, say("%(value)s is not %(other)s.", value=shown(value), other=shown(other)), to)


@word("differs")
def differs(place: Place, path: Path, other: Path) -> Faults:
    """The value is not the same as another, whatever their case and punctuation."""
    value, second = path.of(place), other.of(place)
    if second is not None and loose(value) == loose(second):
        yield Fault(path, value, None, say("Both are %(value)s.", value=shown(value)), other)


@word("one_of", holds=lambda value, path, values: value in values)
def one_of(place: Place, path: Path, values: tuple[str, ...]) -> Faults:
    """The value is one of those allowed."""
    value = path.of(place)
    because = say("%(value)s is none of %(values)s.", value=shown(value), values=shown(values))
    if len(values) == 1:
        because = say("%(value)s is not %(other)s.", value=shown(value), other=shown(values))
    yield Fault(path, value, list(values), because)


@word("is_true", holds=lambda value, path: value is True)
def is_true(place: Place, path: Path) -> Faults:
    """The statement is made: the value is true."""
    yield Fault(path, path.of(place), True, "It says no.")


@word("is_false", holds=lambda value, path: value is False)
def is_false(place: Place, path: Path) -> Faults:
    """The statement is denied: the value is false."""
    yield Fault(path, path.of(place), False, "It says yes.")


@word("has_form", holds=lambda value, path, pattern: re.fullmatch(pattern, str(value), re.DOTALL) is not None)
def has_form(place: Place, path: Path, pattern: str) -> Faults:
    """The text has the form of a regular expression, from its first to its last character."""
    value = path.of(place)
    yield Fault(path, value, pattern, say("%(value)s does not have this form.", value=shown(value)))


@word("contained_in")
def contained_in(place: Place, path: Path, within: Path) -> Faults:
    """The text is part of another, case, spaces and punctuation aside."""
    value, whole = path.of(place), within.of(place)
    if whole is not None and loose(value) not in loose(whole):
        yield Fault(path, value, whole, say("%(value)s is not part of %(whole)s.", value=shown(value), whole=shown(whole)), within)


@word("place_named")
def place_named(place: Place, text: Path, location: Path) -> Faults:
    """A place in words ("HONG KONG", "ANY PORT IN CHINA") names a location, or leaves the choice open."""
    words, wanted = str(text.of(place)), location.of(place)
    if wanted is not None and loose(wanted["name"]) not in loose(words) and not words.casefold().startswith("any"):
        yield Fault(text, words, wanted, say("%(words)s does not name %(wanted)s.", words=shown(words), wanted=shown(wanted)), location)


@word("among")
def among(place: Place, path: Path, values: Each, or_values: Each | None = None) -> Faults:
    """The value is among those given elsewhere, case, spaces and punctuation aside; nothing is decided where none is given."""
    value, given = path.of(place), [other for each in (values, or_values) if each for _, other in each.of(place)]
    if given and loose(value) not in map(loose, given):
        yield Fault(path, value, given, say("%(value)s is not among %(given)s.", value=shown(value), given=shown(given)), values)


@word("mentions")
def mentions(place: Place, path: Path, any_of: Each) -> Faults:
    """The text holds one of the values given elsewhere, case, spaces and punctuation aside; nothing is decided where none is given."""
    text, given = path.of(place), [other for _, other in any_of.of(place)]
    if given and not any(loose(value) in loose(text) for value in given):
        yield Fault(path, text, given, say("%(text)s mentions none of %(given)s.", text=shown(text), given=shown(given)), any_of)


@word("agree")
def agree(place: Place, terms: tuple[Both, ...], complete: bool = False) -> Faults:
    """What two documents give under the same names is the same, case, spaces and punctuation of text aside.

    A term that only one of them gives is passed over, or a difference too where they must be `complete`.
    """
    for term in terms:
        value, other = (path.of(place) for path in term.paths)
        if complete or None not in (value, other):
            yield from _difference(term, value, other)


@word("answer_mirrors_offer")
def answer_mirrors_offer(place: Place, terms: tuple[Both, ...]) -> Faults:
    """The newer of two documents repeats the terms of the older; what it leaves unsaid is agreed, what it adds is not."""
    for term in terms:
        mine, theirs = term.paths
        value, other = mine.of(place), theirs.of(place)
        answer = value if _made(place, mine) >= _made(place, theirs) else other
        if answer is not None:
            yield from _difference(term, value, other)


def _made(place: Place, path: Path) -> datetime:
    made: datetime = place.context.named(path.document).data["message"]["created_at"]
    return made


def _difference(term: Both, value: Any, other: Any) -> Faults:
    if loose(value) == loose(other):
        return
    pair = comparable(value, other) if isinstance(value, (dict, Decimal)) else None
    if pair is None or pair[0] != pair[1]:
        mine, theirs = term.paths
        yield Fault(
            mine, value, other, say("%(text)s: %(value)s is not %(other)s.", text=term.text, value=shown(value), other=shown(other)), theirs
        )
