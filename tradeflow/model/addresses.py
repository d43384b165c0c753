"""Which addresses a channel may lead to. Asked of the very address that is connected to, after every name was resolved.

The deny list is explicit: the `is_global` of Python's ipaddress lets NAT64, 6to4 and multicast through.
"""

import ipaddress

_DENIED_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers (CGNAT)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, the metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_6 = ipaddress.IPv6Network(
    "2000::/3"
)  # everything else is loopback, mapped, NAT64, unique local, link-local, site-local, multicast, SRv6
_DENIED_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_LOOPBACK = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))


class AddressDenied(OSError):
    """An address that no channel may use. What it is is not said: the answer must not be a map of the hub's network."""

    def __init__(self) -> None:
        super().__init__("leads to an address that no channel may use")


def permitted(address: str, internal: bool = False) -> bool:
    """Whether a numeric address, as a socket takes it, may be connected to. `internal` lets loopback through and nothing else."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a name, a scope ("%eth0"), anything that is not plainly an address
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if internal and any(ip in network for network in _LOOPBACK if network.version == ip.version):
        return True
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _DENIED_4)
    return ip in _GLOBAL_6 and not any(ip in network for network in _DENIED_6)
