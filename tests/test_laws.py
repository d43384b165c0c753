"""The laws hold for the code, and each law is shown to catch what it is there for."""

import re
from collections.abc import Iterator

import pytest

from tests import laws
from tradeflow.bundle import bundle_root

ROOT = bundle_root()
LOCK = ROOT / "requirements.lock"

CODE = [
    laws.dependencies_point_one_way,
    laws.no_adapter_is_imported_by_name,
    laws.only_the_xml_codec_touches_lxml,
    laws.no_parsing_by_path,
    laws.only_the_unit_of_work_commits,
    laws.no_setting_outlives_its_transaction,
    laws.functions_are_short,
    laws.files_are_short,
    laws.names_say_something,
]

CAUGHT = [
    (laws.dependencies_point_one_way, "tradeflow/model/trade.py", "from tradeflow.machine import fold"),
    (laws.dependencies_point_one_way, "tradeflow/model/trade.py", "from tradeflow.store.rows import Row"),
    (laws.dependencies_point_one_way, "tradeflow/machine/decide.py", "def f():\n    import tradeflow.rules.evaluate"),
    (laws.dependencies_point_one_way, "tradeflow/machine/decide.py", "from tradeflow import store"),
    (laws.dependencies_point_one_way, "tradeflow/codec/json.py", "from tradeflow.rules.evaluate import check_message"),
    (laws.dependencies_point_one_way, "tradeflow/store/uow.py", "from tradeflow.app.handle import handle"),
    (laws.dependencies_point_one_way, "tradeflow/app/handle.py", "from tradeflow.api.app import create_app"),
    (laws.dependencies_point_one_way, "tradeflow/api/app.py", "from tradeflow.worker.drain import drain"),
    (laws.dependencies_point_one_way, "tradeflow/app/handle.py", "from ..api import app"),
    (laws.dependencies_point_one_way, "tradeflow/new/thing.py", ""),
    (laws.dependencies_point_one_way, "adapters/null/__init__.py", "from tradeflow.store.uow import Store"),
    (laws.no_adapter_is_imported_by_name, "tradeflow/worker/drain.py", "from tradeflow.adapters.null import Null"),
    (laws.no_adapter_is_imported_by_name, "tradeflow/worker/drain.py", "import tradeflow.adapters.null"),
    (laws.only_the_xml_codec_touches_lxml, "tradeflow/codec/intake.py", "from lxml import etree"),
    (laws.only_the_xml_codec_touches_lxml, "tradeflow/api/xml.py", "import lxml.etree"),
    (laws.no_parsing_by_path, "tradeflow/codec/xml.py", "tree = etree.parse(path)"),
    (laws.no_parsing_by_path, "tradeflow/codec/xml.py", "tree = lxml.etree.parse(path)"),
    (laws.only_the_unit_of_work_commits, "tradeflow/app/handle.py", "async def f(c):\n    await c.commit()"),
    (laws.only_the_unit_of_work_commits, "tradeflow/store/reads.py", "async def f(engine):\n    async with engine.begin(): ..."),
    (laws.only_the_unit_of_work_commits, "tradeflow/app/handle.py", "async def f(store):\n    async with store.transaction(): ..."),
    (
        laws.only_the_unit_of_work_commits,
        "tradeflow/store/claims.py",
        "async def f(connection):\n    async with connection.transaction(): ...",
    ),
    (laws.only_the_unit_of_work_commits, "tradeflow/store/claims.py", "await_ = connection.execute('BEGIN')"),
    (laws.only_the_unit_of_work_commits, "tradeflow/store/claims.py", "q = '''\n  COMMIT;'''"),
    (laws.no_setting_outlives_its_transaction, "tradeflow/store/uow.py", "q = 'SET search_path TO x'"),
    (laws.no_setting_outlives_its_transaction, "tradeflow/store/uow.py", "q = f\"SELECT 1; SET SESSION tradeflow.party = '{party}'\""),
    (laws.no_setting_outlives_its_transaction, "tradeflow/store/uow.py", "q = \"SELECT set_config('tradeflow.party', $1, false)\""),
    (laws.no_setting_outlives_its_transaction, "tradeflow/store/functions/accept.sql", "SET lock_timeout = 4000;"),
    (laws.functions_are_short, "tradeflow/app/handle.py", "def f():\n" + "    x = 1\n" * 70),
    (laws.files_are_short, "tradeflow/app/handle.py", "x = 1\n" * 401),
    (laws.names_say_something, "tradeflow/app/utils.py", ""),
    (laws.names_say_something, "tradeflow/app/trade_helpers.py", ""),
    (laws.names_say_something, "tradeflow/managers/trade.py", ""),
]

