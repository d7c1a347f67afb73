"""Jinja2 templates of reports and cards, and the style sheets and scripts of pages."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined

__all__ = ["environment", "source"]


def environment(*, html: bool) -> Environment:
    """Return the template environment; HTML is escaped by default, a missing value is an error."""
    return Environment(
        loader=PackageLoader("stance.reporting", "templates"),
        autoescape=html,
        undefined=StrictUndefined if html else Undefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )


def source(name: str) -> str:
    """Return a style sheet or script of the package, as it goes into a page."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
