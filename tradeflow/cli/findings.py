"""tradeflow findings: where the documents of a trade disagree, and what became of it."""

from typing import Any

import click

from tradeflow.cli._trades import KEY, URL, fetch
from tradeflow.cli.trade import printed, value_of


@click.command(epilog="\b\nExample\n  tradeflow findings GLL-2025-0117 --status open --key $KEY")
@click.argument("trade_id")
@click.option("--status", type=click.Choice(["open", "accepted", "cured"]), help="Only these; all if absent.")
@click.option("--document", default="", help="Only those about this document: type:number, or a type.")
@click.option("--json", "as_json", is_flag=True, help="The whole answer of the API.")
@URL
@KEY
def command(trade_id: str, status: str | None, document: str, as_json: bool, url: str, key: str) -> None:
    """Where the documents of TRADE_ID disagree: both documents, both values, who can cure it, who accepted it."""
    query = {name: value for name, value in (("status", status), ("document", document)) if value}
    answer = fetch(url, key, f"/v1/trades/{trade_id}/findings", **query)
    if as_json:
        printed(answer)
        return
    count = answer["count"]
    click.echo(f"{count['open']} open, {count['accepted']} accepted, {count['cured']} cured; {answer['rules']} rules concern the documents")
    for item in answer["items"]:
        for line in _lines(item):
            click.echo(line)


def _lines(item: dict[str, Any]) -> list[str]:
    finding = item["finding"]
    made = [f"\n{item['status']:<9} {finding['severity']:<9} {finding['rule']:<8} {finding['message']}"]
    made.append(f"  {finding['document']}#{finding['pointer']}: {value_of(finding.get('found'))}")
    if finding.get("other"):
        made.append(f"  {finding['other']}: {value_of(finding.get('expected'))}")
    if finding.get("withheld"):
        made.append("  the values are not for you to see")
    if item["status"] == "open" and finding.get("cure"):
        made.append(f"  can be cured by {', '.join(finding['cure'])}; its id is {item['id']}")
    made += [f"  accepted by {c['role']} ({c['party']}) {c['at']} {c.get('note', '')}".rstrip() for c in item["accepted_by"]]
    if item.get("cured_at"):
        made.append(f"  cured {item['cured_at']} by {', '.join(item['cured_in'])}")
    return made
