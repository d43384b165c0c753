"""FIN text: the blocks of a message, the fields of block 4, and what may stand in them."""

import functools
import re
import string
from dataclasses import dataclass

from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity

RULE, WIDTHS = "M-GEN-07", re.compile(r"(\d+)\*(\d+)([xz])").fullmatch
BYTES_MAX, FILE_BYTES_MAX = 100_000, 5_000_000  # of a message, of a file of messages
BETWEEN = "\n $\x01\x03\x00"  # what interfaces put around messages in a file (RJE, DOS-PCC)
X = frozenset(string.ascii_letters + string.digits + "/-?:().,'+ ")
Z = X | frozenset('=!"%&*<>;{@#_')
_header = re.compile(
    r"\{1:F01(?P<sender>[A-Z0-9]{12})\d{10}\}"
    r"\{2:(?:I(?P<to>\d{3})(?P<receiver>[A-Z0-9]{12})[A-Z]?\d{0,4}"
    r"|O(?P<from>\d{3})\d{10}(?P<origin>[A-Z0-9]{12})\d{20,21}[A-Z]?)\}"
)
_user = re.compile(r"(?:\{3:(?:\{\d{3}:[^{}\n]{0,140}\}){0,20}\})?")
_trailers = re.compile(
    r"(?:\{5:(?:\{[A-Z]{3}:[^{}\n]{0,64}\}){0,10}\})?"
    r"(?:\{S:(?:\{TDF:(?P<rest>[^{}\n]*+)\}|\{(?!TDF:)[A-Z]{3}:[^{}\n]{0,64}\}){0,10}\})?"
)
_between = re.compile(f"[{re.escape(BETWEEN)}]*")
_notation = re.compile(r"<\w+>(?:15)?|\d+!?[nacxz]|\]\d-\d+|.")
_MEANING = {
    "<DATE2>": r"\d{6}",
    "<CUR>": "[A-Z]{3}",
    "<AMOUNT>15": r"(?=[\d,]{2,15}(?!\d))\d+,\d*",
    "<BIC>": "[A-Z0-9]{8}(?:[A-Z0-9]{3})?",
    "<DC>": "[CD]",
    "<DM>": "[DM]",
    "[": "(?:",
    "]": ")?",
    "$": "\n",
}
_tag = re.compile(r":(\d{2}[A-Z]?):")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of block 4: its tag with the option letter, its text, and the line it begins in."""

    tag: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Fin:
    """One message: its number, who sent it to whom (logical terminals as BIC), and its fields."""

    number: str
    sender: str
    receiver: str
    fields: tuple[Field, ...]
    rest: str = ""  # what the hub has put aside in block S
    line: int = 1  # that it begins in
    faults: tuple[Finding, ...] = ()  # of the messages that it goes on in


def fault(what: str, line: int = 0, hint: str = "", found: object = None) -> Finding:
    """A finding about the form of a message."""
    text = what if what.isprintable() else what.encode("unicode_escape").decode()
    return Finding(RULE, Severity.ERROR, "", f"{text}{f' (line {line})' if line else ''}.", hint=hint, found=found)


def refused(*findings: Finding) -> BadInput:
    """BadInput MALFORMED with everything that is wrong with the text."""
    return BadInput("MALFORMED", findings[0].message, 400, findings=list(findings[:500]))


def parsed(body: bytes) -> list[Fin]:
    """The messages in FIN text, one behind the other; BadInput MALFORMED for anything else."""
    if len(body) > FILE_BYTES_MAX:
        raise refused(fault(f"The file has {len(body):,} bytes, at most {FILE_BYTES_MAX:,} are read"))
    try:
        text = body.decode("ascii").replace("\r\n", "\n").strip(BETWEEN)
    except UnicodeDecodeError as error:
        raise refused(
            fault(f"Byte 0x{body[error.start]:02X} is in no SWIFT character set", body.count(b"\n", 0, error.start) + 1)
        ) from None
    found: list[Fin] = []
    at = 0
    while at < len(text):
        made, at = _one(text, at)
        found.append(made)
        at = _between.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
    return found


def _one(text: str, at: int) -> tuple[Fin, int]:
    """The message that begins at a place, and where it ends."""

    def line(place: int) -> int:
        return text.count("\n", 0, place) + 1

    head = _header.match(text, at)
    if not head:
        what = "Something stands after the end of the message" if at else "The text does not begin with the blocks"
        raise refused(fault(f"{what}: a message begins with the blocks {{1:F01...}} and {{2:I... or O...}}", line(at)))
    user = _user.match(text, head.end())
    start = user.end() if user else head.end()
    if not text.startswith("{4:\n", start):
        raise refused(fault("Block 4 does not begin where it should: {4: at the end of a line", line(start)))
    end = text.find("\n-}", start + 3)
    if end < 0:
        raise refused(fault("Block 4 has no end: a line with -}", line(start)))
    trailers = _trailers.match(text, end + 3)
    after = trailers.end() if trailers else end + 3
    if after - at > BYTES_MAX:
        raise refused(fault(f"The text has {after - at:,} bytes, a message has at most {BYTES_MAX:,}", line(at)))
    fields = _fields(text[start + 4 : end] if end > start + 3 else "", line(start + 4))
    rest = trailers["rest"] if trailers else ""
    return Fin(head["to"] or head["from"], head["sender"], head["receiver"] or head["origin"], fields, rest or "", line(at)), after


def _fields(inside: str, first: int) -> tuple[Field, ...]:
    made: list[tuple[str, list[str], int]] = []
    wrong: list[Finding] = []
    for number, line in enumerate(inside.split("\n"), first):
        begin = _tag.match(line)
        if begin:
            made.append((begin[1], [line[begin.end() :]], number))
        elif not made:
            wrong.append(fault(f"{line[:20]!r} stands before the first field", number))
        elif line.startswith((":", "-")):
            wrong.append(fault(f"A line of field {made[-1][0]} begins with {line[0]}, which begins a field or ends the message", number))
        else:
            made[-1][1].append(line)
        if bad := sorted(set(line) - Z):
            wrong.append(
                fault(
                    f"{' '.join(bad)} cannot stand in a message",
                    number,
                    "SWIFT takes letters without accents, digits and some signs.",
                    line[:80],
                )
            )
    if wrong:
        raise refused(*wrong)
    return tuple(Field(tag, "\n".join(lines), number) for tag, lines, number in made)


def misfit(text: str, form: str) -> str:
    """What is wrong with the text of a field by its format, or ""."""
    lines = text.split("\n")
    limits = WIDTHS(form)
    if not all(lines) or any(line.startswith((":", "-")) for line in lines[1:]):
        return "an empty line, or one that begins like a field or the end of the message"
    if not limits:
        return "" if pattern(form).fullmatch(text) else f"{text[:40]!r} does not have the form {form}"
    count, width, kind = int(limits[1]), int(limits[2]), limits[3]
    if len(lines) > count or any(len(line) > width for line in lines):
        return f"{len(lines)} lines of up to {max(map(len, lines))} characters, {count} of {width} can be carried"
    wrong = sorted(set("".join(lines)) - (X if kind == "x" else Z))
    return f"{' '.join(wrong)}, which the set {kind} does not have" if wrong else ""


@functools.cache
def pattern(form: str) -> re.Pattern[str]:
    """A format in the notation of the standard as a regular expression: 4!c is four capitals or digits, $ a line end."""
    made, signs = "", {"n": r"\d", "a": "[A-Z]", "c": "[A-Z0-9]", "x": _class(X), "z": _class(Z)}
    for part in _notation.findall(form):
        if size := re.fullmatch(r"(\d+)(!?)([nacxz])", part):
            made += f"{signs[size[3]]}{{{size[1] if size[2] else f'1,{size[1]}'}}}"
        elif often := re.fullmatch(r"\](\d)-(\d+)", part):
            made += f"){{{often[1]},{often[2]}}}"
        else:
            made += _MEANING.get(part) or re.escape(part)
    return re.compile(made)


def _class(signs: frozenset[str]) -> str:
    return f"[{re.escape(''.join(sorted(signs)))}]"


def written(fin: Fin) -> bytes:
    """The message as FIN text, with the line ends that FIN has."""
    head = f"{{1:F01{fin.sender}0000000000}}{{2:I{fin.number}{fin.receiver}N}}{{4:"
    rest = f"{{S:{{TDF:{fin.rest}}}}}" if fin.rest else ""
    lines = [head, *(f":{field.tag}:{field.text}" for field in fin.fields), f"-}}{rest}"]
    return "\n".join(lines).replace("\n", "\r\n").encode("ascii") + b"\r\n"


def terminal(bic: str) -> str:
    """A logical terminal address (12 characters) of a BIC; X where none is known: the bank's interface puts in its own."""
    return f"{bic[:8]}A{bic[8:11] or 'XXX'}" if re.fullmatch(r"[A-Z0-9]{8}(?:[A-Z0-9]{3})?", bic) else "XXXXXXXXAXXX"


def bic_of(address: str) -> str:
    """The BIC in a logical terminal address, without a branch that says nothing; "" for one of X."""
    bic = address[:8] + address[9:12]
    return "" if bic.startswith("XXXXXXXX") else bic.removesuffix("XXX")
