"""Documents on paper in the reader's language: names, meanings of codes, dates and numbers are translated, what the parties typed is not."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pypdf
import pytest

from tests.unit.test_pdf import SAMPLES, job, sample
from tradeflow.pdf.page import page
from tradeflow.pdf.typeset import pdf

HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[A-Z]?[a-z]{3,}\b")


def texts(value: Any) -> Iterator[str]:
    """Every text of a page or a document, without the names of members."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from texts(one) if key != "kind" else ()
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])
@pytest.mark.parametrize("id", SAMPLES)
def test_nothing_on_the_paper_is_english_that_nobody_typed(id: str, language: str) -> None:
    made = page(job(sample(id), language=language))
    said = [*texts(made["blocks"]), made["title"], made["badge"], *made["words"].values(), *made["notes"]]
    assert HAN.search(made["title"]) and made["language"]["lang"] == "zh"
    typed = " ".join(texts(sample(id)))
    words = {word: text for text in said for word in ENGLISH.findall(re.sub(r"\{pages?\}|\u200b", "", text)) if word not in typed}
    assert words == {}


def test_meanings_dates_and_numbers_are_the_readers_and_what_was_typed_is_not() -> None:
    tree = sample("commercial_invoice")
    english, chinese, both = (
        str(page(job(tree, language=to, bilingual=two))) for to, two in (("en", False), ("zh_Hant", False), ("zh_Hant", True))
    )
    day = tree["document"]["issue_date"]
    year, month, date = (int(part) for part in day.split("-"))
    assert f"{year}年{month}月{date}日" in chinese and f"{year}年" not in english and f"{year}年" not in both
    assert "商業發票" in chinese and "Commercial invoice 商業發票" in both and "商業發票" not in english
    seller = tree["seller"]["name"]
    assert seller in chinese and seller in both and tree["lines"][0]["description"] in chinese
    assert "日本" in chinese and "Japan" not in chinese.replace("Japanese", "") and "Japan" in both


def test_the_paper_in_chinese_prints_with_the_forms_of_its_readers() -> None:
    written = pdf(job(sample("bill_of_lading"), language="zh_Hans"))
    read = pypdf.PdfReader(BytesIO(written))
    text = "".join("".join(one.extract_text() for one in read.pages).split())
    assert "提单" in text and "托运人" in text and "提單" not in text
    assert written == pdf(job(sample("bill_of_lading"), language="zh_Hans"))
