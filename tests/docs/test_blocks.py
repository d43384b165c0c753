"""Every command of the documentation works, and prints what the page shows."""

from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, RUN, SKIP, Reader, blocks, commands_of, matches
from tests.docs.conftest import Demo

NOT_RUN_MAX = 14  # of all pages: each needs a machine of its own, or does not end


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.runs for block in blocks(page))], ids=lambda page: page.stem)
def test_a_reader_can_follow_the_page(page: Path, reader: Reader) -> None:
    for block in blocks(page):
        if block.runs:
            assert (said := reader.type_in(block)) == "", f"{block}: {said}"


def test_the_readme_shows_what_the_demo_prints(played: Demo) -> None:
    excerpts = [block for block in blocks(PAGES[0]) if (block.language, block.info) == ("text", "demo")]
    assert len(excerpts) == 1
    assert matches(excerpts[0].text, played.printed), played.printed


def test_few_blocks_are_left_out() -> None:
    every = [block for page in PAGES for block in blocks(page) if block.language in RUN]
    left_out = [block for block in every if not block.runs]
    assert all(block.info in ("", SKIP) for block in every), "the only word after the language is no-run"
    assert len(every) > 40
    assert len(left_out) <= NOT_RUN_MAX


def test_a_console_block_is_commands_and_what_they_print() -> None:
    said = commands_of("$ one \\\n  more\nprinted\n\n$ two '{\n}'\n")
    assert said == [("one \\\n  more", "printed\n\n"), ("two '{\n}'", "")]


@pytest.mark.parametrize(
    ("shown", "printed", "right"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nc\n", False),
        ("a\n", "a\nb\n", False),
        ("a ... c\n", "a b c\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\n", "a\nb\n", True),
        ("a\n...\ne\n", "a\nb\nc\nd\n", False),
        ("", "anything\n", True),
    ],
)
def test_what_is_shown_is_compared(shown: str, printed: str, right: bool) -> None:
    assert matches(shown, printed) is right
