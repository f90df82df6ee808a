"""axe-core in a page with its content security policy in place, and our own checks of what axe misses."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

SCRIPT = Path(axe_playwright_python.__file__).with_name("axe.min.js")
SMALLEST_TARGET_PX = 24

_RUN = """async options => {
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help,
    nodes: nodes.map(node => ({ target: node.target.join(" "), html: node.html, why: node.failureSummary })),
  }));
}"""

# A target is what is clicked: a label stands for its control; a link inside a sentence may be as small as its text.
_CLICKABLES = """smallest => {
  const seen = [];
  const roots = [document];
  for (const root of roots) for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot) roots.push(element.shadowRoot);
    if (element.matches("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], "
      + "[role=slider], [role=tab], [role=checkbox], [role=switch], [role=radio], [role=menuitem], [tabindex='0']"))
      seen.push(element);
  }
  const shown = element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && !element.closest("[inert]")
      && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const boxOf = element => {
    const boxes = [element, ...(element.labels ?? [])].map(part => part.getBoundingClientRect());
    return { width: Math.max(...boxes.map(box => box.width)), height: Math.max(...boxes.map(box => box.height)) };
  };
  const nameOf = element => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\\s+/).filter(Boolean);
    const root = element.getRootNode();
    const words = element => element.getAttribute("aria-label") || element.innerText || element.textContent
      || [...element.querySelectorAll("[alt], title")].map(part => part.alt ?? part.textContent).join(" ");
    const said = ids.map(id => root.getElementById(id)?.textContent ?? "").join(" ").trim();
    return said || element.getAttribute("aria-label") || [...(element.labels ?? [])].map(words).join(" ").trim()
      || (element.matches("input, select, textarea") ? "" : words(element).trim()) || element.title || "";
  };
  const inSentence = element => element.matches("a[href]") && getComputedStyle(element).display === "inline";
  const asText = element => element.outerHTML.slice(0, 160);
  const found = [];
  for (const element of seen.filter(shown)) {
    const { width, height } = boxOf(element);
    if (!inSentence(element) && (width + 0.5 < smallest || height + 0.5 < smallest))
      found.push(`small: ${Math.round(width)} × ${Math.round(height)} px: ${asText(element)}`);
    if (!/[\\p{L}\\p{N}]/u.test(nameOf(element))) found.push(`nameless: ${asText(element)}`);
  }
  return found;
}"""

_SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter(animation => animation.effect?.getTiming().iterations !== Infinity)
  .map(animation => animation.finished))"""
"""Waits for what fades in: half faded, nothing has the contrast that it is going to have."""


def violations(page: Page, *, allow: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds wrong in the page as it is now, a readable line for each element.

    Args:
        page: to look at.
        allow: ids of axe's rules that are left out; say why beside it.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))  # evaluated by the debugger: the page's policy stays in place
    options: dict[str, Any] = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in allow}}
    found = page.evaluate(_RUN, options)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['target']}: {node['html'][:200]!r} {node['why']}"
        for rule in found
        for node in rule["nodes"]
    ]


def clickables(page: Page) -> list[str]:
    """Return what is wrong with anything that can be clicked: smaller than 24 px, or without a name."""
    found: list[str] = page.evaluate(_CLICKABLES, SMALLEST_TARGET_PX)
    return found


def assert_accessible(page: Page, *, allow: tuple[str, ...] = ()) -> None:
    """Fail, with all that was found, unless the page, once it has settled, can be used by everyone."""
    page.evaluate(_SETTLED)
    found = violations(page, allow=allow) + clickables(page)
    assert not found, f"{page.url}: {len(found)} hindrances\n" + "\n".join(found)
