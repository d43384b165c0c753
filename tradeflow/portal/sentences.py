"""Sentences that the hub puts together from values, in the reader's language: why a clock ends when it does, where a value comes from.

Each is recognised by its pattern and said again with its values; what matches none stays as it is. Documents have their names, not their
ids, in English too.
"""

import re
from collections.abc import Callable

from tradeflow.language.catalogues import DEFAULT, N_, translations
from tradeflow.model.catalogue import catalogue

_DOCUMENT = r"(?P<kind>[a-z_0-9]+) (?P<number>.+)"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"reminder: (?P<said_rest>.+)", N_("reminder: %(rest)s")),
        (r"(?P<said_rest>.+), not later than (?P<moment>\S+)", N_("%(rest)s, not later than %(moment)s")),
        (
            r"(?P<said_rest>.+), closed on the last day in (?P<where>\S+): next open day (?P<day>\S+)",
            N_("%(rest)s, closed on the last day in %(where)s: next open day %(day)s"),
        ),
        (rf"until (?P<day>[^(]+) \({_DOCUMENT}\)", N_("until %(day)s (%(kind)s %(number)s)")),
        (r"(?P<n>\d+) days after (?P<day>\S+)", N_("%(n)s days after %(day)s")),
        (r"(?P<n>\d+) banking days in (?P<where>\S+) after (?P<day>\S+)", N_("%(n)s banking days in %(where)s after %(day)s")),
        (r"(?P<n>\d+) working days in (?P<where>\S+) after (?P<day>\S+)", N_("%(n)s working days in %(where)s after %(day)s")),
        (r"(?P<n>\d+) banking days after (?P<day>\S+)", N_("%(n)s banking days after %(day)s")),
        (r"(?P<n>\d+) working days after (?P<day>\S+)", N_("%(n)s working days after %(day)s")),
        (r"cut-off (?P<code>[A-Z]{3}) (?P<moment>\S+)", N_("cut-off %(code)s %(moment)s")),
        (
            rf"(?P<n>\d+) (?P<unit>[A-Z]+) free time (?P<code>[A-Z]+) from (?P<day>\S+) \({_DOCUMENT}\)",
            N_("%(n)s %(unit)s free time %(code)s from %(day)s (%(kind)s %(number)s)"),
        ),
        (r"no process takes an? (?P<kind>[a-z_0-9]+) here", N_("no process takes a %(kind)s here")),
        (r"nobody plays (?P<role>[a-z_]+) in this trade", N_("nobody plays %(role)s in this trade")),
        (
            r"(?P<kind>[a-z_0-9]+) in [\w.#-]+ needs: (?P<said_rest>[^.]+(?:\.(?! Now: )[^.]*)*)\. Now: .+\.",
            N_("%(kind)s needs: %(rest)s"),
        ),
    )
)
# how a value was made, of which fields
MADE = (
    *(N_("put together"), N_("in capitals"), N_("joined"), N_("all of them"), N_("amount in words"), N_("number in words")),
    *(
        N_("the country it belongs to"),
        N_("sum"),
        N_("difference"),
        N_("quantity x unit price"),
        N_("percent of another value"),
        N_("count"),
    ),
    *(N_("the whole, as there is one only"), N_("next number"), N_("whole numbers 1, 2, 3 ..."), N_("today"), N_("now")),
    *(N_("days counted on"), N_("the day of that moment"), N_("the latest of these days"), N_("as in"), N_("computed")),
)


def sentence(language: str, text: str) -> str:
    """The sentence in a language; as it stands where it is none of those known."""
    gettext = translations(language).gettext
    for pattern, template in _PATTERNS:
        if found := pattern.fullmatch(text):
            values = {name.removeprefix("said_"): _value(language, name, value) for name, value in found.groupdict().items()}
            return gettext(template) % values
    return gettext(text)


def made_of(language: str, text: str) -> str:
    """Where a computed value comes from: "sum of Gross weight", in a language with the fields first."""
    head = next((one for one in sorted(MADE, key=len, reverse=True) if text == one or text.startswith(f"{one} ")), "")
    if language == DEFAULT or not head:
        return translations(language).gettext(text)
    gettext = translations(language).gettext
    fields = text.removeprefix(head).strip().removeprefix("of ").removeprefix("from ").strip()
    names = ", ".join(gettext(one) for one in fields.split(", ") if one)
    return gettext("%(how)s: %(fields)s") % {"how": gettext(head), "fields": names} if names else gettext(head)


HOW = N_("%(how)s: %(fields)s")


def _value(language: str, name: str, value: str) -> str:
    words: dict[str, Callable[[str], str]] = {
        "kind": lambda id: catalogue().message(id).name if id in catalogue().ids() else id.replace("_", " "),
        "role": lambda id: catalogue().roles[id].name if id in catalogue().roles else id.replace("_", " "),
    }
    if name.startswith("said_"):
        return sentence(language, value)
    return translations(language).gettext(words[name](value)) if name in words else value