LET_THROUGH = [
    (laws.dependencies_point_one_way, "tradeflow/app/handle.py", "from tradeflow.machine.decide import decide"),
    (laws.only_the_xml_codec_touches_lxml, "tradeflow/codec/xml_bind.py", "from lxml import etree"),
    (
        laws.only_the_unit_of_work_commits,
        "tradeflow/store/uow.py",
        "async def f(connection):\n    async with connection.transaction(): ...",
    ),
    (laws.only_the_unit_of_work_commits, "tradeflow/store/claims.py", "async def f(self):\n    async with self._store.transaction(): ..."),
    (laws.no_setting_outlives_its_transaction, "tradeflow/store/uow.py", "q = f'UPDATE {table} SET version = 2'"),
    (laws.no_setting_outlives_its_transaction, "tradeflow/store/uow.py", "q = 'SET LOCAL lock_timeout = 4000'"),
    (laws.no_setting_outlives_its_transaction, "tradeflow/store/uow.py", "q = \"SELECT set_config('tradeflow.party', $1, true)\""),
    (laws.functions_are_short, "tradeflow/app/handle.py", "def f():\n" + "    x = 1\n" * 69),
]


def name_of(value: object) -> str:
    return getattr(value, "__name__", "")


def sources() -> dict[str, str]:
    found = [file for folder in ("tradeflow", "adapters") for file in (ROOT / folder).rglob("*.py") if "_bundle" not in file.parts]
    found += (ROOT / "tradeflow").rglob("*.sql")
    return {file.relative_to(ROOT).as_posix(): file.read_text() for file in sorted(found)}


def broken(law: laws.Law, files: dict[str, str]) -> list[str]:
    sql_too = law in {laws.no_setting_outlives_its_transaction, laws.files_are_short, laws.names_say_something}
    return [f"{path}:{what}" for path, source in files.items() if path.endswith(".py") or sql_too for what in law(path, source)]


@pytest.mark.parametrize("law", CODE, ids=name_of)
def test_the_code_keeps_the_law(law: laws.Law) -> None:
    files = sources()
    assert len(files) > 50
    assert broken(law, files) == []


@pytest.mark.parametrize(("law", "path", "source"), CAUGHT, ids=lambda value: name_of(value) or None)
def test_the_law_catches(law: laws.Law, path: str, source: str) -> None:
    assert broken(law, {path: source})


@pytest.mark.parametrize(("law", "path", "source"), LET_THROUGH, ids=lambda value: name_of(value) or None)
def test_the_law_lets_through(law: laws.Law, path: str, source: str) -> None:
    assert broken(law, {path: source}) == []


def test_every_law_is_shown_to_catch_something() -> None:
    assert {law for law, _, _ in CAUGHT} == set(CODE)


def test_tests_keep_the_laws_of_size_and_names() -> None:
    files = {file.relative_to(ROOT).as_posix(): file.read_text() for file in sorted((ROOT / "tests").rglob("*.py"))}
    assert broken(laws.files_are_short, files) + broken(laws.names_say_something, files) == []


def unlocked(lock: str) -> Iterator[str]:
    """Lines of a lock file that are anything but `name==version`, with an optional marker: no address, no index, no option, no range."""
    for line in lock.splitlines():
        if not line.startswith("#") and not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?==[0-9][\w.+!]*( ; [\w .'()<>=!]+)?", line):
            yield line
        if "://" in line:
            yield line


def test_the_lock_file_names_versions_and_no_place() -> None:
    assert list(unlocked(LOCK.read_text())) == []
    assert "pytest==" in LOCK.read_text()


@pytest.mark.parametrize(
    "line",
    [
        "--no-binary lxml",
        "--find-links /opt/wheels",
        "lxml @ https://example.org/lxml.whl",
        "lxml>=6",
        "lxml==6.*",
        "# made by https://example.org",
        "-e .",
    ],
)
def test_the_lock_law_catches(line: str) -> None:
    assert list(unlocked(f"click==8.5.1\n{line}\n"))
