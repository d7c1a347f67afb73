"""Training runs: what a model folder holds, what its figures mean, and that a run can be made again."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from safetensors.numpy import load_file

from stance.annotations import read_annotations
from stance.cli import main
from stance.config import load_config
from stance.corpus import SPLITS, read_parts
from stance.documents import read_document
from stance.errors import ConfigError, StanceError
from stance.evaluation.run import evaluate
from stance.labelling import label_document
from stance.model import Classifier
from stance.training import TrainingResult, load_examples, train

ROOT = Path(__file__).parent.parent
DEBATE = ROOT / "data" / "meetings" / "SOC_CP_365.txt"
DATA = {
    "train": [str(ROOT / "data" / "annotations" / "SOC_CP_365.jsonl")],
    "meetings": [str(ROOT / "data" / "meetings")],
}
TFIDF = {"kind": "tfidf", "words": [1, 1], "characters": None}
LODO = {"scheme": "leave-one-delegation-out", "bootstrap": 100, "files": DATA["train"]}
MODEL_FILES = {
    "README.md",
    "classifier.json",
    "config.yaml",
    "metrics.json",
    "model.json",
    "run.json",
    "train.log",
    "vocabulary.json",
    "weights.safetensors",
}

Write = Callable[..., Path]


def save_config(path: Path, **fields: Any) -> Path:
    content = {"name": "trial", "data": DATA, "classifier": TFIDF, "evaluation": {"scheme": "none"}} | fields
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def lodo(tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    """A model that was evaluated by leaving out each delegation of the debate in turn."""
    folder = tmp_path_factory.mktemp("lodo")
    return train(load_config(save_config(folder / "lodo.yaml", evaluation=LODO)), folder / "model")


# --- the model folder -------------------------------------------------------------------------------------------------


def test_a_run_without_evaluation_writes_these_files(tiny_model: Path) -> None:
    assert set(contents(tiny_model)) == MODEL_FILES
    assert "evaluation" not in json.loads((tiny_model / "metrics.json").read_text(encoding="utf-8"))
    assert "This run evaluated nothing." in (tiny_model / "README.md").read_text(encoding="utf-8")


def test_an_evaluated_run_adds_its_predictions(lodo: TrainingResult) -> None:
    assert set(contents(lodo.folder)) == {*MODEL_FILES, "predictions.csv"}


def test_weights_are_plain_arrays(tiny_model: Path) -> None:
    tensors = load_file(tiny_model / "weights.safetensors")
    assert tensors["coef"].shape == (3, len(tensors["idf.0"]) + len(tensors["idf.1"]))
    for name, content in contents(tiny_model).items():
        if name.endswith(".json"):
            json.loads(content.decode("utf-8"))


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_whoever_may_read_one_file_may_read_all(tiny_model: Path) -> None:
    modes = {p.name: p.stat().st_mode & 0o777 for p in tiny_model.iterdir()}
    assert len(set(modes.values())) == 1, modes


def test_run_record_names_data_and_digest(tiny_model: Path) -> None:
    record = json.loads((tiny_model / "run.json").read_text(encoding="utf-8"))
    source = DATA["train"][0]
    assert record["data"] == {source: hashlib.sha256(Path(source).read_bytes()).hexdigest()}
    assert record["digest"] == Classifier.load(tiny_model).digest
    assert record["seed"] == 13
    assert "scikit-learn" in record["environment"]["packages"]


def test_a_loaded_model_gives_the_probabilities_it_was_saved_with(lodo: TrainingResult) -> None:
    document = read_document(DEBATE)
    before = label_document(document, lodo.model)
    after = label_document(document, Classifier.load(lodo.folder))
    assert [s.p for s in before.scored] == [s.p for s in after.scored]
    assert len(before.scored) > 60
    assert lodo.model.digest == Classifier.load(lodo.folder).digest


def test_the_digest_changes_with_what_the_model_does(tiny_model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_model, copy)
    before = Classifier.load(copy).digest
    (copy / "README.md").write_text("another card", encoding="utf-8")
    assert Classifier.load(copy).digest == before
    settings = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    settings["decision"]["threshold"] = 0.9
    (copy / "model.json").write_text(json.dumps(settings), encoding="utf-8")
    assert Classifier.load(copy).digest != before


def test_a_model_brings_its_own_target(tmp_path: Path) -> None:
    target = tmp_path / "fish.yaml"
    target.write_text("id: fish-treaty\nname: A treaty on fish\n", encoding="utf-8")
    config = save_config(tmp_path / "c.yaml", target=str(target))
    train(load_config(config), tmp_path / "model")
    target.unlink()
    out = tmp_path / "out"
    assert main(["label", str(DEBATE), "--out", str(out), "--model", str(tmp_path / "model"), "--quiet"]) == 0
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["target"] == "fish-treaty"


# --- figures ----------------------------------------------------------------------------------------------------------


def by_hand(rows: list[dict[str, str]]) -> tuple[float, float]:
    """Return accuracy and macro-F1, by their definitions."""
    pairs = Counter((r["gold"], r["predicted"]) for r in rows)
    f1 = []
    for label in ("for", "against", "neutral"):
        right = pairs[label, label]
        claimed = sum(n for (_, p), n in pairs.items() if p == label)
        due = sum(n for (g, _), n in pairs.items() if g == label)
        f1.append(2 * right / (claimed + due) if claimed + due else 0.0)
    return sum(n for (g, p), n in pairs.items() if g == p) / len(rows), sum(f1) / 3


def test_metrics_are_those_of_the_predictions(lodo: TrainingResult) -> None:
    rows = table(lodo.folder / "predictions.csv")
    metrics = json.loads((lodo.folder / "metrics.json").read_text(encoding="utf-8"))["evaluation"]
    assert metrics["scheme"] == "leave-one-delegation-out"
    own = metrics["classifier"]
    assert own["n"] == len(rows) == 68
    assert (own["accuracy"], own["macro_f1"]) == pytest.approx(by_hand(rows))
    assert {label: m["support"] for label, m in own["per_class"].items()} == Counter(r["gold"] for r in rows)


def test_positions_are_scored_and_stand_in_the_card(lodo: TrainingResult) -> None:
    metrics = json.loads((lodo.folder / "metrics.json").read_text(encoding="utf-8"))["evaluation"]["positions"]
    assert (metrics["n"], metrics["gold"]) == (41, ["SOC_CP_365.positions.csv"])
    # Listed delegations are right by construction.
    assert metrics["right"] == metrics["with_statements"]["right"] + 12
    assert sum(map(sum, metrics["confusion"])) == 41
    card = " ".join((lodo.folder / "README.md").read_text(encoding="utf-8").split())
    assert f"{metrics['right']} of 41 right" in card


def test_every_figure_has_an_interval_and_a_baseline(lodo: TrainingResult) -> None:
    metrics = json.loads((lodo.folder / "metrics.json").read_text(encoding="utf-8"))["evaluation"]
    for name in ("classifier", "majority"):
        for figure in ("macro_f1", "accuracy"):
            low, high = metrics[name][f"{figure}_interval"]
            assert 0 <= low < metrics[name][figure] < high <= 1
    neutral = sum(r["gold"] == "neutral" for r in table(lodo.folder / "predictions.csv"))
    # Whoever is left out, most statements are neutral.
    assert metrics["majority"]["accuracy"] == pytest.approx(neutral / 68)
    assert metrics["majority"]["per_class"]["for"]["recall"] == 0
    assert metrics["majority"]["n"] == 68


SPEAKERS = [
    ("TGO", "Togo"),
    ("FJI", "Fiji"),
    ("PER", "Peru"),
    ("OMN", "Oman"),
    ("MLI", "Mali"),
    ("CHL", "Chile"),
    ("NPL", "Nepal"),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Seven statements of one meeting (five for, two against) and three authored ones (neutral)."""
    meetings, annotations = tmp_path / "meetings", tmp_path / "annotations"
    meetings.mkdir()
    annotations.mkdir()
    text, lines = "", []
    for i, (code, name) in enumerate(SPEAKERS):
        stance = "for" if i < 5 else "against"
        sentence = f"{name}’s delegate spoke {stance} the treaty."
        item = {
            "id": f"m:{i + 1}:{code}", "document": "m", "sentence": i + 1, "start": len(text),
            "end": len(text) + len(sentence), "text": sentence, "context": "", "speaker": code,
            "target": "cybercrime-convention", "stance": stance, "basis": "explicit", "origin": "meeting",
            "annotator": "a1", "note": "",
        }  # fmt: skip
        lines.append(json.dumps(item))
        text += sentence + "  "
    (meetings / "m.txt").write_text(text, encoding="utf-8")
    (annotations / "m.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    authored = [
        {
            "id": f"a:{i}", "document": "a", "text": f"[SPEAKER] spoke {i} times about the weather.", "context": "",
            "speaker": "SPEAKER", "target": "cybercrime-convention", "stance": "neutral", "basis": "none",
            "origin": "authored", "annotator": "a1",
        }
        for i in range(3)
    ]  # fmt: skip
    (annotations / "a.jsonl").write_text("".join(json.dumps(a) + "\n" for a in authored), encoding="utf-8")
    return tmp_path


