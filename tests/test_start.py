"""Going on from a trained model: what a run takes over from it, and what it must not have seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.classifiers.neural import _SHAPE
from stance.classifiers.tfidf import TfidfClassifier
from stance.config import load_config
from stance.encoding import Encoded, EncodingOptions
from stance.errors import ConfigError, ModelError
from stance.model import Classifier
from stance.resources import default_model_folder
from stance.targets import load_target
from stance.training import train

ROOT = Path(__file__).parent.parent
DEBATE = str(ROOT / "data" / "annotations" / "SOC_CP_365.jsonl")
MEETINGS = str(ROOT / "data" / "meetings")
TARGET = "A treaty on plastics"
WORDS = {"for": "welcomed", "against": "opposed", "neutral": "described"}
X = [Encoded(TARGET, "", f"[SPEAKER] {word} it for reason {i}.") for i in range(16) for word in WORDS.values()]
Y = list(WORDS) * 16


def make(encoder: Path, **changes: Any) -> CrossEncoderClassifier:
    options: dict[str, Any] = {"max_tokens": 48, "batch_size": 8, "epochs": 12, "learning_rate": 5e-3}
    return CrossEncoderClassifier(encoder=str(encoder), **(options | {"bfloat16": False} | changes))


def stored(estimator: Any, folder: Path) -> Path:
    """Write a model folder by hand."""
    folder.mkdir()
    Classifier(
        estimator, EncodingOptions(), load_config(ROOT / "configs" / "tfidf.yaml").decision, load_target("cybercrime-convention"), "first"
    ).save(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def first(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt the three words."""
    return stored(make(tiny_bert).fit(X, Y), tmp_path_factory.mktemp("start") / "first")


def test_what_was_learnt_is_still_known_after_one_step(tiny_bert: Path, first: Path) -> None:
    few = X[:3]
    on = make(tiny_bert, epochs=1, learning_rate=1e-6, start=str(first)).fit(few, Y[:3])
    assert on.predict(X).tolist() == Y
    anew = make(tiny_bert, epochs=1, learning_rate=1e-6).fit(few, Y[:3])
    assert anew.predict(X).tolist() != Y


