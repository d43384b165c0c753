"""What a schema finding says to a person: the field by its human name, what stands there, what should."""

import difflib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic_core import ErrorDetails, ValidationError

from tradeflow.codec.patterns import in_words
from tradeflow.codec.scalars import text_of
from tradeflow.codec.shape import ELEMENTS_MAX, EXT_VALUE_MAX, INTEGER_DIGITS_MAX, LENGTH_MAX, Node, shape
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import MessageType
from tradeflow.model.finding import Finding, Severity

RULE = "M-GEN-01"
FINDINGS_MAX = 500  # of one refusal
_SHOWN = 80  # characters of a value that are repeated to the sender

_FORM = {
    "decimal": "a decimal in plain notation such as 24.5, at most 18 digits before and 10 after the point",
    "percent": "a percentage in plain notation such as 2.5, at most 18 digits before and 10 after the point",
    "date": "a date such as 2025-01-06",
    "datetime": "a date and time with seconds and offset such as 2025-01-06T09:30:00+08:00",
    "integer": say("a whole number of at most %(n)s digits", n=INTEGER_DIGITS_MAX),
    "boolean": "true or false",
}
_TYPE_ERRORS = {
    "string_type",
    "int_type",
    "bool_type",
    "dict_type",
    "list_type",
    "value_error",
    "greater_than",
    "less_than",
    "int_parsing_size",
}


def findings_of(mt: MessageType, error: ValidationError) -> list[Finding]:
    """One finding per schema error, in document order, at most FINDINGS_MAX (the last one then says how many are left out)."""
    errors = error.errors(include_url=False, include_context=False)
    made = [_finding(mt, one) for one in errors[:FINDINGS_MAX]]
    if len(errors) > FINDINGS_MAX:
        made.append(
            finding(
                "", say("%(n)s more findings are not listed", n=len(errors) - FINDINGS_MAX), hint="Correct these first, then send it again."
            )
        )
    return made


def finding(pointer: str, message: str, **more: Any) -> Finding:
    """An error of the schema rule M-GEN-01."""
    return Finding(RULE, Severity.ERROR, pointer, message, **more)


def pointer_of(location: Sequence[str | int]) -> str:
    """The JSON Pointer (RFC 6901) of a location; segments are shortened and made printable, as senders choose them."""
    return "".join("/" + printable(str(step)).replace("~", "~0").replace("/", "~1") for step in location)


