"""The fonts of the paper: those of the font packages, then those of the settings. Nothing is downloaded."""

import functools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tradeflow.settings import settings

# family, the Python package that brings it, what is printed with it
PACKAGES = (
    ("Noto Sans", "fontpkg_noto_sans", "Latin and Vietnamese"),
    ("Noto Sans Thai", "fontpkg_noto_sans_thai", "Thai"),
    ("Noto Sans CJK JP", "noto_cjk_sans_jp_regular", "Chinese, Japanese and Korean"),
)
LAST_RESORT = ("DejaVu Sans", "Libertinus Serif")
SUBSTITUTE = "\ufffd"
BIDI = "".join(map(chr, (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))  # they would reorder what is printed


@dataclass(frozen=True, slots=True)
class Fonts:
    """Where fonts are, in which order they are asked for a character, and what cannot be printed for want of one."""

    folders: tuple[Path, ...]
    families: tuple[str, ...]
    missing: tuple[str, ...]


@functools.cache
def fonts() -> Fonts:
    """The fonts of this installation. A package is located without running its code."""
    folders, missing = [], []
    for _, package, script in PACKAGES:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            missing.append(f"{script}: install {package.replace('_', '-')}")
        else:
            folders.append(Path(spec.origin).parent)
    folders += settings().font_folders
    return Fonts(tuple(folders), (*(family for family, _, _ in PACKAGES), *LAST_RESORT), tuple(missing))


@functools.cache
def covered() -> frozenset[int]:
    """Every character that one of the fonts has a glyph for."""
    files = [file for folder in fonts().folders for file in sorted(folder.rglob("*")) if file.suffix.lower() in (".ttf", ".otf")]
    return frozenset(code for file in files for code in characters(file.read_bytes()))


def printable(text: str) -> str:
    """The text with a visible mark for what no font has, and for marks that would change the order of what is read."""
    if text.isascii() or not covered():
        return text
    known = covered()
    return "".join(c if (ord(c) in known and c not in BIDI) or c in "\n\t" else SUBSTITUTE for c in text)


def characters(font: bytes) -> Iterator[int]:
    """The characters of a TrueType or OpenType font, from its table `cmap` (formats 4 and 12)."""
    count = struct.unpack_from(">H", font, 4)[0]
    records = (struct.unpack_from(">4sLLL", font, 12 + 16 * n) for n in range(count))
    cmap = next((offset for tag, _, offset, _ in records if tag == b"cmap"), None)
    if cmap is None:
        return
    for n in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">HHL", font, cmap + 4 + 8 * n)[2]
        format_ = struct.unpack_from(">H", font, at)[0]
        if format_ == 12:
            for group in range(struct.unpack_from(">L", font, at + 12)[0]):
                first, last, _ = struct.unpack_from(">LLL", font, at + 16 + 12 * group)
                yield from range(first, last + 1)
        elif format_ == 4:
            segments = struct.unpack_from(">H", font, at + 6)[0] // 2
            ends = struct.unpack_from(f">{segments}H", font, at + 14)
            starts = struct.unpack_from(f">{segments}H", font, at + 16 + 2 * segments)
            for first, last in zip(starts, ends, strict=True):
                if first != 0xFFFF:
                    yield from range(first, last + 1)
