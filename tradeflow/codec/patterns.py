"""What a pattern asks for, in words: a clerk reads no regular expressions."""

import re

from tradeflow.language.sentences import say

_PART = re.compile(r"(?P<maybe>\()?\[(?P<signs>[^\]]+)\](?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\})?(?P<end>\)\?)?|(?P<sign>[-/.])\?")
_SIGNS = {
    "0-9": ("digit", "digits"),
    "A-Z": ("capital letter", "capital letters"),
    "A-Z0-9": ("capital letter or digit", "capital letters or digits"),
    "A-Z2-9": ("capital letter or digit from 2 to 9", "capital letters or digits from 2 to 9"),
    "A-Z0-9/.-": ("capital letter, digit or one of / . -", "capital letters, digits or / . -"),
}


def in_words(pattern: str) -> str:
    """A sentence such as "It has 3 capital letters, then 7 digits."; the pattern itself where there are no words for it."""
    inside, at, said = pattern.removeprefix("^").removesuffix("$"), 0, list[str]()
    while at < len(inside):
        part = _PART.match(inside, at)
        words = _words(part) if part else ""
        if not part or not words:
            return say("It must match %(pattern)s.", pattern=pattern)
        said.append(words)
        at = part.end()
    return say("It has %(parts)s.", parts=", then ".join(said))


def _words(part: re.Match[str]) -> str:
    if part["sign"]:
        return f"perhaps {part['sign']}"
    if (part["maybe"] is None) != (part["end"] is None):
        return ""
    least, most = part["least"] or "1", part["most"]
    known = _SIGNS.get(part["signs"])
    if known is None:
        words = " or ".join(part["signs"]) if part["signs"].isalpha() and least == "1" and not most else ""
    else:
        words = f"{least} to {most} {known[1]}" if most else f"{least} {known[least != '1']}"
    return f"perhaps {words}" if part["maybe"] and words else words
