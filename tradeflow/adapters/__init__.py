"""The connectors of adapters/, importable as tradeflow.adapters.<name> from a checkout and from an installation alike."""

from tradeflow.bundle import content_roots

__path__ = [str(root / "adapters") for root in content_roots()]
