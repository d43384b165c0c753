"""A file with many documents, lodged while a bar shows how far it is."""

import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tradeflow.client import Answer, Client, calls

LOOK_SECONDS = 0.3
PAGE = 500


def lodge(hub: Client, name: str, body: bytes, content_type: str, report: Path | None) -> bool:
    """Send the file, follow it to its end, say what was refused. Whether everything was taken."""
    job: dict[str, Any] = hub.send(
        calls.Call("POST", "/v1/bulk", dict[str, Any], {"name": name[:100]}, body, {"Content-Type": content_type})
    )
    click.echo(f"job {job['job_id']}: {job['total']} documents")
    job = _followed(hub, job)
    counts = ", ".join(f"{job[what]} {what}" for what in ("accepted", "repeated", "held", "refused"))
    click.echo(f"{job['done']}/{job['total']} done: {counts}")
    after: int | None = 0
    while after is not None:
        page = hub.get(f"{job['links']['documents']}", after=after, state="refused", limit=PAGE)
        for item in page["items"]:
            _say(item)
        after = page["next"]
    if report:
        report.write_bytes(hub.send(calls.get(job["links"]["report"], Answer)).body)
        click.echo(f"{report}: the file with what became of each row")
    return not job["refused"]


def _followed(hub: Client, job: dict[str, Any]) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("lodging", total=job["total"])
        while job["state"] != "done":
            time.sleep(LOOK_SECONDS)
            job = hub.get(job["links"]["self"])
            bar.update(task, completed=job["done"], description=f"{job['accepted']} accepted, {job['refused']} refused")
    return job


def _say(item: dict[str, Any]) -> None:
    where = f" at {item['cell']}" if item["cell"] else ""
    click.echo(f"\n  {item['position']}. {item['type'] or 'document'} {item['number']}{where}: refused ({item['status']} {item['code']})")
    for finding in item["findings"] or [{"message": item["detail"]}]:
        place = finding.get("cell") or finding.get("pointer") or ""
        click.echo(f"     {place + ': ' if place else ''}{finding['message']} {finding.get('hint', '')}".rstrip())
