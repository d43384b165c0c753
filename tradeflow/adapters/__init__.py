"""The connectors of adapters/, importable as tradeflow.adapters.<name> from a checkout and from an installation alike."""

from tradeflow.bundle import bundle_root

__path__ = [str(bundle_root() / "adapters")]
