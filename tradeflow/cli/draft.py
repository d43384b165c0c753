"""tradeflow draft: the next document of a trade, filled in as far as the trade can."""

from pathlib import Path
from urllib.parse import urlencode

import click
import msgspec

from tradeflow.cli._trades import KEY, URL, fetch


@click.command(
    epilog="""\b
Examples
  tradeflow draft GLL-2025-0117 commercial_invoice --number GL-INV-25-0098 --output invoice.json --key "$KEY"
  tradeflow draft GLL-2025-0117 packing_list --origins --key "$KEY"
  tradeflow draft GLL-2025-0117 shipping_instruction --instance transport#2 --key "$KEY"

Complete the file where the list says so, then lodge it: tradeflow lodge invoice.json
"""
)
@click.argument("trade_id")
@click.argument("message")
@click.option("--number", default="", help="The number you give the document.")
@click.option("--role", default="", help="The role to act in, if you play several.")
@click.option("--instance", default="", help="The shipment, declaration ... it belongs to, where there are several: transport#2.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the document to this file instead of printing it.")
@click.option("--origins", is_flag=True, help="Say where each value comes from.")
@URL
@KEY
def command(
    trade_id: str, message: str, number: str, role: str, instance: str, output: Path | None, origins: bool, url: str, key: str
) -> None:
    """The MESSAGE that you would send next in TRADE_ID, and what is still to be typed."""
    asked = urlencode({k: v for k, v in (("role", role), ("number", number), ("instance", instance)) if v})
    found = fetch(url, key, f"/v1/trades/{trade_id}/draft/{message}" + (f"?{asked}" if asked else ""))
    text = msgspec.json.format(msgspec.json.encode(found["document"]), indent=2).decode()
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)
    if not found["instance"] and len(found["candidates"]) > 1:
        click.echo(f"this may be for {' or '.join(found['candidates'])}: say which with --instance, and more is filled in", err=True)
    if origins:
        for one in found["origins"]:
            click.echo(
                f"  {one['pointer']:<46} {one['origin']['kind']}: {one['origin']['text']} {one['origin'].get('pointer', '')}", err=True
            )
    click.echo(
        f"{found['counts']['filled']} values filled in, {found['counts']['to_type']} required fields to type"
        + (":" if found["to_type"] else ""),
        err=True,
    )
    for missing in found["to_type"]:
        click.echo(f"  {missing['pointer']:<46} {missing['name']}", err=True)
