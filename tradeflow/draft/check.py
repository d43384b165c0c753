"""All defects of draft rows at once, for `tradeflow check`: each with file and line."""

from collections.abc import Iterator
from typing import Any

from tradeflow.draft import trees
from tradeflow.draft.addressees import ANYTHING, OF_SENDING
from tradeflow.draft.rows import OF_TITLE, Row, Sheet, common, sheet
from tradeflow.draft.words import words
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, Field, MessageType, catalogue

REFERRING = ("ref", "refs", "hash")
_PLAIN = frozenset({"same", "me", "as", "required"})  # sources that need nothing after their name


def check_drafts(known: Catalogue | None = None) -> list[ContentError]:
    """Every row that is not well formed, stands for nothing, or names an unknown path, source, word, argument, role or code."""
    book = known or catalogue()
    found: list[ContentError] = []
    try:
        shared = common(book)
    except ContentError as error:
        return [error]
    kinds = [book.message(id) for id in book.ids()]
    for row in shared.fill:
        mine = [kind for kind in kinds if trees.reaches(kind, row.path)]
        found += [row.defect(f"no message has {row.path}")] if not mine else []
        for kind in mine[:1]:
            found += _defects(book, shared, kind, row)
    for process, fields in shared.above.items():
        where = str(book.roots[0] / "documents" / "_common" / "draft.toml")
        unknown = [name for name in fields if not any(trees.reaches(kind, name) for kind in kinds)]
        found += [ContentError(where, 1, f"above.{process}: no message has {name}") for name in unknown]
    found += _shared_whom(book, shared)
    for kind in kinds:
        found += _message(book, shared, kind)
    return found


def _message(book: Catalogue, shared: Sheet, kind: MessageType) -> Iterator[ContentError]:
    file = kind.folder / "draft.toml"
    try:
        own = sheet(file)
    except ContentError as error:
        yield error
        return
    yield from (ContentError(str(file), 1, wrong) for wrong in _whom(book, shared, kind, own))
    for row in own.fill:
        if not trees.reaches(kind, row.path):
            yield row.defect(f"{kind.id} has no {row.path}")
        else:
            yield from _defects(book, shared, kind, row)


def _whom(book: Catalogue, shared: Sheet, kind: MessageType, own: Sheet) -> Iterator[str]:
    """What is wrong with the rows that say whom it goes to."""
    for row in own.to:
        yield from filter(None, (_who(book, shared, kind, who) for who in row.who))
    sources = [*own.near, *(source for row in own.to for source in row.when)]
    yield from filter(None, (_source(book, shared, kind, source) for source in sources))


def _shared_whom(book: Catalogue, shared: Sheet) -> Iterator[ContentError]:
    """Rows of `to` that messages share: which roles a message goes to is asked where it is addressed."""
    file = str(book.roots[0] / "documents" / "_common" / "draft.toml")
    anything = book.message(book.ids()[0])
    for name, rows in shared.whom.items():
        for row in rows:
            plain = [who for who in row.who if ":" not in who]
            wrong = [f"unknown role {who}" for who in plain if who not in book.roles]
            wrong += [_who(book, shared, anything, who) for who in row.who if who not in plain]
            wrong += [_source(book, shared, anything, source) for source in row.when]
            yield from (ContentError(file, 1, f"whom.{name}: {one}") for one in wrong if one)


def _who(book: Catalogue, shared: Sheet, kind: MessageType, who: str) -> str:
    name, _, rest = who.partition(":")
    if name == "whom":
        return "" if rest in shared.whom else f"{who}: documents/_common/draft.toml has no such rows"
    if name in OF_SENDING:
        unknown = [t for t in _types(shared, rest) if t not in book.ids() and t != ANYTHING]
        return f"{who}: {', '.join(unknown)} is no message and no alias" if unknown else ""
    if rest and name != "near":
        return _source(book, shared, kind, who)
    role = rest or name
    return "" if role in kind.to_roles else f"a {kind.id} does not go to {role}"


def _defects(book: Catalogue, shared: Sheet, kind: MessageType, row: Row) -> Iterator[ContentError]:
    if not (row.sources or row.all or row.make or row.drop or row.value is not None):
        yield row.defect("nothing says what to put there: from, all, make, value or drop")
    for source in (*row.sources, *row.all, *row.of, *row.when):
        if wrong := _source(book, shared, kind, source):
            yield row.defect(wrong)
    if row.make:
        yield from (row.defect(wrong) for wrong in _word(row))
    elif row.of or row.args:
        yield row.defect("of and args belong to make")
    field = kind.field_at(row.path)
    if row.value is not None and field is not None and (wrong := _value(book, field, row.value)):
        yield row.defect(wrong)


def _word(row: Row) -> Iterator[str]:
    word = words().get(row.make)
    if word is None:
        yield f"unknown word {row.make}"
        return
    if not word.sources[0] <= len(row.of) <= word.sources[1]:
        yield f"{row.make} takes {word.sources[0]} to {word.sources[1]} sources, not {len(row.of)}"
    yield from (f"{row.make} takes no argument {name}" for name in row.args.keys() - word.args)


def _source(book: Catalogue, shared: Sheet, kind: MessageType, source: str) -> str:
    """What is wrong with a source, or ""."""
    name, _, rest = source.partition(":")
    if name in _PLAIN or name in ("trade", "clock"):
        return "" if name in _PLAIN or rest else f"{source}: name what is meant after the colon"
    if name == "here":
        return "" if trees.reaches(kind, rest) else f"{source}: {kind.id} has no {rest}"
    if name == "title":
        return "" if rest in OF_TITLE else f"{source}: of a bill the hub keeps {', '.join(OF_TITLE)}"
    if name == "role":
        return "" if rest.partition(":")[0] in book.roles else f"{source}: unknown role"
    if name in ("mine", "last"):
        return "" if any(trees.reaches(book.message(id), rest) for id in book.ids()) else f"{source}: no message has {rest}"
    if name == "asked":
        type_, _, member = rest.partition(":")
        known = any(row.path.removesuffix("[]") == member for row in book.types["DocumentRequirement"])
        return "" if type_ in book.ids() and known else f"{source}: no such document, or no such member of a requirement"
    types, path = _types(shared, rest if name in REFERRING else name), rest
    if name in ("every", "any"):
        type_, _, path = rest.partition(":")
        types = _types(shared, type_)
    if unknown := [t for t in types if t not in book.ids()]:
        return f"{source}: {', '.join(unknown)} is no message and no alias"
    if name in REFERRING:
        return ""
    return "" if any(trees.reaches(book.message(t), path) for t in types) else f"{source}: {' or '.join(types)} has no {path}"


def _types(shared: Sheet, name: str) -> tuple[str, ...]:
    return shared.alias.get(name, (name,))


def _value(book: Catalogue, field: Field, value: Any) -> str:
    if field.codelist:
        codes = book.codelists[field.codelist].values
        if codes and str(value) not in codes:
            return f"{value} is not in code list {field.codelist}"
    if field.scalar == "boolean" and not isinstance(value, bool):
        return f"{value} is not true or false"
    if field.scalar == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
        return f"{value} is not a whole number"
    return ""
