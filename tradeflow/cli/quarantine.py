"""tradeflow quarantine: what arrived by a channel and could not be taken, and the ways out."""

import sys

import click

from tradeflow.cli import EXIT_REFUSED
from tradeflow.cli._problems import show_problem
from tradeflow.cli._trades import KEY, URL, connected, fetch


@click.group(
    epilog="""\b
Examples
  tradeflow quarantine list                             what waits for me
  tradeflow quarantine show 0198...                     why, with every finding
  tradeflow quarantine retry 0198...                    lodge it once more
  tradeflow quarantine assign 0198... golden-lantern    for the operator: say whose it is
  tradeflow quarantine reject 0198... --note "a copy"   end it

Exits 3 if the hub refuses.
"""
)
def command() -> None:
    """What arrived by file, SFTP or e-mail and could not be taken."""


@command.command("list")
@URL
@KEY
@click.option("--state", type=click.Choice(["waiting", "accepted", "rejected"]), default="waiting", show_default=True)
def list_(url: str, key: str, state: str) -> None:
    """List cases, the newest first: id, owner, reason, channel, file, the trade it names."""
    cases = fetch(url, key, "/v1/quarantine", state=state, limit=500)["items"]
    for case in cases:
        named = f" {case['type']} in {case['trade_id']}" if case["trade_id"] else ""
        click.echo(
            f"{case['quarantine_id']}  {case['party_id']}  {case['reason']}  {case['channel']}:{case['address']}  {case['name']}{named}"
        )
    if not cases:
        click.echo(f"nothing is {state}")


@command.command()
@click.argument("case_id")
@URL
@KEY
def show(case_id: str, url: str, key: str) -> None:
    """Show why a case could not be taken, with every finding."""
    cases = fetch(url, key, "/v1/quarantine", limit=500)["items"]
    case = next((c for c in cases if c["quarantine_id"] == case_id), None)
    if case is None:
        click.echo(f"there is no case {case_id} among the newest 500", err=True)
        sys.exit(EXIT_REFUSED)
    click.echo(
        f"{case['name']} by {case['channel']} from {case['address']}, {case['received_at']}, {case['bytes']} bytes, sha256 {case['sha256']}"
    )
    click.echo(f"{case['state']}; for {case['party_id']} to decide: {case['why']}")
    if case["note"]:
        click.echo(f"note: {case['note']}")
    if case["status"] >= 400:
        show_problem(case["answer"])


@command.command()
@click.argument("case_id")
@URL
@KEY
def retry(case_id: str, url: str, key: str) -> None:
    """Lodge it once more, unchanged."""
    with connected(url, key) as hub:
        receipt = hub.post(f"/v1/quarantine/{case_id}/retry")["receipt"]
    click.echo(f"accepted: {receipt['type']} {receipt['message_id']} in trade {receipt['trade_id']}, version {receipt['version']}")


@command.command()
@click.argument("case_id")
@click.argument("party")
@click.option("--note", default="", help="How it is known.")
@URL
@KEY
def assign(case_id: str, party: str, note: str, url: str, key: str) -> None:
    """Give it to PARTY, which then lodges or rejects it itself. For the operator."""
    with connected(url, key) as hub:
        case = hub.post(f"/v1/quarantine/{case_id}/assign", {"party_id": party, "note": note})
    click.echo(f"{case['name']} is for {case['party_id']} to decide")


@command.command()
@click.argument("case_id")
@click.option("--note", required=True, help="Why it will not be lodged.")
@URL
@KEY
def reject(case_id: str, note: str, url: str, key: str) -> None:
    """Decide that it will not be lodged. Bytes and note stay."""
    with connected(url, key) as hub:
        case = hub.post(f"/v1/quarantine/{case_id}/reject", {"note": note})
    click.echo(f"rejected: {case['name']}")
