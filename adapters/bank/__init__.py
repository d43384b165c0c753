"""What a bank's interface puts around MT messages: nothing, the $ of RJE, or the sectors of DOS-PCC."""

from collections.abc import Mapping
from typing import Any

from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity

SECTOR = 512
START, END = b"\x01", b"\x03"


class Bank:
    """Puts one message into the container that the bank's interface reads, and takes one out of it."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._container = str(settings.get("container", "fin"))

    def outgoing(self, body: bytes) -> bytes:
        """The file: a DOS-PCC sector begins with 01, the message ends with 03, and the rest of the last sector is blank."""
        if self._container != "pcc" or not body.startswith(b"{1:"):
            return body
        framed = START + body.rstrip(b"\r\n") + END
        return framed + b" " * (-len(framed) % SECTOR)

    def incoming(self, body: bytes) -> bytes:
        """The one message in a file of any of the three kinds; BadInput MALFORMED for several, as every message has its own answer."""
        if body.startswith(START):
            body, end, rest = body[1:].partition(END)
            if not end or rest.strip(b" \x00\r\n\x1a"):
                raise _malformed("A DOS-PCC file holds one message between the bytes 01 and 03, and blanks behind it")
            return body + b"\r\n"
        if body.startswith(b"{1:"):
            parts = [part for part in body.split(b"$") if part.strip()]
            if len(parts) > 1 and all(part.lstrip().startswith(b"{1:") for part in parts):
                raise _malformed(f"The RJE file holds {len(parts)} messages; send each in a file of its own")
            if len(parts) == 1:
                return parts[0]
        return body


def _malformed(what: str) -> BadInput:
    return BadInput("MALFORMED", what, 400, findings=[Finding("M-ADP-02", Severity.ERROR, "", f"{what}.")])
