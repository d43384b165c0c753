"""A refusal as a shipping clerk reads it."""

from typing import Any

import click


def show_problem(problem: dict[str, Any]) -> None:
    """Print a problem (RFC 9457) with every finding: where, what, both values, what to do."""
    click.echo(f"refused ({problem.get('status')} {problem.get('code')}): {problem.get('detail')}", err=True)
    for finding in problem.get("findings", []):
        click.echo(f"\n  {finding['rule']} {finding['severity']} at {finding['pointer'] or '/'}", err=True)
        click.echo(f"    {finding['message']}", err=True)
        if finding.get("expected") is not None:
            click.echo(f"    found {finding.get('found')!r}, expected {finding['expected']!r}", err=True)
        if finding.get("hint"):
            click.echo(f"    {finding['hint']}", err=True)
    names = sorted({a.get("message") or a.get("event", "") for a in problem.get("allowed", [])})
    if names:
        click.echo(f"\n  accepted now from you: {', '.join(names)}", err=True)
