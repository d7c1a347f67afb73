"""What a training run keeps on the way: checkpoints to go on from, its log, TensorBoard; and several processes."""

from __future__ import annotations

import csv
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stance.config import load_config
from stance.model import Classifier
from stance.training import train

ROOT = Path(__file__).parent.parent
DEBATE = str(ROOT / "data" / "annotations" / "SOC_CP_365.jsonl")
MEETINGS = [str(ROOT / "data" / "meetings")]


@pytest.fixture
def config(tiny_bert: Path, tmp_path: Path) -> Path:
    """A cross-encoder on thirty authored statements, evaluated on the debate."""
    statements = (ROOT / "data/authored/annotations/statements.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "train.jsonl").write_text("\n".join(statements[:30]) + "\n", encoding="utf-8")
    path = tmp_path / "trial.yaml"
    content = {
        "name": "trial",
        "data": {"train": [str(tmp_path / "train.jsonl")], "meetings": MEETINGS},
        "classifier": {
            "kind": "cross-encoder", "encoder": str(tiny_bert), "epochs": 3, "batch_size": 4, "max_tokens": 32,
            "bfloat16": False, "learning_rate": 0.003,
        },
        "evaluation": {"scheme": "held-out", "files": [DEBATE], "bootstrap": 100},
    }  # fmt: skip
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int = 1) -> None:
    """Let training be interrupted, as by control-C, at the beginning of an epoch."""
    from stance.classifiers import finetuning

    def stop(self: Any, args: Any, state: Any, control: Any, **more: Any) -> None:
        if state.epoch is not None and state.epoch >= after:
            raise KeyboardInterrupt

    monkeypatch.setattr(finetuning._Journal, "on_epoch_begin", stop)


def weights(folder: Path) -> bytes:
    return (folder / "weights.safetensors").read_bytes()


