"""The process that prints: jobs come in on standard input, PDFs go out on standard output, until the input ends."""

import resource
import signal
import sys
from typing import BinaryIO

import msgspec

from tradeflow.pdf.page import Job

DONE, TOO_LONG, FAILED = b"D", b"T", b"F"
MEMORY_BYTES_MAX = 3 << 30


def main(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Print until there are no more jobs."""
    from tradeflow.pdf.typeset import TooLong, pdf

    while (size := jobs.read(4)) and len(size) == 4:
        try:
            outcome, body = DONE, pdf(msgspec.msgpack.decode(jobs.read(int.from_bytes(size, "big")), type=Job))
        except TooLong as error:
            outcome, body = TOO_LONG, str(error).encode()
        except Exception as error:  # noqa: BLE001 - the hub tells; this process lives on
            outcome, body = FAILED, f"{type(error).__name__}: {error}".encode()
        answers.write(outcome + len(body).to_bytes(4, "big") + body)
        answers.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the hub ends its printers itself
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    main(sys.stdin.buffer, sys.stdout.buffer)
