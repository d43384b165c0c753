"""A refusal as a shipping clerk reads it."""

from typing import Any

import click


def show_problem(problem: dict[str, Any]) -> None:
    """Print a problem (RFC 9457) with every finding: where, what, both values, what to do."""
    click.echo(f"refused ({problem.get('status')} {problem.get('code')}): {problem.get('detail')}", err=True)
    for finding in problem.get("findings", []):
        click.echo(f"\n  {finding['rule']} {finding['severity']} at {_place(finding)}", err=True)
        click.echo(f"    {finding['message']}", err=True)
        if finding.get("expected") is not None:
            click.echo(f"    found {_value(finding.get('found'))}, expected {_value(finding['expected'])}", err=True)
        if finding.get("hint"):
            click.echo(f"    {finding['hint']}", err=True)
    names = sorted({a["message"] for a in problem.get("allowed", []) if may_be_sent(a)})
    if names:
        click.echo(f"\n  accepted now from you: {', '.join(names)}", err=True)


def _place(finding: dict[str, Any]) -> str:
    """The cell of a table where there is one, with the member of the document."""
    pointer = finding["pointer"] or "/"
    return f"{finding['cell']} ({pointer})" if finding.get("cell") else str(pointer)


def may_be_sent(allowed: dict[str, Any]) -> bool:
    """Whether an entry of `allowed` is a message none of whose conditions is already known not to hold."""
    return bool(allowed.get("message")) and all(guard.get("holds") is not False for guard in allowed.get("guards", []))


def _value(value: Any) -> str:
    """Amounts and measures as people write them: 1092 USD."""
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(_value(part) for part in value)
    return "nothing" if value is None else str(value)
