"""A new adapter: the folder and the page of one that is there, under another name. It keeps the contract from the first minute."""

import re
import shutil
from pathlib import Path

from tradeflow.codec.business import page
from tradeflow.codec.business.manifest import Adapter, adapters, read
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.content import load

MODEL = "inspection"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}").fullmatch


def made(name: str, like: str, root: Path) -> Adapter:
    """Write adapters/<name> and docs/adapters/<name>.md below a root. BadInput for a name that cannot be, or is taken."""
    model, folder = adapters().get(like), root / "adapters" / name
    if not _NAME(name):
        raise BadInput(
            "INVALID_REQUEST",
            say("%(name)s is no name for an adapter: small letters, digits and _, beginning with a letter", name=repr(name)),
            422,
        )
    if model is None:
        raise BadInput(
            "INVALID_REQUEST", say("there is no adapter %(like)s; there are %(adapters)s", like=like, adapters=", ".join(adapters())), 422
        )
    if name in adapters() or folder.exists():
        raise BadInput("INVALID_REQUEST", say("there is an adapter %(name)s already", name=name), 422)
    shutil.copytree(model.folder, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    manifest = folder / "adapter.toml"
    title = name.replace("_", " ").capitalize()
    text = re.sub(r'(?m)^name = ".*"$', f'name = "{title}"', manifest.read_text(encoding="utf-8"), count=1)
    manifest.write_text(text, encoding="utf-8")
    adapter = read(load(manifest))
    page.write(adapter)
    return adapter
