"""A model folder: a fitted classifier with all that is needed to use it on new summaries.

``Classifier.load(folder_or_hub_id)`` brings back the estimator, how statements are encoded for it, the decision rule
and the default target. Files are JSON and safetensors; nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.attribution import Attribution, Statement
from stance.classifiers.base import StanceClassifier, probabilities
from stance.config import DecisionConfig, EncodingConfig
from stance.encoding import Encoded, EncodingOptions, encode_attribution
from stance.errors import ModelError
from stance.evaluation.calibration import Calibration
from stance.manifest import digest_folder, write_json
from stance.positions import decide
from stance.resources import default_model_folder
from stance.targets import Target

__all__ = ["Classifier"]

#: Version of the files of a model folder.
FORMAT = 2


@dataclass
class Classifier:
    """A fitted classifier of stance, ready for use.

    Attributes
    ----------
    estimator : StanceClassifier
        The scikit-learn estimator inside.
    options : EncodingOptions
        How statements are turned into text for it.
    decision : DecisionConfig
        When a side is called.
    target : Target
        The target it was trained for first of all; stored whole, so that a model needs no file of its author's.
    name : str
        Name of the run that trained it.
    digest : str
        SHA-256 over weights and settings, empty before it is saved.
    calibration : Calibration
        What the estimator's probabilities are calibrated by.
    """

    estimator: StanceClassifier
    options: EncodingOptions
    decision: DecisionConfig
    target: Target
    name: str
    digest: str = ""
    calibration: Calibration = field(default_factory=Calibration)

    def predict_proba(self, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (n, 3), columns for, against, neutral."""
        return self.calibration.apply(probabilities(self.estimator, encoded))

    def predict(self, encoded: Sequence[Encoded]) -> list[str]:
        """Return the stances, by the decision rule of the model."""
        return decide(self.predict_proba(encoded), self.decision.threshold)

    def encode(
        self, attribution: Attribution, statements: Sequence[Statement], target: Target | None = None
    ) -> list[Encoded]:
        """Encode the statements of a document as this model was trained to read them."""
        return encode_attribution(attribution, statements, target or self.target, self.options)

    def save(self, folder: Path) -> None:
        """Write the model's files into an existing folder."""
        self.estimator.save(folder)
        write_json(
            folder / "model.json",
            {
                "name": self.name,
                "target": asdict(self.target),
                "encoding": {"mask": self.options.mask, "target": self.options.target, "context": self.options.context},
                "calibration": self.calibration.to_dict(),
                "decision": {"threshold": self.decision.threshold},
                "format": FORMAT,
            },
        )
        self.digest = digest_folder(folder)

    @classmethod
    def load(cls, name: str | Path | None = None) -> Classifier:
        """Load a model.

        Parameters
        ----------
        name : str or path-like, optional
            A model folder or a Hugging Face id; the default model of the package when left out.

        Returns
        -------
        Classifier

        Raises
        ------
        ModelError
            If there is no model, or its files cannot be read.
        """
        folder = default_model_folder() if name is None else Path(name)
        if not folder.is_dir():
            if name is None:
                raise ModelError(
                    "the default model is missing from the package; reinstall it, or name one with --model"
                )
            text = str(name)
            if text.count("/") != 1 or text.startswith((".", "/", "~")):
                raise ModelError(f"{text}: no such model folder")
            folder = cls._download(text)
        path = folder / "model.json"
        if not path.is_file():
            raise ModelError(f"{folder}: no model here (model.json is missing)")
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw["format"] != FORMAT:
                raise ModelError(f"{path}: format {raw['format']!r} is not known to this version; train it again")
            return cls(
                StanceClassifier.load(folder),
                EncodingOptions(**EncodingConfig(**raw["encoding"]).model_dump()),
                DecisionConfig(**raw["decision"]),
                Target(**{**raw["target"], "aliases": tuple(raw["target"]["aliases"])}),
                raw["name"],
                digest_folder(folder),
                Calibration.from_dict(raw.get("calibration", {})),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path}: cannot be read: {error}") from None

    @staticmethod
    def _download(name: str) -> Path:
        try:
            from huggingface_hub import snapshot_download

            return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.txt", "*.md", "*.yaml"]))
        except Exception as error:  # the hub's client raises many kinds; each means that there is no model
            raise ModelError(
                f"{name}: neither a folder nor a model that could be fetched from the hub: {error}"
            ) from None
