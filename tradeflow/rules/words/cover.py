"""Open cover: what was declared under a policy, and what is billed for it."""

from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.model.document import Document
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


@word("declared_within")
def declared_within(place: Place, value: Path, policy: Path, limit: Path, same: tuple[str, ...] = (), since_policy: bool = False) -> Faults:
    """The sums of all declarations of the trade under a policy stay within its limit; `same`: of those only that agree in these members.

    `since_policy` counts the declarations made after the policy was written, whose balance already allows for the earlier ones.
    """
    most, mine = limit.of(place), place.context.named(value.document)
    if most is None:
        return
    written = place.context.named(limit.document).data["message"]["created_at"]
    counted = [
        declared
        for declared in _declarations(place, mine)
        if declared.get("open_policy.number") == policy.of(place)
        and all(declared.get(member) == mine.get(member) for member in same)
        and not (since_policy and declared.data["message"]["created_at"] < written)
    ]
    sums = [sized(declared.get("insured_value")) for declared in counted]
    bound, currency = sized(most)
    if any(other != currency for _, other in sums):
        return
    total = sum((size for size, _ in sums), Decimal(0))
    if total > bound:
        made = {"value": total, "currency": currency}
        because = say(
            "%(number)s: %(made)s declared, the limit is %(most)s.",
            number=", ".join(d.number for d in counted),
            made=shown(made),
            most=shown(most),
        )
        yield Fault(value, made, most, because, limit)


def _declarations(place: Place, mine: Document) -> list[Document]:
    docs = place.context.docs
    return docs.of("insurance_declaration") if docs else [mine]


@word("billed_as_declared")
def billed_as_declared(place: Place, lines: Each, number: Path, sum_insured: Path, rate: Path) -> Faults:
    """Where an invoice bills a declaration, it bills the sum that was declared, at the rate that was declared."""
    wanted, declared, agreed = number.of(place), sum_insured.of(place), rate.of(place)
    for pointer, line in lines.of(place):
        if (line.get("declaration") or {}).get("number") != wanted:
            continue
        for member, expected, path in (("sum_insured", declared, sum_insured), ("rate", agreed, rate)):
            value = line.get(member)
            if None not in (value, expected) and value != expected:
                yield Fault(
                    lines,
                    value,
                    expected,
                    say("%(value)s is billed, %(expected)s was declared.", value=shown(value), expected=shown(expected)),
                    path,
                    f"{pointer}/{member}",
                )


@word("told")
def told(place: Place, roles: Each, role: str, notice: str) -> Faults:
    """A message goes to a role, or a notice of a certain type was lodged in the trade before."""
    state, given = place.context.state, [value for _, value in roles.of(place)]
    noticed = state is not None and any(key.partition(":")[0] == notice for key in state.documents)
    if role not in given and not noticed:
        yield Fault(
            roles,
            given,
            role,
            say("It goes to %(given)s, and no %(notice)s has been lodged.", given=shown(given), notice=notice),
            pointer="/message/recipients",
        )
