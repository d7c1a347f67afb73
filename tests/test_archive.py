"""Labelling an archive: in portions, kept on the way, resumed after any end, by one run at a time."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stance import labelling
from stance.encoding import Encoded
from stance.engines import stages
from stance.engines.work import working_folder
from stance.errors import ConfigError, InputError, OutputError
from stance.labelling import label_archive, label_inputs
from stance.model import Classifier

ROOT = Path(__file__).parent.parent
RESULTS = ("statements.csv", "statements.parquet", "positions.csv", "positions.parquet", "report.html")
COUNTRIES = ("Peru", "Togo", "Fiji", "Chad", "Oman", "Mali", "Ghana", "Norway")
VERBS = (
    "supported a new convention on cybercrime",
    "called a new convention premature",
    "spoke of {} training courses",
)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Some two hundred short summaries; half of their sentences are in others as well."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for i in range(200):
        lines = [
            f"The representative of {COUNTRIES[(i + k) % 8]} {verb.format(i // 2)}." for k, verb in enumerate(VERBS)
        ]
        (folder / f"m{i:03d}.txt").write_text("  ".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small shards and portions, so that few documents are several of them."""
    monkeypatch.setattr(stages, "SHARD", 7)
    monkeypatch.setattr(stages, "PORTION", 20)


def results(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in RESULTS}


