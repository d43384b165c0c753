"""What a hand does in a form of the browser, as scripts: rows added, folds opened, fields typed; each says how many clicks that took."""

from decimal import Decimal, InvalidOperation

VALUES = """form => Object.fromEntries([...form.querySelectorAll("input, select, textarea")]
    .filter(one => one.name && one.type !== "checkbox").map(one => [one.name, one.value]))"""
# Presses the buttons that add rows until there is a field for each name, opening what is folded around a button. Returns the clicks, and names
# for which there is no row to be had.
ROWS = """(form, names) => {
    let clicks = 0;
    const there = name => form.querySelector(`[name="${CSS.escape(name)}"]`);
    const open = one => {
        const around = [];
        for (let fold = one.closest("details"); fold; fold = fold.parentElement.closest("details")) if (!fold.open) around.unshift(fold);
        for (const fold of around) { fold.querySelector("summary").click(); clicks += 1; }
    };
    for (const name of names) while (!there(name)) {
        const lists = [...form.querySelectorAll("button[name=add]")].filter(one => name.startsWith(`${one.value}/`));
        const list = lists.sort((a, b) => b.value.length - a.value.length)[0];
        if (!list || clicks > 2000) return [clicks, [name]];
        open(list);
        list.click();
        clicks += 1;
    }
    return [clicks, []];
}"""
# Opens what is folded around each field, as a click on its heading does, and types. Returns the clicks, and what could not be typed.
TYPE = """(form, values) => {
    let clicks = 0;
    const wrong = [];
    for (const [name, value] of Object.entries(values)) {
        const one = form.querySelector(`[name="${CSS.escape(name)}"]`);
        const around = [];
        for (let fold = one.closest("details"); fold; fold = fold.parentElement.closest("details")) if (!fold.open) around.unshift(fold);
        for (const fold of around) { fold.querySelector("summary").click(); clicks += 1; }
        if (one.disabled || one.readOnly || (one.maxLength > 0 && value.length > one.maxLength)) wrong.push(name);
        one.value = value;
        if (one.value !== value) wrong.push(`${name}: ${value}`);
        one.dispatchEvent(new Event("input", {bubbles: true}));
    }
    for (const name of Object.keys(values)) if (!form.querySelector(`[name="${CSS.escape(name)}"]`).checkVisibility()) wrong.push(`${name} is hidden`);
    return [clicks, wrong];
}"""
# What a script of the page does half a second after a change, at once; resolves when what the hub says of it stands on the page.
CHECKED = """form => new Promise(done => {
    document.body.addEventListener("htmx:afterSettle", () => done(), {once: true});
    form.dispatchEvent(new Event("entry:changed"));
})"""
MISSING = """() => [...document.querySelectorAll("#said > [data-missing=true]")].map(one => one.dataset.at)"""


def same(one: str, other: str) -> bool:
    """Whether two texts are the same value: 24.5 and 24.50 are."""
    try:
        return one == other or Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def shown(value: str) -> str:
    """As a browser holds it: one character for the end of a line, no seconds where there are none."""
    text = value.replace("\r\n", "\n")
    return text[:16] if len(text) == 19 and text[10] == "T" and text.endswith(":00") else text
