"""tradeflow: a neutral hub that runs the whole trade, every document and every party in its role."""

__version__ = "0.1.0"
