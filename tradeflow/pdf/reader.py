"""Who reads a page: the language of its names and values, and whether its names stand in English too, as on forms of Chinese offices."""

import functools
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from babel import Locale

from tradeflow.language.catalogues import DEFAULT, translations

HAN_PER_LINE = 8  # characters of one line of the heading of a column


@dataclass(frozen=True, slots=True)
class Reader:
    """`bilingual` names everything in English and in the language; values are then in English, for those abroad who get the paper."""

    language: str = DEFAULT
    bilingual: bool = False

    @property
    def values(self) -> str:
        """The language of dates, numbers and the meanings of codes."""
        return DEFAULT if self.bilingual else self.language


ENGLISH = Reader()
_reader: ContextVar[Reader] = ContextVar("reader", default=ENGLISH)


@contextmanager
def read_by(reader: Reader) -> Iterator[None]:
    """Everything made inside is for this reader."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def language() -> str:
    """The language of values."""
    return _reader.get().values


def said(text: str, **values: Any) -> str:
    """A text of the page in the language of its values; `%(name)s` are filled in."""
    made = translations(language()).gettext(text) if text else ""
    return made % values if values else made


def named(text: str) -> str:
    """The name of something: in both languages where the reader wants both, English first."""
    reader = _reader.get()
    other = translations(reader.language).gettext(text) if text else ""
    return f"{text} {other}" if reader.bilingual and other != text else other


def with_value(name: str, value: str) -> str:
    """A name and its value in one line."""
    return said("%(name)s: %(value)s", name=name, value=value)


@functools.cache
def territory(code: str, language: str) -> str:
    """A country by its ISO code, "" where the language has no name for it."""
    return str(Locale.parse(language).territories.get(code, ""))


def width(text: str) -> int:
    """How many Latin characters wide a text is: those of Chinese, Japanese and Korean count twice."""
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
