"""Jinja2 templates of reports and cards."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined

__all__ = ["environment"]


def environment(*, html: bool) -> Environment:
    """Return the template environment; HTML is escaped by default, a missing value is an error."""
    return Environment(
        loader=PackageLoader("stance.reporting", "templates"),
        autoescape=html,
        undefined=StrictUndefined if html else Undefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