@pytest.mark.parametrize("more", [(), ("classifier.patience=2",)], ids=["plain", "patience"])
def test_a_resumed_run_gives_what_an_uninterrupted_one_gives(
    config: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    options = [x for m in more for x in ("--set", m)]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run("train", config, "--out", whole, "--quiet", *options).code == 0
    with monkeypatch.context() as patch:
        interrupt(patch)
        assert run("train", config, "--out", broken, "--quiet", *options).code == 130
    assert not broken.exists()
    (kept,) = (tmp_path / ".broken.checkpoints").glob("*/checkpoint-*")
    assert {p.name for p in tmp_path.iterdir()} == {"whole", ".broken.checkpoints", "trial.yaml", "train.jsonl"}
    done = run("train", config, "--out", broken, "--quiet", "--resume", *options)
    assert (done.code, done.err) == (0, "")
    assert "going on after step" in (broken / "train.log").read_text(encoding="utf-8")
    assert weights(broken) == weights(whole)
    for name in ("predictions.csv", "metrics.json"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes()
    assert not (tmp_path / ".broken.checkpoints").exists()
    # Nothing of torch's own files comes into a model.
    assert not [p for p in broken.rglob("*") if p.suffix in (".pt", ".pth", ".bin")]
    assert kept.name == "checkpoint-8" if not more else kept.name.startswith("checkpoint-")


def test_without_resume_a_run_starts_anew(
    config: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt(patch)
        run("train", config, "--out", tmp_path / "m", "--quiet")
    assert (tmp_path / ".m.checkpoints").is_dir()
    assert run("train", config, "--out", tmp_path / "m", "--quiet").code == 0
    assert "going on after step" not in (tmp_path / "m" / "train.log").read_text(encoding="utf-8")
    assert not (tmp_path / ".m.checkpoints").exists()


def test_another_configuration_does_not_go_on_from_these_checkpoints(
    config: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt(patch)
        run("train", config, "--out", tmp_path / "m", "--quiet")
    done = run("train", config, "--out", tmp_path / "m", "--quiet", "--resume", "--set", "seed=7")
    assert done.code == 0
    assert "no interrupted run of this configuration" in done.err + (tmp_path / "m/train.log").read_text("utf-8")
    assert "going on after step" not in (tmp_path / "m" / "train.log").read_text(encoding="utf-8")


def test_a_run_that_ends_before_its_first_epoch_leaves_nothing(
    config: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from stance.classifiers import finetuning

    def stop(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    before = {p.name for p in tmp_path.iterdir()}
    monkeypatch.setattr(finetuning._Journal, "on_epoch_begin", stop)
    assert run("train", config, "--out", tmp_path / "m", "--quiet").code == 130
    assert {p.name for p in tmp_path.iterdir()} == before


def test_a_fit_that_was_whole_is_not_made_again_after_a_failure_behind_it(
    config: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from stance.classifiers import finetuning

    missing = ("--set", "evaluation.files=[gone.jsonl]")
    assert run("train", config, "--out", tmp_path / "m", "--quiet", *missing).code == 2
    (folder,) = (tmp_path / ".m.checkpoints").iterdir()
    assert finetuning.last_checkpoint(folder) == folder / "checkpoint-24"


def test_a_checkpoint_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    from stance.classifiers.finetuning import last_checkpoint

    assert last_checkpoint(tmp_path) is None
    for step in (8, 16, 104):
        (tmp_path / f"checkpoint-{step}").mkdir()
    for step in (8, 16):
        (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text("{}", encoding="utf-8")
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-16"


def test_the_log_of_a_run_tells_its_losses(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = train(load_config(config, ["classifier.patience=3"]), tmp_path / "m")
    lines = (tmp_path / "m" / "train.log").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "INFO: 30 annotated statements from 1 files"
    history = result.metrics["training"]["history"]
    assert [h["epoch"] for h in history if "held_out_loss" in h] == [1, 2, 3]
    losses = [h for h in history if "loss" in h]
    assert len(losses) >= 9
    assert f"INFO: epoch 1.00 of 3, step {losses[-1]['step'] // 3}: held-out loss " in "\n".join(lines)
    last = losses[-1]
    assert f"INFO: epoch 3.00 of 3, step {last['step']}: loss {last['loss']:.4f}" in lines
    # The user's screen shows no more than before, and the logger is as it was.
    assert capsys.readouterr().err == ""
    assert logging.getLogger("stance").handlers == []
    assert logging.getLogger("stance").propagate


def test_events_of_tensorboard_are_written_and_change_nothing(config: Path, tmp_path: Path) -> None:
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    plain = train(load_config(config), tmp_path / "plain")
    logged = train(load_config(config, ["logging.tensorboard=true"]), tmp_path / "logged")
    assert not (plain.folder / "logs").exists()
    events = event_accumulator.EventAccumulator(str(logged.folder / "logs")).Reload()
    assert len(events.Scalars("train/loss")) == 24
    assert Classifier.load(logged.folder).digest == Classifier.load(plain.folder).digest
    assert not (tmp_path / ".logged.checkpoints").exists()


def test_tensorboard_without_its_package_says_what_to_install(
    config: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    done = run("train", config, "--out", tmp_path / "m", "--set", "logging.tensorboard=true", "--quiet")
    assert done.code == 2
    assert "pip install tensorboard" in done.err
    assert not (tmp_path / "m").exists()


def test_folds_keep_no_checkpoints(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stance.classifiers import finetuning

    folders = []
    real = finetuning.finetune

    def spy(*args: Any, **more: Any) -> Any:
        folders.append(more["folder"])
        return real(*args, **more)

    monkeypatch.setattr(finetuning, "finetune", spy)
    overrides = [
        f"data.train=[{DEBATE}]",
        "data.limit=20",
        "evaluation.scheme=folds-by-delegation",
        "evaluation.folds=2",
        "classifier.epochs=1",
    ]
    train(load_config(config, [*overrides, f"evaluation.files=[{DEBATE}]"]), tmp_path / "m")
    assert len(folders) == 3
    assert folders[0] is not None
    assert folders[1:] == [None, None]


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [pytest.param((), id="plain", marks=pytest.mark.long), pytest.param(("classifier.patience=1",), id="patience")],
)
def test_two_processes_train_one_model(config: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--set", "classifier.batch_size=2", *(x for m in more for x in ("--set", m))]
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", f"--master_port={port}",
            str(ROOT / "scripts" / "train.py"), str(config), "--out", str(tmp_path / "two"), "--quiet", *options,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # Said once, not by each.
    assert done.stdout.count("model written to") == 1
    assert {p.name for p in tmp_path.iterdir()} == {"two", "trial.yaml", "train.jsonl"}
    with (tmp_path / "two" / "predictions.csv").open(encoding="utf-8", newline="") as handle:
        assert len(list(csv.DictReader(handle))) == 68
    history = json.loads((tmp_path / "two" / "metrics.json").read_text(encoding="utf-8"))["training"]["history"]
    if not more:
        # Batches of two statements in two processes are the steps of one process with batches of four.
        assert history[-1]["step"] == 24
        one = train(load_config(config), tmp_path / "one").metrics["training"]["history"]
        assert history[-1]["loss"] == pytest.approx(one[-1]["loss"], abs=0.2)
