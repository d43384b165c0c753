"""What forms of the administration read and offer: limits of roles and scopes, days, lists of choices."""

from collections.abc import Sequence
from datetime import UTC, datetime

from babel import Locale

from tradeflow.app.access import SCOPES
from tradeflow.errors import BadInput
from tradeflow.language.catalogues import N_
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding, Severity
from tradeflow.portal.page import Page

SCOPE_TEXTS = {
    "read": N_("look at trades, documents and deliveries"),
    "lodge": N_("open trades and send messages"),
    "decide": N_("decide, release, make links"),
    "admin": N_("manage the company"),
}
SIGN = "✓"


def limits(page: Page) -> tuple[list[str] | None, list[str] | None]:
    """(roles, scopes) that were ticked; None where the box "all" is. Raises BadInput where nothing is left or a name is unknown."""
    found: list[list[str] | None] = []
    for name, known in (("roles", set(catalogue().roles)), ("scopes", set(SCOPES))):
        ticked = page.form.all(name)
        if page.form.text(f"all_{name}"):
            found.append(None)
        elif not ticked or set(ticked) - known:
            raise wrong(page, f"/{name}", page._("Tick at least one, or all."))
        else:
            found.append(ticked)
    return found[0], found[1]


def whole(page: Page, name: str, least: int, most: int, default: int) -> int:
    """A whole number of a form."""
    text = page.form.text(name) or str(default)
    if not (text.isascii() and text.isdecimal()) or not least <= int(text[:9]) <= most:
        raise wrong(page, f"/{name}", page._("A whole number from %(least)s to %(most)s.", least=least, most=most))
    return int(text)


def day(page: Page, name: str, needed: bool = True) -> datetime | None:
    """The end of a day in UTC, as a field of the type date sends it."""
    text = page.form.text(name)
    if not text and not needed:
        return None
    try:
        return datetime.fromisoformat(text).replace(hour=23, minute=59, second=59, tzinfo=UTC)
    except ValueError:
        raise wrong(page, f"/{name}", page._("A day, for example 2026-03-31.")) from None


def wrong(page: Page, pointer: str, says: str) -> BadInput:
    """What is wrong with one field."""
    return BadInput("INVALID_REQUEST", says, 422, findings=[Finding("REQUEST", Severity.ERROR, pointer, says)])


def roles(page: Page) -> list[tuple[str, str]]:
    """Every role but the platform's, by its name."""
    return sorted(((id, page._(role.name)) for id, role in catalogue().roles.items() if id != "platform"), key=lambda pair: pair[1])


def messages(page: Page) -> list[tuple[str, str]]:
    """Every message type by its name."""
    return sorted(((id, page._(catalogue().message(id).name)) for id in catalogue().ids()), key=lambda pair: pair[1])


def countries(page: Page) -> list[tuple[str, str]]:
    """Every country by its name in the reader's language."""
    names = Locale.parse(page.language).territories
    return sorted(((code, names.get(code, code)) for code in catalogue().codelists["country"].codes), key=lambda pair: pair[1])


def scopes(page: Page) -> Sequence[tuple[str, str]]:
    """What a key or a user may be allowed."""
    return [(id, page._(text)) for id, text in SCOPE_TEXTS.items()]
