"""Findings in the reader's language: the text of the rule is translated, and what was found and expected is said beside it.

What a rule works out in words stands in English at the end of a finding's message. In another language the two values say the same; where a
finding has none of them, the words stay.
"""

import bisect
import functools
import re
from collections.abc import Callable
from typing import Any

from tradeflow.language.catalogues import DEFAULT, N_, translations
from tradeflow.portal import formats
from tradeflow.portal.extraction import findings
from tradeflow.portal.sentences import made_of, sentence
from tradeflow.rules.wording import plain

_NAMES = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_RULE_IDS = re.compile(r"[,;]?\s*\b(?:M-[A-Z]+|LC|I|T|X)-\d+[a-z]?(?:\.\.\d+)?")
_NUMBER = re.compile(r"^(.*?)((?: \d+)?)$", re.DOTALL)
LABELS_MAX = 160
KEPT_MAX = 4_000  # texts in one language: names of fields and states, most of them on every page
STEPS = 30  # texts that begin alike
NAMES = (  # words that pages take from states of rows, where no template names them
    *(N_("error"), N_("warning"), N_("info"), N_("conflict")),  # severities
    *(N_("waiting"), N_("released"), N_("rejected"), N_("expired"), N_("active"), N_("paused"), N_("disabled")),
    *(N_("sent"), N_("pending"), N_("quarantined"), N_("withdrawn"), N_("failed"), N_("lost"), N_("delivered"), N_("acknowledged")),
    *(N_("Further particulars"), N_("Origin")),  # heads of documents on paper
    *(N_("message"), N_("clock"), N_("event"), N_("open"), N_("seed"), N_("join"), N_("deviation"), N_("upgrade")),  # kinds of events
)
MISSING = ": is missing"
LACKS = N_("%(field)s: is missing")
FOUND, EXPECTED = N_("found: %(value)s"), N_("expected: %(value)s")


@functools.cache
def _texts() -> list[str]:
    return sorted(findings()["rule"])


def rule_text(message: str) -> str:
    """The text of a rule that a message begins with; "" where it begins with none."""
    texts = _texts()
    place = bisect.bisect_right(texts, message)
    return next((text for text in reversed(texts[max(0, place - STEPS) : place]) if message.startswith(text)), "")


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """`t` for texts and `told` for findings, in one language."""
    gettext = translations(language).gettext

    def t(text: Any) -> str:
        """A text of the content; of a finding's message as much as the catalogue has."""
        return in_language(str(text)) if text else ""

    @functools.lru_cache(KEPT_MAX)
    def in_language(text: str) -> str:
        said = gettext(text) if language == DEFAULT else sentence(language, text)
        if language == DEFAULT or said != text or " " not in said:
            return said
        rule = rule_text(said)
        known = gettext(rule) if rule else ""
        return said.replace(rule, known, 1) if rule and known != rule else labels(said)

    @functools.lru_cache(KEPT_MAX)
    def words(id: str) -> str:
        """A state, a kind of event: as a person says it."""
        return in_language(id.replace("_", " "))

    def labels(text: str) -> str:
        """Names of fields in a row, "Collection: Interest" or "Items 1, Gross mass": each by itself, if all are known."""
        if text.endswith(MISSING):
            return gettext(LACKS) % {"field": t(text.removesuffix(MISSING))}
        for between in (": ", ", "):
            parts = text.split(between) if len(text) <= LABELS_MAX else []
            said = [_NUMBER.sub(lambda found: gettext(found[1]) + found[2], one) for one in parts]
            if len(parts) > 1 and all(one != was for one, was in zip(said, parts, strict=True)):
                return between.join(said)
        return text

    def told(finding: Any) -> str:
        """What a finding says."""
        get = finding.get if isinstance(finding, dict) else lambda name, default=None: getattr(finding, name, default)
        message = str(get("message") or "")
        rule = rule_text(message) if language != DEFAULT else ""
        known = gettext(rule) if rule else ""
        if not rule or known == rule:
            return t(message)
        values = [
            gettext(text) % {"value": shown(get(name))}
            for name, text in (("found", FOUND), ("expected", EXPECTED))
            if get(name) is not None
        ]
        return f"{known} {'; '.join(values) or message.removeprefix(rule).strip()}".strip()

    def shown(value: Any) -> str:
        """A value as the reader writes it."""
        if isinstance(value, dict):
            if "currency" in value:
                return str(formats.filters(language)["money"](value))
            return " ".join(shown(part) for part in value.values())
        if isinstance(value, (list, tuple)):
            return ", ".join(shown(part) for part in value)
        return str(plain(value))

    def chosen(text: Any) -> str:
        """What a choice says: "1 – Maritime", a code with what it means."""
        code, dash, meaning = str(text).partition(" – ")
        return f"{code}{dash}{gettext(meaning)}" if dash else gettext(code)

    @functools.lru_cache(KEPT_MAX)
    def said(rule: str) -> str:
        """The hint of a field; in another language those that somebody translated."""
        text = hint(rule)
        return text if not text or language == DEFAULT or gettext(text) != text else ""

    return {
        "t": t,
        "words": lambda id: words(str(id)),
        "told": told,
        "chosen": chosen,
        "why": lambda text: sentence(language, str(text)),
        "made": lambda text: made_of(language, str(text)),
        "said": said,
    }


def hint(rule: str) -> str:
    """What a row of the catalogue says about a field, without ids of rules, fields in words; nothing where that is all."""
    text = _NAMES.sub(lambda name: name[0].replace("_", " "), _RULE_IDS.sub("", rule)).strip(" ,;.")
    return text if len(text) > 3 else ""
