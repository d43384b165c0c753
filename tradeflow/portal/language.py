"""The languages of the portal: catalogues of gettext, read from their .po files without a build step."""

import functools
import gettext
import io

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tradeflow.portal.places import WORDS

DEFAULT = "en"


def N_(text: str) -> str:  # noqa: N802 - the name that extractors of gettext know
    """Marks a text that is translated later, where it is shown."""
    return text


@functools.cache
def languages() -> dict[str, str]:
    """Every language there is a catalogue of, with its name in itself; English needs none."""
    found = [DEFAULT, *sorted(file.stem for file in WORDS.glob("*.po"))]
    return {id: (Locale.parse(id).get_display_name() or id) for id in found}


@functools.cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; English says what it is asked."""
    file = WORDS / f"{language}.po"
    if language == DEFAULT or not file.is_file():
        return gettext.NullTranslations()
    with file.open("rb") as source:
        read = read_po(source, locale=language, abort_invalid=True)
    made = io.BytesIO()
    write_mo(made, read)
    made.seek(0)
    return gettext.GNUTranslations(made)


def chosen(cookie: str, accepts: str) -> str:
    """The language of a browser: what its user chose, else the first it accepts that there is."""
    if cookie in languages():
        return cookie
    wanted = [part.partition(";")[0].strip().replace("-", "_") for part in accepts[:200].split(",")]
    wanted = [_ALIASES.get(one.lower(), one) for one in wanted if one]
    return negotiate_locale(wanted, list(languages())) or DEFAULT


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
