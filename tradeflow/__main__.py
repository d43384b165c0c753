"""python -m tradeflow"""

from tradeflow.cli import main

main()
