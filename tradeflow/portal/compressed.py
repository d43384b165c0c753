"""Pages travel compressed, where nobody else chose what stands in them (docs/decisions/0026)."""

from typing import Any

from litestar.config.compression import CompressionConfig
from litestar.datastructures import Headers
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import Receive, Scope, Send

AS_IT_IS = "uncompressed"  # opt of a handler that compresses itself, or sends piece by piece
_LEVEL = 5  # of gzip: a form of 400 kB takes 6 ms; one level more takes half as long again and saves a hundredth
_BYTES_MIN = 600  # below this it still fits one packet


class Compression(CompressionMiddleware):
    """gzip, except for a page that another site leads to.

    The size of a compressed page says whether something in its address stands elsewhere in the page, too. So whoever can choose the address
    must not be somebody else: browsers say where a request comes from, and what comes from another site is answered as it is.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Compress the answer, or pass it on."""
        if Headers.from_scope(scope).get("sec-fetch-site", "none") in ("none", "same-origin"):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def compression() -> Any:
    """The middleware, for a router."""
    config = CompressionConfig("gzip", minimum_size=_BYTES_MIN, gzip_compress_level=_LEVEL, exclude_opt_key=AS_IT_IS)
    return DefineMiddleware(Compression, config=config)
