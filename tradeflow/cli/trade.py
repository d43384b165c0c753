"""tradeflow trade: look at trades on a hub, and who takes part in them."""

from typing import Any
from urllib.parse import quote

import click
import msgspec

from tradeflow.cli._problems import may_be_sent
from tradeflow.cli._trades import KEY, URL, connected, fetch


def value_of(value: Any) -> str:
    """A value of an answer in words: "USD 1029", "9800 KGM", "nothing"."""
    if isinstance(value, dict) and "value" in value:
        parts = [value["value"], value["unit"]] if "unit" in value else [value.get("currency", ""), value["value"]]
        return " ".join(str(part) for part in parts if part)
    return "nothing" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def printed(answer: dict[str, Any]) -> None:
    """An answer of the API, for people."""
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())


@click.group()
def command() -> None:
    """Look at trades, and leave them: `tradeflow trade list`, `tradeflow trade show GLL-2025-0117`."""


def show_clock(clock: dict[str, Any]) -> None:
    """Below a clock: its rule, the days that did not count, what happens then, who can stop it."""
    click.echo(f"      the rule: {clock['rule']}; last day {clock['last_day']} (UTC{clock['utc_offset']})")
    closed = ", ".join(f"{c['day']} {c['name']}" for c in clock["closed_days"])
    if closed:
        click.echo(f"      not counted in {clock['country']}: {closed}")
    for then in clock["then"]:
        click.echo(f"      then: {clock['event']}, {then['from']} -> {then['to']} ({then['meaning']})")
    stops = dict.fromkeys(f"{s.get('message') or s.get('event')} by {' or '.join(s['by'])}" for s in clock["stopped_by"])
    if stops:
        click.echo(f"      stopped by: {'; '.join(stops)}")


@command.command("list")
@URL
@KEY
def list_(url: str, key: str) -> None:
    """The trades this key may see, newest first."""
    for trade in fetch(url, key, "/v1/trades")["items"]:
        click.echo(f"{trade['trade_id']}  version {trade['version']}  {trade['updated_at']}")


@command.command(epilog="\b\nExample\n  tradeflow trade show GLL-2025-0117 --key $KEY")
@click.argument("trade_id")
@click.option("--json", "as_json", is_flag=True, help="The whole answer of the API.")
@URL
@KEY
def show(trade_id: str, as_json: bool, url: str, key: str) -> None:
    """States, documents, running clocks and what may happen next in TRADE_ID."""
    trade = fetch(url, key, f"/v1/trades/{trade_id}")
    if as_json:
        printed(trade)
        return
    click.echo(f"{trade['trade_id']}  version {trade['version']}")
    click.echo("\nStates")
    for name, region in trade["regions"].items():
        if not region["started"]:
            continue
        click.echo(f"  {name:<34} {region['state']:<22} {region['meaning']}")
    click.echo("\nDocuments")
    for document in trade["documents"]:
        click.echo(f"  {document['type']:<34} {document['number']:<22} version {document['version']}, by {document['role']}")
    if trade["timers"]:
        click.echo("\nClocks")
        for timer in trade["timers"]:
            click.echo(f"  {timer['due_at']}  {timer['region']}: {timer['why']}")
            show_clock(timer)
    if trade["findings"]:
        click.echo("\nDisagreements (tradeflow findings says more)")
        for item in trade["findings"]:
            click.echo(f"  {item['status']:<9} {item['finding']['rule']:<8} {', '.join(item['documents'])}")
    click.echo("\nNext")
    for allowed in filter(may_be_sent, trade["allowed"]):
        needs = [guard["text"] for guard in allowed.get("guards", []) if guard.get("holds") is None]
        click.echo(f"  {allowed['message']} by {', '.join(allowed['by'])}" + (f", if {'; '.join(needs)}" if needs else ""))


@command.command(epilog="\b\nExample\n  tradeflow trade diff GLL-2025-0117 commercial_invoice GL-INV-25-0098 --key $KEY")
@click.argument("trade_id")
@click.argument("type_", metavar="TYPE")
@click.argument("number")
@click.option("--from", "since", type=int, help="The older version; the one before --to if absent.")
@click.option("--to", type=int, help="The newer version; the newest if absent.")
@URL
@KEY
def diff(trade_id: str, type_: str, number: str, since: int | None, to: int | None, url: str, key: str) -> None:
    """What two versions of a document of TRADE_ID differ in, field by field."""
    query = {name: value for name, value in (("from", since), ("to", to)) if value}
    answer = fetch(url, key, f"/v1/trades/{trade_id}/diff/{type_}/{quote(number, safe='')}", **query)
    click.echo(f"{answer['type']} {answer['number']}, version {answer['from']} to {answer['to']}: {len(answer['items'])} differences")
    for item in answer["items"]:
        where = f"{item['line']}: " if item["line"] else ""
        click.echo(f"  {where}{item['name']} ({item['pointer']}): {value_of(item['old'])} -> {value_of(item['new'])}")


@command.command(epilog="\b\nExample\n  tradeflow trade versions GLL-2025-0117 commercial_invoice GL-INV-25-0098 --key $KEY")
@click.argument("trade_id")
@click.argument("type_", metavar="TYPE")
@click.argument("number")
@URL
@KEY
def versions(trade_id: str, type_: str, number: str, url: str, key: str) -> None:
    """Every version of a document of TRADE_ID: who lodged it, when, with which function."""
    for item in fetch(url, key, f"/v1/trades/{trade_id}/versions/{type_}/{quote(number, safe='')}")["items"]:
        said = f"version {item['version']}, function {item['function']}, by {item['sender']} as {item['role']}"
        click.echo(f"{said}, {item['lodged_at']}, sha256 {item['sha256'][:16]}…")


@command.command(
    epilog="\b\nExamples\n"
    "  tradeflow trade leave GLL-2025-0117 pacific-star sea_carrier --note 'no space until March'\n"
    "  tradeflow trade leave GLL-2025-0117 pacific-star sea_carrier --successor blue-anchor\n"
    "\nExits 3 if the hub refuses."
)
@click.argument("trade_id")
@click.argument("party")
@click.argument("role")
@click.option("--successor", help="Who takes over in the same moment; for the exporter and the importer to say.")
@click.option("--note", default="", help="Why; kept with the event.")
@URL
@KEY
def leave(trade_id: str, party: str, role: str, successor: str | None, note: str, url: str, key: str) -> None:
    """PARTY gives up ROLE in TRADE_ID. A party says so of itself; the exporter and the importer of any other."""
    body = {"party_id": party, "role": role, "note": note} | ({"successor": successor} if successor else {})
    with connected(url, key) as hub:
        hub.post(f"/v1/trades/{trade_id}/departures", body)
    click.echo(f"{party} takes part no longer as {role}" + (f"; {successor} takes over" if successor else ""))
    click.echo("what it had not got yet waits for its senders: tradeflow channel late --quarantined")
