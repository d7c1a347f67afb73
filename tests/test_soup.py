"""Averaged trainings: what is averaged, that it can be stored and resumed, and how it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.config import load_config
from stance.encoding import Encoded

ROOT = Path(__file__).parent.parent
DEBATE = str(ROOT / "data" / "annotations" / "SOC_CP_365.jsonl")
WORDS = {"for": "[SPEAKER] supported a treaty", "against": "[SPEAKER] opposed a treaty", "neutral": "[SPEAKER] left"}
X = [Encoded(target="a treaty", context="", text=text) for text in WORDS.values()] * 4
Y = list(WORDS) * 4


def make(encoder: Path, **more: Any) -> CrossEncoderClassifier:
    options = {"epochs": 2, "batch_size": 4, "max_tokens": 32, "learning_rate": 3e-3, "bfloat16": False} | more
    return CrossEncoderClassifier(encoder=str(encoder), **options)


def test_the_weights_are_the_mean_of_trainings_from_the_same_start(
    tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import transformers

    seen: list[tuple[int, bool]] = []

    def shift(self: Any, rows: Any, held: Any, seed: int, *more: Any) -> list[dict[str, float]]:
        trained = {n: p for n, p in self._model.named_parameters() if p.requires_grad}
        seen.append((seed, all(torch.equal(p, start[n]) for n, p in trained.items())))
        with torch.no_grad():
            for p in trained.values():
                p += {20: 0.25, 21: 0.5, 22: 1.5}[seed]
        return [{"epoch": 1.0, "step": 1, "loss": float(seed)}]

    monkeypatch.setattr(CrossEncoderClassifier, "_train", shift)
    cooked = make(tiny_bert, soup=3, seed=20)
    transformers.set_seed(20)
    start = cooked._new_model()[0].state_dict()
    cooked.fit(X, Y)
    assert seen == [(20, True), (21, True), (22, True)]
    for name, p in cooked._model.named_parameters():
        np.testing.assert_allclose(
            p.detach().numpy(), start[name].numpy() + (0.75 if p.requires_grad else 0), atol=2e-3, err_msg=name
        )
    assert [(h["training"], h["loss"]) for h in cooked.history_] == [(1, 20.0), (2, 21.0), (3, 22.0)]


def test_one_training_is_no_soup_and_more_differ_from_it(tiny_bert: Path) -> None:
    one, two = make(tiny_bert).fit(X, Y), make(tiny_bert, soup=2).fit(X, Y)
    assert "training" not in one.history_[0]
    # The first of two is that one: same seed, same start.
    assert [{k: v for k, v in h.items() if k != "training"} for h in two.history_ if h["training"] == 1] == one.history_
    assert np.abs(one.predict_proba(X) - two.predict_proba(X)).max() > 1e-4


@pytest.mark.parametrize(("training", "patience"), [(1, None), (2, None), (2, 1)])
def test_an_interrupted_soup_goes_on(
    tiny_bert: Path,
    tmp_path: Path,
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    training: int,
    patience: int | None,
) -> None:
    from stance.classifiers import finetuning

    statements = (ROOT / "data/authored/annotations/statements.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "train.jsonl").write_text("\n".join(statements[:24]) + "\n", encoding="utf-8")
    config = tmp_path / "soup.yaml"
    content = {
        "name": "soup",
        "data": {"train": [str(tmp_path / "train.jsonl")], "meetings": [str(ROOT / "data" / "meetings")]},
        "classifier": {
            "kind": "cross-encoder", "encoder": str(tiny_bert), "epochs": 2, "batch_size": 4, "max_tokens": 32,
            "bfloat16": False, "learning_rate": 0.003, "soup": 2, "patience": patience, "validation": 0.3,
        },
        "evaluation": {"scheme": "held-out", "files": [DEBATE], "bootstrap": 100},
    }  # fmt: skip
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    begun: list[bool] = []

    def stop(self: Any, args: Any, state: Any, control: Any, **more: Any) -> None:
        begun.append(not state.epoch)
        # At the beginning of the second epoch of one of the trainings.
        if sum(begun) == training and not begun[-1]:
            raise KeyboardInterrupt

    assert run("train", config, "--out", tmp_path / "whole", "--quiet").code == 0
    with monkeypatch.context() as patch:
        patch.setattr(finetuning._Journal, "on_epoch_begin", stop)
        assert run("train", config, "--out", tmp_path / "broken", "--quiet").code == 130
    kept = {p.parent.name for p in tmp_path.glob(".broken.checkpoints/*/*/checkpoint-*")}
    assert kept == {f"training-{k}" for k in range(1, training + 1)}
    assert run("train", config, "--out", tmp_path / "broken", "--quiet", "--resume").code == 0
    for name in ("weights.safetensors", "predictions.csv", "metrics.json"):
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert not (tmp_path / ".broken.checkpoints").exists()


def test_a_configuration_asks_for_it() -> None:
    config = load_config(ROOT / "configs/default.yaml", ["classifier.soup=4"])
    assert config.classifier.soup == 4
    with pytest.raises(Exception, match=r"classifier\.soup.*greater than or equal to 1"):
        load_config(ROOT / "configs/default.yaml", ["classifier.soup=0"])
