"""tradeflow conformance: does a partner's system play its role?"""

import asyncio
import contextlib
import shlex
import sys
from functools import partial
from pathlib import Path

import click
import msgspec

from tradeflow.bundle import bundle_root
from tradeflow.cli import EXIT_FAILED
from tradeflow.cli._trades import connected
from tradeflow.client import Conflict
from tradeflow.model.catalogue import catalogue
from tradeflow.simulate.conformance import Kit, Prompt, as_text, shipped
from tradeflow.simulate.roles import meant

HUB = "platform"


@click.command(
    epilog="""\b
Examples
  tradeflow conformance --role carrier --url http://127.0.0.1:8080 --key "$TRADEFLOW_OPERATOR_KEY"
  tradeflow conformance S01 --role customs --party hk-customs --seconds 30 --json report.json

The partner's system is connected to that sandbox hub with its own key and answers there; all the others are simulated.
  tradeflow conformance --role exporter --prompt ./begin.sh --key "$TRADEFLOW_OPERATOR_KEY"

--prompt names a command that is run for each step of the partner: it reads on its standard input, as JSON, what is waited for, with the
document that the scenario would send (`example`). A role that begins needs it, or somebody who reads the lines that say what is waited for.

Without --party the kit registers one and prints its key. Exits 0 if every step was passed, 1 if not.
"""
)
@click.argument("scenarios", nargs=-1)
@click.option("--role", required=True, help="The role the partner plays, or a group of roles: each is tried.")
@click.option("--party", help="The partner's party id on the hub; partner-ROLE, made now, if absent.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="A sandbox hub.")
@click.option("--key", required=True, envvar="TRADEFLOW_OPERATOR_KEY", help="The operator's key of that hub: the kit sets its clock.")
@click.option("--seconds", type=click.FloatRange(0.1), default=60.0, show_default=True, help="How long to wait for each step.")
@click.option("--prompt", help="A command to run when it is the partner's turn; it reads what is waited for on its standard input.")
@click.option(
    "--prompt-after", type=click.FloatRange(0), default=5.0, show_default=True, help="Seconds in which the partner may act by itself."
)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the report to this file, too, as JSON.")
def command(
    scenarios: tuple[str, ...], role: str, party: str | None, url: str, key: str, seconds: float, prompt: str | None, prompt_after: float,
    file: Path | None,
) -> None:  # fmt: skip
    """Play the SCENARIOS (ids; all if absent) in which ROLE takes part, with the partner in it, and report how it did."""
    try:
        wanted = [one for one in meant(role, catalogue().roles) if one != HUB]
    except KeyError as unknown:
        raise click.UsageError(str(unknown.args[0])) from None
    if not wanted:
        raise click.UsageError("the platform is the hub itself: no partner plays it")
    known = shipped(bundle_root() / "workflows" / "trade" / "scenarios")
    if unknown_ids := set(scenarios) - {id_ for id_, _ in known}:
        raise click.UsageError(f"no scenario {', '.join(sorted(unknown_ids))}")
    given = party or f"partner-{role.replace('_', '-')}"
    name = _partner(url, key, given, make=party is None)
    kit = Kit(url, key, wanted, given, name, seconds, lambda line: click.echo(line, err=True))
    if prompt:
        kit.prompt, kit.prompt_after = partial(_run, shlex.split(prompt)), min(prompt_after, seconds)
    report = asyncio.run(kit.run([one for one in known if not scenarios or one[0] in scenarios]))
    click.echo(as_text(report))
    if file:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    if not report.passed:
        sys.exit(EXIT_FAILED)


async def _run(command: list[str], prompt: Prompt) -> None:
    """Run the partner's command with the prompt on its standard input. Raises OSError where there is no such command."""
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=sys.stderr)
    try:
        await process.communicate(msgspec.json.encode(prompt))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        click.echo(f"  {command[0]} ended with {process.returncode}", err=True)


def _partner(url: str, key: str, party: str, make: bool) -> str:
    """The partner's name. One that the kit makes gets a key, which is shown this once."""
    with connected(url, key) as hub:
        if make:
            with contextlib.suppress(Conflict):
                hub.add_party(party, party.replace("-", " ").title())
            made = hub.add_key(party, "conformance")
            click.echo(f"connect the partner's system to {url} as {party} with the key {made.key}", err=True)
        return hub.party(party).name
