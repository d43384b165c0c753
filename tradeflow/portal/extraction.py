"""Every text that a reader may meet: those of templates and Python, the interface, and those of the content; and its translations."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO

import tomli
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from tradeflow.api.codes import every as codes_of_problems
from tradeflow.app.desks import desks
from tradeflow.app.kinds import kinds
from tradeflow.app.reading import rules
from tradeflow.bundle import content_roots
from tradeflow.codec.groups import groups
from tradeflow.codec.shape import shape
from tradeflow.draft.words import words as drafted
from tradeflow.language.catalogues import PHRASE, SENTENCE, WORDS
from tradeflow.machine import owed
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Region
from tradeflow.model.catalogue import Catalogue, MessageType, catalogue
from tradeflow.model.codelists import CodeList
from tradeflow.pdf.layout import layout
from tradeflow.pdf.values import plain_label, words
from tradeflow.portal.entry.lookups import CODE_MAX, NUMBERED, kept
from tradeflow.portal.entry.view import LISTED, LOOKED_UP, SELECT_MAX
from tradeflow.portal.places import FOLDERS, PORTAL
from tradeflow.portal.spoken import spoken

Texts = dict[str, str]  # text -> where it stands
HEADER = "# Translations of the portal. `tradeflow words --update` writes this file anew; translations are kept."
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)  # always the same: two who add words change no common line
PLACES = re.compile(r"%\((\w+)\)s")
NO_CODES = ("IATA", "UNCL", "LATEST", "VERSION", "MT700", "SWIFT", "SEE72Z")  # of notes: names of standards and parts of longer codes
_WORD_CODES = re.compile(r"\b[A-Z][A-Z0-9_]{3,}\b")
_SAID = re.compile("[a-zà-ÿ]{3}")  # not the sign of a unit
PAPER, READING = PORTAL.parent / "pdf", PORTAL.parent / "app" / "reading.py"
MARKS = ("_", "N_", "said", "named")  # functions whose first argument is a text
FINDINGS = ("rule", "hint")  # the parts of the content that findings are made of


def interface() -> Texts:
    """The texts of templates and of Python; of those with a plural the singular."""
    return _interface()[0]


@functools.cache
def _interface() -> tuple[Texts, Texts]:
    """The texts of the interface, and of those that have one the plural: singular -> plural."""
    found: Texts = {}
    plurals: Texts = {}
    for folder in FOLDERS:
        for file in sorted([*folder.glob("*.html"), *folder.glob("*.svg")]):
            with file.open("rb") as source:
                options = {"trimmed": "true", "extensions": "jinja2.ext.do"}
                for line, function, texts, _ in babel_extract(source, ("_", "gettext", "ngettext"), [], options):
                    each = _each(texts)
                    if function == "ngettext":
                        plurals[each[0]] = each[1]
                    _add(found, each[:1] if function == "ngettext" else each, f"{file.name}:{line}")
    for file in sorted([*PORTAL.rglob("*.py"), *PAPER.glob("*.py"), READING]):
        body = file.read_bytes()
        for line, texts, _, _ in extract("python", BytesIO(body), dict.fromkeys(MARKS)):
            _add(found, _each(texts), f"{file.relative_to(PORTAL.parent).as_posix()}:{line}")
    return found, plurals


def content() -> dict[str, Texts]:
    """The texts of the content by what they are: message, role, state, event, label, code, rule, ..."""
    book, tables = catalogue(), machine()
    found: dict[str, Texts] = {
        name: {}
        for name in (
            "message",
            "role",
            "desk",
            "process",
            "state",
            "event",
            "meaning",
            "guard",
            "channel",
            "clock",
            "owed",
            *("label", "code"),
            "made",
            "goods",
            "reason",
            *("record", "problem", "listed"),
        )
    }
    for id in book.ids():
        _add(found["message"], [book.message(id).name], id)
    for role in book.roles.values():
        _add(found["role"], [role.name], role.id)
    for id, desk in desks().items():
        _add(found["desk"], [desk.name, *(section.name for section in desk.section)], id)
    for process in tables.processes.values():
        _add(found["process"], [process.name, process.short], process.id)
        for region in process.regions.values():
            _add(found["reason"], (row.because for row in region.refuse), f"{process.id}.{region.id}")
            _add(found["label"], [region.id.replace("_", " ")], f"{process.id}.{region.id}")
            _add(found["record"], _records(region), f"{process.id}.{region.id}")
            for state, meaning in region.states.items():
                _add(found["state"], [state.replace("_", " ")], f"{process.id}.{region.id}")
                _add(found["meaning"], [meaning], f"{process.id}.{region.id}.{state}")
    _add(found["reason"], (edge.text for edge in tables.edges), "dependencies.toml")
    for id, event in tables.events.items():
        _add(found["event"], [id.replace("_", " ")], id)
        _add(found["meaning"], [event.text], id)
    for guard in tables.guards.values():
        _add(found["guard"], [guard.text], guard.name)
    for timer in tables.timers.values():
        _add(found["clock"], [timer.text, timer.rule], timer.id)
    for goods in tables.goods.values():
        _add(found["goods"], (row["text"] for row in goods), "goods.toml")
    for row in owed.rows(content_roots()):
        _add(found["owed"], [row.why], row.id)
    for kind in kinds().values():
        rows = (*kind.settings.values(), *kind.secrets.values())
        _add(
            found["channel"], [kind.name, kind.summary, *(text for row in rows for text in (row.name.replace("_", " "), row.text))], kind.id
        )
    for id in book.ids():
        _add(found["label"], _labels(book.message(id)), id)
    for id in book.ids():
        _add(found["label"], _printed(book.message(id)), id)
    for word in drafted().values():
        _add(found["made"], [word.text], f"draft word {word.name}")
    return found | {"field": dict(_fields(book.message(id) for id in book.ids())), **_codes(book), **findings(), **_sentences()}


def _codes(book: Catalogue) -> dict[str, Texts]:
    """What codes mean: those of closed lists and of notes, those that are offered while one types, and those of problems."""
    found: dict[str, Texts] = {"code": {}, "listed": {}, "problem": {}}
    for codes in book.codelists.values():
        if codes.values and len(codes.values) <= SELECT_MAX:
            _add(found["code"], _choices(codes), codes.name)
    for id in book.ids():
        _add(found["code"], _named_codes(book.message(id)), id)
    for texts in map(words, ("unit", "document_type", "package_type")):
        _add(found["code"], (text for text in texts.values() if _SAID.search(text)), "print/words.toml")
    _add(found["code"], (code.replace("_", " ").lower() for code in book.codelists["payable_kind"].values), "payable_kind")
    for list_ in sorted(LOOKED_UP | LISTED):
        _add(found["listed"], (text for text in kept(list_).values() if _SAID.search(text)), f"lookups.toml {list_}")
    for code, problem in codes_of_problems().items():
        _add(found["problem"], [problem.text], code)
    return found


def _sentences() -> dict[str, Texts]:
    templates, texts, phrases = spoken()
    return {SENTENCE: templates, "said": texts, PHRASE: phrases}


def findings() -> dict[str, Texts]:
    """The texts and hints of rules."""
    found: dict[str, Texts] = {name: {} for name in FINDINGS}
    for row in rules():
        _add(found["rule"], [row.text], row.id)
        _add(found["hint"], [row.hint], row.id)
    return found


def catalogue_of(language: str) -> Catalog:
    """The catalogue of a language as it stands in words/; empty where there is none."""
    file = WORDS / f"{language}.po"
    if not file.is_file():
        return Catalog(locale=language)
    with file.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def translated(language: str) -> Texts:
    """What has a translation in a language: text -> translation."""
    found = {_first(entry.id): _first(entry.string) for entry in catalogue_of(language) if entry.id and not entry.fuzzy}
    return {text: said for text, said in found.items() if said}


def untranslated(texts: Iterable[str], known: Texts) -> list[str]:
    """Those without a translation, in their order."""
    return [text for text in texts if text not in known]


def written(language: str, known: Texts) -> int:
    """Write the catalogue of a language anew: every text there is now, with its translation where one is known. How many have one."""
    catalog = Catalog(locale=language, fuzzy=False, header_comment=HEADER, creation_date=WRITTEN)
    done: set[str] = set()
    every = {"interface": interface(), **content()}
    for kind, texts in every.items():
        for text in texts:
            if text not in done:
                done.add(text)
                kinds_of = [kind, *(mark for mark in (SENTENCE, PHRASE) if mark != kind and text in every[mark])]
                said, plural = known.get(text, ""), _interface()[1].get(text)
                if plural is None:
                    catalog.add(text, said, auto_comments=kinds_of)
                else:  # Chinese has one form for any number
                    catalog.add((text, plural), (said,) * catalog.num_plurals, auto_comments=kinds_of)
    with (WORDS / f"{language}.po").open("wb") as target:
        write_po(target, catalog, width=0, omit_header=False, ignore_obsolete=True)
    return sum(text in known for text in done)


def simplified(known: Texts) -> Texts:
    """Traditional Chinese in simplified characters and the words of the mainland, by OpenCC and by words/simplified.toml.

    Raises ImportError where OpenCC is not installed: it is needed by whoever changes translations, not by a hub.
    """
    convert = import_module("opencc").OpenCC("tw2sp").convert
    words = tomli.loads((WORDS / "simplified.toml").read_text(encoding="utf-8"))["words"]
    made = {}
    for text, said in known.items():
        plain = convert(said)
        for wrong, right in words.items():
            plain = plain.replace(wrong, right)
        made[text] = plain
    return made


def broken(known: Texts) -> list[str]:
    """Translations that do not have the values of the original, each with what is wrong."""
    return [
        f"{text!r}: {sorted(PLACES.findall(text))} became {sorted(PLACES.findall(said))}"
        for text, said in known.items()
        if sorted(PLACES.findall(text)) != sorted(PLACES.findall(said))
    ]


def _fields(types: Iterable[MessageType]) -> Iterator[tuple[str, str]]:
    for kind in types:
        for field in kind.fields:
            if field.name:
                yield field.name, kind.id


def _printed(kind: MessageType) -> Iterator[str]:
    """What a print calls things: the title of its layout, its own names of fields, its sentence, and labels as paper shortens them."""
    plan = layout(kind)
    yield from (text for text in (plan.title, *(text for _, text in plan.labels)) if text)
    if plan.wording and not plan.wording.startswith("{"):
        yield plan.wording
    yield from (plain_label(text) for text in _labels(kind))


def _named_codes(kind: MessageType) -> Iterator[str]:
    """The codes that the note of a field names where no list has them: ORIGINAL, TELEX_RELEASE or WAYBILL."""
    todo = [shape(kind)]
    while todo:
        node = todo.pop()
        if node.scalar == "code" and not node.codelist:
            yield from (code.replace("_", " ") for code in _WORD_CODES.findall(node.rule) if code not in NO_CODES)
        todo += node.members


def _choices(codes: CodeList) -> Iterator[str]:
    """What the codes of a list are called where they are offered for choice; numbers of standards are names already."""
    for code, meaning in codes.values.items():
        text = meaning or kept(codes.name).get(code, "")
        numbered = NUMBERED.fullmatch(meaning)
        if text and not numbered:
            yield text
        if numbered or (not meaning and len(code) > CODE_MAX):  # paper says the code, in words
            yield code.replace("_", " ")


def _records(region: Region) -> Iterator[str]:
    """What the machine writes into the audit trail."""
    return (effect.args[0] for row in region.transitions for effect in row.effects if effect.verb == "record")


def _labels(kind: MessageType) -> Iterator[str]:
    """What a form calls its parts, its fields, and the rows of its lists."""
    yield from (group.title for group, _ in groups(kind))
    todo = [shape(kind)]
    while todo:
        node = todo.pop()
        yield node.label
        if node.repeats and node.members:
            yield node.element.replace("_", " ").capitalize()
        todo += node.members


def _first(text: str | Sequence[str] | None) -> str:
    return text if isinstance(text, str) else str(text[0]) if text else ""


def _each(texts: str | tuple[str | None, ...] | None) -> list[str]:
    return [text for text in ((texts,) if isinstance(texts, str) else texts or ()) if text]


def _add(found: Texts, texts: Iterable[str], where: str) -> None:
    for text in texts:
        if text.strip():
            found.setdefault(text, where)
