"""tradeflow channel: how a party wants its deliveries, and how they fare."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from tradeflow.cli import EXIT_FAILED
from tradeflow.cli._trades import KEY, URL, connected, fetch
from tradeflow.client.calls import send

PARTY = click.argument("party")
NAME = click.argument("name")


def ask(url: str, key: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """What the hub answers to a changing call. A test, a renewed secret and an event are not the same when repeated."""
    again = not path.endswith(("/test", "/secrets", "/hand-over", "/discard"))
    with connected(url, key) as hub:
        return hub.send(send(method, path, dict[str, Any], body, again=again))


def line(channel: dict[str, Any]) -> str:
    """A channel in one line."""
    state = channel["state"] + (f" ({channel['reason']})" if channel["reason"] else "")
    said = [
        f"{channel['name']:<20} {channel['kind']:<10} {state}",
        f"{channel['waiting']} waiting",
        f"{channel['quarantined']} in quarantine",
    ]
    if channel["breaker"] != "closed":
        said.append(f"breaker {channel['breaker']}: {channel['last_error']}")
    if channel["opens_at"]:
        said.append(f"opens {channel['opens_at']}")
    return ", ".join(said)


def _told(channel: dict[str, Any]) -> None:
    click.echo(line(channel))
    for name, value in channel.get("issued", {}).items():
        click.echo(f"  {name} (shown this once): {value}")


@click.group(
    epilog="""\b
Examples
  tradeflow channel kinds
  tradeflow channel put golden-lantern erp --kind webhook --set url=https://erp.golden-lantern.example/hook
  tradeflow channel put golden-lantern customs --kind webhook --types 'customs_*' --format xml --set url=https://…
  tradeflow channel test golden-lantern erp
  tradeflow channel late
"""
)
def command() -> None:
    """Ways out of the hub for a party's deliveries, besides its inbox."""


@command.command()
@URL
@KEY
def kinds(url: str, key: str) -> None:
    """The kinds of channels the hub has, with their settings (* needed) and secrets."""
    for kind in fetch(url, key, "/v1/channel-kinds")["items"]:
        click.echo(f"{kind['kind']}: {kind['summary']}")
        for part in ("settings", "secrets"):
            for one in kind[part]:
                click.echo(
                    f"  {part[:-1]} {one['name']}{'*' if one['required'] and not one['generated'] else ''} ({one['type']}): {one['text']}"
                )


@command.command("list")
@PARTY
@URL
@KEY
def list_(party: str, url: str, key: str) -> None:
    """The channels of PARTY and how they fare."""
    for channel in fetch(url, key, f"/v1/parties/{party}/channels")["items"]:
        click.echo(line(channel))


@command.command()
@PARTY
@NAME
@click.option("--kind", required=True, help="See `tradeflow channel kinds`.")
@click.option("--types", multiple=True, default=("*",), show_default=True, help="A message type or the beginning of some; may be repeated.")
@click.option("--format", "form", default="json", show_default=True, help="json, xml, a format, or a business adapter.")
@click.option("--notices/--no-notices", help="Send status lines, too.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the kind; numbers and true or false as such.")
@click.option("--secret", "secrets", multiple=True, metavar="NAME=FILE", help="A secret, read from a file.")
@click.option("--hours", metavar="ZONE,DAYS,FROM-TO", help="For example Asia/Hong_Kong,mon-fri,09:00-18:00.")
@URL
@KEY
def put(
    party: str, name: str, kind: str, types: tuple[str, ...], form: str, notices: bool, settings: tuple[str, ...], secrets: tuple[str, ...],
    hours: str | None, url: str, key: str,
) -> None:  # fmt: skip
    """Make channel NAME of PARTY, or change it. A secret that the hub makes is printed once."""
    body = {
        "kind": kind,
        "message_types": list(types),
        "format": form,
        "notices": notices,
        "settings": {part: _value(text) for part, text in map(_pair, settings)},
        "secrets": {part: Path(file).read_text(encoding="utf-8").strip() for part, file in map(_pair, secrets)},
        "hours": _hours(hours) if hours else None,
    }
    _told(ask(url, key, "PUT", f"/v1/parties/{party}/channels/{name}", body))


@command.command()
@PARTY
@NAME
@URL
@KEY
def remove(party: str, name: str, url: str, key: str) -> None:
    """Take channel NAME of PARTY away."""
    ask(url, key, "DELETE", f"/v1/parties/{party}/channels/{name}")


@command.command()
@PARTY
@NAME
@URL
@KEY
def test(party: str, name: str, url: str, key: str) -> None:
    """Send a test delivery now. Exits 1 if it did not arrive."""
    result = ask(url, key, "POST", f"/v1/parties/{party}/channels/{name}/test")
    click.echo(f"{result['result']}: {result['said']}")
    if result["result"] != "sent":
        sys.exit(EXIT_FAILED)


