"""What the hub says, in the reader's language: sentences of guards, clocks, rules and refusals, with the names of what they speak of."""

import bisect
import functools
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from babel import dates, numbers
from msgspec.structs import replace

from tradeflow.draft.words import words
from tradeflow.language.catalogues import DEFAULT, N_, PHRASE, REGIONS, marked, translations
from tradeflow.language.sentences import NESTED, PLACE, meant, place
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding
from tradeflow.model.money import minor_units
from tradeflow.rules.cross import cross_rules
from tradeflow.rules.evaluate import rules_of
from tradeflow.rules.rows import Row
from tradeflow.rules.wording import plain

LABELS_MAX = 160
TEXT_MAX = 4_000  # characters of a text that is looked through for sentences
STEPS = 30  # texts of rules that begin alike
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\S+)?")
LABELS = frozenset({"label", "field", "name"})
FOUND, EXPECTED = N_("found: %(value)s"), N_("expected: %(value)s")
HOW = N_("%(how)s: %(fields)s")
AND, OR = N_("%(one)s and %(other)s"), N_("%(one)s or %(other)s")
_TOKEN = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_REGION = re.compile(r"([a-z]+)(?:#([\w-]+))?\.([a-z_]+)")
_ID = re.compile(r"[a-z][a-z0-9_]*")
_NUMBERED = re.compile(r"^(.*?)((?: \d+)?)$", re.DOTALL)


@functools.lru_cache(maxsize=8192)
def sentence(language: str, text: str) -> str:
    """A sentence in a language, as it stands where it is made of no template that there is a translation of. Ids get their names."""
    gettext = translations(language).gettext
    if language != DEFAULT and (known := gettext(text)) != text:
        return known
    if language != DEFAULT and (found_at := _at_a_field(language, text)):
        return found_at
    if found := meant(text):
        template, values = found
        said = {name: _value(language, name, value) for name, value in values.items()}
        if said != values or re.search("[A-Za-z]", PLACE.sub("", template)):  # "a: b" is a sentence only if a and b are known
            return gettext(template) % said
    return _apart(language, text)


def _at_a_field(language: str, text: str) -> str:
    """What is wrong at a field, "Items 1, Gross mass: is missing"; "" where it is not that."""
    label, colon, rest = text.partition(": ")
    if not colon or len(label) > LABELS_MAX or (name := labels(language, label)) == label:
        return ""
    said = sentence(language, rest)
    return f"{name}：{said}" if said != rest else ""


def _apart(language: str, text: str) -> str:
    """Several sentences in a row, each by itself; the reason of a refusal as a finding says it, with a capital and a full stop."""
    for between in ("; ", ". "):
        parts = text.split(between)
        if len(parts) == 1 or len(text) > TEXT_MAX:
            continue
        said = [sentence(language, one) for one in parts]
        if any(one != was for one, was in zip(said, parts, strict=True)):
            return (between if language == DEFAULT else between.replace("; ", "；").replace(". ", "。")).join(said)
    if text.endswith(".") and len(text) > 1:
        for bare in (text[:-1], text[0].lower() + text[1:-1]):
            if (whole := sentence(language, bare)) != bare:
                return whole if language != DEFAULT else f"{whole[0].upper()}{whole[1:]}."
    return text


def _value(language: str, name: str, value: str) -> str:
    at = place(name)
    if at != "number" and (day := _day(language, value)):
        return day
    if at in NESTED:
        return sentence(language, value)
    if at in LABELS and (said := labels(language, value)) != value:
        return said
    if at in LABELS and language != DEFAULT and (fields := [_field(language, one) for one in value.split(", ")]) and all(fields):
        return "、".join(fields)
    if value in marked(PHRASE):
        return translations(language).gettext(value)
    for between, joined in ((", ", ""), (" or ", OR), (" and ", AND)):
        parts = value.split(between)
        names = [named(language, one) for one in parts]
        if len(parts) > 1 and all(one != was for one, was in zip(names, parts, strict=True)):
            if not joined or language == DEFAULT:
                return between.join(names) if language == DEFAULT else "、".join(names)
            return functools.reduce(lambda one, other: translations(language).gettext(joined) % {"one": one, "other": other}, names)
    return named(language, value)


