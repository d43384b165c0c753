"""Refusals of interchanges, in one form: what is wrong and in which segment."""

from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity

RULE = "M-GEN-01"
SOURCE = "ISO 9735, syntax error "  # followed by the code (0085)


def fault(what: str, position: int = 0, hint: str = "", found: object = None, expected: object = None, code: str = "") -> Finding:
    """A finding about the form of an interchange; `code` is the syntax error (0085) that CONTRL names it with."""
    where = f" (segment {position})" if position else ""
    text = what if what.isprintable() else what.encode("unicode_escape").decode()
    return Finding(
        RULE, Severity.ERROR, "", f"{text}{where}.", hint=hint, found=found, expected=expected, source=f"{SOURCE}{code}" if code else ""
    )


def malformed(what: str, position: int = 0) -> BadInput:
    """BadInput MALFORMED for bytes that are no interchange."""
    finding = fault(what, position)
    return BadInput("MALFORMED", finding.message, 400, findings=[finding])


def refused(findings: list[Finding]) -> BadInput:
    """BadInput MALFORMED with everything that is wrong with an interchange."""
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    return BadInput("MALFORMED", f"The interchange is not in order: {count}. {findings[0].message}", 400, findings=findings[:500])
