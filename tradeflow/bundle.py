"""Where content is found: beside the package in an installation, at the repository root in a checkout."""

from pathlib import Path

CONTENT = ("documents", "workflows", "schemas", "adapters")


def bundle_root() -> Path:
    """The folder that holds documents/, workflows/, schemas/ and adapters/."""
    package = Path(__file__).resolve().parent
    inside = package / "_bundle"
    return inside if inside.is_dir() else package.parent


def content_roots() -> tuple[Path, ...]:
    """All content roots, the bundle first, then those of the settings: a later root may add, never override."""
    from tradeflow.settings import settings

    return (bundle_root(), *settings().content_roots)
