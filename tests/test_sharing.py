"""Sharing models: folders with card and configuration, the hub (faked), and what must not be given away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.classifiers.ensemble import EnsembleClassifier
from stance.classifiers.majority import MajorityClassifier
from stance.config import DecisionConfig, RunConfig, load_config
from stance.encoders import ASSEMBLED, HUB_IDS, PACKAGED, hub_id
from stance.encoding import Encoded, EncodingOptions
from stance.errors import ModelError, OutputError
from stance.manifest import digest_folder
from stance.model import Classifier
from stance.reporting.card import render_card
from stance.resources import default_model_folder
from stance.targets import load_target
from stance.training import train

TOKEN = "hf_NeverToBeSeenAnywhere"
X = [Encoded("", "", f"[SPEAKER] {word} a treaty.") for word in ("welcomed", "opposed", "described")]
Y = ["for", "against", "neutral"]
METRICS = {"training": {"statements": 3, "labels": {"for": 3}, "origins": {"meeting": 3}}}


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_a_saved_model_takes_card_configuration_and_metrics_along(
    tiny_classifier: Classifier, tiny_model: Path, tmp_path: Path
) -> None:
    before = digest_folder(tiny_model)
    tiny_classifier.save_pretrained(tmp_path / "deep" / "copy")
    copy = tmp_path / "deep" / "copy"
    assert names(copy) >= {"README.md", "config.yaml", "metrics.json", "run.json", "model.json", "classifier.json"}
    for name in ("README.md", "config.yaml", "metrics.json", "run.json"):
        assert (copy / name).read_bytes() == (tiny_model / name).read_bytes()
    again = Classifier.from_pretrained(copy)
    assert again.digest == tiny_classifier.digest == before
    assert again.predict_proba(X).tobytes() == tiny_classifier.predict_proba(X).tobytes()


def test_predictions_stay_behind_because_they_hold_the_annotations(tmp_path: Path) -> None:
    model = Classifier.load()
    assert (default_model_folder() / "predictions.csv").is_file()
    model.save_pretrained(tmp_path / "copy")
    assert "predictions.csv" not in names(tmp_path / "copy")


def test_a_model_that_was_just_trained_can_be_saved_with_its_card(tiny_config: Path, tmp_path: Path) -> None:
    result = train(load_config(tiny_config), tmp_path / "run")
    result.model.save_pretrained(str(tmp_path / "copy"))
    assert (tmp_path / "copy" / "README.md").read_bytes() == (tmp_path / "run" / "README.md").read_bytes()


def test_a_model_without_a_folder_is_saved_without_a_card(tmp_path: Path) -> None:
    model = Classifier(
        MajorityClassifier().fit(X, Y), EncodingOptions(), DecisionConfig(), load_target("plastics-treaty"), "m"
    )
    model.save_pretrained(tmp_path / "m")
    assert names(tmp_path / "m") == {"classifier.json", "model.json", "weights.json"}
    assert Classifier.load(tmp_path / "m").digest == model.digest == digest_folder(tmp_path / "m")


def test_the_card_of_a_changed_model_says_that_its_figures_are_older(tiny_model: Path, tmp_path: Path) -> None:
    model = Classifier.load(tiny_model)
    trained = model.digest
    for threshold in (0.9, 0.8):
        model.decision = DecisionConfig(threshold=threshold)
        model.save_pretrained(tmp_path / "copy")
        model = Classifier.load(tmp_path / "copy")
        card = (tmp_path / "copy" / "README.md").read_text(encoding="utf-8")
        assert card.count("## Saved again") == 1
        assert f"the digest `{model.digest}` now" in card
        assert f"the digest `{trained}`.\n" in card
    model.decision = Classifier.load(tiny_model).decision
    model.save_pretrained(tmp_path / "copy")
    assert (tmp_path / "copy" / "README.md").read_bytes() == (tiny_model / "README.md").read_bytes()


def test_a_model_can_be_saved_over_itself_and_over_no_other_files(tiny_model: Path, tmp_path: Path) -> None:
    Classifier.load(tiny_model).save_pretrained(tmp_path / "a")
    model = Classifier.load(tmp_path / "a")
    model.save_pretrained(tmp_path / "a")
    assert "README.md" in names(tmp_path / "a")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(OutputError, match="holds other files"):
        model.save_pretrained(tmp_path / "mine")
    assert names(tmp_path / "mine") == {"thesis.txt"}


class Hub:
    """Stands for the hub: what was asked of it, and the files that came."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.tokens: list[object] = []
        self.files: dict[str, bytes] = {}
        self.error: Exception | None = None


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import CommitInfo

    fake = Hub()

    def create_repo(self: Any, repo_id: str, **options: Any) -> None:
        fake.tokens.append(self.token)
        fake.calls.append(("create_repo", {"repo_id": repo_id, **options}))
        if fake.error:
            raise fake.error

    def upload_folder(self: Any, *, folder_path: str, **options: Any) -> CommitInfo:
        fake.tokens.append(self.token)
        fake.calls.append(("upload_folder", options))
        folder = Path(folder_path)
        fake.files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        return CommitInfo(
            commit_url="https://huggingface.co/group/model/commit/1",
            commit_message="m",
            commit_description="",
            oid="1",
        )

    monkeypatch.setattr(HfApi, "create_repo", create_repo)
    monkeypatch.setattr(HfApi, "upload_folder", upload_folder)
    return fake


