"""tradeflow pdf: a document on paper."""

import sys
from pathlib import Path

import click

from tradeflow.cli import EXIT_REFUSED
from tradeflow.cli._problems import show_problem
from tradeflow.cli._trades import URL, connected
from tradeflow.client import Answer, calls
from tradeflow.codec import intake
from tradeflow.errors import BadInput, Problem
from tradeflow.language.catalogues import DEFAULT, languages, negotiated, tag

PDF = "application/pdf"


@click.command(
    epilog="""\b
Examples
  tradeflow pdf GLL-2025-0117 commercial_invoice GL-INV-25-0098 -o invoice.pdf --key "$KEY"
  tradeflow pdf --file documents/bill_of_lading/samples/valid/s01.json -o bill.pdf
  tradeflow pdf GLL-2025-0117 packing_list GL-PL-25-0098 -o list.pdf --language zh-Hant --bilingual
"""
)
@click.argument("trade_id", required=False)
@click.argument("type_", metavar="TYPE", required=False)
@click.argument("number", required=False)
@click.option(
    "--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Print this document (JSON or XML); asks no hub."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, allow_dash=True), required=True, help="Where the PDF goes; - for standard output."
)
@click.option("--version", type=int, help="A version of the document; the newest if absent.")
@click.option("--as", "as_role", default="", help="See no more than this role does.")
@click.option("--language", default="", help="en, zh-Hant or zh-Hans: of names, meanings of codes, dates and numbers; English if absent.")
@click.option("--bilingual", is_flag=True, help="Names in English and in the language.")
@URL
@click.option("--key", default="", envvar="TRADEFLOW_KEY", help="The API key of a party of the trade, or the operator's.")
def command(
    trade_id: str | None,
    type_: str | None,
    number: str | None,
    file: Path | None,
    output: Path,
    version: int | None,
    as_role: str,
    language: str,
    bilingual: bool,
    url: str,
    key: str,
) -> None:
    """Print document NUMBER of TYPE in TRADE_ID, or a file, as PDF/A-3 with its data inside."""
    if file:
        written = _of_file(file, url, language, bilingual)
    elif trade_id and type_ and number and key:
        query = {name: str(value) for name, value in (("version", version), ("as", as_role), ("language", language)) if value}
        query |= {"bilingual": "true"} if bilingual else {}
        with connected(url, key) as hub:
            written = hub.send(calls.get(calls.trade_path(trade_id, "documents", type_, number), Answer, PDF, query=query)).body
    else:
        raise click.UsageError("give TRADE_ID, TYPE, NUMBER and --key, or --file")
    if str(output) == "-":
        sys.stdout.buffer.write(written)
    else:
        output.write_bytes(written)


def _of_file(file: Path, url: str, language: str, bilingual: bool) -> bytes:
    from tradeflow.app.printing import verify_address
    from tradeflow.pdf.fonts import fonts
    from tradeflow.pdf.page import Job
    from tradeflow.pdf.typeset import TooLong, pdf

    body = file.read_bytes()
    try:
        document = intake.read(body, "application/xml" if body.lstrip()[:1] == b"<" else "application/json")
    except BadInput as error:
        findings = [{"rule": f.rule, "severity": f.severity, "pointer": f.pointer, "message": f.message} for f in error.findings]
        show_problem({"status": error.status, "code": error.code, "detail": error.detail, "findings": findings})
        sys.exit(EXIT_REFUSED)
    for missing in fonts().missing:
        click.echo(f"no font for {missing}", err=True)
    address = verify_address(url.rstrip("/"), str(document.get("message.trade_id")), document.sha256)
    spoken = negotiated([language]) if language else DEFAULT
    if not spoken:
        raise click.UsageError(f"--language is one of {', '.join(map(tag, languages()))}")
    try:
        job = Job(document.type, document.canonical, document.sha256, address, lodged=False, language=spoken, bilingual=bilingual)
        return pdf(job)
    except TooLong as error:
        raise Problem("NOT_PRINTABLE", str(error), 422) from error
