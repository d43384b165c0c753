"""Writing a document in a browser: its definition as a form, what was typed as a document, and where values may come from.

A field's name is the JSON Pointer of its value (`/lines/0/hs_code`), so that findings name fields as they stand. `groups` says what
stands together, as on the paper (documents/_common/form.toml; a message's own form.toml goes first), `view` makes the fields from the
definition, `read` turns what a browser sent into the document.
"""
