"""What stands aside, as text in free text elements of limited length: one JSON object over as many pieces as it needs.

Its length stands before it: where a piece is lost, what is left could still be JSON, and say what nobody wrote.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tradeflow.elements.aside import Stated


def pieces(fields: Sequence[Stated], length: int) -> Iterator[str]:
    """The fields as texts of at most `length` characters; none begins or ends with a space, or holds a line end."""
    if not fields:
        return
    said = {one.pointer: one.value if one.instead is None else [one.value, one.instead] for one in fields}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    text = re.sub(" (?= )", r"\\u0020", text)
    text = f"{len(text)}:{text}"
    while text:
        cut = min(length, len(text))
        while 0 < cut < len(text) and (text[cut - 1] == " " or text[cut] == " "):
            cut -= 1
        yield text[:cut]
        text = text[cut:]


def stated(texts: Iterable[str]) -> list[Stated] | None:
    """The fields that such pieces say; None where they are not whole."""
    length, _, text = "".join(texts).partition(":")
    if not text or length != str(len(text)):
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [*fields(said)] if isinstance(said, dict) else None


def fields(said: Any) -> Iterator[Stated]:
    """Pointer -> value, or the value and what the format says instead of it. Other values than scalars are left."""
    for pointer, one in said.items() if isinstance(said, dict) else ():
        value, instead = one if isinstance(one, list) and len(one) == 2 else (one, None)
        if all(part is None or isinstance(part, (str, int, bool)) for part in (value, instead)):
            yield Stated(pointer, value, instead)
