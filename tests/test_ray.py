"""The Ray engine: the local engine's results, whoever dies on the way."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from stance.config import DecisionConfig
from stance.documents import HeldInput, Input
from stance.engines import stages
from stance.engines.work import Work
from stance.errors import ConfigError, ModelError, StanceError
from stance.evaluation.calibration import Calibration
from stance.labelling import label_archive
from stance.model import Classifier
from stance.precision import Choice

pytest.importorskip("ray")
# With --dist loadgroup one process runs all of these; with two, each has a cluster of its own.
pytestmark = pytest.mark.xdist_group("ray")

ROOT = Path(__file__).parent.parent
TABLES = ("statements.csv", "statements.parquet", "positions.csv", "positions.parquet", "report.html")
COUNTRIES = ("Peru", "Togo", "Fiji", "Chad", "Oman", "Mali", "Ghana", "Norway")
VERBS = ("supported a new convention on cybercrime", "called a new convention premature", "spoke of {} courses")
#: Not the name ``ray``, which is the package's.
engine = importlib.import_module("stance.engines.ray")


def write_archive(folder: Path, documents: int) -> Path:
    folder.mkdir()
    for i in range(documents):
        lines = [f"The representative of {COUNTRIES[(i + k) % 8]} {verb.format(i)}." for k, verb in enumerate(VERBS)]
        (folder / f"m{i:03d}.txt").write_text("  ".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred short summaries; two thirds of their sentences are in others as well."""
    return write_archive(tmp_path_factory.mktemp("ray") / "archive", 100)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small shards and portions; the workers need not know, since they are dealt here."""
    monkeypatch.setattr(stages, "SHARD", 7)
    monkeypatch.setattr(stages, "PORTION", 2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A cluster of two workers, which the runs in this process use."""
    import ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(address="local", num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
        yield
        ray.shutdown()


def tables(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in TABLES}


class Killer(threading.Thread):
    """Kill a worker as soon as a folder holds some files.

    Attributes
    ----------
    killed : list of int
        Process ids.
    seen : set of int
        All workers of that name that were there.
    left : int
        Files that were in the folder when the worker had been killed.
    """

    def __init__(self, name: str, folder: Path, files: int) -> None:
        super().__init__(daemon=True)
        self.wanted, self.folder, self.files = name, folder, files
        self.killed: list[int] = []
        self.seen: set[int] = set()
        self.left = -1

    def run(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and not (self.killed and not self.folder.exists()):
            time.sleep(0.5 if self.killed else 0.02)
            if not self.folder.exists() or len(list(self.folder.glob("*"))) < self.files:
                continue
            workers = [p.pid for p in psutil.Process().children(recursive=True) if self.wanted in title(p)]
            self.seen.update(workers)
            if workers and not self.killed:
                os.kill(workers[0], signal.SIGKILL)
                self.left = len(list(self.folder.glob("*")))
                self.killed.append(workers[0])


def title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.mark.usefixtures("cluster", "small")
def test_the_tables_are_the_local_engines_though_workers_are_killed(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path
) -> None:
    label_archive([str(archive)], tiny_classifier, tmp_path / "local")
    work = tmp_path / "ray" / ".work"
    killers = [Killer("_read", work / "read", 2), Killer("_Labeller", work / "classified", 5)]
    for killer in killers:
        killer.start()
    done = label_archive([str(archive)], tiny_classifier, tmp_path / "ray", engine="ray")
    assert tables(tmp_path / "ray") == tables(tmp_path / "local")
    assert (done.documents, done.statements, done.resumed) == (100, 300, False)
    assert sorted(p.name for p in (tmp_path / "ray").iterdir()) == sorted([*TABLES, "run.json"])
    reading, labelling = killers
    assert reading.killed
    assert reading.left < 15
    assert labelling.killed
    assert labelling.left < 51
    assert len(labelling.seen) > 1


@pytest.mark.usefixtures("cluster", "small")
def test_one_engine_finishes_what_the_other_began(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [str(path) for path in sorted(archive.iterdir())[:40]]
    label_archive(items, tiny_classifier, tmp_path / "whole")
    kept: list[str] = []
    real = Work._keep

    def keep(itself: Work, path: Path, write: Any) -> None:
        if path.name == "000003.npy" and not kept.count("000003.npy"):
            kept.append(path.name)
            raise KeyboardInterrupt
        kept.append(path.name)
        real(itself, path, write)

    monkeypatch.setattr(Work, "_keep", keep)
    with pytest.raises(KeyboardInterrupt):
        label_archive(items, tiny_classifier, tmp_path / "broken", engine="ray")
    assert [p.name for p in (tmp_path / "broken").iterdir()] == [".work"]
    begun = len(kept) - 1
    done = label_archive(items, tiny_classifier, tmp_path / "broken", engine="local")
    assert done.resumed
    assert begun >= 6
    kept.remove("000003.npy")
    assert len(kept) == len(set(kept)), "nothing is done twice"
    assert tables(tmp_path / "broken") == tables(tmp_path / "whole")


@pytest.mark.usefixtures("cluster")
def test_the_command_line_reports_failures_and_reads_standard_input(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any]
) -> None:
    archive = write_archive(tmp_path / "archive", 5)
    (archive / "m003.txt").write_bytes(b"")
    (archive / "m004.pdf").write_bytes(b"%PDF-1.4 torn")
    given = b"The representative of Malta supported a new convention on cybercrime."
    command = ("label", archive, "-", "--model", tiny_model, "--quiet", "--out")
    local = run(*command, tmp_path / "local", stdin=given)
    ray = run(*command, tmp_path / "ray", "--engine", "ray", stdin=given)
    assert (ray.code, ray.err) == (local.code, local.err) == (1, local.err)
    assert ray.out == local.out.replace(str(tmp_path / "local"), str(tmp_path / "ray"))
    assert tables(tmp_path / "ray") == tables(tmp_path / "local")
    record = json.loads((tmp_path / "ray" / "run.json").read_text(encoding="utf-8"))
    assert {Path(f["source"]).name for f in record["failures"]} == {"m003.txt", "m004.pdf"}
    assert (record["settings"]["engine"], record["settings"]["address"]) == ("ray", None)
    assert record["model"]["digest"] == Classifier.load(tiny_model).digest


@pytest.mark.usefixtures("cluster")
def test_an_error_of_a_worker_is_told_in_words(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "archive", 1)
    files = engine._files
    monkeypatch.setattr(engine, "_files", lambda model: {**files(model), "weights.safetensors": b"torn"})
    done = run("label", archive, "--model", tiny_model, "--quiet", "--out", tmp_path / "out", "--engine", "ray")
    assert done.code == 2
    assert "the model cannot be read" in done.err
    assert done.err.count("\n") == 1
    # What was read is kept.
    assert (tmp_path / "out" / ".work" / "read" / "000000.parquet").exists()


@pytest.mark.long
def test_a_run_starts_its_own_cluster_and_says_nothing_of_it(tiny_model: Path, tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", 1)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "stance.cli", "label", str(archive), "--model", str(tiny_model), "--engine", "ray"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"1 documents, 3 statements, 3 positions written to {tmp_path / 'out'}\n"
    assert {line.partition(":")[0] for line in done.stderr.splitlines()} == {"reading", "classifying"}


def test_the_model_of_a_worker_is_the_one_in_memory(
    tiny_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = replace(
        tiny_classifier,
        decision=DecisionConfig(threshold=0.3),
        calibration=Calibration("vector", scale=(0.5, 0.7, 1.1), bias=(0.1, -0.2, 0.0)),
        digest="its own",
    )
    files = engine._files(model)
    assert model.digest == "its own"
    assert not any(name.endswith((".pkl", ".bin", ".pt")) for name in files)
    monkeypatch.setattr("ray.get", lambda found: found)
    held = engine._Labeller(files, None, False, "float32")._model
    assert (held.decision, held.calibration) == (model.decision, model.calibration)
    portion = [stages.Encoded("a treaty", "", f"[SPEAKER] supported matter {i}.") for i in range(5)]
    assert held.predict_proba(portion).tobytes() == model.predict_proba(portion).tobytes()


@pytest.mark.parametrize(
    ("kind", "nodes", "size", "actors"),
    [
        ("tfidf", [{"CPU": 4.0}, {"CPU": 2.0, "GPU": 1.0}], {"num_cpus": 1}, 6),
        ("cross-encoder", [{"CPU": 4.0}, {"CPU": 8.0}, {"CPU": 2.0}], {"num_cpus": 3}, 3),
        ("cross-encoder", [{"CPU": 2.0}], {"num_cpus": 2}, 1),
        ("cross-encoder", [{"CPU": 4.0}, {"CPU": 8.0, "GPU": 2.0}], {"num_gpus": 1}, 2),
        ("encoder", [{"CPU": 8.0, "GPU": 2.0}], {"num_cpus": 3}, 2),
        ("cross-encoder", [{}], {"num_cpus": 3}, 1),
    ],
)
def test_actors_fill_the_cluster(
    monkeypatch: pytest.MonkeyPatch, kind: str, nodes: list[dict[str, float]], size: dict[str, int], actors: int
) -> None:
    monkeypatch.setattr("ray.nodes", lambda: [{"Alive": True, "Resources": n} for n in nodes] + [{"Alive": False}])
    monkeypatch.setattr("ray.put", lambda found: found)
    monkeypatch.setattr("torch.get_num_threads", lambda: 3)
    monkeypatch.setattr(engine, "_files", lambda model: {})
    model: Any = SimpleNamespace(estimator=SimpleNamespace(kind=kind, get_params=dict))
    for waiting in (1, 100):
        found = engine._actors(model, "float32", engine._gpus(model), waiting)
        assert {name: found[name] for name in size} == size
        assert len(found.keys() & {"num_cpus", "num_gpus"}) == 1
        assert (found["compute"].initial_size, found["compute"].max_size) == (min(actors, waiting), waiting)
    threads = None if kind == "tfidf" else 3
    assert found["fn_constructor_args"] == ({}, threads, "num_gpus" in size, "float32")


def test_an_input_travels_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The representative of Peru spoke.", encoding="utf-8")
    plain = Input(str(tmp_path / "a.txt"), "a")
    for item in (plain, Input("b", "b", "is missing"), HeldInput("-", "a", document=plain.read())):
        found = engine._from_json(json.loads(json.dumps(engine._as_json(item))))
        assert (type(found), found) == (type(item), item)


@pytest.mark.usefixtures("cluster")
def test_workers_use_the_arithmetic_that_was_chosen(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "archive", 1)
    chosen = Choice("bfloat16", 3)
    monkeypatch.setattr(engine, "settle_precision", lambda *_: chosen)
    done = run("label", archive, "--model", tiny_model, "--quiet", "--out", tmp_path / "out", "--engine", "ray")
    # The worker was told; this model has no such arithmetic.
    assert (done.code, "precision bfloat16: only fine-tuned networks" in done.err) == (2, True)


def test_an_error_of_this_package_is_an_answer_and_another_one_is_not() -> None:
    import pyarrow as pa

    def raising(error: Exception) -> Callable[[Any], bytes]:
        def work(given: Any) -> bytes:
            raise error

        return work

    batch = pa.table({"number": [4], "given": ["[]"]})
    (row,) = engine._answer(batch, raising(ModelError("none"))).to_pylist()
    assert row == {"number": 4, "answer": None, "error": '["ModelError", "none"]'}
    with pytest.raises(KeyError):
        engine._answer(batch, raising(KeyError("oh")))


def test_what_ray_says_when_it_gives_up_is_told_in_words() -> None:
    import ray.exceptions

    with pytest.raises(StanceError, match="--engine ray: low on memory; what is done is kept"), engine._told():
        raise ray.exceptions.OutOfMemoryError("low on memory.\nMemory on the node was …")
    traced = "The actor died.\nTraceback (most recent call last):\nModuleNotFoundError: No module named 'stance'\n"
    with (
        pytest.raises(StanceError, match="--engine ray: ModuleNotFoundError: No module named 'stance'"),
        engine._told(),
    ):
        raise ray.exceptions.RaySystemError(traced)


def test_without_the_package_the_message_says_what_to_install(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "archive", 1)
    monkeypatch.setitem(sys.modules, "ray", None)
    done = run("label", archive, "--model", tiny_model, "--out", tmp_path / "out", "--engine", "ray")
    assert done.code == 2
    assert done.err == (
        'stance: --engine ray needs the package ray; run in the checkout: pip install -c constraints.txt -e ".[ray]"\n'
    )
    assert not (tmp_path / "out").exists()
    with pytest.raises(ConfigError, match="needs the package ray"):
        label_archive([str(archive)], Classifier.load(tiny_model), tmp_path / "out", engine="ray")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:1", "cannot be reached: Connection refused"),
        ("cluster", "is not HOST:PORT or auto"),
        ("cluster:port", "is not HOST:PORT or auto"),
        ("ray://127.0.0.1:10001", "does not work through Ray Client"),
    ],
)
def test_an_address_without_a_cluster_is_told_at_once(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any], address: str, message: str
) -> None:
    archive = write_archive(tmp_path / "archive", 1)
    began = time.monotonic()
    done = run(
        "label", archive, "--model", tiny_model, "--out", tmp_path / "out", "--engine", "ray", "--address", address
    )
    assert done.code == 2
    assert done.err.startswith(f"stance: --address {address}: ")
    assert message in done.err
    assert time.monotonic() - began < 30
    assert list((tmp_path / "out").iterdir()) == []


def test_an_address_belongs_to_the_ray_engine(tmp_path: Path, run: Callable[..., Any]) -> None:
    done = run("label", tmp_path, "--out", tmp_path / "out", "--address", "auto")
    assert (done.code, done.err) == (2, "stance: --address: belongs to --engine ray\n")
    with pytest.raises(ConfigError, match="'steam' is not known"):
        label_archive([str(tmp_path)], None, tmp_path / "out", engine="steam")  # type: ignore[arg-type]
