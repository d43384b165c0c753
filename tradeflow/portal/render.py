"""Templates to pages: one environment for each language, made when somebody reads it."""

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from tradeflow.language.catalogues import languages, translations
from tradeflow.model.catalogue import catalogue
from tradeflow.portal import formats, wording
from tradeflow.portal.entry.once import drawers
from tradeflow.portal.places import FOLDERS, STATIC

TEXTS_MAX = 4_000


def rendered(language: str, template: str, values: dict[str, Any]) -> str:
    """The text of a template in a language."""
    return environment(language).get_template(template).render(values)


class _Compiled(BytecodeCache):
    """What templates compile to, by their source: the same in every language, whose texts are looked up when a page is drawn."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what was compiled before."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


@functools.cache
def environment(language: str) -> Environment:
    """Templates lie beside their page's module or, those of all pages, in templates/."""
    made = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # they change with the program only
        bytecode_cache=_compiled,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    words = translations(language)
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.globals["_"] = _texts(words.gettext)
    made.filters |= formats.filters(language)
    made.filters |= wording.filters(language)
    made.filters["role"] = lambda id: words.gettext(_role(id))
    made.filters["kind"] = lambda id: words.gettext(_kind(id))
    made.globals |= drawers(made, language)
    made.globals |= {"language": language, "languages": languages(), "asset": asset}
    return made


def _texts(gettext: Callable[[str], str]) -> Callable[..., Markup]:
    """`_` of templates: as Jinja's own, but a text without values is looked up and made safe once. A page says some hundred."""

    @functools.lru_cache(TEXTS_MAX)
    def alone(text: str) -> Markup:
        return Markup(gettext(text)) % {}  # noqa: S704 - texts of templates and their translations

    def said(text: str, /, **values: Any) -> Markup:
        return Markup(gettext(text)) % values if values else alone(text)  # noqa: S704 - values are escaped

    return said


@functools.cache
def asset(file: str) -> str:
    """The address of a file in static/, another one when its content is another: browsers keep it for good."""
    digest = hashlib.sha256((STATIC / file).read_bytes()).hexdigest()[:12]
    return f"/portal/static/{file}?{digest}"


def _role(id: str) -> str:
    roles = catalogue().roles
    return roles[id].name if id in roles else id.replace("_", " ")


def _kind(id: str) -> str:
    return catalogue().message(id).name if id in catalogue().ids() else id.replace("_", " ")
