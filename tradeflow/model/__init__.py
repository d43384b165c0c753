"""The words of the domain: ids, money, measures, parties, trade, envelope. Pure: no input or output, no clock."""
