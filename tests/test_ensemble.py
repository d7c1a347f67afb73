"""Ensembles: the mean of members of any kind, their seeds, their folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import saved
from sklearn.base import clone

from stance.classifiers import build_classifier
from stance.classifiers.base import StanceClassifier
from stance.classifiers.ensemble import EnsembleClassifier
from stance.classifiers.majority import MajorityClassifier
from stance.classifiers.tfidf import TfidfClassifier
from stance.config import EnsembleConfig, MajorityConfig, TfidfConfig, load_config
from stance.encoding import Encoded
from stance.errors import ModelError
from stance.manifest import digest_folder
from stance.model import Classifier
from stance.training import train

X = [Encoded("", "", f"[SPEAKER] {word} it, {i}.") for i in range(4) for word in ("welcomed", "opposed", "described")]
Y = ["for", "against", "neutral"] * 3 + ["for", "against", "for"]
LEXICAL = {"kind": "tfidf", "words": (1, 1), "characters": None}
NESTED: dict[str, Any] = {"kind": "ensemble", "members": (LEXICAL, {"kind": "majority"}), "weights": (3.0, 1.0)}


def fitted(*members: dict[str, Any], **more: Any) -> EnsembleClassifier:
    return EnsembleClassifier(members=members, **more).fit(X, Y)


@pytest.mark.parametrize(("weights", "shares"), [(None, (0.5, 0.5)), ((1, 3), (0.25, 0.75)), ((0, 2), (0, 1))])
def test_probabilities_are_the_weighted_mean(weights: tuple[float, float] | None, shares: tuple[float, float]) -> None:
    lexical = TfidfClassifier(words=(1, 1), characters=None).fit(X, Y).predict_proba(X)
    floor = MajorityClassifier().fit(X, Y).predict_proba(X)
    found = fitted(LEXICAL, {"kind": "majority"}, weights=weights).predict_proba(X)
    assert np.allclose(found, shares[0] * lexical + shares[1] * floor)
    assert found.sum(axis=1) == pytest.approx(1)


def test_members_get_seeds_of_their_own() -> None:
    ensemble = fitted(LEXICAL, NESTED, LEXICAL, seed=40)
    assert [m.seed for m in ensemble._fitted] == [40, 41, 42]
    assert [m.seed for m in ensemble._fitted[1]._fitted] == [41, 42]


def test_what_it_is_told_its_members_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(TfidfClassifier, "move", lambda itself, device: told.append(device))
    monkeypatch.setattr(TfidfClassifier, "forget", lambda itself: told.append("forget"))
    ensemble = fitted(LEXICAL, NESTED)
    ensemble.move("cuda")
    ensemble.forget()
    assert told == ["cuda", "cuda", "forget", "forget"]


def test_the_configuration_builds_it() -> None:
    members = (TfidfConfig(kind="tfidf", c=2.0), MajorityConfig(kind="majority"))
    ensemble = build_classifier(EnsembleConfig(kind="ensemble", members=members, weights=(2, 1)), 7)
    assert [type(m) for m in ensemble.fit(X, Y)._fitted] == [TfidfClassifier, MajorityClassifier]  # type: ignore[attr-defined]
    assert ensemble._fitted[0].get_params() == TfidfClassifier(c=2.0, seed=7).get_params()  # type: ignore[attr-defined]


def test_scikit_learn_can_clone_it() -> None:
    ensemble = EnsembleClassifier(members=(LEXICAL, NESTED), seed=5)
    assert vars(clone(ensemble)) == ensemble.get_params()


def test_a_loaded_ensemble_is_the_same(tmp_path: Path) -> None:
    ensemble = fitted(LEXICAL, NESTED, weights=(0.3, 0.7))
    folder = saved(ensemble, tmp_path / "m")
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("classifier.json")} == {
        "classifier.json",
        "member-0/classifier.json",
        "member-1/classifier.json",
        "member-1/member-0/classifier.json",
        "member-1/member-1/classifier.json",
    }
    again = StanceClassifier.load(folder)
    assert again.get_params() == ensemble.get_params()
    assert again.predict_proba(X).tobytes() == ensemble.predict_proba(X).tobytes()
    assert digest_folder(saved(again, tmp_path / "again")) == digest_folder(folder)


def test_the_digest_sees_every_member(tmp_path: Path) -> None:
    folder = saved(fitted(LEXICAL, NESTED), tmp_path / "m")
    seen = {digest_folder(folder)}
    for file in sorted(folder.rglob("*.*")):
        file.write_bytes(file.read_bytes() + b" ")
        seen.add(digest_folder(folder))
    assert len(seen) == 1 + sum(p.is_file() for p in folder.rglob("*"))


@pytest.mark.parametrize(
    ("members", "weights", "words"),
    [
        ((LEXICAL,), None, "at least two members"),
        ((LEXICAL, LEXICAL), (1.0,), "1 weights for 2 members"),
        ((LEXICAL, LEXICAL), (0.0, 0.0), "not all 0"),
        ((LEXICAL, LEXICAL), (2.0, -1.0), "0 or more"),
    ],
)
def test_what_is_no_ensemble_is_not_fitted(members: Any, weights: Any, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        EnsembleClassifier(members=members, weights=weights).fit(X, Y)


def test_a_member_that_is_missing_or_another_is_refused(tmp_path: Path) -> None:
    folder = saved(fitted(LEXICAL, {"kind": "majority"}), tmp_path / "m")
    (folder / "member-1").rename(folder / "member-2")
    with pytest.raises(ModelError, match="member-1: no model here"):
        StanceClassifier.load(folder)
    saved(TfidfClassifier().fit(X, Y), folder / "member-1")
    with pytest.raises(ModelError, match="member-1 is a tfidf classifier, not a majority classifier"):
        StanceClassifier.load(folder)


def test_bars_are_the_members_too() -> None:
    ensemble = EnsembleClassifier(members=(LEXICAL, {"kind": "cross-encoder"}))
    ensemble.progress = True
    assert ensemble._new_member(1).progress  # type: ignore[attr-defined]
    assert "progress" not in json.dumps(ensemble.get_params())


def test_an_ensemble_trains_from_a_file_and_its_card_names_the_members(tiny_config: Path, tmp_path: Path) -> None:
    config = load_config(tiny_config, ["classifier={kind: ensemble, members: [{kind: majority}, {kind: tfidf}]}"])
    result = train(config, tmp_path / "model")
    again = Classifier.load(tmp_path / "model")
    assert again.digest == result.model.digest
    assert again.predict_proba(X).tobytes() == result.model.predict_proba(X).tobytes()
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "`ensemble` of `majority`, `tfidf`" in card