def _day(language: str, value: str) -> str:
    """A day, or a moment at its offset, as the reader writes it: "20 Mar 2025 23:59 (UTC+08:00)"; "" where it is neither."""
    try:
        when = datetime.fromisoformat(value) if _MOMENT.fullmatch(value) else None
    except ValueError:
        when = None
    if when is None:
        return ""
    day = dates.format_date(when, "medium", REGIONS.get(language, language))
    return day if "T" not in value else f"{day} {when:%H:%M} (UTC{when.strftime('%z')[:3]}:{when.strftime('%z')[3:5]})"


def named(language: str, id: str) -> str:
    """The name of what an id stands for: a message, a role, a state, an event; the id where it stands for nothing known.

    "commercial_invoice GL-1" is a document by its number, "contract.main" a region.
    """
    gettext = translations(language).gettext
    first, _, number = id.partition(" ")
    if number and first in catalogue().ids():
        return f"{gettext(catalogue().message(first).name)} {number}"
    if language != DEFAULT and id in _called():
        return gettext(_called()[id])
    if (key := _REGION.fullmatch(id)) and (process := machine().processes.get(key[1])) and key[3] in process.regions:
        whole = len(process.regions) == 1 or key[3] == "case"  # the case is the trade itself
        name = "" if whole else gettext(key[3].replace("_", " "))
        return _joined(language, gettext(process.short), key[2], name)
    if not _ID.fullmatch(id):
        return gettext(id) if id in marked(PHRASE) else id
    if id in catalogue().ids():
        return gettext(catalogue().message(id).name)
    if id in catalogue().roles:
        return gettext(catalogue().roles[id].name)
    if (language != DEFAULT or "_" in id) and id in _ids():
        return gettext(id.replace("_", " "))
    return gettext(id) if id in marked(PHRASE) else id


def instance(language: str, id: str) -> str:
    """The name of an instance of a process: "transport#2" is "Transport, 2"."""
    process, _, suffix = id.partition("#")
    known = machine().processes.get(process)
    return _joined(language, translations(language).gettext(known.short), suffix) if known else id


def _joined(language: str, *parts: str) -> str:
    return (", " if language == DEFAULT else "，").join(one for one in parts if one)


@functools.cache
def _called() -> dict[str, str]:
    """The names of messages as they stand within an English sentence."""
    names = (catalogue().message(id).name for id in catalogue().ids())
    return {name.lower(): name for name in names}


@functools.cache
def _ids() -> frozenset[str]:
    """The ids of states, regions, processes and events: their words stand in the catalogues."""
    tables = machine()
    regions = [region for process in tables.processes.values() for region in process.regions.values()]
    return frozenset({*tables.events, *(state for region in regions for state in region.states), *(region.id for region in regions)})


def labels(language: str, text: str) -> str:
    """Names of fields in a row, "Collection: Interest" or "Items 1, Gross mass": each by itself, if all are known."""
    gettext = translations(language).gettext
    if language == DEFAULT or gettext(text) != text:
        return gettext(text)
    for between, joined in ((": ", "："), (", ", "，")):
        parts = text.split(between) if len(text) <= LABELS_MAX else []
        each = [_NUMBERED.sub(lambda found: gettext(found[1]) + found[2], one) for one in parts]
        if parts and all(one != was for one, was in zip(each, parts, strict=True)):
            return joined.join(each)
    return text


def _field(language: str, label: str) -> str:
    """The name of a field that a rule tells by its path, "totals.total" or "commercial_invoice totals.total"; "" where it is none."""
    gettext = translations(language).gettext
    document, _, path = label.rpartition(" ")
    if path not in _paths() or (document and document not in catalogue().ids()):
        return ""
    name = gettext(_paths()[path])
    return f"{gettext(catalogue().message(document).name)} {name}" if document else name