def test_pushing_makes_the_repository_and_uploads_the_folder(
    hub: Hub, tiny_model: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    model = Classifier.load(tiny_model)
    address = model.push_to_hub("group/model", private=True, token=TOKEN, commit_message="First model")
    assert address == "https://huggingface.co/group/model/commit/1"
    assert hub.calls == [
        ("create_repo", {"repo_id": "group/model", "private": True, "exist_ok": True}),
        ("upload_folder", {"repo_id": "group/model", "commit_message": "First model"}),
    ]
    assert hub.tokens == [TOKEN, TOKEN]
    assert {"README.md", "config.yaml", "metrics.json", "model.json", "weights.safetensors"} <= hub.files.keys()
    assert "predictions.csv" not in hub.files
    captured = capfd.readouterr()
    assert captured.out == ""
    for text in (captured.err, caplog.text, *(f.decode("latin-1") for f in hub.files.values())):
        assert TOKEN not in text


def test_what_is_pushed_can_be_loaded(
    hub: Hub, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_classifier.push_to_hub("group/model")
    assert hub.calls[1][1]["commit_message"] == "Upload tiny"
    asked: dict[str, Any] = {}

    def fetch(name: str, **options: Any) -> str:
        asked.update(options, name=name)
        for file, content in hub.files.items():
            (tmp_path / "cache" / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "cache" / file).write_bytes(content)
        return str(tmp_path / "cache")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    again = Classifier.from_pretrained("group/model", revision="v1", token=TOKEN)
    assert (asked["name"], asked["revision"], asked["token"]) == ("group/model", "v1", TOKEN)
    assert again.predict_proba(X).tobytes() == tiny_classifier.predict_proba(X).tobytes()
    assert again.digest == tiny_classifier.digest


def test_a_hub_that_refuses_is_told_without_the_token(hub: Hub, tiny_classifier: Classifier) -> None:
    hub.error = PermissionError(f"403 for Bearer {TOKEN}")
    with pytest.raises(OutputError) as caught:
        tiny_classifier.push_to_hub("group/model", token=TOKEN)
    assert str(caught.value) == "group/model: cannot be pushed to the hub: 403 for Bearer (token)"
    assert hub.files == {}


def test_a_download_that_fails_is_told_without_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(name: str, **options: Any) -> str:
        raise PermissionError(f"401 for {options['token']}")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    with pytest.raises(ModelError) as caught:
        Classifier.from_pretrained("group/model", token=TOKEN)
    assert TOKEN not in str(caught.value)


def test_a_revision_of_a_folder_is_refused(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="a revision belongs to a model on the hub"):
        Classifier.from_pretrained(tiny_model, revision="v1")


@pytest.mark.parametrize("wrap", [False, True])
def test_a_model_over_an_encoder_of_this_machine_is_not_pushed(hub: Hub, tmp_path: Path, wrap: bool) -> None:
    estimator: Any = CrossEncoderClassifier(encoder=str(tmp_path))
    if wrap:
        estimator = EnsembleClassifier(
            members=({"kind": "majority"}, {"kind": "cross-encoder", "encoder": str(tmp_path)})
        )
    model = Classifier(estimator, EncodingOptions(), DecisionConfig(), load_target("plastics-treaty"), "m")
    with pytest.raises(ModelError, match="a folder of this machine"):
        model.push_to_hub("group/model")
    assert hub.calls == []


def card_of(classifier: dict[str, Any]) -> dict[str, Any]:
    from huggingface_hub import ModelCard

    config = RunConfig.model_validate({"name": "trial: 1", "classifier": classifier})
    content = render_card(config, METRICS, "0" * 64)
    card = ModelCard(content)
    assert card.text.lstrip().startswith("# trial: 1")
    data: dict[str, Any] = card.data.to_dict()
    assert data == yaml.safe_load(content.split("---")[1])
    return data


def test_the_front_matter_is_a_hub_card() -> None:
    assert card_of({"kind": "tfidf"}) == {
        "library_name": "stance",
        "pipeline_tag": "text-classification",
        "license": "apache-2.0",
        "language": "en",
        "tags": ["stance-detection", "united-nations", "tfidf"],
    }


MINILM = "sentence-transformers/all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("classifier", "base"),
    [
        ({"kind": "cross-encoder"}, MINILM),
        ({"kind": "setfit"}, MINILM),
        ({"kind": "encoder"}, None),
        ({"kind": "cross-encoder", "encoder": "microsoft/deberta-v3-base"}, "microsoft/deberta-v3-base"),
        ({"kind": "cross-encoder", "encoder": "package:all_mpnet_base_v2"}, "sentence-transformers/all-mpnet-base-v2"),
        ({"kind": "cross-encoder", "encoder": "./mine"}, None),
        ({"kind": "ensemble", "members": [{"kind": "cross-encoder"}, {"kind": "setfit"}]}, MINILM),
        (
            {
                "kind": "ensemble",
                "members": [{"kind": "cross-encoder", "encoder": "a/b"}, {"kind": "setfit"}, {"kind": "tfidf"}],
            },
            ["a/b", MINILM],
        ),
    ],
)
def test_the_base_model_is_the_encoder_that_was_tuned(classifier: dict[str, Any], base: object) -> None:
    assert card_of(classifier).get("base_model") == base


def test_every_packaged_encoder_has_a_hub_id(tmp_path: Path) -> None:
    assert HUB_IDS.keys() == {*PACKAGED, *ASSEMBLED}
    assert hub_id(str(tmp_path)) is None
    assert hub_id("bert-base-uncased") == "bert-base-uncased"


def test_the_training_run_writes_such_a_card(tiny_model: Path) -> None:
    from huggingface_hub import ModelCard

    card = ModelCard.load(tiny_model / "README.md")
    assert card.data.to_dict()["pipeline_tag"] == "text-classification"
    assert json.loads((tiny_model / "run.json").read_text(encoding="utf-8"))["digest"] in card.text


def test_a_saved_model_labels_as_before(
    run: Callable[..., Any], tiny_classifier: Classifier, tiny_model: Path, tmp_path: Path
) -> None:
    tiny_classifier.save_pretrained(tmp_path / "copy")
    note = tmp_path / "note.txt"
    note.write_text("The representative of Togo said that a new convention was needed.\n", encoding="utf-8")
    for model in (tiny_model, tmp_path / "copy"):
        assert run("label", note, "--out", tmp_path / f"out-{model.name}", "--model", model, "--quiet").code == 0
    first, second = (tmp_path / f"out-{m}" / "statements.csv" for m in ("model", "copy"))
    assert first.read_bytes() == second.read_bytes()
    assert np.isfinite(tiny_classifier.predict_proba(X)).all()