def corpus_config(corpus: Path, **fields: Any) -> Path:
    files = [str(corpus / "annotations" / f) for f in ("m.jsonl", "a.jsonl")]
    data = {"train": files, "meetings": [str(corpus / "meetings")]}
    evaluation = {"scheme": "leave-one-delegation-out", "bootstrap": 100, "files": files[:1]}
    return save_config(
        corpus / "c.yaml", **{"data": data, "classifier": {"kind": "majority"}, "evaluation": evaluation} | fields
    )


def test_a_left_out_meeting_or_target_was_not_seen_by_hand(corpus: Path) -> None:
    """The three authored statements become two on another treaty, one of them beside a statement of the first pair."""
    path = corpus / "annotations" / "a.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for i, line in enumerate(lines):
        line |= {"target": "plastics-treaty" if i else "cybercrime-convention", "group": "pair" if i < 2 else ""}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    files = [str(corpus / "annotations" / f) for f in ("m.jsonl", "a.jsonl")]

    def judged(scheme: str) -> dict[str, list[str]]:
        evaluation = {"scheme": scheme, "bootstrap": 100, "files": files}
        train(load_config(corpus_config(corpus, evaluation=evaluation)), corpus / "model")
        rows = table(corpus / "model" / "predictions.csv")
        assert len(rows) == 10
        return {r["id"]: [r["p_for"], r["p_against"], r["p_neutral"]] for r in rows}

    meeting = judged("leave-one-meeting-out")
    assert all(p == ["0.000000", "0.000000", "1.000000"] for name, p in meeting.items() if name.startswith("m:"))
    assert meeting["a:2"] == [f"{n / 9:.6f}" for n in (5, 2, 2)]
    assert meeting["a:0"] == meeting["a:1"] == [f"{n / 8:.6f}" for n in (5, 2, 1)]
    target = judged("leave-one-target-out")
    # The other half of the pair is not learnt from either: one neutral statement is left beside none of the seven.
    assert target["m:1:" + SPEAKERS[0][0]] == target["a:0"] == ["0.000000", "0.000000", "1.000000"]
    assert target["a:1"] == target["a:2"] == [f"{n / 7:.6f}" for n in (5, 2, 0)]


