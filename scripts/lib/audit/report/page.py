"""Sets the report as one HTML file that needs nothing besides it."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scripts.lib.audit.report.labels import short
from scripts.lib.audit.report.sheets import Bar
from scripts.lib.audit.report.view import View

TEMPLATES = Path(__file__).parent / "templates"


def set_page(view: View) -> bytes:
    """Return the page. Texts of the chain are escaped, whatever they hold."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["short"] = short
    environment.tests["bar"] = lambda cell: isinstance(cell, Bar)
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    for plot in (*view["month_plots"], *view["ending_plots"]):
        plot["svg"] = Markup(plot["svg"])  # noqa: S704 (drawn by us, out of numbers)
    page = environment.get_template("report.html").render(v=view, style=Markup(style))  # noqa: S704
    return page.encode()
