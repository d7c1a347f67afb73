"""A model folder: a fitted classifier with all that is needed to use it on new summaries.

``Classifier.load(folder_or_hub_id)`` brings back the estimator, how statements are encoded for it, the decision rule
and the default target. Files are JSON and safetensors; nothing is unpickled. ``save_pretrained``, ``from_pretrained``
and ``push_to_hub`` do what users of transformers expect of them.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.annotations import Annotation
from stance.attribution import Attribution, Statement
from stance.classifiers import simple_parts
from stance.classifiers.base import StanceClassifier, probabilities
from stance.collecting import not_collecting
from stance.config import DecisionConfig, EncodingConfig
from stance.consistency import agree
from stance.encoders import hub_id
from stance.encoding import Encoded, EncodingOptions, encode_attribution
from stance.errors import ConfigError, ModelError, OutputError
from stance.evaluation.calibration import Calibration
from stance.manifest import check_replaceable, digest_folder, fresh_folder, write_json, write_text
from stance.positions import decide
from stance.resources import default_model_folder, packaged_models
from stance.targets import Target

__all__ = ["Classifier"]

#: Version of the files of a model folder.
FORMAT = 2

#: What a model folder tells about its training. The predictions stay behind: they hold the text of the annotations,
#: which need not be the sharer's to give away.
COMPANIONS = ("README.md", "config.yaml", "metrics.json", "run.json")


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
    source : Path, optional
        The folder that it was loaded from or trained into, with card, configuration and metrics.
    """

    estimator: StanceClassifier
    options: EncodingOptions
    decision: DecisionConfig
    target: Target
    name: str
    digest: str = ""
    calibration: Calibration = field(default_factory=Calibration)
    source: Path | None = None

    def predict_proba(self, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (n, 3), columns for, against, neutral."""
        return self.calibration.apply(probabilities(self.estimator, encoded))

    def judge(self, encoded: Sequence[Encoded], speakers: Sequence[Hashable | None]) -> NDArray[np.float64]:
        """Return calibrated probabilities given what each speaker says elsewhere, shape (n, 3).

        Parameters
        ----------
        encoded : sequence of Encoded, length n
        speakers : sequence of hashable or None, length n
            Statements with the same key are one speaker's in one document (:func:`stance.consistency.agree`).
        """
        return self.settle(self.predict_proba(encoded), speakers)

    def settle(self, proba: NDArray[np.float64], speakers: Sequence[Hashable | None]) -> NDArray[np.float64]:
        """Let the statements of each speaker agree, as :meth:`judge` does, where the probabilities are known."""
        return agree(proba, speakers, self.decision.opposite_odds)

    def predict(self, encoded: Sequence[Encoded]) -> list[str]:
        """Return the stances of statements each by itself, by the threshold of the model."""
        return decide(self.predict_proba(encoded), self.decision.threshold)

    def encode(
        self, attribution: Attribution, statements: Sequence[Statement], target: Target | None = None
    ) -> list[Encoded]:
        """Encode the statements of a document as this model was trained to read them."""
        return encode_attribution(attribution, statements, target or self.target, self.options)

    def show_questions(self, shown: bool) -> None:
        """Show on standard error how far it is with asking, where the model asks a server."""
        if self.estimator.remote and hasattr(self.estimator, "progress"):
            self.estimator.progress = shown

    def has_read(self, target: Target) -> bool | None:
        """Tell whether there were statements about a target, by its id, in training; None where the records do not tell."""
        read, is_whole = _reading(self.source)
        return True if target.id in read else False if is_whole else None

    def refuse_shown(self, annotations: Sequence[Annotation]) -> None:
        """Refuse annotated statements that the prompts of this model show, which must not be what it is asked about.

        Raises
        ------
        ConfigError
        """
        shown = self.estimator.groups_shown()
        if not shown:
            return
        from stance.corpus import corpus_groups

        both = sorted(shown & set(corpus_groups(annotations)))
        if both:
            raise ConfigError(
                f"{self.name}: its prompts show statements of {both[0]}, which it is to label; take examples from others "
                "(data.train)"
            )

    def save(self, folder: Path) -> None:
        """Write weights and settings into an existing folder; what a training run does before it adds the rest."""
        self.estimator.save(folder)
        write_json(
            folder / "model.json",
            {
                "name": self.name,
                "target": asdict(self.target),
                "encoding": asdict(self.options),
                "calibration": self.calibration.to_dict(),
                "decision": {"threshold": self.decision.threshold, **self.decision.model_dump(exclude_defaults=True)},
                "format": FORMAT,
            },
        )
        self.digest = digest_folder(folder)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write a whole model folder that :meth:`load` reads.

        Card, configuration, metrics and manifest come along where the model was loaded from a folder that has them or
        was just trained; they tell about the model as it was trained, and the card says so where it is another now.

        Parameters
        ----------
        folder : str or path-like
            Replaced as a whole when it is a model folder; untouched when writing fails.

        Raises
        ------
        OutputError
            If the folder holds other files than a model, or cannot be written.
        """
        folder = Path(folder)
        check_replaceable(folder, "model.json")
        with fresh_folder(folder) as place:
            self.save(place)
            for name in COMPANIONS:
                if self.source and (self.source / name).is_file():
                    shutil.copyfile(self.source / name, place / name)
            if (place / "README.md").is_file() and (place / "run.json").is_file():
                trained = json.loads((place / "run.json").read_text(encoding="utf-8")).get("digest")
                card = (place / "README.md").read_text(encoding="utf-8").partition(_CHANGED.partition("\n\n")[0])[0]
                notice = _CHANGED.format(digest=self.digest, trained=trained) if trained != self.digest else ""
                write_text(place / "README.md", card + notice)

    @classmethod
    def from_pretrained(
        cls, name: str | Path, *, revision: str | None = None, token: str | bool | None = None
    ) -> Classifier:
        """Load a model as :meth:`load` does; the name that users of transformers look for."""
        return cls.load(name, revision=revision, token=token)

    def push_to_hub(
        self,
        repo_id: str,
        *,
        private: bool | None = None,
        token: str | bool | None = None,
        commit_message: str | None = None,
    ) -> str:
        """Upload the model's folder to the Hugging Face hub; the repository is made where there is none.

        Parameters
        ----------
        repo_id : str
            ``owner/name``.
        private : bool, optional
            Whether a new repository is private; the owner's default when left out.
        token : str or bool, optional
            Access token; the one that ``hf auth login`` stored when left out.
        commit_message : str, optional
            ``Upload NAME`` when left out.

        Returns
        -------
        str
            Address of the commit.

        Raises
        ------
        ModelError
            If the encoder is a folder of this machine, which nobody else could load.
        OutputError
            If the hub refuses or cannot be reached.
        """
        for part in simple_parts({"kind": self.estimator.kind, **self.estimator.get_params()}):
            if part["kind"] == "prompted":
                raise ModelError(
                    f"{repo_id}: not pushed: a prompted model is a configuration and the address of a server; share the "
                    "configuration"
                )
            start = part["start"] if part["kind"] == "trained" else None
            if start and start not in packaged_models() and hub_id(start) is None:
                raise ModelError(
                    f"{repo_id}: not pushed: a member of the model is {start!r}, a folder of this machine; push that first, "
                    "and train the ensemble of its Hugging Face id"
                )
            encoder = part.get("encoder")
            if encoder and not encoder.startswith("package:") and hub_id(encoder) is None:
                raise ModelError(
                    f"{repo_id}: not pushed: the model holds the difference to encoder {encoder!r}, a folder of this "
                    "machine; train it over package:NAME or a Hugging Face id, so that others can load it"
                )
        from huggingface_hub import HfApi

        with tempfile.TemporaryDirectory() as folder:
            self.save_pretrained(folder)
            try:
                api = HfApi(token=token)
                api.create_repo(repo_id, private=private, exist_ok=True)
                commit = api.upload_folder(
                    repo_id=repo_id, folder_path=folder, commit_message=commit_message or f"Upload {self.name}"
                )
            except Exception as error:  # the hub's client raises many kinds; each means that nothing was uploaded
                raise OutputError(f"{repo_id}: cannot be pushed to the hub: {_without(token, error)}") from None
        return str(commit.commit_url)

    @classmethod
    def load(
        cls, name: str | Path | None = None, *, revision: str | None = None, token: str | bool | None = None
    ) -> Classifier:
        """Load a model.

        Parameters
        ----------
        name : str or path-like, optional
            A model folder, a Hugging Face id, or the name of a model in the package (``default``, ``mpnet``, ``strong``;
            a folder of such a name is ``./mpnet``); the default model when left out.
        revision : str, optional
            Branch, tag or commit of a model on the hub.
        token : str or bool, optional
            Access token for a private model; the one that ``hf auth login`` stored when left out.

        Returns
        -------
        Classifier

        Raises
        ------
        ModelError
            If there is no model, or its files cannot be read.
        """
        fetched, packaged = False, name is None or name == "default"
        folder = default_model_folder() if packaged else Path(str(name))
        if isinstance(name, str) and not packaged:
            folder = packaged_models().get(name, folder)
        if not folder.is_dir():
            if packaged:
                raise ModelError(
                    "the default model is missing from the package; reinstall it, or name one with --model"
                )
            text = str(name)
            if "/" not in text and (close := get_close_matches(text, packaged_models(), 1)):
                raise ModelError(f"{text}: no such model folder; the package has a model {close[0]!r}")
            if text.count("/") != 1 or text.startswith((".", "/", "~")):
                raise ModelError(f"{text}: no such model folder")
            folder = cls._download(text, revision, token)
            fetched = True
        elif revision is not None:
            raise ModelError(f"{folder}: is a folder; a revision belongs to a model on the hub")
        path = folder / "model.json"
        if not path.is_file():
            raise ModelError(f"{folder}: no model here (model.json is missing)")
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw["format"] != FORMAT:
                raise ModelError(f"{path}: format {raw['format']!r} is not known to this version; train it again")
            with not_collecting():
                estimator = StanceClassifier.load(folder)
            if fetched and estimator.remote:
                # Whoever wrote it would get what its users label.
                raise ModelError(f"{name}: a model from the hub that sends statements to a server; not used")
            if estimator.remote and not raw["encoding"]["mask"]:
                raise ModelError(
                    f"{folder}: sends statements to a server with the names of delegations in them; not used"
                )
            return cls(
                estimator,
                EncodingOptions(**EncodingConfig(**raw["encoding"]).model_dump()),
                DecisionConfig(**raw["decision"]),
                Target(**{**raw["target"], "aliases": tuple(raw["target"]["aliases"])}),
                raw["name"],
                digest_folder(folder),
                Calibration.from_dict(raw.get("calibration", {})),
                folder,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path}: cannot be read: {error}") from None

    @staticmethod
    def _download(name: str, revision: str | None, token: str | bool | None) -> Path:
        try:
            from huggingface_hub import snapshot_download

            patterns = ["*.json", "*.safetensors", "*.txt", "*.md", "*.yaml"]
            return Path(snapshot_download(name, revision=revision, token=token, allow_patterns=patterns))
        except Exception as error:  # the hub's client raises many kinds; each means that there is no model
            raise ModelError(
                f"{name}: neither a folder nor a model that could be fetched from the hub: {_without(token, error)}"
            ) from None


#: Put at the end of a card whose figures were measured before the model was changed.
_CHANGED = """
## Saved again

This model was saved again after training and has the digest `{digest}` now. Settings and figures in this card, in
`config.yaml` and in `metrics.json` are those of the model with the digest `{trained}`.
"""


def targets_read(folder: Path | None) -> list[str] | None:
    """Return the targets of a model's training and of the models that it went on from; None where no record tells them all."""
    read, is_whole = _reading(folder)
    return sorted(read) if is_whole else None


def _reading(folder: Path | None) -> tuple[frozenset[str], bool]:
    """Return the targets that a model is known to have read, and whether there can be no others.

    They stand in the record of its training, and where that does not tell what it went on from, in the records of the
    package's models.
    """
    if folder is None:
        return frozenset(), False
    try:
        training = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["training"]
        read = frozenset({**training["targets"], **dict.fromkeys(training.get("start_targets", ()))})
        names = () if "start_targets" in training else tuple(training.get("start", {}))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return frozenset(), False
    before = [_reading(packaged_models().get(name)) for name in names]
    return read.union(*(found for found, _ in before)), all(is_whole for _, is_whole in before)


def _without(token: str | bool | None, error: Exception) -> str:
    """Return the message of an error without the access token, which a log must not hold."""
    return str(error).replace(token, "(token)") if isinstance(token, str) and token else str(error)