def test_the_left_out_delegation_was_not_seen_by_hand(corpus: Path) -> None:
    """Ten statements: five for, two against, three neutral; nine are left to learn from."""
    result = train(load_config(corpus_config(corpus)), corpus / "model")
    rows = table(corpus / "model" / "predictions.csv")
    assert [r["id"] for r in rows] == [f"m:{i + 1}:{code}" for i, (code, _) in enumerate(SPEAKERS)]
    for r in rows:
        p = [r["p_for"], r["p_against"], r["p_neutral"]]
        expected = [4, 2, 3] if r["gold"] == "for" else [5, 1, 3]
        assert p == [f"{n / 9:.6f}" for n in expected]
    # 5/9 is enough for a side, 4/9 is not: nothing is right but the threshold of the baseline is 0.
    assert [r["predicted"] for r in rows] == ["neutral"] * 5 + ["for"] * 2
    evaluation = result.metrics["evaluation"]
    assert evaluation["classifier"]["accuracy"] == 0
    assert evaluation["majority"]["accuracy"] == pytest.approx(5 / 7)
    assert evaluation["classifier"]["n"] == evaluation["classifier"]["clusters"] == 7
    # The model itself is fitted on all ten.
    saved = json.loads((corpus / "model" / "weights.json").read_text(encoding="utf-8"))
    assert sorted(saved) == pytest.approx([0.2, 0.3, 0.5])


