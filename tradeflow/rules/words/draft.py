"""The wording of a bill of exchange."""

import re
from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_CONDITION = re.compile(r"\b(if|unless|provided|subject\s+to|on\s+condition|upon\s+arrival|after\s+arrival)\b", re.IGNORECASE)
_CENTS = re.compile(r"\band\s+((?:(?!and\b)[a-z]+[\s-]+){1,2})(?=cents?\b|pence\b|fils\b|sen\b|centimes?\b)")
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_UNITS = {name: n for n, name in enumerate(_SMALL.split())} | {
    name: 10 * n for n, name in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


def numbers_in_words(text: str) -> list[int]:
    """The numbers an English text spells out: "one hundred and two thousand nine hundred dollars and fifty cents" -> [102900, 50]."""
    found: list[int] = []
    total = group = 0
    inside = False
    for word_ in [*re.findall(r"[a-z]+|;", _CENTS.sub(r"; \1", text.casefold())), ""]:
        if word_ in _UNITS:
            group += _UNITS[word_]
        elif word_ == "hundred" and inside:
            group *= 100
        elif word_ in _SCALES and inside:
            total, group = total + group * _SCALES[word_], 0
        elif word_ == "and" and inside:
            continue
        else:
            if inside:
                found.append(total + group)
            total = group = 0
            inside = False
            continue
        inside = True
    return found


@word("amount_in_words")
def amount_in_words(place: Place, words: Path, amount: Path) -> Faults:
    """An amount written out in English is the amount in figures; cents may stand in words or as "50/100"."""
    text, figures = str(words.of(place)), amount.of(place)
    if figures is None:
        return
    spelled = numbers_in_words(text)
    fraction = re.search(r"\b([0-9]{1,2})/100\b", text)
    cents = Decimal(fraction[1]) / 100 if fraction else Decimal(spelled[1]) / 100 if len(spelled) > 1 else Decimal(0)
    meant = spelled[0] + cents if spelled else None
    if meant != figures["value"]:
        reading = say("say %(value)s", value=shown({**figures, "value": meant})) if meant is not None else "spell out no amount"
        yield Fault(
            words, text, figures, say("The words %(reading)s, the figures %(figures)s.", reading=reading, figures=shown(figures)), amount
        )


@word("unconditional")
def unconditional(place: Place, order: Path) -> Faults:
    """An order to pay sets no condition."""
    text = str(order.of(place))
    if (match := _CONDITION.search(text)) is not None:
        yield Fault(order, text, None, say('"%(match)s" makes the order conditional.', match=match[0]))
