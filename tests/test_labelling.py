"""Labelling: the tables that come out, what their rows mean, and that they come out the same again."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import stance
from stance.annotations import read_annotations
from stance.cli import main
from stance.config import load_config
from stance.corpus import parts_of
from stance.documents import read_document
from stance.errors import ConfigError
from stance.labelling import TWINS, label_document, label_inputs
from stance.model import Classifier
from stance.targets import load_target

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
DEBATE = ROOT / "data" / "meetings" / "SOC_CP_365.txt"

STATEMENTS = [
    "document",
    "sentence",
    "start",
    "end",
    "text",
    "speaker",
    "speaker_name",
    "speaker_kind",
    "attribution",
    "stance",
    "p_for",
    "p_against",
    "p_neutral",
]
POSITIONS = [
    "document",
    "speaker",
    "speaker_name",
    "speaker_kind",
    "iso3",
    "position",
    "p_for",
    "p_against",
    "p_neutral",
    "statements",
    "evidence",
]
COLUMNS = {"statements": STATEMENTS, "positions": POSITIONS}
SIDES = ("for", "against", "neutral")

SPOKE = {
    "KEN", "SEN", "AFRICAN_GROUP", "CUB", "VNM", "BOL", "JOR", "GBR", "EU", "JPN", "NOR", "CAN", "COE", "URY", "AUS",
    "MAR", "MEX", "PAK", "INTERPOL", "OPEN_NETWORKS_FORUM",
}  # fmt: skip
LISTED = {"NPL", "PRY", "ETH", "TUN"}

Rows = list[dict[str, str]]


def table(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def out(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run over the example and the debate."""
    folder = tmp_path_factory.mktemp("labelled") / "out"
    code = main(["label", str(EXAMPLE), str(DEBATE), "--out", str(folder), "--model", str(tiny_model), "--quiet"])
    assert code == 0
    return folder


@pytest.fixture(scope="module")
def statements(out: Path) -> Rows:
    return table(out / "statements.csv")


@pytest.fixture(scope="module")
def positions(out: Path) -> Rows:
    return table(out / "positions.csv")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "note.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


# --- what is written --------------------------------------------------------------------------------------------------


def test_every_promised_file_is_written_and_nothing_else(out: Path) -> None:
    assert sorted(p.name for p in out.iterdir()) == [
        "positions.csv",
        "positions.parquet",
        "report.html",
        "run.json",
        "statements.csv",
        "statements.parquet",
    ]


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_their_order(out: Path, name: str) -> None:
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        assert next(csv.reader(handle)) == COLUMNS[name]
    assert pq.read_schema(out / f"{name}.parquet").names == COLUMNS[name]