def test_the_card_states_numbers_and_origin(corpus: Path) -> None:
    train(load_config(corpus_config(corpus)), corpus / "model")
    card = (corpus / "model" / "README.md").read_text(encoding="utf-8")
    words = " ".join(card.split())
    assert "10 statements (2 against, 5 for, 3 neutral; origin: 3 authored, 7 meeting), seed 13." in words
    assert "Statements of origin *authored* were written for this project; no delegation said them." in words
    assert "(n = 7 statements, 7 clusters; 95 % intervals from a bootstrap over delegations)" in words
    assert "| majority baseline | 0.278 |" in card
    assert "names masked," in words


def test_the_card_of_meetings_alone_speaks_of_nothing_authored(lodo: TrainingResult) -> None:
    card = (lodo.folder / "README.md").read_text(encoding="utf-8")
    assert "origin: 68 meeting" in " ".join(card.split())
    assert "authored" not in card
    metrics = lodo.metrics["evaluation"]["classifier"]
    low, high = metrics["macro_f1_interval"]
    assert f"| trial | {metrics['macro_f1']:.3f} | {low:.3f}–{high:.3f} | {metrics['accuracy']:.3f} |" in card


def test_the_card_warns_when_names_were_not_masked(corpus: Path) -> None:
    config = corpus_config(corpus, encoding={"mask": False}, evaluation={"scheme": "none"})
    train(load_config(config), corpus / "model")
    assert "names NOT masked" in " ".join((corpus / "model" / "README.md").read_text(encoding="utf-8").split())


def test_excluded_targets_and_limits(corpus: Path) -> None:
    config = corpus_config(corpus, evaluation={"scheme": "none"})
    with pytest.raises(StanceError, match="no statements"):
        train(load_config(config, ["data.exclude_targets=[cybercrime-convention]"]), corpus / "model")
    assert not (corpus / "model").exists()
    metrics = train(load_config(config, ["data.limit=4"]), corpus / "model").metrics
    assert metrics["training"]["statements"] == 4 == sum(metrics["training"]["labels"].values())


def test_evaluation_on_what_is_not_trained_on_is_refused(corpus: Path) -> None:
    config = corpus_config(corpus)
    with pytest.raises(ConfigError, match="evaluation.files"):
        train(load_config(config, [f"evaluation.files={DATA['train']}"]), corpus / "model")
    assert not (corpus / "model").exists()


def test_texts_beside_the_annotations_are_read_as_those_of_named_folders(corpus: Path) -> None:
    """Validation finds them there; encoding must not do without them in silence."""
    config = corpus_config(corpus)
    named = load_examples(load_config(config)).encoded
    beside = load_examples(load_config(config, ["data.meetings=[]"])).encoded
    assert named[1].context == "[OTHER]'s delegate spoke for the treaty."
    assert beside == named


def test_a_field_called_on_may_be_written_as_anyone_would(tmp_path: Path) -> None:
    """YAML 1.1 reads ``on`` as true."""
    path = tmp_path / "c.yaml"
    path.write_text(
        "name: x\nclassifier: {kind: majority}\nevaluation:\n  scheme: none\n  files: [mine.jsonl]\n", encoding="utf-8"
    )
    assert load_config(path).evaluation.files == ("mine.jsonl",)


