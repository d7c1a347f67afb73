"""The card of a trained model, written by the run that trained it."""

from __future__ import annotations

from typing import Any

from stance.config import RunConfig
from stance.reporting.templates import environment

__all__ = ["render_card"]


def render_card(config: RunConfig, metrics: dict[str, Any], digest: str) -> str:
    """Return the model card as Markdown."""
    template = environment(html=False).get_template("model_card.md.j2")
    return template.render(config=config, metrics=metrics, digest=digest)
