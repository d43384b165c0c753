"""The syntax of an interchange: characters to segments and back, a piece at a time, whatever the size of the file."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tradeflow.adapters.edifact.refusal import malformed
from tradeflow.adapters.edifact.wrapping import Source, Unwrapped, wrapped

CHUNK_BYTES = 65_536
SEGMENT_MAX = 65_536  # characters
ELEMENTS_MAX, COMPONENTS_MAX = 100, 1_000  # of one segment; the directory has none with more than 30 and 60
CHARSETS = {"UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso8859-1", "UNOW": "utf-8", "UNOY": "utf-8"}
CHARSETS |= {
    f"UNO{letter}": f"iso8859-{number}"
    for letter, number in (("D", 2), ("E", 5), ("F", 7), ("G", 3), ("H", 4), ("I", 6), ("J", 8), ("K", 9), ("L", 15))
}
GUESSED = ("ascii", "iso8859-1")
ASCII_LEVELS = frozenset({"UNOA", "UNOB"})
PADDING = " \r\n\t\x00\x1a"  # what systems put behind the last segment
_TAG = re.compile(r"[A-Z]{2}[A-Z0-9]").fullmatch
_STAND_IN = "\ue000\ue001\ue002\ue003\ue004"  # for what a release character precedes, while segments are cut
_hidden = re.compile(f"[{_STAND_IN}]")

Element: TypeAlias = list[str]
"""The components of one element; a simple element has one."""


@dataclass(slots=True)
class Segment:
    """One segment: its tag, its elements (each a list of components), and its place in the message or file."""

    tag: str
    elements: list[Element]
    position: int = 0

    def value(self, element: int, component: int = 0) -> str:
        """The text there, counted from 0, or "" where nothing stands."""
        if element < len(self.elements) and component < len(self.elements[element]):
            return self.elements[element][component]
        return ""


@dataclass(frozen=True, slots=True)
class Signs:
    """The service characters of an interchange (UNA)."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = ""
    end: str = "'"

    def all(self) -> str:
        """Those that text must not hold bare; in no order that matters."""
        return "".join(sign for sign in (self.release, self.element, self.component, self.repetition, self.end) if sign.strip())


def signs_of(head: str) -> tuple[Signs, int]:
    """The service characters that a UNA declares, or the usual ones, and where the segments begin."""
    if not head.startswith("UNA"):
        return Signs(), 0
    if len(head) < 9:
        raise malformed("The service string advice (UNA) is cut off")
    component, element, decimal, release, repetition, end = tuple(head[3:9])
    made = Signs(component, element, decimal, release.strip(), "" if repetition == " " else repetition, end)
    used = made.all()
    if len(set(used)) < len(used) or any(sign.isalnum() or sign == " " for sign in (component, element, end)):
        raise malformed("The service string advice (UNA) names one character for two purposes, or a letter, a digit or a blank")
    return made, 9


def stream(source: Source) -> Iterator[Segment]:
    """The segments of a file one after the other, holding a piece of it at a time. BadInput MALFORMED where it is none."""
    head = source.read(CHUNK_BYTES)
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t")
    if not head.startswith((b"UNA", b"UNB")):
        raise malformed("An interchange begins with UNA or UNB")
    signs, start = signs_of(head[:9].decode("latin-1"))
    if wrapped(head, signs.end):  # then no line end of it belongs to a text
        head, source = head.translate(None, b"\r\n"), Unwrapped(source)
    charset = charset_of(head[start : start + 64].decode("latin-1").lstrip(" \r\n\t"), signs)
    yield from cut(_texts(head[start:], source, charset), signs)


def charset_of(head: str, signs: Signs) -> str:
    """The name of the character set that UNB declares; BadInput MALFORMED for one that cannot be read."""
    said = re.split(f"[{re.escape(signs.element + signs.component + signs.end)}]", head, maxsplit=2)
    level = said[1] if len(said) > 1 and said[0] == "UNB" else ""
    if level not in CHARSETS:
        raise malformed(f"UNB names the character set {level[:8]!r}; UNOA to UNOL, UNOW and UNOY are read")
    return CHARSETS[level]


