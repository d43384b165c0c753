"""In which language an answer for people is: the parameter `language`, else the header Accept-Language, else English."""

from typing import Annotated

from litestar.params import QueryParameter

from tradeflow.api.auth import AnyRequest
from tradeflow.api.problems import invalid
from tradeflow.language.catalogues import chosen, languages, negotiated, tag
from tradeflow.language.sentences import say

Language = Annotated[
    str,
    QueryParameter(
        description="The language of names, meanings of codes, dates and numbers: en, zh-Hant or zh-Hans; as Accept-Language if absent.",
        max_length=35,
    ),
]
Bilingual = Annotated[
    bool, QueryParameter(description="Names in English and in the language, everything else in English: for paper that goes abroad.")
]


def language_of(request: AnyRequest, asked: str = "") -> str:
    """The language of an answer. Raises BadInput where one is asked for that the hub does not have."""
    if not asked:
        return chosen("", request.headers.get("accept-language", ""))
    found = negotiated([asked])
    if not found:
        raise invalid(
            say("There is no language %(asked)s.", asked=asked),
            "query/language",
            say("Ask for %(languages)s.", languages=", ".join(map(tag, languages()))),
            asked,
        )
    return found
