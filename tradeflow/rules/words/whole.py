"""What is looked for in all documents of a trade at once: the chain of dates, and references that must be the same everywhere."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.paths import WHOLE, Path, Step
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import loose
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word
from tradeflow.rules.words.dates import day

_Dated = tuple[date, Document, str]
_TRADE = Path("", WHOLE, -1, (), "")

_found: dict[tuple[str, frozenset[str], frozenset[str]], tuple[tuple[str, str], ...]] = {}
_FOUND_MAX = 20_000


@word("dates_in_chain", even_if_absent=True)
def dates_in_chain(place: Place, chain: tuple[Step, ...], until: tuple[Step, ...] = ()) -> Faults:
    """Of the steps given, no document of a later step is dated before the first of an earlier one, and none after the last of `until`.

    Stages nobody has reached are passed over; all broken links are told at once.
    """
    docs = place.context.docs or DocumentSet()
    stages = [found for step in chain if (found := _dated(docs, step))]
    for number, stage in enumerate(stages[1:], 1):
        earlier = min(stages[number - 1], key=lambda dated: dated[0])
        for later in stage:
            if later[0] < earlier[0]:
                yield _broken(place, later, earlier)
    limits = [dated for step in until for dated in _dated(docs, step)]
    if limits and stages:
        last = max(limits, key=lambda dated: dated[0])
        for dated in stages[-1]:
            if dated[0] > last[0]:
                yield _broken(place, dated, last)


def _dated(docs: DocumentSet, step: Step) -> list[_Dated]:
    """What a stage is dated by. A document that replaces an earlier version of itself would be dated too late."""
    return [(day(value), document, "/" + path.replace(".", "/")) for value, document, path in step.of(docs) if document.version == 1]


def _broken(place: Place, wrong: _Dated, against: _Dated) -> Fault:
    (when, document, at), (limit, other, there) = wrong, against
    said = {"names": _names(document), "when": when, "names2": _names(other), "limit": limit}
    because = (
        say("%(names)s of %(when)s lies before %(names2)s of %(limit)s.", **said)
        if when < limit
        else say("%(names)s of %(when)s lies after %(names2)s of %(limit)s.", **said)
    )
    return _fault(place, document, at, when, limit, because, (other, there))


@word("shown_as_lodged", even_if_absent=True)
def shown_as_lodged(place: Place, types: tuple[str, ...], members: tuple[str, ...] = ()) -> Faults:
    """Wherever a document of these types is named, by a reference or in one of the members, it is one that was lodged.

    Where none was lodged yet, all name the same one.
    """
    docs = place.context.docs or DocumentSet()
    lodged = {str(value) for d in docs.documents if d.type in types for value in (d.number, d.get("number")) if value}
    first: tuple[str, Document] | None = None
    for document in docs.documents:
        for at, value in _references(document, frozenset(types), frozenset(members)):
            if lodged:
                if loose(value) not in {loose(number) for number in lodged}:
                    because = say(
                        "%(names)s names %(value)s; lodged is %(lodged)s.",
                        names=_names(document),
                        value=value,
                        lodged=shown(sorted(lodged)),
                    )
                    yield _fault(place, document, at, value, sorted(lodged), because, (document, at))
            elif first is None:
                first = value, document
            elif loose(value) != loose(first[0]):
                because = say(
                    "%(names)s names %(value)s, %(names2)s %(first)s.",
                    names=_names(document),
                    value=value,
                    names2=_names(first[1]),
                    first=first[0],
                )
                yield _fault(place, document, at, value, first[0], because, (first[1], "/document"))


def _references(document: Document, types: frozenset[str], members: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """What _named finds in a document; kept by its hash, for every message of a trade asks it of all documents before."""
    key = (document.sha256, types, members)
    found = _found.get(key)
    if found is None:
        if len(_found) >= _FOUND_MAX:
            _found.clear()
        found = _found[key] = tuple(_named(document.data, "", types, members))
    return found


def _named(node: Any, at: str, types: frozenset[str], members: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Every (JSON Pointer, number) at which a tree refers to a document of some types, the document's own envelope aside."""
    if isinstance(node, list):
        for n, element in enumerate(node):
            yield from _named(element, f"{at}/{n}", types, members)
    elif isinstance(node, dict):
        if node.get("type") in types and isinstance(node.get("number"), str):
            yield f"{at}/number", node["number"]
        for name, value in node.items():
            if name in members and isinstance(value, str):
                yield f"{at}/{name}", value
            elif name != "message":
                yield from _named(value, f"{at}/{name}", types, members)


@word("one_trade", even_if_absent=True)
def one_trade(place: Place, member: str) -> Faults:
    """The envelopes of all documents name the same trade."""
    docs = place.context.docs or DocumentSet()
    of_subject = place.context.document.data["message"].get(member)
    for document in docs.documents:
        value = document.data["message"].get(member)
        if value != of_subject:
            because = say("%(names)s is of %(value)s, not of %(of_subject)s.", names=_names(document), value=value, of_subject=of_subject)
            yield _fault(place, document, f"/message/{member}", value, of_subject, because, (place.context.document, f"/message/{member}"))


def _names(document: Document) -> str:
    return f"{document.type} {document.number}"


def _fault(place: Place, document: Document, at: str, found: Any, expected: Any, because: str, against: tuple[Document, str]) -> Fault:
    """A fault between two documents of the trade, told from the one the rule was put to where that is one of them."""
    subject, (other, there) = place.context.document, against
    if other is subject and document is not subject:
        return Fault(_TRADE, expected, found, because, pointer=there, other=f"{_names(document)}#{at}")
    pointer, told = (at, f"{_names(other)}#{there}") if document is subject else ("/document", f"{_names(document)}#{at}")
    return Fault(_TRADE, found, expected, because, pointer=pointer, other="" if other is subject is document else told)


@word("parties_named_elsewhere", even_if_absent=True)
def parties_named_elsewhere(place: Place, types: tuple[str, ...], members: tuple[str, ...]) -> Faults:
    """A later version of such a document names, at these members, only parties that some other document of the trade names as well."""
    docs = place.context.docs or DocumentSet()
    for document in (d for d in docs.documents if d.type in types and d.version > 1):
        known = {loose(name) for other in docs.documents if other.type not in types for name in _names_in(other.data)}
        for member in members if known else ():
            for pointer, party in document.each(member):
                name = party.get("name") if isinstance(party, dict) else None
                if name and loose(name) not in known:
                    because = say("%(name)s on %(names)s is named by no other document of this trade.", name=name, names=_names(document))
                    yield Fault(_TRADE, name, None, because, pointer="/document", other=f"{_names(document)}#{pointer}/name")


def _names_in(node: Any) -> Iterator[str]:
    """Every name of a party, a bank or a person in a document."""
    if isinstance(node, dict):
        if isinstance(node.get("name"), str):
            yield node["name"]
        for value in node.values():
            yield from _names_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _names_in(value)
