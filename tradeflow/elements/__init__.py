"""Formats that are trees of named elements, XML or JSON: rows bind a document to them, a library of facts says what may stand where.

A codec of such a format (UBL, DCSA, WCO, ASYCUDA) is a `RowCodec` with its library and the few lines that turn bytes into
elements and back.
"""
