"""The languages there are: catalogues of gettext, read from their .po files without a build step."""

import functools
import gettext
import io
import re
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT = "en"
REGIONS = {"en": "en_GB"}  # 4 Mar 2025 is read alike everywhere, 3/4/25 is not
SENTENCE, PHRASE = MARKS = ("sentence", "phrase")  # templates of sentences, and the few words that they are filled with
WORDS = Path(__file__).parent / "words"


def N_(text: str) -> str:  # noqa: N802 - the name that extractors of gettext know
    """Marks a text that is translated later, where it is shown."""
    return text


@functools.cache
def languages() -> dict[str, str]:
    """Every language there is a catalogue of, with its name in itself; English has one of a few spellings."""
    found = [DEFAULT, *sorted(file.stem for file in WORDS.glob("*.po") if file.stem != DEFAULT)]
    return {id: (Locale.parse(id).get_display_name() or id) for id in found}


@functools.cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; one without a file says what it is asked."""
    return _loaded(language)[0] if (WORDS / f"{language}.po").is_file() else gettext.NullTranslations()


@functools.cache
def marked(kind: str) -> frozenset[str]:
    """The texts of a kind, as the extraction marks them in the catalogues, that some language has a translation of."""
    return frozenset(text for language in languages() if language != DEFAULT for text in _loaded(language)[1].get(kind, ()))


@functools.cache
def _loaded(language: str) -> tuple[gettext.NullTranslations, dict[str, list[str]]]:
    """The translations of a language, and its texts by the kinds in MARKS; what Babel read is not kept."""
    with (WORDS / f"{language}.po").open("rb") as source:
        read = read_po(source, locale=language, abort_invalid=True)
    made = io.BytesIO()
    write_mo(made, read)
    made.seek(0)
    of = {mark: [e.id for e in read if isinstance(e.id, str) and e.string and mark in e.auto_comments] for mark in MARKS}
    return gettext.GNUTranslations(made), of


def tag(language: str) -> str:
    """The language as headers and pages write it (RFC 5646): zh-Hant."""
    return language.replace("_", "-")


def chosen(cookie: str, accepts: str) -> str:
    """The language of a browser: what its user chose, else the one it likes best of those there are (RFC 9110 12.5.4)."""
    if cookie in languages():
        return cookie
    ranked = []
    for n, part in enumerate(accepts[:200].split(",")):
        wanted, _, weight = part.partition(";")
        ranked.append((-_weight(weight), n, wanted.strip()))
    return negotiated([wanted for weight, _, wanted in sorted(ranked) if wanted and weight < 0]) or DEFAULT


def negotiated(tags: list[str]) -> str:
    """The first language there is of those that are wanted, "" where there is none: zh-TW is read as traditional Chinese."""
    wanted = [one.replace("-", "_") for one in tags]
    return negotiate_locale([_ALIASES.get(one.lower(), one) for one in wanted], list(languages())) or ""


def _weight(text: str) -> float:
    found = _WEIGHT.fullmatch(text.strip())
    return float(found[1]) if found else 1.0


_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")
_ALIASES = {
    "zh": "zh_Hans",
    "zh_cn": "zh_Hans",
    "zh_sg": "zh_Hans",
    "zh_hans_cn": "zh_Hans",
    "zh_tw": "zh_Hant",
    "zh_hk": "zh_Hant",
    "zh_mo": "zh_Hant",
    "zh_hant_hk": "zh_Hant",
    "zh_hant_tw": "zh_Hant",
}
