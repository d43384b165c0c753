"""What a form sent, read once and strictly: no more than the hub takes, no characters that no text may hold."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException

from tradeflow.api.auth import AnyRequest
from tradeflow.api.body import bounded
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say

FIELDS_MAX = 20_000
_control = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Form:
    """The fields of a form. One that was not sent is empty."""

    def __init__(self, fields: list[tuple[str, str]] | None = None, files: Mapping[str, UploadFile] | None = None) -> None:
        self._fields, self._files = fields or [], dict(files or {})

    def text(self, name: str, default: str = "") -> str:
        """The last value of a field, without blanks around it."""
        return next((value.strip() for key, value in reversed(self._fields) if key == name), default)

    def all(self, name: str) -> list[str]:
        """Every value of a field: of boxes that were ticked, of rows."""
        return [value.strip() for key, value in self._fields if key == name]

    def file(self, name: str) -> UploadFile | None:
        """A file that was sent; None where none was chosen."""
        found = self._files.get(name)
        return found if found is not None and found.filename else None

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self._fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)


async def read(request: AnyRequest, bytes_max: int) -> Form:
    """The form of a request. BadInput: UNSUPPORTED_MEDIA_TYPE 415, TOO_LARGE 413, MALFORMED 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await _multipart(request, bytes_max)
    elif kind in ("application/x-www-form-urlencoded", ""):
        form = _urlencoded(await bounded(request, bytes_max))
    else:
        raise BadInput("UNSUPPORTED_MEDIA_TYPE", "A form is sent as application/x-www-form-urlencoded or multipart/form-data.", 415)
    if any(_control.search(name) or _control.search(value) for name, value in form):
        raise BadInput("MALFORMED", "A field holds a character that no text may hold.", 400)
    return form


def _urlencoded(body: bytes) -> Form:
    try:
        return Form(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"))
    except ValueError:
        raise BadInput("MALFORMED", "The form could not be read.", 400) from None


async def _multipart(request: AnyRequest, bytes_max: int) -> Form:
    announced = request.headers.get("content-length", "")
    if not announced.isdecimal() or len(announced) > 15 or int(announced) > bytes_max:
        raise BadInput(
            "TOO_LARGE", say("A form may have at most %(bytes_max)s bytes, and says how many it has.", bytes_max=f"{bytes_max:,}"), 413
        )
    fields: list[tuple[str, str]] = []
    files: dict[str, UploadFile] = {}
    try:
        sent = await request.form()
    except (ClientException, ValueError):
        raise BadInput("MALFORMED", "The form could not be read.", 400) from None
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            files[name] = value
        else:
            fields.append((name, str(value)))
    return Form(fields, files)
