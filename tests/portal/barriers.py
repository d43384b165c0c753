"""What keeps people out of a page: axe's rules for WCAG 2.2 AA, serious and critical ones, and fields that nobody can read."""

from importlib.resources import files

from playwright.async_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async (tags) => {
    const said = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    const unread = [...document.querySelectorAll("select, input, textarea, button")].filter(one => {  // axe looks at no select
        const style = getComputedStyle(one);
        return style.color === style.backgroundColor && one.checkVisibility();
    });
    return [
        ...said.violations.flatMap(v => v.nodes.map(n => `${v.impact} ${v.id}: ${n.target.join(" ")} (${v.help})`)),
        ...unread.map(one => `critical contrast: ${one.id || one.name} (written in the colour of its ground)`),
    ];
}"""


async def barriers(page: Page) -> list[str]:
    """Every serious or critical finding on the page in front, as "impact rule: element (what it asks)"."""
    await page.evaluate(AXE.read_text())
    found: list[str] = await page.evaluate(_RUN, TAGS)
    return [line for line in found if line.startswith(("serious", "critical"))]


async def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window: nobody scrolls sideways to read."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