def cut(texts: Iterable[str], signs: Signs) -> Iterator[Segment]:
    """The segments of a text that comes in pieces."""
    rest, position = "", 0
    table = [(signs.release + sign, stand_in) for sign, stand_in in zip(signs.all(), _STAND_IN, strict=False)] if signs.release else []
    back = {stand_in: pair[1] for pair, stand_in in table}
    for text in texts:
        if _hidden.search(text):
            raise malformed("A character of the private use area stands in the file", position + 1)
        rest += text
        held = ""
        if signs.release and rest.endswith(signs.release):  # what it releases comes with the next piece
            tail = len(rest) - len(rest.rstrip(signs.release))
            rest, held = (rest[:-1], signs.release) if tail % 2 else (rest, "")
        for pair, stand_in in table:
            rest = rest.replace(pair, stand_in)
        *whole, rest = rest.split(signs.end)
        for one in whole:
            position += 1
            yield _segment(one, position, signs, back)
        if len(rest) > SEGMENT_MAX:
            raise malformed(f"A segment has more than {SEGMENT_MAX:,} characters", position + 1)
        rest += held
    if rest.strip(PADDING):
        raise malformed(f"The file ends inside a segment: {rest.strip()[:40]!r} has no {signs.end}", position + 1)


def _segment(text: str, position: int, signs: Signs, back: dict[str, str]) -> Segment:
    text = text.lstrip(" \r\n\t")
    if len(text) > SEGMENT_MAX:
        raise malformed(f"A segment has more than {SEGMENT_MAX:,} characters", position)
    if text.count(signs.element) > ELEMENTS_MAX or text.count(signs.component) > COMPONENTS_MAX:
        raise malformed(f"A segment has more than {ELEMENTS_MAX} elements or {COMPONENTS_MAX} components", position)
    first, *others = text.split(signs.element)
    tag = first.split(signs.component, 1)[0]
    if not _TAG(tag):
        raise malformed(f"{tag[:20]!r} is no segment tag", position)
    elements = [other.split(signs.component) for other in others]
    if _hidden.search(text):
        for stand_in, sign in back.items():
            elements = [[one.replace(stand_in, sign) for one in element] for element in elements]
    return Segment(tag, elements, position)


def _texts(head: bytes, source: Source, charset: str) -> Iterator[str]:
    """The text, a piece at a time.

    Many send other letters than UNOA and UNOB have, or UTF-8 where they say UNOC: those are read as UTF-8, or else as ISO 8859-1. A text
    in ISO 8859-1 that happens to be UTF-8 would have to hold such pairs as A with tilde and a quarter; we never write one (party.py).
    """
    decoder = codecs.getincrementaldecoder("utf-8" if charset in GUESSED else charset)()
    chunk = head
    try:
        while chunk:
            before = decoder.getstate()
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                if charset not in GUESSED:
                    raise
                decoder = codecs.getincrementaldecoder("iso8859-1")()
                text = decoder.decode(before[0] + chunk)
            yield text
            chunk = source.read(CHUNK_BYTES)
        yield _ending(decoder, charset)
    except UnicodeDecodeError as error:
        raise malformed(f"A byte (0x{error.object[error.start]:02X}) is none of the character set that UNB names ({charset})") from None


def _ending(decoder: codecs.IncrementalDecoder, charset: str) -> str:
    try:
        return decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if charset not in GUESSED:
            raise
        return error.object.decode("iso8859-1")


def text_of(segments: Iterable[Segment], signs: Signs = Signs()) -> str:
    """The segments as text, one per line; empty elements and components at the end are left out."""
    every = re.compile(f"([{re.escape(signs.all())}])")

    def released(text: str) -> str:
        return every.sub(lambda hit: signs.release + hit[0], text)

    lines = []
    for segment in segments:
        elements = [signs.component.join(released(one) for one in trimmed(element)) for element in segment.elements]
        lines.append(signs.element.join([segment.tag, *trimmed(elements)]) + signs.end)
    return "\n".join(lines) + "\n"


def trimmed(texts: list[str]) -> list[str]:
    """The list without the empty texts at its end."""
    end = len(texts)
    while end and not texts[end - 1]:
        end -= 1
    return texts[:end]
