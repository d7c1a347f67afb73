"""The card of a trained model, written by the run that trained it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from stance.classifiers import simple_parts
from stance.config import RunConfig
from stance.encoders import hub_id
from stance.reporting.templates import environment

__all__ = ["render_card"]

#: Kinds of classifier that change the weights of their encoder.
TUNED = ("cross-encoder", "entailment", "label-words", "setfit")


def render_card(config: RunConfig, metrics: dict[str, Any], digest: str) -> str:
    """Return the model card as Markdown, with the front matter that the Hugging Face hub reads."""
    parts = simple_parts(config.classifier.model_dump())
    template = environment(html=False).get_template("model_card.md.j2")
    return template.render(
        config=config, metrics=metrics, digest=digest, parts=parts, front=_front_matter(config.classifier.kind, parts)
    )


def _front_matter(kind: str, parts: list[Mapping[str, Any]]) -> str:
    front: dict[str, Any] = {
        "library_name": "stance",
        "pipeline_tag": "text-classification",
        "license": "apache-2.0",
        "language": "en",
        "tags": ["stance-detection", "united-nations", kind],
    }
    tuned = {hub_id(part["encoder"]) for part in parts if part["kind"] in TUNED}
    bases = sorted(name for name in tuned if name)
    if bases:
        front["base_model"] = bases[0] if len(bases) == 1 else bases
    return yaml.safe_dump(front, sort_keys=False, allow_unicode=True)