# --- from the command line --------------------------------------------------------------------------------------------


def test_the_command_prints_the_figure_with_interval_baseline_and_n(corpus: Path, run: Callable[..., Any]) -> None:
    done = run("train", corpus_config(corpus), "--out", corpus / "model", "--quiet")
    assert (done.code, done.err) == (0, "")
    first, second, last = done.out.splitlines()
    assert first.startswith(
        "trial: macro-F1 0.000 (95 % interval 0.000–0.000), accuracy 0.000, leave-one-delegation-out"
    )
    assert second.startswith("majority baseline: macro-F1 0.278 (95 % interval ")
    assert second.endswith("n = 7")
    assert last == f"model written to {corpus / 'model'}"


def test_a_shipped_configuration_trains_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("train", ROOT / "configs" / "tfidf.yaml", "--set", "evaluation.scheme=none", "--quiet")
    assert done.code == 0
    assert set(contents(tmp_path / "runs" / "tfidf")) == MODEL_FILES


def test_overrides_are_kept_in_the_folder(corpus: Path, run: Callable[..., Any]) -> None:
    config = corpus_config(corpus, evaluation={"scheme": "none"})
    assert run("train", config, "--out", corpus / "model", "--set", "seed=7", "--set", "encoding.context=0").code == 0
    kept = yaml.safe_load((corpus / "model" / "config.yaml").read_text(encoding="utf-8"))
    assert (kept["seed"], kept["encoding"]["context"]) == (7, 0)
    assert json.loads((corpus / "model" / "model.json").read_text(encoding="utf-8"))["encoding"]["context"] == 0


def test_evaluate_scores_a_model_on_annotations(lodo: TrainingResult, tmp_path: Path, run: Callable[..., Any]) -> None:
    done = run("evaluate", lodo.folder, DATA["train"][0], "--out", tmp_path / "scores")
    assert done.code == 0
    printed = json.loads(done.out)
    rows = table(tmp_path / "scores" / "predictions.csv")
    assert printed["n"] == len(rows) == 68
    assert (printed["accuracy"], printed["macro_f1"]) == pytest.approx(by_hand(rows))
    written = json.loads((tmp_path / "scores" / "metrics.json").read_text(encoding="utf-8"))
    assert written["statements"] == printed
    assert written["positions"]["n"] == 41
    assert written["positions"]["with_statements"]["n"] == 29
    assert written["model"]["digest"] == lodo.model.digest


def test_a_part_of_the_corpus_is_scored_alone(lodo: TrainingResult, tmp_path: Path, run: Callable[..., Any]) -> None:
    statements = ROOT / "data" / "authored" / "annotations" / "statements.jsonl"
    done = run("evaluate", lodo.folder, statements, "--part", "transfer", "--out", tmp_path / "scores")
    assert done.code == 0
    annotations = {a.id: a for a in read_annotations(statements)}
    parts = read_parts(ROOT / SPLITS)
    scored = {r["id"] for r in table(tmp_path / "scores" / "predictions.csv")}
    assert scored == {i for i, a in annotations.items() if parts[a.group or i] == "transfer"}
    assert json.loads((tmp_path / "scores" / "metrics.json").read_text(encoding="utf-8"))["part"] == "transfer"
    # A model without the part's words is still scored; one draws groups, not single statements, for the interval.
    assert json.loads(done.out)["clusters"] == len({annotations[i].group or i for i in scored})


def test_an_unknown_part_is_refused(lodo: TrainingResult, tmp_path: Path, run: Callable[..., Any]) -> None:
    done = run("evaluate", lodo.folder, DATA["train"][0], "--part", "tranfser", "--out", tmp_path / "scores")
    assert done.code == 2
    assert "--part tranfser: not one of train, development, transfer" in done.err
    assert not (tmp_path / "scores").exists()
    # The debate is in no part.
    none = run("evaluate", lodo.folder, DATA["train"][0], "--part", "transfer")
    assert none.code == 2
    assert "no statement of the part transfer" in none.err