class Counting:
    """Stand before a model and count the statements that it is asked for; break off after some calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, model: Classifier, calls: int | None = None) -> None:
        self.asked: list[Encoded] = []
        real = Classifier.predict_proba
        left = [calls]

        def predict_proba(itself: Classifier, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
            if left[0] is not None:
                if left[0] == 0:
                    raise KeyboardInterrupt
                left[0] -= 1
            self.asked += encoded
            return real(itself, encoded)

        monkeypatch.setattr(Classifier, "predict_proba", predict_proba)


def test_an_archive_gets_the_labels_that_its_documents_get_in_memory(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path
) -> None:
    done = label_archive([str(archive)], tiny_classifier, tmp_path / "out")
    held = label_inputs([str(archive)], tiny_classifier)
    import pandas as pd

    for name, frame in (("statements", held.statements), ("positions", held.positions)):
        written = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert written.astype(str).to_dict("records") == frame.astype(str).to_dict("records")
    assert (done.documents, done.statements, done.resumed) == (200, 600, False)
    assert not (tmp_path / "out" / ".work").exists()


@pytest.mark.usefixtures("small")
def test_a_statement_that_comes_again_is_classified_once(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counting(monkeypatch, tiny_classifier)
    done = label_archive([str(archive)], tiny_classifier, tmp_path / "out")
    assert len(counted.asked) == len(set(counted.asked)) < done.statements / 2


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_an_interrupted_run_goes_on_and_does_nothing_twice(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    label_archive([str(archive)], tiny_classifier, tmp_path / "whole")
    read: list[int] = []
    real = stages.read_shard
    monkeypatch.setattr(
        "stance.engines.local.read_shard", lambda items, *more: (read.append(len(items)), real(items, *more))[1]
    )
    with monkeypatch.context() as patch:
        first = Counting(patch, tiny_classifier, calls)
        with pytest.raises(KeyboardInterrupt):
            label_archive([str(archive)], tiny_classifier, tmp_path / "broken")
    assert [p.name for p in (tmp_path / "broken").iterdir()] == [".work"]
    second = Counting(monkeypatch, tiny_classifier)
    done = label_archive([str(archive)], tiny_classifier, tmp_path / "broken")
    assert done.resumed
    assert results(tmp_path / "broken") == results(tmp_path / "whole")
    assert sum(read) == 200
    assert not set(first.asked) & set(second.asked)
    assert json.loads((tmp_path / "broken" / "run.json").read_text(encoding="utf-8"))["resumed"] is True


@pytest.mark.parametrize(
    "moment", [pytest.param("read/000001.parquet", marks=pytest.mark.long), "classified/000000.npy"]
)
def test_a_killed_run_goes_on(archive: Path, tiny_model: Path, tmp_path: Path, moment: str) -> None:
    command = [
        sys.executable,
        "-m",
        "stance.cli",
        "label",
        str(archive),
        "--model",
        str(tiny_model),
        "--quiet",
        "--out",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([*command, str(tmp_path / "whole")], env=environment, check=False).returncode == 0
    broken = tmp_path / "broken"
    with subprocess.Popen([*command, str(broken)], env=environment, start_new_session=True) as process:
        until = time.monotonic() + 60
        while not (broken / ".work" / moment).exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.returncode == 0:
        pytest.skip("the run was done before it could be killed")
    assert not (broken / "run.json").exists()
    assert subprocess.run([*command, str(broken)], env=environment, check=False).returncode == 0
    assert results(broken) == results(tmp_path / "whole")
    assert json.loads((broken / "run.json").read_text(encoding="utf-8"))["resumed"] is True
    assert sorted(p.name for p in broken.iterdir()) == sorted([*RESULTS, "run.json"])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("change", ["input", "target", "threshold"])
def test_what_a_run_with_other_settings_left_is_not_used(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    from stance.targets import load_target

    with monkeypatch.context() as patch:
        Counting(patch, tiny_classifier, 1)
        with pytest.raises(KeyboardInterrupt):
            label_archive([str(archive)], tiny_classifier, tmp_path / "out")
    target = None
    if change == "input":
        (archive / "m000.txt").write_text("The representative of Malta supported a new convention.", encoding="utf-8")
    elif change == "target":
        target = load_target("plastics-treaty")
    else:
        object.__setattr__(tiny_classifier.decision, "threshold", tiny_classifier.decision.threshold + 0.01)
    try:
        done = label_archive([str(archive)], tiny_classifier, tmp_path / "out", target)
    finally:
        if change == "threshold":
            object.__setattr__(tiny_classifier.decision, "threshold", tiny_classifier.decision.threshold - 0.01)
    assert not done.resumed


def test_two_runs_do_not_write_into_one_folder(archive: Path, tiny_classifier: Classifier, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with working_folder(out, {}), pytest.raises(OutputError, match="another run is writing there"):
        label_archive([str(archive)], tiny_classifier, out)
    assert label_archive([str(archive)], tiny_classifier, out).documents == 200


def test_one_bad_file_costs_itself(archive: Path, tiny_model: Path, tmp_path: Path, run: Callable[..., Any]) -> None:
    (archive / "m050.txt").write_bytes(b"")
    (archive / "m051.pdf").write_bytes(b"%PDF-1.4 torn")
    done = run("label", archive, "--model", tiny_model, "--out", tmp_path / "out", "--quiet")
    assert done.code == 1
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {Path(f["source"]).name for f in record["failures"]} == {"m050.txt", "m051.pdf"}
    assert len(record["documents"]) == 199


def test_the_report_shows_the_first_documents_and_says_so(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelling, "REPORTED", 30)
    label_archive([str(archive)], tiny_classifier, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("<article ") == 30
    assert "This page shows 30 documents; 170 more are in the tables alone." in page


def test_standard_input_is_resumed_only_with_the_same_text(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("label", "-", "--model", tiny_model, "--out", tmp_path / "out", "--quiet")

    def given(country: str) -> None:
        text = f"The representative of {country} supported a new convention on cybercrime."
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))

    def resumed() -> bool:
        return bool(json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["resumed"])

    for first, second in (("Peru", "Peru"), ("Peru", "Togo")):
        given(first)
        with monkeypatch.context() as patch:
            Counting(patch, Classifier.load(tiny_model), 0)
            assert run(*command).code == 130
        given(second)
        assert run(*command).code == 0
        assert resumed() == (first == second)
        assert second in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert second in (tmp_path / "out" / "positions.csv").read_text(encoding="utf-8")


def test_the_report_of_the_last_run_is_no_input(tiny_classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The representative of Peru agreed.", encoding="utf-8")
    for _ in range(2):
        assert label_archive([str(tmp_path)], tiny_classifier, tmp_path).documents == 1
    (tmp_path / "a.txt").unlink()
    with pytest.raises(ConfigError, match="all that INPUT holds is the report"):
        label_archive([str(tmp_path)], tiny_classifier, tmp_path)
    # What cannot be read is told, wherever it lies; a link to itself is one of these.
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    bad = [str(tmp_path / "gone.txt"), str(tmp_path / "loop.txt")]
    with pytest.raises(InputError, match=r"gone\.txt: (.|\n)*loop\.txt: (.|\n)*was left as it is"):
        label_archive(bad, tiny_classifier, tmp_path)
    assert [Path(f.source).name for f in label_archive(bad, tiny_classifier, tmp_path / "new").failures] == [
        "gone.txt",
        "loop.txt",
    ]


@pytest.mark.parametrize("name", ["run:1", "~out", "caf\udce9"])
def test_an_output_folder_may_have_any_name(
    tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("The representative of Peru agreed.", encoding="utf-8")
    label_archive(["a.txt"], tiny_classifier, Path(name))
    assert sorted(p.name for p in Path(name).iterdir()) == sorted([*RESULTS, "run.json"])


def test_a_torn_file_of_an_interrupted_run_is_told(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        Counting(patch, tiny_classifier, 0)
        with pytest.raises(KeyboardInterrupt):
            label_archive([str(archive)], tiny_classifier, tmp_path / "out")
    (tmp_path / "out" / ".work" / "read" / "000001.parquet").write_bytes(b"")
    with pytest.raises(OutputError, match=r"000001\.parquet: cannot be used: .* remove \.work"):
        label_archive([str(archive)], tiny_classifier, tmp_path / "out")


def test_a_process_without_standard_error_can_label(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert label_archive([str(archive)], tiny_classifier, tmp_path / "out", progress=True).documents == 200


def test_large_tables_are_folders_of_files_with_the_same_rows(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path
) -> None:
    import duckdb
    import pandas as pd
    from datasets import load_dataset

    out = tmp_path / "out"
    label_archive([str(archive)], tiny_classifier, out)
    whole = {name: pd.read_parquet(out / f"{name}.parquet") for name in ("statements", "positions")}
    text = (out / "statements.csv").read_bytes()
    label_archive([str(archive)], tiny_classifier, out, partition=64)
    assert (out / "statements.csv").read_bytes() == text
    for name, rows in whole.items():
        table = out / f"{name}.parquet"
        assert [p.name for p in sorted(table.iterdir())] == [f"part-0000{i}.parquet" for i in range(4)]
        assert pd.read_parquet(table).to_json() == rows.to_json()
    assert pd.read_parquet(out / "positions.parquet/part-00003.parquet")["document"].nunique() == 8
    counted = duckdb.sql(f"select count(*) from '{out}/statements.parquet/*.parquet' where stance = 'for'").fetchall()
    assert counted == [(int((whole["statements"]["stance"] == "for").sum()),)]
    found = load_dataset(
        "parquet", data_files=f"{out}/statements.parquet/*.parquet", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert found["text"] == whole["statements"]["text"].tolist()
    # And back to one file each; nothing of the folders stays.
    label_archive([str(archive)], tiny_classifier, out)
    assert pd.read_parquet(out / "statements.parquet").to_json() == whole["statements"].to_json()
    assert {p.name for p in out.iterdir()} == {*RESULTS, "run.json"}


def test_a_folder_with_other_files_is_not_taken_for_a_table(
    archive: Path, tiny_classifier: Classifier, tmp_path: Path
) -> None:
    (tmp_path / "out" / "statements.parquet").mkdir(parents=True)
    (tmp_path / "out" / "statements.parquet" / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(OutputError, match=r"statements\.parquet: cannot be written: Directory not empty"):
        label_archive([str(archive)], tiny_classifier, tmp_path / "out")
    assert (tmp_path / "out" / "statements.parquet" / "mine.txt").read_text(encoding="utf-8") == "kept"
    assert not list((tmp_path / "out").glob("*.partial"))


def test_a_partition_of_nothing_is_refused(
    archive: Path, run: Callable[..., Any], tiny_model: Path, tmp_path: Path
) -> None:
    done = run("label", archive, "--model", tiny_model, "--out", tmp_path / "out", "--partition", "0")
    assert (done.code, done.err) == (2, "stance: partition: 0 documents in a file; it must be 1 or more\n")
    assert not (tmp_path / "out").exists()
