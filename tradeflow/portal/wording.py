"""Findings in the reader's language: the text of the rule is translated, and what was found and expected is said beside it.

What a rule works out in words stands in English at the end of a finding's message. In another language the two values say the same; where a
finding has none of them, the words stay.
"""

import bisect
import functools
from collections.abc import Callable
from typing import Any

from tradeflow.portal import formats
from tradeflow.portal.extraction import findings
from tradeflow.portal.language import DEFAULT, N_, translations
from tradeflow.rules.wording import plain

STEPS = 30  # texts that begin alike
NAMES = (  # words that pages take from states of rows, where no template names them
    *(N_("error"), N_("warning"), N_("info"), N_("conflict")),  # severities
    *(N_("waiting"), N_("released"), N_("rejected"), N_("expired"), N_("active"), N_("paused"), N_("disabled")),
    *(N_("sent"), N_("pending"), N_("quarantined"), N_("withdrawn"), N_("failed"), N_("lost"), N_("delivered"), N_("acknowledged")),
    *(N_("message"), N_("clock"), N_("event"), N_("open"), N_("seed"), N_("join"), N_("deviation"), N_("upgrade")),  # kinds of events
)
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
        if not text:
            return ""
        said = gettext(str(text))
        if language == DEFAULT or said != text or " " not in said:
            return said
        rule = rule_text(said)
        known = gettext(rule) if rule else ""
        return said.replace(rule, known, 1) if rule and known != rule else said

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

    return {"t": t, "told": told}
