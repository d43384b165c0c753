"""Sentences with values: each is made where it is known, of a template and values, and said in another language from the same template.

`say` writes the English one, which is what is stored and sent. `meant` finds the template and the values in it again, so that whatever
was taken out of a sentence for its reader stays out of it in every language, and what was stored long ago can be read too. Extraction
takes the first argument of every `say` into the catalogues; there is no other list of sentences.
"""

import functools
import re
from dataclasses import dataclass
from typing import Any

from tradeflow.language.catalogues import SENTENCE, marked

NESTED = frozenset(  # places that hold a sentence, or several
    {
        *("why", "because", "unlock", "needed", "said", "says", "where", "reason", "reasons", "meaning", "wrong", "hint", "what"),
        *("reckoned", "text", "owes", "form", "does"),
    }
)
WORD = frozenset(  # places that hold a single word: a number, a day, an id
    {
        "n",
        "day",
        "days",
        "moment",
        "code",
        "kind",
        "id",
        "trigger",
        "key",
        "state",
        "role",
        "version",
        "event",
        "party",
        "party_id",
        "function",
    }
)
PLAIN = 6  # a template with fewer fixed letters fits too much: its values are single words
# a text in quotation marks, an amount, a measure, a company by its name, or a word; in a list each of them
_ONE = r"(?:\"[^\"]*\"|[A-Z]{3} [\d,.]+|[\d,.]+ [A-Z0-9]{2,3}|[A-Z][\w&'().]*(?:,? [\w&'().-]+){1,8}?|\S+?)"
_WORD = r"(?:\d{4}-\d\d-\d\d \d[\d:+.-]*|\S+?)"  # a moment is one
_VALUE = rf"{_ONE}(?:, {_ONE})*?"
PLACE = re.compile(r"%\((\w+)\)s")
_LETTER = re.compile(r"[A-Za-z]")


def say(template: str, **values: Any) -> str:
    """The sentence in English; `%(name)s` are filled in."""
    return template % values if values else template


@dataclass(frozen=True, slots=True)
class _Template:
    text: str
    pattern: re.Pattern[str]
    anchor: str  # its longest fixed part: what does not have it need not be tried
    fixed: int  # characters that are not values


@functools.cache
def _known() -> tuple[_Template, ...]:
    """Every template that there is a translation of, those that say most first."""
    made = []
    for text in marked(SENTENCE):
        pieces = PLACE.split(text)
        fixed = [piece.replace("%%", "%") for piece in pieces[::2]]
        letters = sum(len(_LETTER.findall(piece)) for piece in fixed)
        seen: set[str] = set()
        pattern = re.escape(fixed[0])
        for name, after in zip(pieces[1::2], fixed[1:], strict=True):
            word = place(name) in WORD or (letters < PLAIN and place(name) not in (*NESTED, "label"))
            value = _WORD if place(name) in WORD else _VALUE if word else ".+?"
            pattern += (f"(?P={name})" if name in seen else f"(?P<{name}>{value})") + re.escape(after)
            seen.add(name)
        if seen:
            made.append(_Template(text, re.compile(pattern, re.DOTALL), max(fixed, key=len), sum(map(len, fixed))))
    return tuple(sorted(made, key=lambda one: (-one.fixed, one.text)))


@functools.lru_cache(maxsize=4096)
def meant(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The template that a sentence was made of, and its values; None where it was made of none that has a translation."""
    for one in _known():
        if one.anchor in sentence and (found := one.pattern.fullmatch(sentence)):
            return one.text, found.groupdict()
    return None


def place(name: str) -> str:
    """What stands at a place: value2 is another value."""
    return name.rstrip("0123456789_")