@functools.cache
def _paths() -> dict[str, str]:
    """What fields are called by their paths: in words, rather than by the number that a credit has for one ("32B Increase")."""
    every = [field for id in catalogue().ids() for field in catalogue().message(id).fields if field.name]
    plain = [field for field in every if not field.name[0].isdigit()]
    return {field.path.replace("[]", ""): field.name for field in (*every, *reversed(plain))}


def rules() -> Iterator[Row]:
    """The rows of all rules, those across documents last."""
    yield from (rule.row for id in catalogue().ids() for rule in rules_of(id))
    yield from (rule.row for rule in cross_rules())


@functools.cache
def _texts() -> list[str]:
    return sorted({row.text for row in rules()})


def rule_text(message: str) -> str:
    """The text of a rule that the message of a finding begins with; "" where it begins with none."""
    at = bisect.bisect_right(_texts(), message)
    return next((text for text in reversed(_texts()[max(0, at - STEPS) : at]) if message.startswith(text)), "")


def told(language: str, finding: Finding | dict[str, Any]) -> str:
    """What a finding says: the text of its rule, and what is so here; the two values where that cannot be said in the language."""
    get = finding.get if isinstance(finding, dict) else lambda name, default=None: getattr(finding, name, default)
    message = str(get("message") or "")
    rule = rule_text(message)
    because = message.removeprefix(rule).strip()
    if language == DEFAULT:
        return message
    if not rule:
        return text_of(language, message)
    gettext = translations(language).gettext
    here = sentence(language, because) if because else ""
    if here == because:
        values = (
            gettext(text) % {"value": shown(language, get(name))}
            for name, text in (("found", FOUND), ("expected", EXPECTED))
            if get(name) is not None
        )
        here = "；".join(values) or because
    return f"{gettext(rule)}{here}".strip()


def read(language: str, finding: Finding) -> Finding:
    """A finding as its reader reads it: message and hint in the language, everything else as it is."""
    if language == DEFAULT:
        return finding
    return replace(finding, message=told(language, finding), hint=text_of(language, finding.hint) if finding.hint else "")


def text_of(language: str, text: str) -> str:
    """A text of the content, or a sentence, or names of fields; of a finding's message as much as the catalogue has."""
    said = sentence(language, text)
    if language == DEFAULT:
        return _TOKEN.sub(lambda id: named(DEFAULT, id[0]), said)
    if said != text:
        return said
    if rule := rule_text(text):
        return text.replace(rule, translations(language).gettext(rule), 1)
    return labels(language, text)


def shown(language: str, value: Any) -> str:
    """A value as the reader writes it."""
    if isinstance(value, dict):
        if "currency" in value and "value" in value:
            return f"{value['currency']} {_number(value['value'], minor_units(str(value['currency'])))}"
        return " ".join(shown(language, part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(language, part) for part in value)
    return named(language, str(plain(value)))


def _number(value: Any, digits: int) -> str:
    text = str(plain(value))
    least = max(digits, len(text.partition(".")[2]))
    try:
        return numbers.format_decimal(text, "#,##0." + "0" * least if least else "#,##0", locale=DEFAULT)
    except (ValueError, ArithmeticError):
        return text


def made_of(language: str, text: str) -> str:
    """Where a computed value comes from: "sum of Gross weight", in a language with the fields first."""
    gettext = translations(language).gettext
    made = sorted((word.text for word in words().values()), key=len, reverse=True)
    head = next((one for one in (*made, *MADE) if text == one or text.startswith(f"{one} ")), "")
    if language == DEFAULT or not head:
        return gettext(text)
    fields = text.removeprefix(head).strip().removeprefix("of ").removeprefix("from ").strip()
    names = ", ".join(gettext(one) for one in fields.split(", ") if one)
    return gettext(HOW) % {"how": gettext(head), "fields": names} if names else gettext(head)


MADE = (N_("as in"), N_("computed"))  # what the hub says of values besides the words of drafts
