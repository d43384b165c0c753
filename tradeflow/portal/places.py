"""Where the portal's files lie."""

from pathlib import Path

PORTAL = Path(__file__).parent
FOLDERS = (PORTAL / "pages", PORTAL / "templates")  # templates: beside their page's module or, those of all pages, in templates/
STATIC = PORTAL / "static"
