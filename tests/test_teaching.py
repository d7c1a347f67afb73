"""A model that teaches another: what is kept of its labels, and what the student and the shares are compared by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from chat_server import ChatServer, keyword
from conftest import ROOT, Ran

from stance.annotations import read_annotations, write_annotations
from stance.config import load_config
from stance.errors import ConfigError
from stance.labelling import label_inputs
from stance.teaching import Teaching, load_teaching
from stance.training import train

GOLD = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"
STUDENT = {
    "name": "student",
    "data": {"train": ["authored.jsonl"], "meetings": []},
    "classifier": {"kind": "tfidf", "characters": None, "c": 30.0},
    "evaluation": {"scheme": "none"},
}  # fmt: skip


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    found = ChatServer()
    yield found
    found.close()


def lesson(folder: Path, server: ChatServer, **changes: Any) -> Path:
    """Write a teaching file with a teacher of the tests' own, and return it."""
    whole = read_annotations(ROOT / "data" / "authored" / "annotations" / "statements.jsonl", offsets=False)
    write_annotations(folder / "authored.jsonl", [a for a in whole if a.target == "cybercrime-convention"][:120])
    student = {**STUDENT, "data": {"train": [str(folder / "authored.jsonl")], "meetings": []}}
    (folder / "student.yaml").write_text(yaml.safe_dump(student), encoding="utf-8")
    fields = {
        "name": "taught",
        "teacher": str(ROOT / "configs" / "prompted.yaml"),
        "teacher_set": [f"classifier.base_url={server.url}", "classifier.model=tested", "classifier.timeout=2"],
        "student": "student.yaml",
        "summaries": [str(ROOT / "data" / "examples")],
        "gold": [str(GOLD)],
        "gold_meetings": [str(ROOT / "data" / "meetings")],
        "confidence": 0.5,
        "agreement": 0.0,
    }
    path = folder / "teaching.yaml"
    path.write_text(yaml.safe_dump({**fields, **changes}), encoding="utf-8")
    return path


