"""Refusals of files that are no table of documents at all."""

from collections.abc import Sequence

from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity

RULE = "M-GEN-01"


def refused(what: str, hint: str = "", cell: str = "") -> BadInput:
    """BadInput MALFORMED with one finding."""
    return all_of([Finding(RULE, Severity.ERROR, "", f"{what}.", hint, cell=cell)])


def all_of(findings: Sequence[Finding], code: str = "MALFORMED") -> BadInput:
    """BadInput with every finding; the first one says what it is about."""
    first = findings[0]
    more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    where = f" ({first.cell})" if first.cell else ""
    return BadInput(code, f"{first.message}{where}{more} {first.hint}".rstrip(), 400, findings=list(findings))
