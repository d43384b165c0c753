"""Refusals of bytes that are no message at all."""

from tradeflow.codec.wording import escaped, finding
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say


def malformed(what: str, body: bytes = b"", offset: int = 0, *, line: int = 0, column: int = 0, pointer: str = "") -> BadInput:
    """BadInput MALFORMED (400), with line and column where they are known or the offset in `body` gives them."""
    if body and not line:
        line, column = body.count(b"\n", 0, offset) + 1, offset - body.rfind(b"\n", 0, offset)
    said = f"{what[:300]}."
    if line:
        said = say("%(what)s (line %(line)s, column %(column)s).", what=what[:300], line=line, column=column)
    said = escaped(said)
    return BadInput("MALFORMED", said, 400, findings=[finding(pointer, said)])
