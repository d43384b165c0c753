"""What must be given, what must not, and what belongs together."""

from tradeflow.rules.paths import Each, Path, Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


@word("present", even_if_absent=True)
def present(place: Place, path: Path) -> Faults:
    """The value is given."""
    value = path.of(place)
    if value is None or value == "" or value == []:
        yield Fault(path, value, "a value", "It is not given.")


@word("absent")
def absent(place: Place, path: Path) -> Faults:
    """The value is not given."""
    value = path.of(place)
    if value != []:
        yield Fault(path, value, None, f"It gives {shown(value)}.")


@word("together", even_if_absent=True)
def together(place: Place, path: Path, other: Path) -> Faults:
    """Two values are both given or both left out."""
    first, second = path.of(place), other.of(place)
    if (first is None) != (second is None):
        given, missing = (path, other) if second is None else (other, path)
        yield Fault(missing, None, "a value", f"{given.text} is given and {missing.text} is not.", given)


@word("not_together")
def not_together(place: Place, path: Path, other: Path) -> Faults:
    """Two values are not both given."""
    second = other.of(place)
    if second is not None:
        yield Fault(path, path.of(place), None, f"{path.text} and {other.text} are both given.", other)


@word("exactly_one", even_if_absent=True)
def exactly_one(place: Place, paths: tuple[Path, ...]) -> Faults:
    """One of the values is given, and only one."""
    given = [path for path in paths if path.of(place) is not None]
    if len(given) != 1:
        names = " and ".join(path.text for path in given)
        yield Fault(paths[0], len(given), 1, f"{names} are given." if given else "None is given.")


@word("at_least_one", even_if_absent=True)
def at_least_one(place: Place, paths: tuple[Path, ...]) -> Faults:
    """One or more of the values are given; an empty list counts as not given."""
    if not any(path.of(place) not in (None, "", []) for path in paths):
        yield Fault(paths[0], None, "a value", f"None of {', '.join(path.text for path in paths)} is given.")


@word("unique")
def unique(place: Place, values: Each) -> Faults:
    """No value stands twice in the document."""
    first: dict[object, str] = {}
    for pointer, value in values.of(place):
        if value in first:
            yield Fault(values, value, None, f"{shown(value)} stands at {first[value]} and again at {pointer}.", pointer=pointer)
        first.setdefault(value, pointer)


@word("each_listed")
def each_listed(place: Place, values: Each, listed: Each) -> Faults:
    """Every value is one of those listed elsewhere."""
    known = [value for _, value in listed.of(place)]
    for pointer, value in values.of(place):
        if value not in known:
            yield Fault(values, value, known, f"{shown(value)} is not among {shown(known)}.", listed, pointer)


@word("values_among")
def values_among(place: Place, values: Each, allowed: tuple[str, ...]) -> Faults:
    """Every value is one of those allowed."""
    for pointer, value in values.of(place):
        if value not in allowed:
            yield Fault(values, value, list(allowed), f"{shown(value)} is none of {shown(allowed)}.", pointer=pointer)


@word("includes")
def includes(place: Place, values: Each, any_of: tuple[str, ...]) -> Faults:
    """Among the values is at least one of those asked for."""
    given = [value for _, value in values.of(place)]
    if not any(value in any_of for value in given):
        yield Fault(
            values,
            given,
            list(any_of),
            f"It lists {shown(given)}; one of {shown(any_of)} is asked for.",
            pointer=values.path.pointer(place),
        )


@word("excludes")
def excludes(place: Place, values: Each, none_of: tuple[str, ...]) -> Faults:
    """Among the values is none of those named."""
    for pointer, value in values.of(place):
        if value in none_of:
            yield Fault(values, value, None, f"It lists {shown(value)}.", pointer=pointer)
