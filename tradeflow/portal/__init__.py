"""The portal: the part of a trade that people do in a browser. Server-rendered pages over the same use cases as the API.

How to add a page
-----------------
1. Make `portal/pages/<group>.py`. Its list `handlers` is found by itself; a list `nav` of `Nav` puts it into the navigation.
2. A handler is decorated by `shows(path, scope=...)` (GET) or `takes(path, scope=...)` (POST); `scope` is that of the API operation it
   stands for, `public=True` needs no sign-in. Paths are below `/portal`. It has the dependency `page: NamedDependency[Page]`.
3. `page.caller` is the caller every use case of `page.hub` takes (`page.hub.queries.trade(page.caller, trade_id)`). Nothing is decided
   in the portal: who may see or do what is the use case's to say. Raise or let pass `Problem`s; they become a page that says what to do.
   To show a refusal of a form beside its fields, catch the Problem and render the form again with `problem=` (`findings(problem)` in
   `templates/parts.html`).
4. Answer with `page.html("documents.html", crumbs=[(text, path), ...], ...)`; the template lies beside the module, extends `layout.html`
   and fills `title` and `main`. `page.part("x.html", ...)` is the same for a fragment that htmx asked for.
   After a form answer with `page.go(path, say=_("Sent."))`: the sentence is shown on the next page.
5. Every form holds `{{ csrf() }}`; what was sent is `page.form.text("name")`, `.all("name")`, `.file("name")`. htmx sends the token itself.
6. Every text of a template is `_("...")` or `{% trans %}`; of Python `page._("...")`; text from content (names of messages, meanings,
   hints of findings) is `{{ name|t }}`, an id as words (`in_transit`) `{{ id|words }}`. Translations are `words/<language>.po`, read at
   the start. Texts that Python holds for later are marked by `N_("...")`.
7. Values go through a filter: `day`, `moment`, `ago`, `figure`, `money`, `percent`. Never format by hand.
8. No inline script or style, nothing from another host: the policy forbids it. Scripts and styles are in `static/`; a script is named by
   the block `scripts`. What a page does without script has to be enough to get the work done.
9. Macros for all pages are in `templates/parts.html`: `field`, `choice`, `submit`, `findings`, `empty`, `badge`, `state`.

Tests: `tests/portal`. `visitor(...)` of its conftest signs in over HTTP, `browser` opens a real Chromium, where a message in the console, a
request to another host, or a serious finding of axe fails the test.
"""
