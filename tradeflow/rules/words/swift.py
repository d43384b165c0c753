"""What a SWIFT MT message can carry."""

import string

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_X = frozenset(string.ascii_letters + string.digits + "/-?:().,'+ \r\n")
_SETS = {"x": _X, "z": _X | frozenset('=!"%&*<>;@#_{')}


@word("swift_text")
def swift_text(place: Place, texts: tuple[Each, ...], characters: str, longest: int, lines: int) -> Faults:
    """Texts use the SWIFT character set x or z, in so many lines of at most so many characters."""
    allowed = _SETS[characters]
    for each in texts:
        for pointer, text in each.of(place):
            wrong = sorted(set(text) - allowed)
            if wrong:
                yield Fault(each, text, None, say("SWIFT cannot carry %(wrong)s.", wrong=" ".join(map(shown, wrong))), pointer=pointer)
            broken = text.splitlines()
            widest = max(map(len, broken), default=0)
            if widest > longest or len(broken) > lines:
                because = say(
                    "It has %(broken)s lines of up to %(widest)s characters; %(lines)s of %(longest)s can be carried.",
                    broken=len(broken),
                    widest=widest,
                    lines=lines,
                    longest=longest,
                )
                yield Fault(each, text, f"{lines}*{longest}{characters}", because, pointer=pointer)


@word("swift_reference")
def swift_reference(place: Place, reference: Path, longest: int = 16) -> Faults:
    """A reference a SWIFT message can carry: not too long, no slash at either end, no two slashes together."""
    value = str(reference.of(place))
    if len(value) > longest or value.startswith("/") or value.endswith("/") or "//" in value:
        yield Fault(
            reference,
            value,
            say("at most %(longest)s characters", longest=longest),
            say("%(value)s cannot stand in a reference field (%(longest)sx).", value=value, longest=longest),
        )
