"""Refusals of bytes that are no message at all."""

from tradeflow.codec.wording import escaped, finding
from tradeflow.errors import BadInput


def malformed(what: str, body: bytes = b"", offset: int = 0, *, line: int = 0, column: int = 0, pointer: str = "") -> BadInput:
    """BadInput MALFORMED (400), with line and column where they are known or the offset in `body` gives them."""
    if body and not line:
        line, column = body.count(b"\n", 0, offset) + 1, offset - body.rfind(b"\n", 0, offset)
    where = f" (line {line}, column {column})" if line else ""
    said = escaped(f"{what[:300]}{where}.")
    return BadInput("MALFORMED", said, 400, findings=[finding(pointer, said)])
