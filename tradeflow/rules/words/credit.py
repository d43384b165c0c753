"""What a documentary credit may say (UCP 600) and what its wording gives away."""

import re
from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.model.money import round_half_up
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import comparable, loose, number, sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_DOCUMENT = re.compile(
    r"\b(documents?|invoices?|drafts?|bills?|b/?l|waybills?|lists?|certificates?|certify|certifying|polic(y|ies)|letters?|notes?|receipts?"
    r"|statements?|declarations?|presentations?|presented|drawings?|discrepanc(y|ies)|declared|negotiat\w+|copies|originals?)\b",
    re.IGNORECASE,
)
_SOFT = re.compile(r"\b(issued|signed|countersigned|approved|authenticated|endorsed)\b[^.\n]{0,30}\bby\s+(the\s+)?applicant", re.IGNORECASE)


@word("credit_balance")
def credit_balance(place: Place, balance: Path, amount: Path, plus: Path, utilised: Path) -> Faults:
    """The available balance of a credit is its amount with the plus tolerance (39A) less what was utilised, and never below zero."""
    stated, credit, drawn = balance.of(place), amount.of(place), utilised.of(place)
    if {sized(value)[1] for value in (stated, credit, drawn) if value is not None} != {sized(stated)[1]}:
        return
    tolerance = Decimal(100 + (plus.of(place) or 0)) / 100
    expected = round_half_up(credit["value"] * tolerance - (drawn["value"] if drawn else 0), credit["currency"])
    if stated["value"] != expected or expected < 0:
        due = {**stated, "value": expected}
        yield Fault(
            balance,
            stated,
            due,
            say(
                "%(credit)s x %(tolerance)s less %(drawn)s is %(due)s, not %(stated)s.",
                credit=shown(credit),
                tolerance=tolerance,
                drawn=shown(drawn),
                due=shown(due),
                stated=shown(stated),
            ),
            amount,
        )


@word("credit_covers")
def credit_covers(place: Place, amount: Path, plus: Path, total: Path, tolerance: Path | None = None) -> Faults:
    """The credit with its plus tolerance covers a total, with the quantity tolerance the seller may use."""
    credit, contract = amount.of(place), total.of(place)
    pair = comparable(credit, contract)
    if pair is None:
        return
    covered = pair[0] * (100 + number(plus.of(place) or 0)) / 100
    wanted = pair[1] * (100 + number((tolerance.of(place) if tolerance else None) or 0)) / 100
    if covered < wanted:
        yield Fault(
            amount,
            credit,
            {**credit, "value": wanted},
            say(
                "The credit covers %(value)s; %(value2)s is needed.",
                value=shown({**credit, "value": covered}),
                value2=shown({**credit, "value": wanted}),
            ),
            total,
        )


@word("as_credit_asks")
def as_credit_asks(place: Place, path: Path, required: Each, member: str, documents: tuple[str, ...]) -> Faults:
    """A value is what the credit asks of a document of these types, where it asks for one."""
    value = path.of(place)
    for pointer, requirement in required.of(place):
        asked = requirement.get(member)
        if requirement["document_type"] in documents and asked is not None and asked != value:
            because = say("The credit asks for %(asked)s, not %(value)s.", asked=shown(asked), value=shown(value))
            yield Fault(path, value, asked, because, required, other=f"{_of(place, required)}{pointer}/{member}")


@word("names_a_document")
def names_a_document(place: Place, conditions: Each) -> Faults:
    """A condition of a credit says which document shows that it is met (UCP 600 art. 14(h)); judged by the words it uses."""
    for pointer, text in conditions.of(place):
        if _DOCUMENT.search(text) is None:
            yield Fault(conditions, text, None, say("%(text)s names no document.", text=shown(text)), pointer=pointer)


@word("not_by_applicant")
def not_by_applicant(place: Place, issuers: Each, conditions: Each, applicant: Path) -> Faults:
    """No document asked for is issued, signed or approved by the applicant, who could withhold it."""
    name = applicant.of(place)
    for pointer, issuer in issuers.of(place):
        if loose(issuer) in ("applicant", "theapplicant", loose(name)):
            yield Fault(issuers, issuer, None, say("%(issuer)s is the applicant.", issuer=shown(issuer)), applicant, pointer)
    for pointer, text in conditions.of(place):
        if (match := _SOFT.search(text)) is not None:
            yield Fault(conditions, text, None, say("It asks for a document %(match)s.", match=match[0].lower()), applicant, pointer)


def _of(place: Place, path: Each) -> str:
    document = place.context.named(path.document)
    return f"{document.type} {document.number}#"
