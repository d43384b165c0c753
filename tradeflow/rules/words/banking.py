"""What banks tell each other about a credit or a collection: its amendments, its balance, the documents they hold."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.money import round_half_up
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import comparable, like, loose, number
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_WORD = re.compile(r"[a-z0-9]+(?:[.,/-][a-z0-9]+)*")
_FILLERS = frozenset(["a", "an", "and", "as", "at", "for", "in", "of", "on", "per", "the", "to", "with"])


@word("numbered_in_sequence")
def numbered_in_sequence(place: Place, number: Path, every: str, same: str) -> Faults:
    """All documents of a type that name the same thing are numbered from 1 on without a gap."""
    docs, subject = place.context.docs, place.context.named(number.document)
    stated = number.of(place)
    of_it = [d for d in (docs.of(every) if docs else []) if d.get(same) == subject.get(same)]
    member = ".".join(number.names)
    numbers = {d.get(member) for d in of_it} | {stated}
    missing = next((n for n in range(1, max(numbers) + 1) if n not in numbers), None)
    if missing is not None or stated < 1:
        because = say(
            "%(stated)s is stated; of %(get)s number %(missing)s comes first.",
            stated=shown(stated),
            get=subject.get(same),
            missing=missing or 1,
        )
        yield Fault(number, stated, missing or 1, because)


@word("as_amended")
def as_amended(place: Place, amount: Path, credit: Path) -> Faults:
    """An amount is that of the credit, as issued or with amendments that nobody rejected."""
    stated, issued = amount.of(place), credit.of(place)
    pair = comparable(stated, issued)
    if pair is None:
        return
    amounts = [pair[1]]
    for amendment in _not_rejected(place.context.docs, place.context.named(credit.document).number):
        for member, sign in (("increase", 1), ("decrease", -1)):
            change = amendment.get(member)
            if change is not None and change["currency"] == issued["currency"]:
                amounts.append(amounts[-1] + sign * change["value"])
    if pair[0] not in amounts:
        due = like(issued, amounts[-1])
        yield Fault(
            amount, stated, due, say("%(stated)s is not the amount of the credit, %(due)s.", stated=shown(stated), due=shown(due)), credit
        )


def _not_rejected(docs: DocumentSet | None, credit: str) -> Iterator[Document]:
    rejected = {
        d.get("amendment_no")
        for d in (docs.of("lc_amendment_response") if docs else ())
        if d.get("lc_number") == credit and d.get("decision") == "REJECT"
    }
    for amendment in docs.of("lc_amendment") if docs else ():
        number = amendment.get("amendment_no")
        if amendment.get("lc_number") == credit and number not in rejected:
            rejected.add(number)  # a bank that passes it on repeats it
            yield amendment


@word("sent_to_author")
def sent_to_author(place: Place, number: Path, type: str) -> Faults:
    """Among those addressed is the role that lodged the document referred to; nothing is decided where the trade does not know it."""
    state, stated = place.context.state, number.of(place)
    entry = state.documents.get(f"{type}:{stated}") if state else None
    if entry is None:
        return
    roles = [recipient["role"] for recipient in place.context.document.data["message"]["recipients"]]
    if entry.role not in roles:
        because = say("%(stated)s came from the %(role)s; this goes to %(roles)s.", stated=stated, role=entry.role, roles=shown(roles))
        yield Fault(number, roles, entry.role, because)


@word("tolerance_stated")
def tolerance_stated(place: Place, tolerance: Path, plus: Path, minus: Path) -> Faults:
    """A tolerance written as two figures ("10/5", field 39A) is that of the credit; one left out there is nothing."""
    stated, expected = str(tolerance.of(place)), f"{plus.of(place) or 0}/{minus.of(place) or 0}"
    figures = [int(part) for part in stated.split("/") if part.strip().isdigit()]
    if figures != [int(part) for part in expected.split("/")]:
        yield Fault(
            tolerance, stated, expected, say("%(stated)s is stated, the credit has %(expected)s.", stated=stated, expected=expected), plus
        )


@word("same_copies")
def same_copies(place: Place, listed: Each, others: Each) -> Faults:
    """Two lists hold the same documents with as many originals and copies; nothing is decided where one is empty."""
    mine, theirs = list(listed.of(place)), [entry for _, entry in others.of(place)]
    if not mine or not theirs:
        return
    sent = {_key(entry): entry for entry in theirs}
    for pointer, entry in mine:
        other = sent.pop(_key(entry), None)
        if other is None:
            yield Fault(listed, entry["number"], None, say("%(number)s was not enclosed.", number=entry["number"]), others, pointer)
            continue
        for member in ("originals", "copies"):
            count, enclosed = entry.get(member), other.get(member)
            if count is not None and enclosed is not None and count != enclosed:
                because = say(
                    "%(number)s: %(count)s %(member)s, %(enclosed)s were enclosed.",
                    number=entry["number"],
                    count=shown(count),
                    member=member,
                    enclosed=shown(enclosed),
                )
                yield Fault(listed, count, enclosed, because, others, f"{pointer}/{member}")
    for entry in sent.values():
        because = say("%(number)s was enclosed and is not listed.", number=entry["number"])
        yield Fault(listed, None, entry["number"], because, others, listed.path.pointer(place))


def _key(entry: Any) -> tuple[str, str]:
    return entry["type"], loose(entry["number"])


@word("description_corresponds")
def description_corresponds(place: Place, lines: Each, goods: Each) -> Faults:
    """Every word of each description of goods in the credit stands in the descriptions of the invoice, which may say more."""
    said: set[str] = set()
    for _, line in lines.of(place):
        said |= _words(line["description"])
    for _, wanted in goods.of(place) if said else ():
        missing = sorted(_words(wanted["description"]) - said)
        if missing:
            because = say(
                "%(description)s: the invoice does not say %(missing)s.", description=shown(wanted["description"]), missing=shown(missing)
            )
            yield Fault(lines, None, wanted["description"], because, goods, lines.path.pointer(place))


def _words(text: str) -> set[str]:
    """The words of a description, singular and plural alike, without the small ones."""
    found = _WORD.findall(text.casefold())
    return {w.removesuffix("s") if len(w) > 3 and w.isalpha() else w for w in found} - _FILLERS


@word("insured_from_cfr")
def insured_from_cfr(place: Place, insured: Path, price: Path, rate: Path) -> Faults:
    """Where only the price with freight is known, CIF is that price / (1 - 1.1 x rate), and 110 % of it are insured."""
    pair, percent = comparable(insured.of(place), price.of(place)), rate.of(place)
    if pair is None or percent is None:
        return
    share = 1 - Decimal("1.1") * number(percent) / 100
    if share <= 0:
        return
    stated = price.of(place)
    least = like(stated, round_half_up(pair[1] / share * Decimal("1.1"), stated["currency"]))
    if pair[0] < least["value"]:
        because = say(
            "%(of)s is less than 110 %% of CIF reckoned from %(stated)s, %(least)s.",
            of=shown(insured.of(place)),
            stated=shown(stated),
            least=shown(least),
        )
        yield Fault(insured, insured.of(place), least, because, price)
