"""Trained models as members of an ensemble, and models of the package by name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import TINY, saved

import stance.resources
from stance.classifiers.base import StanceClassifier
from stance.classifiers.ensemble import EnsembleClassifier
from stance.classifiers.trained import TrainedClassifier
from stance.config import load_config
from stance.encoding import Encoded
from stance.errors import ConfigError, ModelError
from stance.manifest import digest_folder
from stance.model import Classifier
from stance.training import train

X = [Encoded("A treaty", "", f"[SPEAKER] {word} it.") for word in ("welcomed", "opposed", "described")]
Y = ["for", "against", "neutral"]


@pytest.fixture
def packaged(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a model named ``little`` into the package."""
    models = tmp_path / "models"
    shutil.copytree(tiny_model, models / "little")
    monkeypatch.setattr(stance.resources, "default_model_folder", lambda: models / "default")
    return models / "little"


def test_it_answers_as_the_model_that_it_names_and_stores_no_weights(tiny_model: Path, tmp_path: Path) -> None:
    member = TrainedClassifier(start=str(tiny_model)).fit(X, Y[::-1])  # the labels change nothing
    named = Classifier.load(tiny_model)
    assert member.predict_proba(X).tobytes() == named.estimator.predict_proba(X).tobytes()
    folder = saved(member, tmp_path / "m")
    assert {p.name for p in folder.iterdir()} == {"classifier.json", "trained.json"}
    assert json.loads((folder / "trained.json").read_text(encoding="utf-8")) == {"digest": named.digest}
    assert StanceClassifier.load(folder).predict_proba(X).tobytes() == member.predict_proba(X).tobytes()


def test_another_state_of_the_model_is_refused(packaged: Path, tmp_path: Path) -> None:
    folder = saved(TrainedClassifier(start="little").fit(X, Y), tmp_path / "m")
    settings = json.loads((packaged / "model.json").read_text(encoding="utf-8"))
    (packaged / "model.json").write_text(json.dumps(settings | {"name": "other"}), encoding="utf-8")
    with pytest.raises(ModelError, match="made with another state of little"):
        StanceClassifier.load(folder)


def test_an_ensemble_averages_trained_models(tiny_model: Path, tmp_path: Path) -> None:
    members = ({"kind": "trained", "start": str(tiny_model)}, {"kind": "majority"})
    both = EnsembleClassifier(members=members).fit(X, Y)
    alone = Classifier.load(tiny_model).estimator.predict_proba(X)
    np.testing.assert_allclose(both.predict_proba(X), (alone + 1 / 3) / 2)
    again = StanceClassifier.load(saved(both, tmp_path / "m"))
    assert again.predict_proba(X).tobytes() == both.predict_proba(X).tobytes()


def config_of(tmp_path: Path, start: str, **more: object) -> Path:
    classifier = {"kind": "ensemble", "members": [{"kind": "trained", "start": start}, {"kind": "majority"}]}
    path = tmp_path / "both.yaml"
    path.write_text(yaml.safe_dump(TINY | {"name": "both", "classifier": classifier} | more), encoding="utf-8")
    return path


def test_a_run_names_the_trained_models_that_it_is_made_of(tiny_model: Path, tmp_path: Path) -> None:
    result = train(load_config(config_of(tmp_path, str(tiny_model))), tmp_path / "run")
    assert result.metrics["training"]["start"] == {str(tiny_model): Classifier.load(tiny_model).digest}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"encoding": {"context": 3}}, "set encoding to the same"),
        ({"evaluation": {"scheme": "folds-by-delegation"}}, "was trained on .*SOC_CP_365.jsonl"),
    ],
)
def test_a_member_is_checked_as_a_start_is(
    tiny_model: Path, tmp_path: Path, more: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        train(load_config(config_of(tmp_path, str(tiny_model), **more)), tmp_path / "run")


def test_a_model_of_the_package_goes_by_its_name(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "little").mkdir()
    assert Classifier.load("little").digest == Classifier.load(packaged).digest
    with pytest.raises(ModelError, match="little: no model here"):
        Classifier.load("./little")
    with pytest.raises(ModelError, match="little: no model here"):
        Classifier.load(Path("little"))
    with pytest.raises(ModelError, match="litle: no such model folder; the package has a model 'little'"):
        Classifier.load("litle")


def test_what_names_a_folder_of_this_machine_is_not_pushed(tiny_model: Path, tmp_path: Path) -> None:
    train(load_config(config_of(tmp_path, str(tiny_model))), tmp_path / "run")
    with pytest.raises(ModelError, match="not pushed: a member of the model is .*, a folder of this machine"):
        Classifier.load(tmp_path / "run").push_to_hub("someone/both")


def test_the_models_of_the_package_fit_together_and_are_small() -> None:
    models = stance.resources.packaged_models()
    assert models.keys() == {"default", "mpnet", "strong"}
    for folder in models.values():
        trained = json.loads((folder / "run.json").read_text(encoding="utf-8"))["digest"]
        assert digest_folder(folder) == trained
    for member in sorted(models["strong"].glob("member-*")):
        name = json.loads((member / "classifier.json").read_text(encoding="utf-8"))["params"]["start"]
        stored = json.loads((member / "trained.json").read_text(encoding="utf-8"))["digest"]
        assert stored == digest_folder(models[name])
    size = sum(p.stat().st_size for folder in models.values() for p in folder.rglob("*") if p.is_file())
    assert size <= 26e6