def test_the_model_it_starts_from_is_left_as_it_was(tiny_bert: Path, first: Path, tmp_path: Path) -> None:
    before = Classifier.load(first).digest
    opposite = ["against" if y == "for" else "for" if y == "against" else y for y in Y]
    on = make(tiny_bert, start=str(first)).fit(X, opposite)
    assert on.predict(X).tolist() == opposite
    assert Classifier.load(first).digest == before
    folder = tmp_path / "second"
    folder.mkdir()
    on.save(folder)
    again = CrossEncoderClassifier.load(folder)
    assert again.predict_proba(X).tobytes() == on.predict_proba(X).tobytes()


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_share_of_the_start_is_kept(tiny_bert: Path, first: Path, share: float) -> None:
    opposite = ["against" if y == "for" else "for" if y == "against" else y for y in Y]
    start = CrossEncoderClassifier.load(first)._model.state_dict()
    on = make(tiny_bert, start=str(first)).fit(X, opposite)._model.state_dict()
    mixed = make(tiny_bert, start=str(first), start_share=share).fit(X, opposite)._model
    moved = 0.0
    for name, p in mixed.named_parameters():
        expected = share * start[name] + (1 - share) * on[name]
        np.testing.assert_allclose(p.detach().numpy(), expected.numpy(), atol=3e-3, err_msg=name)
        moved = max(moved, float((on[name] - start[name]).abs().max()))
    assert moved > 0.03  # or the mean would be either


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frozen_layers": 1}, r"start: .* was trained with frozen_layers 0, here it is 1"),
        ({"lora_rank": 2}, r"start: .* was trained with lora_rank None, here it is 2"),
        ({"epochs": 0}, r"start: needs epochs"),
        ({"start": None, "start_share": 0.5}, r"start_share: there is no model to keep a share of"),
        ({"start": "no/such/folder"}, r"no/such/folder: no such model folder"),
    ],
)
def test_a_model_of_another_shape_is_refused(
    tiny_bert: Path, first: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        make(tiny_bert, **({"start": str(first)} | changes)).fit(X, Y)


def test_a_model_of_another_kind_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    other = stored(TfidfClassifier(words=(1, 1), characters=None).fit(X, Y), tmp_path / "words")
    with pytest.raises(ModelError, match="was trained with kind 'tfidf', here it is 'cross-encoder'"):
        make(tiny_bert, start=str(other)).fit(X, Y)


def save_config(path: Path, tiny_bert: Path, start: str | None, **fields: Any) -> Path:
    content = {
        "name": "on",
        "data": {"train": [DEBATE], "meetings": [MEETINGS], "limit": 20},
        "classifier": {
            "kind": "cross-encoder", "encoder": str(tiny_bert), "epochs": 1, "max_tokens": 48, "bfloat16": False,
            **({"start": start} if start else {}),
        },
        "evaluation": {"scheme": "none"},
    }  # fmt: skip
    path.write_text(yaml.safe_dump(content | fields), encoding="utf-8")
    return path


def test_a_run_says_what_it_started_from(tiny_bert: Path, first: Path, tmp_path: Path) -> None:
    result = train(load_config(save_config(tmp_path / "c.yaml", tiny_bert, str(first))), tmp_path / "on")
    assert result.metrics["training"]["start"] == {str(first): Classifier.load(first).digest}
    assert Classifier.load(first).digest[:16] in (tmp_path / "on" / "README.md").read_text(encoding="utf-8")


def test_a_start_that_reads_otherwise_is_refused(tiny_bert: Path, first: Path, tmp_path: Path) -> None:
    config = load_config(save_config(tmp_path / "c.yaml", tiny_bert, str(first), encoding={"context": 2}))
    with pytest.raises(ConfigError, match=r"classifier\.start: .*set encoding to the same"):
        train(config, tmp_path / "on")
    assert not (tmp_path / "on").exists()


def test_a_start_that_has_seen_the_test_data_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    train(load_config(save_config(tmp_path / "a.yaml", tiny_bert, None)), tmp_path / "seen")
    folds = {"scheme": "folds-by-delegation", "folds": 2, "bootstrap": 100, "files": [DEBATE]}
    config = load_config(save_config(tmp_path / "b.yaml", tiny_bert, str(tmp_path / "seen"), evaluation=folds))
    with pytest.raises(ConfigError, match=r"was trained on .*SOC_CP_365\.jsonl, which this run is evaluated on"):
        train(config, tmp_path / "on")


def test_a_start_without_a_record_is_warned_about(
    tiny_bert: Path, first: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    held = {"scheme": "held-out", "bootstrap": 100, "files": [DEBATE]}
    data = {"train": [str(ROOT / "data/authored/annotations/statements.jsonl")], "meetings": [MEETINGS], "limit": 8}
    config = load_config(save_config(tmp_path / "b.yaml", tiny_bert, str(first), evaluation=held, data=data))
    train(config, tmp_path / "on")
    assert "may have seen the test data" in caplog.text


def test_the_shipped_configuration_fits_the_packaged_model(run: Callable[..., Any]) -> None:
    config = load_config(ROOT / "configs" / "adapt.yaml")
    packaged = Classifier.load("default")
    assert config.classifier.kind == "cross-encoder"
    assert config.encoding.context == packaged.options.context
    own, its = config.classifier.model_dump(), packaged.estimator.get_params()
    assert {n: own.get(n) for n in _SHAPE} == {n: its.get(n) for n in _SHAPE}
    seen = json.loads((default_model_folder() / "run.json").read_text(encoding="utf-8"))["data"]
    assert not any("SOC_CP_365" in name for name in seen), "the folds of configs/adapt.yaml would be on seen statements"
