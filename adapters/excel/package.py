"""The parts of a workbook's zip archive, unpacked no further than a limit: what the directory of the archive says is looked at first.

Nothing here trusts a size that the archive states. The directory is measured before it is read, each part is unpacked piece by
piece, and all of them together have one allowance.
"""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from tradeflow.adapters.excel.refusal import refused

PARTS_MAX = 1_000
DIRECTORY_BYTES_MAX = PARTS_MAX * 150
UNPACKED_BYTES_MAX = 16_000_000
PIECE = 65_536
_END, _OLE = b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    "xl/vbaProject.bin": ("The workbook holds macros", "Save it as a plain workbook (.xlsx), without macros."),
    "xl/externalLinks/": (
        "The workbook is linked to other files",
        "Break the links (Data, Edit Links), so that it holds the values itself.",
    ),
    "xl/embeddings/": ("The workbook has other files embedded", "Take them out; attach nothing to the sheets."),
    "xl/connections.xml": ("The workbook has connections to other data", "Remove them (Data, Queries & Connections)."),
}


class Package:
    """A workbook's archive. BadInput MALFORMED where it is none, or none that is safe to open."""

    def __init__(self, body: bytes) -> None:
        if body.startswith(_OLE):
            raise refused(
                "This is an old Excel file (.xls), or one with a password", "Save it as Excel workbook (.xlsx) without a password."
            )
        _measured(body)
        try:
            self._zip = zipfile.ZipFile(BytesIO(body))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError, EOFError) as error:
            raise refused("The file is damaged: its archive cannot be read") from error
        self._left = UNPACKED_BYTES_MAX
        self._parts = {info.filename.lstrip("/"): info for info in self._zip.infolist()}
        for name in self._parts:
            for start, (what, hint) in _FOREIGN.items():
                if name.lower().startswith(start.lower()):
                    raise refused(what, hint)

    def has(self, name: str) -> bool:
        return name in self._parts

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part, piece by piece."""
        info = self._parts.get(name)
        if info is None:
            raise refused(f"The workbook has no part {name[:60]}", "Open it in Excel or LibreOffice and save it again.")
        if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refused(f"{name[:60]} is packed in a way that workbooks are not", "Open it in Excel or LibreOffice and save it again.")
        try:
            with self._zip.open(info) as part:
                while piece := part.read(PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise refused(
                            f"Unpacked the workbook has more than {UNPACKED_BYTES_MAX:,} bytes",
                            "Take what is no data out of it, or send it in parts.",
                        )
                    yield piece
        except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, OSError) as error:
            raise refused(f"The file is damaged: {name[:60]} cannot be unpacked") from error


def _measured(body: bytes) -> None:
    """Look at the end of the archive's directory before anything reads it: its size is what costs memory."""
    at = len(body) - 22 if body[-22:-18] == _END and body[-2:] == b"\0\0" else body.rfind(_END, max(0, len(body) - 65_557))
    if at < 0 or len(body) < at + 22:
        raise refused("The file is no workbook, or not all of it has arrived")
    count, size = int.from_bytes(body[at + 10 : at + 12], "little"), int.from_bytes(body[at + 12 : at + 16], "little")
    if count > PARTS_MAX or size > DIRECTORY_BYTES_MAX or body[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise refused(f"The archive has more than {PARTS_MAX:,} parts, or a directory of a kind that no workbook needs")
