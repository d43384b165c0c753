"""Packages: their numbers and their dimensions."""

import re
from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.model.measures import cubic_metres
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_METRES = {"mm": Decimal("0.001"), "cm": Decimal("0.01"), "m": Decimal(1), "in": Decimal("0.0254"), "ft": Decimal("0.3048")}
_DIMENSIONS = re.compile(r"\s*([0-9.]+)\s*[x×*]\s*([0-9.]+)\s*[x×*]\s*([0-9.]+)\s*(mm|cm|m|in|ft)\.?\s*", re.IGNORECASE)
_RANGE = re.compile(r"\s*([0-9]+)(?:\s*[-–/]\s*([0-9]+))?\s*")


def numbers_in(text: str) -> list[range] | None:
    """The package numbers of "1-120, 125" as ranges; None where they are not plain numbers, or run backwards."""
    found = []
    for part in re.split(r"[,;]", text):
        match = _RANGE.fullmatch(part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            return None
        found.append(range(int(match[1]), int(match[2] or match[1]) + 1))
    return found


@word("package_numbers")
def package_numbers(place: Place, numbers: Each, counts: Each) -> Faults:
    """Package numbers ("1-120") are as many as the packages they stand for, and no number is used twice."""
    given = list(numbers.of(place))
    wanted = [count for _, count in counts.of(place)]
    taken: list[tuple[range, str]] = []
    for (pointer, text), count in zip(given, wanted, strict=False):
        ranges = numbers_in(text)
        if ranges is None:
            continue
        many = sum(len(part) for part in ranges)
        if many != count:
            yield Fault(
                numbers,
                text,
                count,
                say("%(text)s are %(many)s numbers for %(count)s packages.", text=text, many=many, count=count),
                counts,
                pointer,
            )
        for part in ranges:
            for other, where in taken:
                if part.start < other.stop and other.start < part.stop:
                    yield Fault(
                        numbers, text, None, say("%(text)s overlaps the numbers at %(where)s.", text=text, where=where), pointer=pointer
                    )
            taken.append((part, pointer))


@word("dimensions_fill")
def dimensions_fill(place: Place, dimensions: Path, volume: Path, count: Path, within_percent: Decimal) -> Faults:
    """Length x width x height ("60 x 50 x 30 cm") of a package is the volume, of one package or of all that are counted."""
    text, stated, many = dimensions.of(place), volume.of(place), count.of(place)
    match = _DIMENSIONS.fullmatch(text)
    size = cubic_metres(stated) if stated is not None else None
    if match is None or size is None or not many:
        return
    one = Decimal(match[1]) * Decimal(match[2]) * Decimal(match[3]) * _METRES[match[4].lower()] ** 3
    if all(abs(size - expected) > expected * within_percent / 100 for expected in (one, one * many)):
        because = say(
            "%(stated)s is neither %(one)s m3 for one package nor %(one2)s m3 for %(many)s.",
            stated=shown(stated),
            one=shown(one),
            one2=shown(one * many),
            many=shown(many),
        )
        yield Fault(volume, stated, {"value": one * many, "unit": "MTQ"}, because, dimensions)
