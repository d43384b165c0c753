"""tradeflow words: what of the portal and of printed documents is translated, and into which languages."""

import sys

import click

from tradeflow.cli import EXIT_FAILED
from tradeflow.language.catalogues import DEFAULT, languages
from tradeflow.portal import extraction

COMPLETE = (
    *("interface", "message", "role", "desk", "process", "state", "event", "meaning", "reason", "sentence", "said", "phrase", "made"),
    *("problem", "record", "code", "listed", "clock"),
)


@click.command(
    epilog="""\b
Examples
  tradeflow words                              how much of what is translated; fails where the interface is not complete
  tradeflow words --missing rule               the texts of rules that have no translation
  tradeflow words --update                     write the catalogues anew, with every text there is now
  tradeflow words --update --simplify          and make the simplified Chinese one from the traditional one (needs opencc)
"""
)
@click.option(
    "--missing", metavar="KIND", help="List the texts of this kind that have no translation: interface, message, state, rule, ..."
)
@click.option("--update", is_flag=True, help="Write the catalogues in tradeflow/language/words anew; translations are kept.")
@click.option("--simplify", is_flag=True, help="Make zh_Hans from zh_Hant.")
def command(missing: str | None, update: bool, simplify: bool) -> None:
    """Say what is translated. Exit code 1 where a text of the interface, or a name, has no translation, or one lost its values."""
    kinds = {"interface": extraction.interface(), **extraction.content()}
    lacking = False
    for language in [one for one in languages() if one != DEFAULT]:
        known = extraction.translated(language)
        if simplify and language == "zh_Hans":
            known = extraction.simplified(extraction.translated("zh_Hant"))
        if update:
            extraction.written(language, known)
        lacking |= _said(language, kinds, known, missing)
    if lacking:
        sys.exit(EXIT_FAILED)


def _said(language: str, kinds: dict[str, extraction.Texts], known: extraction.Texts, missing: str | None) -> bool:
    lacking = False
    for fault in extraction.broken(known):
        click.echo(f"{language}: {fault}")
        lacking = True
    for kind, texts in kinds.items():
        left = extraction.untranslated(texts, known)
        lacking |= bool(left) and kind in COMPLETE
        if missing is None:
            click.echo(f"{language} {kind:10} {len(texts) - len(left):5} of {len(texts)}")
        elif missing == kind:
            for text in left:
                click.echo(f"{language} {texts[text]}: {text}")
    return lacking
