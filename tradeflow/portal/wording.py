"""What templates ask of the reader's language: `t` for texts of the content, `told` for findings, `why` for reasons."""

import functools
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from tradeflow.app import reading
from tradeflow.language.catalogues import DEFAULT, N_, translations
from tradeflow.machine.calendars import holiday
from tradeflow.machine.load import machine
from tradeflow.portal.entry.lookups import CODE_MAX, NUMBERED

_NAMES = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_RULE_IDS = re.compile(r"[,;]?\s*\b(?:M-[A-Z]+|LC|I|T|X)-\d+[a-z]?(?:\.\.\d+)?")
KEPT_MAX = 4_000  # texts in one language: names of fields and states, most of them on every page
HOLIDAYS = {"zh_Hant": ("zh_HK", "zh_TW"), "zh_Hans": ("zh_CN",)}  # the languages of the calendars' library
HOLIDAY = N_("public holiday")
NAMES = (  # words that pages take from states of rows, where no template names them
    *(N_("error"), N_("warning"), N_("info"), N_("conflict")),  # severities
    *(N_("waiting"), N_("released"), N_("rejected"), N_("expired"), N_("active"), N_("paused"), N_("disabled")),
    *(N_("sent"), N_("pending"), N_("quarantined"), N_("withdrawn"), N_("failed"), N_("lost"), N_("delivered"), N_("acknowledged")),
    *(N_("release"), N_("pick up"), N_("gate in"), N_("gate out"), N_("load"), N_("discharge"), N_("return")),  # of containers
    *(N_("message"), N_("clock"), N_("event"), N_("open"), N_("seed"), N_("join"), N_("deviation"), N_("upgrade")),  # kinds of events
)


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """The filters of one language, by the names that templates use."""
    gettext = translations(language).gettext

    def t(text: Any) -> str:
        """A text of the content; of a finding's message as much as the catalogue has."""
        return in_language(str(text)) if text else ""

    @functools.lru_cache(KEPT_MAX)
    def in_language(text: str) -> str:
        plain = language == DEFAULT and "_" not in text  # English is as it stands, but for the ids in it
        return gettext(text) if plain else reading.text_of(language, text)

    @functools.lru_cache(KEPT_MAX)
    def words(id: str) -> str:
        """A state, a kind of event: as a person says it."""
        return in_language(id.replace("_", " "))

    @functools.lru_cache(KEPT_MAX)
    def said(rule: str) -> str:
        """The hint of a field; in another language those that somebody translated."""
        text = hint(rule)
        return text if not text or language == DEFAULT or gettext(text) != text else ""

    def closed(day: date, name: str, country: str) -> str:
        """Why a day does not count: a day of the week, or a holiday by the name that the reader has for it."""
        if language == DEFAULT or t(name) != name:
            return t(name)
        return holiday(day, country, HOLIDAYS.get(language, (language,))) or gettext(HOLIDAY)

    def recorded(text: Any) -> str:
        """A line of the audit trail; of a clock that reminds what it says, without its id."""
        clock, _, says = str(text).partition(": ")
        return t(says if clock in machine().timers else text)

    def hinted(text: Any) -> str:
        """The hint of a finding; in another language nothing where nobody translated it: the finding itself says what is wrong."""
        said = t(text)
        return said if language == DEFAULT or said != text else ""

    return {
        "hinted": hinted,
        "closed": closed,
        "t": t,
        "words": lambda id: words(str(id)),
        "told": lambda finding: reading.told(language, finding),
        "chosen": lambda text: chosen(language, str(text)),
        "why": lambda text: reading.sentence(language, str(text)),
        "region": lambda key: reading.named(language, str(key)),
        "instance": lambda id: reading.instance(language, str(id)),
        "recorded": recorded,
        "made": lambda text: reading.made_of(language, str(text)),
        "said": said,
    }


def chosen(language: str, text: str) -> str:
    """What a choice says, in a language: "1 – Maritime", a code with what it means; of a code in words those words, too."""
    gettext = translations(language).gettext
    code, dash, meaning = text.partition(" – ")
    if not dash:
        return gettext(code)
    words = code.replace("_", " ") if len(code) > CODE_MAX or NUMBERED.fullmatch(meaning) else ""
    return f"{gettext(words) if words and gettext(words) != words else code}{dash}{gettext(meaning)}"


def hint(rule: str) -> str:
    """What a row of the catalogue says about a field, without ids of rules, fields in words; nothing where that is all."""
    text = _NAMES.sub(lambda name: name[0].replace("_", " "), _RULE_IDS.sub("", rule)).strip(" ,;.")
    return text if len(text) > 3 else ""