# --- again, and when it fails -----------------------------------------------------------------------------------------


def test_the_same_configuration_gives_the_same_bytes(tmp_path: Path) -> None:
    evaluation = {"scheme": "folds-by-delegation", "folds": 3, "bootstrap": 100, "files": DATA["train"]}
    config = load_config(save_config(tmp_path / "c.yaml", evaluation=evaluation))
    first, second = (contents(train(config, tmp_path / name).folder) for name in ("first", "second"))
    assert {*MODEL_FILES, "predictions.csv"} == set(first)
    assert first.pop("run.json") and second.pop("run.json")
    assert first == second


@pytest.mark.slow
def test_another_process_gives_the_same_bytes(lodo: TrainingResult, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "stance", "train", str(lodo.folder.with_name("lodo.yaml")),
            "--out", str(tmp_path / "again"), "--quiet",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "5", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    first, second = contents(lodo.folder), contents(tmp_path / "again")
    # The record holds the commit of the checkout, on which someone may be working.
    assert first.pop("run.json") and second.pop("run.json")
    assert first == second


def test_the_kept_configuration_makes_the_model_again(tiny_model: Path, tmp_path: Path) -> None:
    again = train(load_config(tiny_model / "config.yaml"), tmp_path / "again")
    assert again.model.digest == Classifier.load(tiny_model).digest


def test_a_new_run_replaces_the_old_model_as_a_whole(corpus: Path) -> None:
    train(load_config(corpus_config(corpus)), corpus / "model")
    assert (corpus / "model" / "predictions.csv").exists()
    train(load_config(corpus_config(corpus, evaluation={"scheme": "none"}, classifier=TFIDF)), corpus / "model")
    assert set(contents(corpus / "model")) == MODEL_FILES
    assert sorted(p.name for p in corpus.iterdir()) == ["annotations", "c.yaml", "meetings", "model"]


@pytest.mark.parametrize(
    "override",
    [
        "target=nonsense",
        "data.train=[gone.jsonl]",
        "data.limit=1",
        "classifier.min_df=1000",
        "classifier.words=[2, 1]",
        "classifier.words=[0, 0]",
        "classifier.characters=[5, 3]",
        "classifier.kind=nonsense",
        "name=2031-13-45",
    ],
)
def test_a_run_that_fails_leaves_everything_as_it_was(corpus: Path, run: Callable[..., Any], override: str) -> None:
    config = corpus_config(corpus, evaluation={"scheme": "none"}, classifier=TFIDF)
    train(load_config(config), corpus / "model")
    before = contents(corpus)
    done = run("train", config, "--out", corpus / "model", "--set", override, "--quiet")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("stance: ")
    assert contents(corpus) == before
    assert not [p for p in corpus.iterdir() if p.name.startswith(".")]


def test_annotations_that_miss_their_text_stop_the_run(corpus: Path, run: Callable[..., Any]) -> None:
    config = corpus_config(corpus)
    text = corpus / "meetings" / "m.txt"
    text.write_text("Shifted.  " + text.read_text(encoding="utf-8"), encoding="utf-8")
    done = run("train", config, "--out", corpus / "model")
    assert done.code == 2
    assert f"{corpus / 'annotations' / 'm.jsonl'}:1: start: " in done.err
    assert not (corpus / "model").exists()


def test_a_folder_that_holds_other_things_is_not_replaced(corpus: Path, run: Callable[..., Any]) -> None:
    """``--out .`` or ``--out ~/thesis`` must not cost anyone their files."""
    thesis = corpus / "work" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("three years", encoding="utf-8")
    done = run("train", corpus_config(corpus), "--out", thesis.parent, "--quiet")
    assert thesis.exists()
    assert done.code == 2


def test_the_folder_one_stands_in_is_refused_politely(
    corpus: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = corpus_config(corpus)
    monkeypatch.chdir(corpus)
    before = contents(corpus)
    assert run("train", config, "--out", ".", "--quiet").code == 2
    assert contents(corpus) == before


def test_an_output_that_is_a_file_is_refused(corpus: Path, run: Callable[..., Any]) -> None:
    config = corpus_config(corpus)
    for out in (config, config / "model"):
        before = contents(corpus)
        done = run("train", config, "--out", out, "--quiet")
        assert done.code == 2
        assert str(out) in done.err
        assert contents(corpus) == before


# --- files that are held out as a whole -------------------------------------------------------------------------------


def held_out(folder: Path, *train_files: str, **fields: Any) -> Path:
    data = {"train": list(train_files), "meetings": DATA["meetings"]}
    evaluation = {"scheme": "held-out", "files": DATA["train"], "bootstrap": 100}
    return save_config(folder / "held_out.yaml", data=data, evaluation=evaluation, **fields)


def test_a_held_out_file_is_scored_by_the_model_that_is_saved(tmp_path: Path) -> None:
    statements = str(ROOT / "data/authored/annotations/statements.jsonl")
    result = train(load_config(held_out(tmp_path, statements)), tmp_path / "model")
    rows = table(tmp_path / "model" / "predictions.csv")
    metrics = result.metrics["evaluation"]
    assert metrics["scheme"] == "held-out"
    assert metrics["classifier"]["n"] == len(rows) == 68
    assert (metrics["classifier"]["accuracy"], metrics["classifier"]["macro_f1"]) == pytest.approx(by_hand(rows))
    assert metrics["majority"]["per_class"]["neutral"]["recall"] == 1.0
    out = evaluate(Classifier.load(tmp_path / "model"), [Path(DATA["train"][0])], [Path(DATA["meetings"][0])])
    assert out["statements"]["macro_f1"] == metrics["classifier"]["macro_f1"]


def test_what_was_trained_on_is_not_held_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SOC_CP_365 is among the training data"):
        train(load_config(held_out(tmp_path, DATA["train"][0])), tmp_path / "model")
    assert not (tmp_path / "model").exists()


# --- several seeds ----------------------------------------------------------------------------------------------------


def test_seeds_give_a_model_each_and_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = held_out(tmp_path, str(ROOT / "data/authored/annotations/statements.jsonl"), name="several")
    out = tmp_path / "runs"
    assert main(["train", str(config), "--out", str(out), "--seeds", "1", "2", "--quiet"]) == 0
    assert "over 2 seeds" in capsys.readouterr().out
    summary = json.loads((out / "seeds.json").read_text(encoding="utf-8"))
    each = [
        json.loads((out / f"seed-{seed}" / "metrics.json").read_text(encoding="utf-8"))["evaluation"]["classifier"]
        for seed in (1, 2)
    ]
    assert summary["seeds"] == [1, 2]
    assert summary["evaluation"]["n"] == 68
    assert summary["evaluation"]["macro_f1"]["mean"] == pytest.approx(sum(m["macro_f1"] for m in each) / 2)
    assert "calibration" not in summary
    assert json.loads((out / "seed-2" / "run.json").read_text(encoding="utf-8"))["seed"] == 2


@pytest.mark.parametrize("seeds", [["3"], ["3", "3"]])
def test_one_seed_is_not_several(tmp_path: Path, capsys: pytest.CaptureFixture[str], seeds: list[str]) -> None:
    assert main(["train", str(save_config(tmp_path / "c.yaml")), "--out", str(tmp_path / "o"), "--seeds", *seeds]) == 2
    assert "at least two different seeds" in capsys.readouterr().err


def test_documents_are_left_out_of_training_alone(held_out_corpus: list[str], tiny_config: Path) -> None:
    file = held_out_corpus[0].split("[")[1].rstrip("]")
    both, none = (
        load_config(tiny_config, [f"data.train=[{DATA['train'][0]},{file}]", f"data.exclude_documents={pattern}"])
        for pattern in ("C", "b|c$")
    )
    assert len(load_examples(both).annotations) == 128
    assert len(load_examples(none).annotations) == 68
    # What is named to be measured is measured.
    assert len(load_examples(none, [file]).annotations) == 60