@command.command()
@PARTY
@NAME
@click.option("--reason", default="", help="Why; both sides see it.")
@URL
@KEY
def pause(party: str, name: str, reason: str, url: str, key: str) -> None:
    """Hold everything for channel NAME back."""
    _told(ask(url, key, "POST", f"/v1/parties/{party}/channels/{name}/pause", {"reason": reason}))


@command.command()
@PARTY
@NAME
@URL
@KEY
def resume(party: str, name: str, url: str, key: str) -> None:
    """Go on with channel NAME: what waits goes out at once."""
    _told(ask(url, key, "POST", f"/v1/parties/{party}/channels/{name}/resume"))


@command.command()
@PARTY
@NAME
@click.option("--secret", default="signing", show_default=True)
@click.option("--overlap-hours", type=click.IntRange(0, 720), default=24, show_default=True, help="How long the old one stays live.")
@URL
@KEY
def rotate(party: str, name: str, secret: str, overlap_hours: int, url: str, key: str) -> None:
    """Renew a secret that the hub makes; the new one is printed once."""
    body = {"secret": secret, "overlap_seconds": overlap_hours * 3_600}
    _told(ask(url, key, "POST", f"/v1/parties/{party}/channels/{name}/secrets", body))


@command.command()
@click.option("--quarantined", is_flag=True, help="Only what waits for a person.")
@URL
@KEY
def late(quarantined: bool, url: str, key: str) -> None:
    """What this key's party sent or should get and has not arrived, with the reason."""
    for status in ("quarantined",) if quarantined else ("quarantined", "pending"):
        for item in fetch(url, key, f"/v1/deliveries?status={status}&limit=500")["items"]:
            way = item["channel"]
            why = f"through {way['name']}: {way['last_error'] or way['reason'] or 'waiting'}" if way else item["last_error"] or "waiting"
            owner = (way and way["owner"]) or item["owner"]
            owner = f" (for {owner} to look at)" if owner else ""
            click.echo(f"{status:<12} {item['delivery_id']} {item['trade_id']} {item['type']} to {item['party_id']}: {why}{owner}")


@command.command()
@click.argument("delivery_id")
@URL
@KEY
def resend(delivery_id: str, url: str, key: str) -> None:
    """Send DELIVERY_ID through its channel once more."""
    click.echo(_way(ask(url, key, "POST", f"/v1/deliveries/{delivery_id}/resend")))


@command.command()
@click.argument("delivery_id")
@URL
@KEY
def release(delivery_id: str, url: str, key: str) -> None:
    """Let DELIVERY_ID out of quarantine."""
    click.echo(_way(ask(url, key, "POST", f"/v1/deliveries/{delivery_id}/release")))


@command.command("hand-over")
@click.argument("delivery_id")
@click.argument("party")
@click.option("--note", default="", help="Why; kept with the event.")
@URL
@KEY
def hand_over(delivery_id: str, party: str, note: str, url: str, key: str) -> None:
    """Give DELIVERY_ID, whose receiver left the trade, to PARTY in the same role."""
    item = ask(url, key, "POST", f"/v1/deliveries/{delivery_id}/hand-over", {"party_id": party, "note": note})
    click.echo(f"{_way(item)}: {item['last_error']}")


@command.command()
@click.argument("delivery_id")
@click.option("--note", required=True, help="Why nobody needs it; kept with the event.")
@URL
@KEY
def discard(delivery_id: str, note: str, url: str, key: str) -> None:
    """Deliver DELIVERY_ID, whose receiver left the trade, to nobody."""
    click.echo(_way(ask(url, key, "POST", f"/v1/deliveries/{delivery_id}/discard", {"note": note})))


def _way(item: dict[str, Any]) -> str:
    way = item["channel"]
    return f"{item['delivery_id']} to {item['party_id']}: " + (f"{way['status']} through {way['name']}" if way else item["status"])


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"{text}: write it as name=value")
    return name, value


def _value(text: str) -> Any:
    """A number, true, false, a list or an object as JSON has them; any other text as it is."""
    try:
        read = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return read if isinstance(read, bool | int | list | dict) else text


def _hours(text: str) -> dict[str, Any]:
    zone, days, times = (*text.split(","), "", "")[:3]
    begins, _, ends = times.partition("-")
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    first, _, last = days.partition("-")
    if first not in week or (last and last not in week) or not ends:
        raise click.UsageError(f"--hours {text}: write it as Asia/Hong_Kong,mon-fri,09:00-18:00")
    at = week.index(first)
    count = (week.index(last) - at) % 7 + 1 if last else 1
    return {"zone": zone, "days": [week[(at + n) % 7] for n in range(count)], "from": begins, "to": ends}
