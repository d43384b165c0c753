"""The connector that posts deliveries to the partner's own address."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from tradeflow.adapters.webhook.signatures import headers, key_of
from yarl import URL

from tradeflow import __version__
from tradeflow.model.addresses import AddressDenied
from tradeflow.outbound import denied, session, url_faults
from tradeflow.ports import ChannelSettings, Failed, Outgoing, RetryLater, SendResult, Sent

ANSWER_BYTES_MAX = 4_096  # an answer is a status; what else it says is not read


class Webhook:
    """One partner's address. Redirects are not followed, answers not unpacked, and only permitted addresses connected to."""

    def __init__(self, given: ChannelSettings) -> None:
        self._url = URL(str(given.settings["url"]))
        self._secrets = list(given.secrets.get("signing", ()))
        for secret in self._secrets:
            key_of(secret)
        if not self._secrets:
            raise ValueError("there is no live signing secret")
        if found := self.faults(given.settings):
            raise ValueError("; ".join(found))
        self._seconds = int(given.settings["timeout_seconds"])
        self._session = session(given.internal, self._seconds)

    @staticmethod
    def faults(settings: Mapping[str, Any]) -> list[str]:
        """What is wrong with an address as text. What its name leads to is asked anew at every connection."""
        found = [f"url: {said}" for said in url_faults(str(settings.get("url", "")))]
        if not 5 <= int(settings.get("timeout_seconds", 40)) <= 50:
            found.append("timeout_seconds: 5 to 50")
        return found

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Post it. The time of the signature is the real one: the receiver compares it with its own clock."""
        id = str(outgoing.delivery_id)
        sent = headers(self._secrets, id, int(time.time()), outgoing.payload) | _about(outgoing)
        try:
            async with self._session.post(self._url, data=outgoing.payload, headers=sent, allow_redirects=False) as answer:
                await _some(answer)
                result = _judged(answer.status, answer.headers)
                answer.close()  # whatever else it wanted to say
                return result
        except TimeoutError:
            return RetryLater(f"no answer within {self._seconds} s")
        except aiohttp.ClientConnectorError as error:
            why = AddressDenied() if denied(error) else error.os_error.strerror or type(error.os_error).__name__
            return RetryLater(f"cannot connect: {why}")
        except aiohttp.ClientError as error:
            return RetryLater(f"the answer is no HTTP, or it broke off: {type(error).__name__}")

    async def close(self) -> None:
        """Close its connections."""
        await self._session.close()


async def _some(answer: aiohttp.ClientResponse) -> None:
    """The beginning of the body, so that a short answer leaves the connection usable for the next delivery."""
    read = 0
    async for chunk in answer.content.iter_any():
        read += len(chunk)
        if read > ANSWER_BYTES_MAX:
            return


def _about(outgoing: Outgoing) -> dict[str, str]:
    about = {
        "kind": outgoing.kind,
        "type": outgoing.type,
        "trade": outgoing.trade_id,
        "sequence": str(outgoing.sequence),
        "message": str(outgoing.message_id or ""),
        "sender": outgoing.sender,
        "role": outgoing.role,
        "attempt": str(outgoing.attempt),
    }
    return {
        "content-type": outgoing.content_type,
        "accept-encoding": "identity",
        "user-agent": f"tradeflow/{__version__}",
        **{f"tradeflow-{name}": value for name, value in about.items() if value},
    }


def _judged(status: int, said: Mapping[str, str]) -> SendResult:
    if 200 <= status < 300:
        return Sent(f"answered {status}")
    if status == 410:
        return Failed("answered 410: the receiver wants no more deliveries here", disables=True)
    if 300 <= status < 400:
        return RetryLater(f"answered {status}: redirects are not followed; the channel needs the new address")
    return RetryLater(f"answered {status}", _retry_after(said.get("retry-after", "")))


def _retry_after(text: str) -> float | None:
    """Seconds or an HTTP date; None for anything else."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
