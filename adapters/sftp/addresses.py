"""Where a channel may lead: never into the hub's own network, whatever name is given."""

import asyncio
import ipaddress
import socket


class Inside(Exception):
    """The name leads to an address that is not public."""


async def allowed(host: str, port: int, internal: bool) -> str:
    """The address to connect to: resolved once, so that it is this one that was looked at. Raises Inside, or OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not internal and (inside := [address for address in addresses if not public(address)]):
        raise Inside(f"{host} leads to {inside[0]}, which is not a public address")
    return addresses[0]


def public(address: str) -> bool:
    """Whether an address is out in the world, also where it carries another one inside itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        carried = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if carried is None and ip in ipaddress.ip_network("64:ff9b::/32"):
            carried = ipaddress.IPv4Address(ip.packed[-4:])
        if carried is not None and not public(str(carried)):
            return False
    return ip.is_global and not ip.is_multicast
