"""Looks at a page as those do who cannot see it well (axe, WCAG 2.2 AA), and keeps a picture of it."""

from __future__ import annotations

from typing import Any

from scripts.lib.workspace import BUILD, ROOT

PICTURES = BUILD / "web-pictures"
_AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """
async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations, passes } = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
  const told = violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.html).join(' | '));
  return [told, passes.length];
}
"""


def look(page: Any, name: str) -> None:
    """Check what the page shows now, and write its picture to build/web-pictures.

    Raises:
        AssertionError: axe finds something, or the page can be scrolled sideways.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(150)  # a button's colour has arrived where it was going
    page.screenshot(path=PICTURES / f"{name}.png")
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    violations, passes = page.evaluate(_RUN)
    assert violations == [], f"{name}: {violations}"
    assert passes > 10, f"{name}: axe looked at nothing"
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, f"{name} is {wide} pixels wide in a window of {window}"