def as_csv(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None or value != value else str(value)


@pytest.mark.parametrize("name", COLUMNS)
def test_both_forms_hold_the_same_rows(out: Path, name: str) -> None:
    rows = [{k: as_csv(v) for k, v in row.items()} for row in pq.read_table(out / f"{name}.parquet").to_pylist()]
    assert len(rows) > 60
    assert rows == table(out / f"{name}.csv")


def test_parquet_has_types(out: Path) -> None:
    kinds = {f.name: str(f.type) for f in pq.read_schema(out / "statements.parquet")}
    assert {kinds[c] for c in ("sentence", "start", "end")} == {"int64"}
    assert {kinds[c] for c in ("p_for", "p_against", "p_neutral")} == {"double"}
    assert {kinds[c] for c in STATEMENTS[4:10]} == {"string"}
    kinds = {f.name: str(f.type) for f in pq.read_schema(out / "positions.parquet")}
    assert kinds["statements"] == "int64"
    assert kinds["evidence"].startswith("list<") and "int64" in kinds["evidence"]


def test_pandas_reads_the_csv_without_being_told_how(out: Path, statements: Rows, positions: Rows) -> None:
    frame = pd.read_csv(out / "statements.csv")
    assert frame["text"].tolist() == [r["text"] for r in statements]
    assert frame["start"].tolist() == [int(r["start"]) for r in statements]
    frame = pd.read_csv(out / "positions.csv")
    # "none" is a position and must not be taken for a missing value.
    assert frame["position"].tolist() == [r["position"] for r in positions]
    assert frame["p_for"].isna().tolist() == [r["position"] == "none" for r in positions]


# --- statements -------------------------------------------------------------------------------------------------------


def test_offsets_give_the_text(statements: Rows) -> None:
    stored = {p.stem: p.read_bytes().decode("utf-8") for p in (EXAMPLE, DEBATE)}
    assert {r["document"] for r in statements} == set(stored)
    for r in statements:
        assert stored[r["document"]][int(r["start"]) : int(r["end"])] == r["text"]


def test_rows_follow_the_text(statements: Rows) -> None:
    assert list(dict.fromkeys(r["document"] for r in statements)) == ["committee_debate", "SOC_CP_365"]
    for name in ("committee_debate", "SOC_CP_365"):
        numbers = [int(r["sentence"]) for r in statements if r["document"] == name]
        assert numbers == sorted(numbers)
        assert numbers[0] == 1


def test_values_are_of_the_vocabulary(statements: Rows, positions: Rows) -> None:
    assert {r["speaker_kind"] for r in statements} == {"state", "group", "organization", "unnamed"}
    assert {r["stance"] for r in statements} == set(SIDES)
    assert {r["speaker_kind"] for r in positions} == {"state", "group", "organization"}
    assert {r["position"] for r in positions} == {*SIDES, "none"}
    for r in statements:
        assert r["speaker"] == r["speaker"].upper()
        assert r["speaker_name"] and r["attribution"]


def test_probabilities_are_probabilities(statements: Rows, positions: Rows) -> None:
    for r in [*statements, *(p for p in positions if p["position"] != "none")]:
        p = [float(r[f"p_{side}"]) for side in SIDES]
        assert min(p) >= 0
        assert sum(p) == pytest.approx(1, abs=3e-6)


def test_a_stance_is_the_likeliest_or_neutral(statements: Rows, tiny_classifier: Classifier) -> None:
    for r in statements:
        p = {side: float(r[f"p_{side}"]) for side in SIDES}
        best = max(p, key=lambda side: p[side])
        enough = best == "neutral" or p[best] >= tiny_classifier.decision.threshold
        assert r["stance"] == (best if enough else "neutral")


def test_speakers_of_the_example(statements: Rows, positions: Rows) -> None:
    here = [r for r in statements if r["document"] == "committee_debate"]
    assert {r["speaker"] for r in here} - {"UNNAMED"} == SPOKE
    assert {r["speaker"] for r in positions if r["document"] == "committee_debate"} == SPOKE | LISTED
    assert {r["speaker"]: r["speaker_kind"] for r in here if r["speaker"] in ("KEN", "AFRICAN_GROUP", "INTERPOL")} == {
        "KEN": "state",
        "AFRICAN_GROUP": "group",
        "INTERPOL": "organization",
    }


def test_two_speakers_of_a_sentence_are_two_rows(statements: Rows) -> None:
    rows = [r for r in statements if r["text"].startswith("Uruguay’s delegate welcomed")]
    assert [r["speaker"] for r in rows] == ["URY", "AUS"]
    assert len({(r["start"], r["end"], r["sentence"]) for r in rows}) == 1


def test_unnamed_speakers_are_kept_and_have_no_position(statements: Rows, positions: Rows) -> None:
    unnamed = [r for r in statements if r["speaker_kind"] == "unnamed"]
    assert any(r["text"].startswith("Some speakers described campaigns") for r in unnamed)
    assert {r["speaker"] for r in unnamed} == {"UNNAMED"}
    assert "UNNAMED" not in {r["speaker"] for r in positions}


def test_exchanging_one_country_for_another_changes_nothing(
    write: Callable[..., Path], tiny_classifier: Classifier
) -> None:
    text = "{0}’s delegate said that a new convention was counterproductive.  The representative of {1} agreed."
    seen = []
    for i, pair in enumerate([("Togo", "Fiji"), ("the United States", "Côte d’Ivoire"), ("China", "the Philippines")]):
        document = read_document(write(text.format(*pair), f"{i}.txt"))
        seen.append([s.p for s in label_document(document, tiny_classifier).scored])
    assert len(seen[0]) == 2
    assert seen[0] == seen[1] == seen[2]


# --- positions --------------------------------------------------------------------------------------------------------


def test_iso3_is_for_states_alone(positions: Rows) -> None:
    for r in positions:
        assert r["iso3"] == (r["speaker"] if r["speaker_kind"] == "state" else "")
        assert r["speaker_kind"] != "state" or len(r["iso3"]) == 3


def test_one_position_a_speaker_and_document(positions: Rows) -> None:
    keys = [(r["document"], r["speaker"]) for r in positions]
    assert len(keys) == len(set(keys))


def test_positions_follow_from_statements(statements: Rows, positions: Rows) -> None:
    for r in positions:
        own = [s for s in statements if (s["document"], s["speaker"]) == (r["document"], r["speaker"])]
        assert int(r["statements"]) == len(own)
        if not own:
            assert r["position"] == "none"
            continue
        sides = {s["stance"] for s in own} - {"neutral"}
        assert r["position"] in (sides or {"neutral"})
        telling = [s for s in own if s["stance"] == r["position"]]
        for side in SIDES:
            mean = np.mean([float(s[f"p_{side}"]) for s in telling])
            assert float(r[f"p_{side}"]) == pytest.approx(mean, abs=2e-6)
        # Most telling first.
        chance = {s["sentence"]: float(s[f"p_{r['position']}"]) for s in telling}
        evidence = r["evidence"].split()
        assert set(evidence) == set(chance)
        assert [chance[e] for e in evidence] == sorted(chance.values(), reverse=True)


def test_who_is_only_listed_has_no_position(positions: Rows) -> None:
    listed = [r for r in positions if r["document"] == "committee_debate" and r["position"] == "none"]
    assert {r["speaker"] for r in listed} == LISTED
    for r in listed:
        assert (r["statements"], r["evidence"]) == ("0", "")
        assert (r["p_for"], r["p_against"], r["p_neutral"]) == ("", "", "")


# --- the record of the run --------------------------------------------------------------------------------------------


def test_run_record(out: Path, tiny_model: Path, tiny_classifier: Classifier) -> None:
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["environment"]["python"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")
    assert {"numpy", "scikit-learn", "pyarrow"} <= set(record["environment"]["packages"])
    assert record["model"] == {"name": "tiny", "digest": tiny_classifier.digest}
    assert len(tiny_classifier.digest) == 64
    assert record["target"] == "cybercrime-convention"
    assert record["settings"]["inputs"] == [str(EXAMPLE), str(DEBATE)]
    assert record["settings"]["model"] == str(tiny_model)
    assert record["failures"] == []
    first, second = record["documents"]
    assert (first["document"], first["symbol"], first["source"]) == ("committee_debate", "SOC/CT/77", str(EXAMPLE))
    assert (second["document"], second["symbol"]) == ("SOC_CP_365", "SOC/CP/365")
    assert second["sha256"] == hashlib.sha256(DEBATE.read_bytes()).hexdigest()


# --- texts that are hard to write down --------------------------------------------------------------------------------


def test_offsets_count_code_points(write: Callable[..., Path], tiny_classifier: Classifier) -> None:
    text = "\ufeffThe delegate of Togo said “💾 first”.\r\n\r\nFiji’s\u00a0delegate agreed.\r\n"
    result = label_inputs([str(write(text))], tiny_classifier)
    # The byte-order mark is no part of the text; the disk is one code point.
    found = [(r["start"], r["end"], r["speaker"]) for r in result.statement_rows()]
    assert found == [(0, 36, "TGO"), (40, 63, "FJI")]
    assert result.statement_rows()[1]["text"] == "Fiji’s\u00a0delegate agreed."


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\v", "\x85"])
@pytest.mark.parametrize("word", ["", ' "binding"', ", binding,", " binding;", "\tbinding", " =binding"])
def test_csv_survives_what_texts_hold(
    write: Callable[..., Path], tmp_path: Path, tiny_model: Path, newline: str, word: str
) -> None:
    lines = [
        f"The representative of Togo said that a treaty{word} was needed before long",
        "and that his delegation would work with everyone in order to bring it about soon",
        "without any further delay.",
    ]
    source = write(newline.join(lines) + newline * 2 + "The delegate of Fiji agreed." + newline)
    folder = tmp_path / "out"
    assert main(["label", str(source), "--out", str(folder), "--model", str(tiny_model), "--quiet"]) == 0
    rows = table(folder / "statements.csv")
    stored = source.read_bytes().decode()
    assert {r["speaker"] for r in rows} == {"TGO", "FJI"}
    for r in rows:
        assert r["text"] == stored[int(r["start"]) : int(r["end"])]
    assert pd.read_csv(folder / "statements.csv")["speaker"].tolist() == [r["speaker"] for r in rows]


def test_a_summary_without_delegations_has_empty_tables(
    write: Callable[..., Path], tmp_path: Path, tiny_model: Path
) -> None:
    source = write("The weather was fine. Lunch was served at noon.")
    folder = tmp_path / "out"
    assert main(["label", str(source), "--out", str(folder), "--model", str(tiny_model), "--quiet"]) == 0
    for name, columns in COLUMNS.items():
        assert (folder / f"{name}.csv").read_text(encoding="utf-8") == ",".join(columns) + "\n"
        empty = pq.read_table(folder / f"{name}.parquet")
        assert (empty.num_rows, empty.column_names) == (0, columns)


# --- again ------------------------------------------------------------------------------------------------------------

TABLES = ("statements.csv", "positions.csv", "report.html")


def test_two_identical_runs_write_identical_bytes(out: Path, tiny_model: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert main(["label", str(EXAMPLE), str(DEBATE), "--out", str(again), "--model", str(tiny_model), "--quiet"]) == 0
    for name in (*TABLES, "statements.parquet", "positions.parquet"):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


@pytest.mark.slow
def test_another_process_writes_identical_bytes(out: Path, tiny_model: Path, tmp_path: Path) -> None:
    """Nothing may hang on the order of a set, which differs from process to process."""
    for seed in ("1", "2"):
        again = tmp_path / seed
        done = subprocess.run(
            [
                sys.executable, "-m", "stance", "label", str(EXAMPLE), str(DEBATE),
                "--out", str(again), "--model", str(tiny_model), "--quiet",
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        for name in TABLES:
            assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_a_document_is_labelled_alone_as_among_others(out: Path, tiny_classifier: Classifier) -> None:
    together = [r for r in table(out / "statements.csv") if r["document"] == "SOC_CP_365"]
    alone = label_inputs([str(DEBATE)], tiny_classifier).statement_rows()
    assert [{k: str(v) for k, v in row.items()} for row in alone] == together


# --- from Python ------------------------------------------------------------------------------------------------------


def test_label_gives_data_frames(out: Path, tiny_model: Path) -> None:
    result = stance.label(str(EXAMPLE), str(DEBATE), model=str(tiny_model))
    assert isinstance(result.statements, pd.DataFrame) and isinstance(result.positions, pd.DataFrame)
    assert list(result.statements.columns) == STATEMENTS
    assert list(result.positions.columns) == POSITIONS
    written = pd.read_parquet(out / "statements.parquet")
    pd.testing.assert_frame_equal(result.statements, written, check_dtype=False)
    assert {type(e) for e in result.positions["evidence"]} == {list}
    assert result.failures == []


def test_label_reports_what_it_could_not_read(tmp_path: Path, tiny_model: Path) -> None:
    result = stance.label(str(tmp_path / "gone.txt"), str(EXAMPLE), model=str(tiny_model))
    assert [f.source for f in result.failures] == [str(tmp_path / "gone.txt")]
    assert set(result.statements["document"]) == {"committee_debate"}


def test_label_of_nothing_is_an_error(tiny_model: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to label"):
        stance.label(model=str(tiny_model))


def test_frames_of_a_summary_without_delegations_keep_their_columns(
    write: Callable[..., Path], tiny_classifier: Classifier
) -> None:
    result = label_inputs([str(write("The weather was fine."))], tiny_classifier)
    assert (len(result.statements), list(result.statements.columns)) == (0, STATEMENTS)
    assert (len(result.positions), list(result.positions.columns)) == (0, POSITIONS)
    assert len(result.warnings) == 1


def test_an_own_target_is_what_the_model_reads(write: Callable[..., Path], tiny_model: Path) -> None:
    path = write("id: fish-treaty\nname: A treaty on fish\n", "fish.yaml")
    result = stance.label(str(EXAMPLE), model=str(tiny_model), target=str(path))
    assert result.target.id == "fish-treaty"
    first = result.documents[0].attribution
    assert [e.target for e in result.model.encode(first, first.statements[:1], result.target)] == ["A treaty on fish"]


def test_a_labelling_prints_in_one_line(tiny_classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("Togo’s delegate said that a treaty was needed.", encoding="utf-8")
    result = label_inputs([str(path), str(tmp_path / "gone.txt")], tiny_classifier)
    assert repr(result) == "<Labelling on 'cybercrime-convention': 1 documents, 1 statements; 1 inputs failed>"


def test_a_target_that_a_document_does_not_speak_of_is_told(
    run: Callable[..., Any], tmp_path: Path, tiny_model: Path
) -> None:
    text = tmp_path / "day.txt"
    said = "The representative of Peru called for a new convention on cybercrime. "
    text.write_text(said + "He said that it was late. " * 4 + "\n", encoding="utf-8")
    for target, warned in (("cybercrime-convention", False), ("plastics-treaty", True)):
        out = tmp_path / target
        done = run("label", text, "--model", tiny_model, "--target", target, "--out", out)
        assert done.code == 0
        assert (f"does not mention what {target} is about" in done.err) is warned
        assert bool(json.loads((out / "run.json").read_text(encoding="utf-8"))["warnings"]) is warned
        found = label_inputs([str(text)], Classifier.load(tiny_model), load_target(target))
        assert bool(found.warnings) is warned


def test_a_treaty_that_training_never_saw_is_told(
    run: Callable[..., Any], tiny_model: Path, write: Callable[..., Path], tmp_path: Path
) -> None:
    text = write("Peru’s delegate asked for a treaty on plastics.", "note.txt")
    model, plastics = Classifier.load(tiny_model), load_target("plastics-treaty")
    assert [model.has_read(t) for t in (model.target, plastics)] == [True, False]
    told = label_inputs([str(text)], model, plastics).warnings
    assert len(told) == 1 and told[0].startswith("plastics-treaty: the model ")
    assert label_inputs([str(text)], model).warnings == []
    done = run("label", text, "--model", tiny_model, "--target", "plastics-treaty", "--out", tmp_path / "out")
    assert done.code == 0 and told[0] in done.err
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["warnings"] == told
    # A model without a record says nothing of it, and one that went on from another may have read more there.
    shutil.copytree(tiny_model, tmp_path / "further")
    metrics = json.loads((tiny_model / "metrics.json").read_text(encoding="utf-8"))
    metrics["training"]["start"] = {"another": "0" * 64}
    (tmp_path / "further" / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    assert Classifier.load(tmp_path / "further").has_read(plastics) is None
    for broken in (
        "",
        "[]",
        "{}",
        '{"training": null}',
        '{"training": {"targets": null}}',
        '{"training": {"targets": 1}}',
    ):
        (tmp_path / "further" / "metrics.json").write_text(broken, encoding="utf-8")
        assert Classifier.load(tmp_path / "further").has_read(plastics) is None
    (tmp_path / "further" / "metrics.json").unlink()
    assert Classifier.load(tmp_path / "further").has_read(plastics) is None


@pytest.mark.parametrize("name", ["default", "mpnet", "strong"])
def test_models_of_the_package_tell_their_targets(name: str) -> None:
    record = json.loads((ROOT / "stance" / "models" / name / "metrics.json").read_text(encoding="utf-8"))["training"]
    files = ROOT / "data" / "authored" / "annotations"
    read = [a for path in sorted(files.glob("*.jsonl")) for a in read_annotations(path, offsets=False)]
    pattern = load_config(ROOT / "configs" / f"{name}.yaml").data.exclude_documents
    assert pattern is not None
    read = [a for a in read if not re.match(pattern, a.document)]
    place = parts_of(read, ROOT / "data" / "authored" / "splits.csv")
    assert record["targets"] == dict(Counter(a.target for a, p in zip(read, place, strict=True) if p == "train"))
    assert sum(record["targets"].values()) == record["statements"]
    # What the members of an ensemble have read counts too.
    model = replace(Classifier.load(), source=ROOT / "stance" / "models" / name)
    for target, seen in (("plastics-treaty", True), ("older-persons-convention", False)):
        assert model.has_read(load_target(target)) is seen


def test_a_meeting_that_comes_twice_is_told(run: Callable[..., Any], tmp_path: Path, tiny_model: Path) -> None:
    said = "The representative of Peru called for a new convention on cybercrime.\n"
    texts = {
        "a": f"GA/SHC/4001\n\n{said}",
        "b": f"GA/SHC/4001\n\n{said}",
        "c": f"GA/SHC/4001\n\nMeeting.\n\n{said}",
        "d": said,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    paths = [tmp_path / f"{name}.txt" for name in texts]
    expected = [
        f"{paths[1]}: holds the same as {paths[0]}; both are counted",
        f"{paths[2]}: has the symbol GA/SHC/4001, as {paths[0]} has; both are counted",
    ]
    assert label_inputs([str(path) for path in paths], Classifier.load(tiny_model)).warnings == expected
    done = run("label", *paths, "--model", tiny_model, "--out", tmp_path / "out")
    assert done.code == 0
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["warnings"] == expected


def test_only_some_of_many_meetings_that_come_twice_are_named(tmp_path: Path, tiny_model: Path) -> None:
    for number in range(TWINS + 4):
        (tmp_path / f"{number:02}.txt").write_text("The meeting was called to order.\n", encoding="utf-8")
    told = [w for w in label_inputs([str(tmp_path)], Classifier.load(tiny_model)).warnings if "no delegation" not in w]
    assert len(told) == TWINS + 1 and told[-1] == "3 more documents hold what an earlier one holds, or have its symbol"


def test_results_are_not_replaced_by_those_of_a_misspelt_input(
    run: Callable[..., Any], tmp_path: Path, tiny_model: Path
) -> None:
    text, out = tmp_path / "day.txt", tmp_path / "out"
    text.write_text("The representative of Peru called for a new convention on cybercrime.\n", encoding="utf-8")
    assert run("label", text, "--model", tiny_model, "--out", out).code == 0
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    done = run("label", tmp_path / "dya.txt", "--model", tiny_model, "--out", out)
    assert done.code == 2
    assert "dya.txt: no such file" in done.err and "was left as it is" in done.err
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