def test_the_way_from_summaries_to_a_student(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:
    out = tmp_path / "out"
    done = run("--json", "teach", lesson(tmp_path, server), "--out", out)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    labels = read_annotations(out / "annotations.jsonl", meetings=[out / "texts"])
    assert {a.origin for a in labels} == {"model"} and {a.annotator for a in labels} == {"tested"}
    assert found["labels"]["kept"] == len(labels) == found["labels"]["statements"]
    trained = {name: json.loads((out / name / "metrics.json").read_text(encoding="utf-8"))["training"] for name in ("with", "without")}  # fmt: skip
    assert trained["without"]["origins"] == {"authored": 120}
    assert trained["with"]["origins"] == {"authored": 120, "model": len(labels)}
    assert found["students"]["n"] == found["teacher"]["statements"]["n"] == 68
    difference = found["students"]["with"]["macro_f1"] - found["students"]["without_macro_f1"]
    assert found["students"]["difference"] == pytest.approx(difference)
    assert found["shares"]["coded"] == 41
    assert set(found["shares"]["shares"]) == {"for", "against", "neutral"}
    assert found["asked"]["requests"] == len(server.answered)
    again = run("--json", "teach", tmp_path / "teaching.yaml", "--out", out, "--dry-run")
    planned = json.loads(again.out)
    assert planned["requests"] == 0 and planned["cached"] == len(server.answered), "a second run asks nothing"


def test_labels_that_answers_disagree_on_are_left_out(tmp_path: Path, server: ChatServer) -> None:
    # One of three answers about statements that name a convention says something else.
    server.label = lambda body: (
        "against" if body["seed"] == 15 and "convention" in body["messages"][1]["content"].split("Statement of")[-1] else keyword(body)
    )  # fmt: skip
    samples = [f"classifier.base_url={server.url}", "classifier.model=tested", "classifier.samples=3"]
    path = lesson(tmp_path, server, teacher_set=samples, agreement=0.9)
    teaching = Teaching(load_teaching(path), path)
    kept, labels = teaching.kept(label_inputs(teaching.inputs, teaching.teacher, teaching.target))
    assert labels["answers_differ"] > 0
    assert labels["kept"] + labels["answers_differ"] == labels["statements"]
    assert not [a.text for a in kept if "convention" in a.text]


def test_labels_that_the_teacher_is_unsure_of_are_left_out(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:  # fmt: skip
    # One answer without log-probabilities is worth 0.6.
    done = run("teach", lesson(tmp_path, server, confidence=0.61), "--out", tmp_path / "out")
    assert done.code == 2
    assert "the teacher gave 0 a label that it is sure of" in done.err
    assert not (tmp_path / "out" / "annotations.jsonl").exists()


@pytest.mark.long
def test_a_trained_model_may_teach_too(run: Callable[..., Ran], tmp_path: Path, tiny_model: Path, server: ChatServer) -> None:  # fmt: skip
    seen = run("teach", lesson(tmp_path, server, teacher=str(tiny_model)), "--out", tmp_path / "out")
    assert seen.code == 2 and "was trained on" in seen.err and "which is in gold" in seen.err
    train(load_config(tmp_path / "student.yaml"), tmp_path / "tiny")
    done = run("--json", "teach", lesson(tmp_path, server, teacher=str(tmp_path / "tiny")), "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert json.loads(done.out)["asked"] is None
    labels = read_annotations(tmp_path / "out" / "annotations.jsonl", meetings=[tmp_path / "out" / "texts"])
    assert {a.annotator for a in labels} == {"student"}


def test_what_is_tested_on_is_not_taught(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:
    copy = tmp_path / "another_name.txt"
    # In another form of the file, too.
    copy.write_bytes((ROOT / "data" / "meetings" / "SOC_CP_365.txt").read_bytes().replace(b"\n", b"\r\n") + b"\n")
    done = run("teach", lesson(tmp_path, server, summaries=[str(copy)]), "--out", tmp_path / "out")
    assert done.code == 2
    assert "another_name.txt is the text of SOC_CP_365, which is in gold" in done.err
    assert server.bodies == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ([f"data.train=[{GOLD}]"], "a statement of gold; set data.train in student_set"),
        (
            ["data.limit=50"],
            "data.limit, data.exclude_targets and data.exclude_documents would draw among the teacher's labels",
        ),
    ],
)
def test_a_student_that_has_seen_the_gold_is_refused(tmp_path: Path, server: ChatServer, fields: list[str], why: str) -> None:  # fmt: skip
    path = lesson(tmp_path, server, student_set=fields)
    with pytest.raises(ConfigError, match=why):
        Teaching(load_teaching(path), path)
    assert server.bodies == []


def test_statements_without_a_label_are_counted(tmp_path: Path, server: ChatServer) -> None:
    server.fault = lambda body, turn: "refusal" if "Chair" in body["messages"][1]["content"].split("Statement of")[-1] else ""  # fmt: skip
    path = lesson(tmp_path, server)
    teaching = Teaching(load_teaching(path), path)
    labelling = label_inputs(teaching.inputs, teaching.teacher, teaching.target)
    kept, labels = teaching.kept(labelling)
    assert labels["no_label"] == len(labelling.failures) > 0
    assert len(kept) + labels["no_label"] == labels["statements"]
    assert not [a for a in kept if "Chair" in a.text]


def test_a_dry_run_of_teaching_asks_nothing(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:
    done = run("teach", lesson(tmp_path, server), "--out", tmp_path / "out", "--dry-run")
    assert done.code == 0 and "nothing was sent or written" in done.out
    assert server.bodies == [] and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"confidense": 0.5}, "confidense: unknown field; did you mean 'confidence'"),
        ({"confidence": 2}, "confidence: input should be less than or equal to 1"),
        ({"summaries": []}, "summaries: tuple should have at least 1 item"),
    ],
)
def test_a_teaching_file_is_checked(tmp_path: Path, server: ChatServer, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        load_teaching(lesson(tmp_path, server, **changes))


def test_a_teacher_that_must_be_trained_first_is_refused(tmp_path: Path, server: ChatServer) -> None:
    path = lesson(tmp_path, server, teacher=str(ROOT / "configs" / "tfidf.yaml"), teacher_set=[])
    with pytest.raises(ConfigError, match="must be trained first; name its model folder"):
        Teaching(load_teaching(path), path)
