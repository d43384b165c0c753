"""Every sentence of the hub is made of a template in one place, and is said in each language from that template."""

import ast
import re

import pytest

from tradeflow.app.proof import Proof, proofs
from tradeflow.app.reading import rule_text, sentence, told
from tradeflow.language.catalogues import DEFAULT, languages, translations
from tradeflow.language.sentences import PLACE, meant
from tradeflow.portal import extraction
from tradeflow.portal.spoken import PARTS, TELL, TRADEFLOW, spoken

TRANSLATED = [id for id in languages() if id != DEFAULT]
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_read_back_from_its_english_and_said_in_the_language(language: str) -> None:
    gettext = translations(language).gettext
    wrong = []
    for template in spoken()[0]:
        names = dict.fromkeys(PLACE.findall(template))
        values = {name: f"9{n}" for n, name in enumerate(names)}
        english = template % values if values else template
        wanted = gettext(template) % values if values else gettext(template)
        if re.search("[A-Za-z]", PLACE.sub("", template)) and "".join(sentence(language, english).split()) != "".join(wanted.split()):
            wrong.append((template, meant(english), sentence(language, english)))
    assert wrong == []


def test_who_tells_somebody_something_says_a_sentence() -> None:
    """What is put together in another way would be extracted by nothing."""
    loose = []
    for part in PARTS:
        for file in sorted((TRADEFLOW / part).rglob("*.py")):
            for call in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in TELL:
                    loose += [f"{file.relative_to(TRADEFLOW)}:{one.lineno}" for one in _put_together(call)]
    assert loose == []


def _put_together(call: ast.Call) -> list[ast.JoinedStr]:
    given = [*call.args, *(one.value for one in call.keywords)]
    inside = {id(one) for arg in given for say in ast.walk(arg) if isinstance(say, ast.Call) for one in ast.walk(say) if one is not say}
    return [
        one
        for arg in given
        for one in ast.walk(arg)
        if isinstance(one, ast.JoinedStr) and id(one) not in inside and _is_said("".join(_fixed(one)))
    ]


def _fixed(text: ast.JoinedStr) -> list[str]:
    return [str(part.value) if isinstance(part, ast.Constant) else "\0" for part in text.values]


def _is_said(text: str) -> bool:
    return bool(re.search(r"(^|[ \0])[a-z]{2,} ", text)) and not text.startswith(("guard ", "tradeflow rule", "catalogue"))


@pytest.mark.parametrize("language", TRANSLATED[-1:])
def test_what_every_rule_finds_is_said_in_the_language(language: str) -> None:
    said = {proof.row.id: _told(proof, language) for proof in proofs()}
    assert len(said) > 900
    assert {id: left for id, (_, left) in said.items() if left} == {}


def _told(proof: Proof, language: str) -> tuple[str, list[str]]:
    """What the first finding of a rule says, and what of it is still English."""
    finding = proof.findings("fail")[0]
    because = finding.message.removeprefix(rule_text(finding.message))
    said = told(language, finding)
    return said, [] if HAN.search(sentence(language, because.strip())) else [because]


def test_a_field_that_a_rule_tells_by_its_path_has_its_name_in_another_language() -> None:
    said = sentence("zh_Hant", "Not one of increase, new_expiry is given.")
    gettext = translations("zh_Hant").gettext
    assert said == f"{gettext('Increase of amount')}、{gettext('New expiry')} 中一項也未填。"
    assert gettext("Commercial invoice") in sentence("zh_Hant", "commercial_invoice totals.total is not given.")
    assert sentence("en", "Not one of increase, new_expiry is given.") == "Not one of increase, new_expiry is given."


def test_a_sentence_that_nobody_translated_stays_as_it_is() -> None:
    assert sentence("zh_Hant", "Nobody knows this sentence.") == "Nobody knows this sentence."
    assert extraction.untranslated({"%(n)s new words": ""}, extraction.translated("zh_Hant")) == ["%(n)s new words"]
