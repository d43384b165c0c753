"""What must be given, what must not, and what belongs together."""

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import loose
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


@word("present", even_if_absent=True)
def present(place: Place, path: Path) -> Faults:
    """The value is given."""
    value = path.of(place)
    if value in (None, "", []):
        yield Fault(path, value, "a value", "It is not given.")


@word("absent")
def absent(place: Place, path: Path) -> Faults:
    """The value is not given."""
    value = path.of(place)
    if value != []:
        yield Fault(path, value, None, say("It gives %(value)s.", value=shown(value)))


@word("all_absent", even_if_absent=True)
def all_absent(place: Place, paths: tuple[Path, ...]) -> Faults:
    """None of the values is given; an empty list counts as not given."""
    for path in paths:
        value = path.of(place)
        if value not in (None, []):
            yield Fault(path, value, None, say("%(label)s is given.", label=path.label))


@word("all_present", even_if_absent=True)
def all_present(place: Place, paths: tuple[Path, ...]) -> Faults:
    """Each of the values is given; an empty list or text counts as not given."""
    for path in paths:
        if path.of(place) in (None, "", []):
            yield Fault(path, None, "a value", say("%(label)s is not given.", label=path.label))


@word("all_present_if_listed", even_if_absent=True)
def all_present_if_listed(place: Place, paths: tuple[Path, ...], listed: Each, any_of: tuple[str, ...]) -> Faults:
    """Each of the values is given where a list names one of certain codes."""
    named = [value for _, value in listed.of(place) if value in any_of]
    for path in paths if named else ():
        if path.of(place) in (None, "", [], False):
            yield Fault(
                path,
                path.of(place),
                "a value",
                say("%(named)s is listed and %(label)s is not given.", named=shown(named[0]), label=path.label),
                listed,
            )


@word("listed_if_present")
def listed_if_present(place: Place, path: Path, listed: Each, any_of: tuple[str, ...]) -> Faults:
    """Where a value is given, a list names one of certain codes."""
    value = path.of(place)
    if not any(code in any_of for _, code in listed.of(place)):
        yield Fault(
            path,
            value,
            list(any_of),
            say("%(value)s is given and none of %(any_of)s is listed.", value=shown(value), any_of=shown(any_of)),
            listed,
        )


@word("present_if_differ", even_if_absent=True)
def present_if_differ(place: Place, path: Path, first: Path, second: Path) -> Faults:
    """A value is given where two others are not the same."""
    one, two = first.of(place), second.of(place)
    if None not in (one, two) and one != two and path.of(place) is None:
        yield Fault(
            path,
            None,
            "a value",
            say("%(one)s and %(two)s differ and %(label)s is not given.", one=shown(one), two=shown(two), label=path.label),
            first,
        )


@word("together", even_if_absent=True)
def together(place: Place, path: Path, other: Path) -> Faults:
    """Two values are both given or both left out."""
    first, second = path.of(place), other.of(place)
    if (first is None) != (second is None):
        given, missing = (path, other) if second is None else (other, path)
        yield Fault(
            missing, None, "a value", say("%(label)s is given and %(label2)s is not.", label=given.label, label2=missing.label), given
        )


@word("at_most_one", even_if_absent=True)
def at_most_one(place: Place, paths: tuple[Path, ...]) -> Faults:
    """Not more than one of the values is given."""
    given = [path for path in paths if path.of(place) is not None]
    if len(given) > 1:
        yield Fault(
            given[1], given[1].of(place), None, say("%(label)s are given.", label=" and ".join(path.label for path in given)), given[0]
        )


@word("exactly_one", even_if_absent=True)
def exactly_one(place: Place, paths: tuple[Path, ...]) -> Faults:
    """One of the values is given, and only one."""
    given = [path for path in paths if path.of(place) not in (None, "", [])]
    if len(given) != 1:
        names = " and ".join(path.label for path in given)
        yield Fault(paths[0], len(given), 1, say("%(names)s are given.", names=names) if given else "Not one is given.")


@word("at_least_one", even_if_absent=True)
def at_least_one(place: Place, paths: tuple[Path, ...]) -> Faults:
    """One or more of the values are given; an empty list counts as not given."""
    if not any(path.of(place) not in (None, "", []) for path in paths):
        yield Fault(paths[0], None, "a value", say("Not one of %(label)s is given.", label=", ".join(path.label for path in paths)))


@word("unique")
def unique(place: Place, values: Each) -> Faults:
    """No value stands twice in the document."""
    every = values.values(place)
    if len(set(every)) == len(every):
        return
    first: dict[object, str] = {}
    for pointer, value in values.of(place):
        if value in first:
            yield Fault(
                values,
                value,
                None,
                say("%(value)s stands at %(first)s and again at %(pointer)s.", value=shown(value), first=first[value], pointer=pointer),
                pointer=pointer,
            )
        first.setdefault(value, pointer)


@word("each_listed")
def each_listed(place: Place, values: Each, listed: Each) -> Faults:
    """Every value is one of those listed elsewhere, case, spaces and punctuation aside."""
    known = [value for _, value in listed.of(place)]
    same = {loose(value) for value in known}
    for pointer, value in values.of(place):
        if loose(value) not in same:
            yield Fault(
                values, value, known, say("%(value)s is not among %(known)s.", value=shown(value), known=shown(known)), listed, pointer
            )


@word("same_lists")
def same_lists(place: Place, values: Each, others: Each) -> Faults:
    """Two lists hold the same values in any order, case, spaces and punctuation aside; nothing is decided where one is empty."""
    mine, theirs = [value for _, value in values.of(place)], [value for _, value in others.of(place)]
    if mine and theirs and sorted(map(loose, mine)) != sorted(map(loose, theirs)):
        yield Fault(
            values,
            mine,
            theirs,
            say("%(mine)s is not %(theirs)s.", mine=shown(mine), theirs=shown(theirs)),
            others,
            values.path.pointer(place),
        )


@word("some_true")
def some_true(place: Place, values: Each) -> Faults:
    """At least one of the statements is made."""
    if not any(value is True for _, value in values.of(place)):
        yield Fault(values, None, True, "Not one of them says so.", pointer=values.path.pointer(place))


@word("some_false")
def some_false(place: Place, values: Each) -> Faults:
    """At least one of the statements is denied."""
    if not any(value is False for _, value in values.of(place)):
        yield Fault(values, None, False, "Not one of them says no.", pointer=values.path.pointer(place))


@word("includes")
def includes(place: Place, values: Each, any_of: tuple[str, ...]) -> Faults:
    """Among the values is at least one of those asked for."""
    given = [value for _, value in values.of(place)]
    if not any(value in any_of for value in given):
        yield Fault(
            values,
            given,
            list(any_of),
            say("It lists %(given)s; one of %(any_of)s is asked for.", given=shown(given), any_of=shown(any_of)),
            pointer=values.path.pointer(place),
        )


@word("excludes")
def excludes(place: Place, values: Each, none_of: tuple[str, ...]) -> Faults:
    """Among the values is none of those named."""
    for pointer, value in values.of(place):
        if value in none_of:
            yield Fault(values, value, None, say("It lists %(value)s.", value=shown(value)), pointer=pointer)