def printable(text: str) -> str:
    """The first characters of a text with everything unprintable escaped."""
    return escaped(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def escaped(text: str) -> str:
    """The text with everything unprintable escaped."""
    return text if text.isprintable() else "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: Any) -> Any:
    """A value as a finding may repeat it: short, printable, never a whole structure."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**18):
        return value
    if isinstance(value, Decimal):
        return printable(text_of(value) if value.is_finite() and abs(value.adjusted()) < _SHOWN else f"{value:.10E}")
    return printable(str(value))


def _finding(mt: MessageType, error: ErrorDetails) -> Finding:
    kind, value = error["type"], None if error["type"] == "missing" else error["input"]
    location = [step for step in error["loc"] if step != "[key]"]
    node, path, label = _place(mt, location)
    source, pointer = f"catalogue: {mt.id} {path}", pointer_of(location)
    if node is None:
        return _ext(pointer, kind, value, source) if location[:1] == ["ext"] else _unknown(mt, location, pointer, source)
    message, hint, expected = _say(node, kind, value, isinstance(location[-1] if location else "", int))
    return finding(
        pointer, say("%(label)s: %(said)s", label=label, said=message), hint=hint, found=shown(value), expected=expected, source=source
    )


def _say(node: Node, kind: str, value: Any, element: bool) -> tuple[str, str, Any]:
    if kind == "missing":
        inside = "" if node.scalar or node.type else say("It holds %(names)s.", names=", ".join(m.path for m in node.members if m.required))
        return "is missing", inside or node.rule, None
    if value is None:
        return "is null", "Leave the member out where there is nothing to say.", None
    if kind in ("too_short", "too_long"):
        return (
            ("is empty", "Leave the member out.", None)
            if kind == "too_short"
            else (say("has more than %(n)s elements", n=f"{ELEMENTS_MAX:,}"), "", ELEMENTS_MAX)
        )
    if kind == "string_too_short":
        return "is empty", "Leave the member out where there is nothing to say.", None
    if kind == "string_too_long":
        limit = LENGTH_MAX[node.scalar]
        return say("has %(n)s characters, at most %(most)s are allowed", n=f"{len(value.strip()):,}", most=f"{limit:,}"), "", limit
    if node.repeats and not element:
        return "must be a list", "Put it in square brackets, also where there is only one.", "a list"
    if not node.scalar:
        return "must be an object", say("It has members: %(names)s.", names=", ".join(m.name for m in node.members)), "an object"
    if kind in _TYPE_ERRORS:
        form = _FORM.get(node.scalar, "text")
        return say("%(value)s is not %(form)s", value=_quoted(value), form=form), _cure(node, value), form
    return _code(node, str(value))


def _code(node: Node, value: str) -> tuple[str, str, Any]:
    if node.only:
        return say("%(value)s must be %(only)s here", value=_quoted(value), only=node.only), "", node.only
    codelist = node.codelist
    if codelist is None:
        return say("%(value)s is not allowed", value=_quoted(value)), "", None
    if codelist.values:
        codes = list(codelist.values)
        return (
            say("%(value)s is not one of %(codes)s (%(source)s)", value=_quoted(value), codes=", ".join(codes), source=codelist.source),
            _meant(codelist.values, value),
            codes,
        )
    if codelist.library:
        return (
            say("%(value)s is not an %(source)s code", value=_quoted(value), source=codelist.source),
            _meant(codelist.codes, value),
            codelist.source,
        )
    return (
        say("%(value)s is not a %(source)s code", value=_quoted(value), source=codelist.source),
        in_words(codelist.pattern),
        codelist.pattern,
    )


def _meant(codes: Mapping[str, str], value: str) -> str:
    wanted = value.strip().casefold()
    for code, meaning in codes.items():
        if wanted in (code.casefold(), meaning.casefold()):
            return say("Did you mean %(code)s?", code=code)
    if max(map(len, codes)) <= 3:  # among short codes the nearest one means nothing
        return ""
    near = difflib.get_close_matches(value[:_SHOWN], codes, n=1)
    return say("Did you mean %(code)s?", code=near[0]) if near else ""


def _cure(node: Node, value: Any) -> str:
    if node.scalar in ("string", "text", "id", "code") and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return "Write it in quotation marks."
    if node.scalar in ("integer", "boolean") and isinstance(value, str):
        return "Write it without quotation marks." if re.fullmatch(r"\s*(-?\d+|true|false)\s*", value) else ""
    if node.scalar == "decimal" and isinstance(value, str) and "," in value:
        return "Use a point for decimals and no separators for thousands."
    return ""


def _unknown(mt: MessageType, location: Sequence[str | int], pointer: str, source: str) -> Finding:
    if not location:
        return finding("", "The message must be an object", found=None, expected="an object", source=source)
    parent, _, label = _place(mt, location[:-1])
    names = [member.name for member in parent.members] if parent else []
    near = difflib.get_close_matches(str(location[-1])[:_SHOWN], names, n=1)
    hint = say("Did you mean %(code)s?", code=near[0]) if near else "Members of your own go into `ext`, as text."
    return finding(
        pointer, say("%(name)s: no such member in %(label)s", name=printable(str(location[-1])), label=label), hint=hint, source=source
    )


def _ext(pointer: str, kind: str, value: Any, source: str) -> Finding:
    said = {
        "string_pattern_mismatch": "names are 1 to 70 letters, digits or _.:-",
        "string_too_long": say("values have at most %(n)s characters", n=EXT_VALUE_MAX),
        "string_too_short": "a value is empty",
        "too_short": "is empty: leave it out",
    }
    return finding(
        pointer, say("Extensions: %(said)s", said=said.get(kind, "must be an object of names and texts")), found=shown(value), source=source
    )


def _place(mt: MessageType, location: Sequence[str | int]) -> tuple[Node | None, str, str]:
    """The node at a location, its path as the catalogue writes it, and its name with what it belongs to: "Order lines 2, Unit price"."""
    node: Node | None = shape(mt)
    path: list[str] = []
    labels: list[str] = []
    for step in location:
        if isinstance(step, int):
            labels[-1:] = [f"{labels[-1]} {step + 1}"] if labels else []
            continue
        node = next((member for member in node.members if member.name == step), None) if node else None
        path.append(printable(step) + ("[]" if node and node.repeats else ""))
        label = node.label if node else printable(step)
        labels += [label] if labels[-1:] != [label] else []
    return node, ".".join(path), ", ".join(labels) or mt.name


def _quoted(value: Any) -> str:
    return f"'{shown(value)}'" if isinstance(value, str) else str(shown(value)).lower() if isinstance(value, bool) else str(shown(value))
