"""The annotation loop: which statements come first, what the tools are given and give back, and the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stance.annotating import (
    FORMATS,
    STRATEGIES,
    Answer,
    Item,
    annotate,
    answered,
    compare_files,
    items_of,
    rank,
    read_answers,
    read_items,
    write_items,
)
from stance.annotations import read_annotations, write_annotations
from stance.cli import parser
from stance.errors import AnnotationError, ConfigError, OutputError, StanceError
from stance.labelling import label_inputs
from stance.model import Classifier

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
TOOLS = sorted(set(FORMATS) - {"jsonl"})


@pytest.fixture(scope="module")
def items(tiny_classifier: Classifier) -> list[Item]:
    return items_of(label_inputs([str(EXAMPLE)], tiny_classifier))


def item(number: int, p: tuple[float, float, float] = (0.2, 0.2, 0.6), text: str = "x") -> Item:
    where = (f"d:{number}:TGO", "d", number, 0, len(text), text, "", "TGO", "Togo")
    return Item(*where, "cybercrime-convention", "A convention", "neutral", *p, "m")


# --- which come first -------------------------------------------------------------------------------------------------


def test_items_are_the_statements_of_the_text(items: list[Item]) -> None:
    stored = EXAMPLE.read_text(encoding="utf-8")
    assert len(items) > 25 and len({i.id for i in items}) == len(items)
    for i in items:
        assert stored[i.start : i.end] == i.text
        assert sum(i.p) == pytest.approx(1, abs=1e-5) and i.model == "tiny"
        assert all(sentence in stored for sentence in i.context.split("\n"))
    agreed = next(i for i in items if i.text.startswith("Cuba’s delegate agreed"))
    assert agreed.context.split("\n")[-1].startswith("Speaking on behalf of the African Group")


def test_the_doubtful_come_first() -> None:
    sure, torn, flat = item(1, (0.05, 0.05, 0.9)), item(2, (0.48, 0.02, 0.5)), item(3, (0.3, 0.3, 0.4))
    given = [sure, torn, flat]
    # By hand: 1 - 0.4 > 1 - 0.5 > 1 - 0.9; margins 0.02 < 0.1 < 0.85; entropies 1.09 > 0.78 > 0.39.
    assert rank(given, "least-confident") == [flat, torn, sure]
    assert rank(given, "margin") == [torn, flat, sure]
    assert rank(given, "entropy") == [flat, torn, sure]
    assert rank(given, "text", 2) == [sure, torn]
    assert rank([item(1, (0.0, 0.0, 1.0)), torn], "entropy")[0] is torn


def test_the_diverse_are_unlike_one_another() -> None:
    texts = ["a treaty is needed", "a treaty is needed now", "trade in ivory grew", "a treaty was needed", "judges met"]
    given = [item(i, text=t) for i, t in enumerate(texts)]
    assert [i.sentence for i in rank(given, "diverse", 3)] == [0, 2, 4]
    assert sorted(i.sentence for i in rank(given, "diverse")) == [0, 1, 2, 3, 4]


def test_the_uncertain_and_diverse_are_both() -> None:
    doubtful = [item(i, (0.4, 0.2, 0.4), t) for i, t in enumerate(["a treaty now", "a treaty now", "ivory", "oil"])]
    sure = [item(9, (0.0, 0.0, 1.0), "quite another matter altogether")] * 3
    assert [i.sentence for i in rank([*sure, *doubtful], "uncertain-diverse", 2)] == [0, 2]
    # Without a limit, too, what is sure comes last.
    assert [i.sentence for i in rank([*sure, *doubtful], "uncertain-diverse")][:3] == [0, 2, 3]
    given = [
        item(i, (1 - d, d / 2, d / 2), t)
        for i, (d, t) in enumerate([(0.66, "a b"), (0.64, "c"), (0.02, "e"), (0.02, "g")])
    ]
    assert [i.sentence for i in rank(given, "uncertain-diverse")] == [0, 1, 2, 3]


def test_a_random_order_follows_its_seed(items: list[Item]) -> None:
    assert rank(items, "random", 10, seed=1) == rank(items, "random", 10, seed=1) != rank(items, "random", 10, seed=2)
    for strategy in STRATEGIES:
        assert sorted(i.id for i in rank(items, strategy)) == sorted(i.id for i in items)
        assert rank([], strategy) == []


def test_the_command_line_knows_the_strategies() -> None:
    assert parser._QUERIES == STRATEGIES


def test_unknown_strategies_and_limits_are_refused() -> None:
    with pytest.raises(ConfigError, match="--query best: not one of uncertain-diverse"):
        rank([item(1)], "best")
    with pytest.raises(ConfigError, match="--limit 0: must be 1 or more"):
        rank([item(1)], "text", 0)


# --- the tools --------------------------------------------------------------------------------------------------------


def answer_label_studio(exported: str) -> str:
    """Return what Label Studio gives back: its tasks with ``annotations``, one of them cancelled."""
    tasks = json.loads(exported)
    for number, task in enumerate(tasks):
        task["id"] = number + 1
        results = [
            {"from_name": "stance", "to_name": "text", "type": "choices", "value": {"choices": [STANCE[number % 3]]}},
            {"from_name": "basis", "to_name": "text", "type": "choices", "value": {"choices": ["implicit"]}},
            {"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": ["seen", "twice"]}},
        ]
        task["annotations"] = [
            {"id": number, "completed_by": 7, "was_cancelled": False, "result": results},
            {"id": 900 + number, "completed_by": 8, "was_cancelled": True, "result": results[:1]},
        ]
    return json.dumps(tasks)


def answer_argilla(exported: str) -> str:
    records = json.loads(exported)
    for number, record in enumerate(records):
        given = {"stance": STANCE[number % 3], "basis": "implicit", "note": "seen twice"}
        record["responses"] = {
            question: [
                {"value": value, "user_id": "7", "status": "submitted"},
                {"value": value, "user_id": "8", "status": "draft"},
            ]
            for question, value in given.items()
        }
        record["status"] = "completed"
    return json.dumps(records)


def answer_doccano(exported: str) -> str:
    lines = []
    for number, line in enumerate(exported.strip("\n").split("\n")):
        record = json.loads(line)
        labels = [STANCE[number % 3], "implicit"]
        lines.append(json.dumps({"id": number + 40, **record, "label": labels, "Comments": ["seen", "twice"]}))
    return "\n".join(lines)


def answer_csv(exported: str) -> str:
    assert exported[0] == "\ufeff", "for spreadsheets"
    rows = list(csv.DictReader(io.StringIO(exported[1:])))
    for number, row in enumerate(rows):
        given = {"stance": STANCE[number % 3], "basis": "implicit", "note": "seen twice"}
        row |= given | {"p_for": row["p_for"].replace(".", ","), "sentence": f"{row['sentence']}.0"}
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.DictWriter(out, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


STANCE = ("for", "against", "neutral")
ANSWERS: dict[str, Callable[[str], str]] = {
    "label-studio": answer_label_studio,
    "argilla": answer_argilla,
    "doccano": answer_doccano,
    "csv": answer_csv,
}


@pytest.mark.parametrize("form", TOOLS)
def test_every_form_goes_there_and_back(form: str, items: list[Item], tmp_path: Path) -> None:
    path = tmp_path / "out"
    written = write_items(items, path, form)
    assert written[0] == path
    assert read_answers(path, form) == []
    path.write_text(ANSWERS[form](path.read_text(encoding="utf-8")), encoding="utf-8")
    answers = read_answers(path, form)
    # The model's probabilities need not come back; a spreadsheet makes of them what it likes.
    back = [
        replace(a.item, p_for=i.p_for, p_against=i.p_against, p_neutral=i.p_neutral)
        for a, i in zip(answers, items, strict=True)
    ]
    assert back == items
    assert form in answers[0].where or str(path) in answers[0].where
    assert [a.stance for a in answers] == [STANCE[i % 3] for i in range(len(items))]
    assert {(a.basis, a.note) for a in answers} == {("implicit", "seen twice")}
    assert {a.annotator for a in answers} == ({"7"} if form in ("label-studio", "argilla") else {""})
    annotations = [answered(a, "me") for a in answers]
    assert {a.annotator for a in annotations} == ({"7"} if form in ("label-studio", "argilla") else {"me"})


@pytest.mark.parametrize("form", TOOLS)
def test_what_is_no_export_is_refused(form: str, items: list[Item], tmp_path: Path) -> None:
    path = tmp_path / "export"
    for text in ("{", "[1]", '{"a": 1}', '[{"data": {"text": "x"}}]', "a,b\n1,2\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(AnnotationError, match="export"):
            read_answers(path, form)
    with pytest.raises(AnnotationError, match="cannot be read"):
        read_answers(tmp_path / "gone", form)
    with pytest.raises(ConfigError, match="--format word: not one of"):
        write_items(items, path, "word")
    with pytest.raises(ConfigError, match="nothing to annotate"):
        write_items([], path, form)


def test_an_answer_about_something_else_than_its_id_says_is_refused(items: list[Item], tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    first = items[0]
    assert first.id == f"{first.document}:{first.sentence}:{first.speaker}"
    for change in (
        {"speaker": "ISL"},
        {"sentence": first.sentence + 1},
        {"document": "another"},
        {"id": first.id + ".x"},
    ):
        write_items([replace(first, **change)], path, "csv")
        path.write_text(path.read_text(encoding="utf-8").replace(",,,\n", ",for,,\n"), encoding="utf-8")
        with pytest.raises(
            AnnotationError, match=rf"answers.csv: row \d \(.*\): id: '{first.id}(\.x)?' is not of sentence"
        ):
            list(read_answers(path, "csv"))


def test_a_wrong_label_is_named_with_its_place(items: list[Item], tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    write_items(items[:2], path, "csv")
    path.write_text(
        path.read_text(encoding="utf-8").replace(",,\n", ",,,\n").replace(",,,,\n", ",perhaps,,\n"), encoding="utf-8"
    )
    answer = read_answers(path, "csv")[0]
    with pytest.raises(
        AnnotationError, match=r"answers.csv: row 2 \(.*\): stance: 'perhaps' is not one of for, against, neutral"
    ):
        answered(answer, "me")
    doccano = tmp_path / "answers.jsonl"
    write_items(items[:1], doccano, "doccano")
    record = json.loads(doccano.read_text(encoding="utf-8"))
    for labels, message in (
        (["for", "against"], "holds for and against"),
        (["pro"], "'pro' is not one of"),
        (["explicit"], "but no stance"),
        (["for", "implicit", "none"], "holds implicit and none"),
    ):
        doccano.write_text(json.dumps({**record, "label": labels}), encoding="utf-8")
        with pytest.raises(AnnotationError, match=message):
            read_answers(doccano, "doccano")


def test_label_studio_takes_its_tasks(items: list[Item], tmp_path: Path) -> None:
    sdk = pytest.importorskip("label_studio_sdk.label_interface")
    path = tmp_path / "tasks.json"
    _, interface = write_items(items, path, "label-studio")
    label = sdk.LabelInterface(interface.read_text(encoding="utf-8"))
    label.validate()
    assert set(label.get_control("stance").labels) == set(STANCE)
    tasks = json.loads(answer_label_studio(path.read_text(encoding="utf-8")))
    for task in tasks:
        assert label.validate_task({"data": task["data"]})
        assert all(label.validate_prediction(p) for p in task["predictions"])
        assert all(label.validate_annotation(a) for a in task["annotations"])
    # It does refuse.
    assert not label.validate_prediction({"result": [{**tasks[0]["predictions"][0]["result"][0], "from_name": "x"}]})


def test_argilla_takes_its_records(items: list[Item], tmp_path: Path) -> None:
    argilla = pytest.importorskip("argilla")
    path = tmp_path / "records.json"
    write_items(items, path, "argilla")
    # The steps of ``dataset.records.from_json`` and ``to_json`` that need no server.
    records = [argilla.Record.from_dict(raw) for raw in json.loads(path.read_text(encoding="utf-8"))]
    assert [r.suggestions["stance"].value for r in records] == [i.stance for i in items]
    given = [argilla.Response("stance", "for", user_id="6a7a3a9e-8a4f-4a5e-9e0a-3d4f2d0c1b11", status="submitted")]
    answered_records = [argilla.Record(**_fields(r), responses=given) for r in records]
    path.write_text(json.dumps([r.to_dict() for r in answered_records], default=str), encoding="utf-8")
    answers = read_answers(path, "argilla")
    assert [a.item.id for a in answers] == [i.id for i in items]
    assert {a.stance for a in answers} == {"for"}


def _fields(record: Any) -> dict[str, Any]:
    return {"id": record.id, "fields": record.fields.to_dict(), "metadata": record.metadata.to_dict()}


# --- the terminal -----------------------------------------------------------------------------------------------------


def typed(*lines: str) -> tuple[Callable[[str], str], list[str], Callable[[str], None]]:
    """Return a keyboard that gives these lines and then ends, what was said, and how to say."""
    waiting = list(lines)
    said: list[str] = []

    def ask(prompt: str) -> str:
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    return ask, said, said.append


def labels(path: Path) -> dict[int, tuple[str, str, str]]:
    found = read_annotations(path, offsets=False)
    return {a.sentence or 0: (a.stance, a.basis, a.note) for a in found}


def test_answers_are_saved_one_by_one(tmp_path: Path) -> None:
    given, out = [item(1), item(2), item(3)], tmp_path / "mine.jsonl"
    seen: list[int] = []
    lines = iter(["f", "n", "a i", ""])

    def ask(prompt: str) -> str:
        seen.append(len(labels(out)) if out.exists() else 0)
        return next(lines)

    assert annotate(given, out, "me", ask=ask, say=lambda _: None) == 3
    assert seen == [0, 1, 2, 3]
    assert labels(out) == {1: ("for", "explicit", ""), 2: ("neutral", "none", ""), 3: ("against", "implicit", "")}
    assert {a.annotator for a in read_annotations(out, offsets=False)} == {"me"}


def test_one_can_go_back_and_note(tmp_path: Path) -> None:
    given, out = [item(1), item(2), item(3)], tmp_path / "mine.jsonl"
    ask, said, say = typed("f", "b", "t a doubt", "a", "", "n", "x", "f z", "?")
    assert annotate(given, out, "me", ask=ask, say=say) == 2
    assert labels(out) == {1: ("against", "explicit", "a doubt"), 3: ("neutral", "none", "")}
    # The one that was passed over came again after the last.
    assert "[2/3]" in said[-2] and sum("undo: take back" in text for text in said) == 4
    assert [text.split(" is none")[0] for text in said if " is none of these:" in text] == ["'x'", "'f z'"]
    ask, said, say = typed("n", "", "b")
    assert annotate(given, out, "me", ask=ask, say=say) == 3
    assert "[2/3]" in said[1] and said[2].startswith("All 3 have an answer")


def test_the_last_change_can_be_taken_back_even_at_the_end(tmp_path: Path) -> None:
    given, out = [item(1), item(2)], tmp_path / "mine.jsonl"
    ask, said, say = typed("f", "b", "t why", "a", "n", "u", "u", "u", "q")
    assert annotate(given, out, "me", ask=ask, say=say) == 1
    # Taken back: the second answer, the change of the first, and its note; the first answer stays.
    assert labels(out) == {1: ("for", "explicit", "")}
    # What was done in an earlier session is not taken back unseen, but can be gone back to.
    ask, said, say = typed("u", "n", "b", "b", "a", "q")
    assert annotate(given, out, "me", ask=ask, say=say) == 2
    assert "nothing to take back" in said and labels(out)[1] == ("against", "explicit", "")


def test_the_model_is_hidden_until_asked_for(tmp_path: Path) -> None:
    ask, said, say = typed("m", "q")
    annotate([item(1)], tmp_path / "a.jsonl", "me", ask=ask, say=say)
    assert "neutral 0.60" not in said[1] and "m: neutral (for 0.20, against 0.20, neutral 0.60)" in said[2]
    ask, said, say = typed("q")
    annotate([item(1)], tmp_path / "a.jsonl", "me", ask=ask, say=say, show_model=True)
    assert "neutral 0.60" in said[1]


def test_nothing_to_undo_or_to_note(tmp_path: Path) -> None:
    ask, said, say = typed("u", "t why", "q")
    assert annotate([item(1)], tmp_path / "a.jsonl", "me", ask=ask, say=say) == 0
    assert "nothing to take back" in said and "give an answer first, then a note" in said
    assert not (tmp_path / "a.jsonl").exists()


def test_files_of_others_are_refused_before_anything_is_asked(tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    annotate([item(1)], out, "me", ask=typed("f")[0], say=lambda _: None)
    with pytest.raises(AnnotationError, match="d:1:TGO is none of the items"):
        annotate([item(2)], out, "me", ask=typed("f")[0], say=lambda _: None)
    with pytest.raises(AnnotationError, match="holds answers of me; name another file"):
        annotate([item(1)], out, "you", ask=typed("f")[0], say=lambda _: None)
    with pytest.raises(OutputError, match="no such folder"):
        annotate([item(1)], tmp_path / "gone" / "a.jsonl", "me", ask=typed("f")[0], say=lambda _: None)
    twice = tmp_path / "items.jsonl"
    write_items([item(1), item(1)], twice, "jsonl")
    with pytest.raises(AnnotationError, match=r"items.jsonl:2: id: 'd:1:TGO' stands there already"):
        read_items(twice)


def test_odd_line_breaks_in_a_sentence_break_nothing(tmp_path: Path) -> None:
    odd = [item(1, text="one\u2028two\x85three\rfour\nfive")]
    for form in FORMATS:
        path = tmp_path / form
        write_items(odd, path, form)
        if form == "jsonl":
            assert read_items(path) == odd
        else:
            path.write_text(ANSWERS[form](path.read_bytes().decode("utf-8")), encoding="utf-8", newline="")
            assert read_answers(path, form)[0].item.text == odd[0].text


@pytest.mark.parametrize(
    ("form", "change"),
    [
        ("label-studio", {"annotations": 3}),
        ("label-studio", {"annotations": [1]}),
        ("label-studio", {"annotations": [{"result": [{"value": 1}]}]}),
        ("label-studio", {"annotations": [{"result": "x"}]}),
        ("argilla", {"responses": ["x"]}),
        ("argilla", {"responses": {"stance": [1]}}),
        ("argilla", {"metadata": None}),
        ("argilla", {"id": True}),
        ("doccano", {"label": 3}),
        ("doccano", {"meta": "x"}),
        ("doccano", {"label": ["for"], "text": ["a"]}),
        ("doccano", {"label": ["for"], "sentence": -1}),
        ("doccano", {"label": ["for"], "start": True}),
        ("doccano", {"label": ["for"], "item": " "}),
    ],
)
def test_damaged_exports_are_refused_with_their_place(form: str, change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "export"
    write_items([item(1)], path, form)
    text = path.read_text(encoding="utf-8")
    record = json.loads(text) if form == "doccano" else json.loads(text)[0]
    record |= change
    path.write_text(json.dumps(record if form == "doccano" else [record]), encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"export(: record 1|:1): "):
        read_answers(path, form)


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('id,stance,text\nx,for,"never closed\n', encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"t\.csv:\d: not CSV"):
        read_answers(path, "csv")
    path.write_bytes("id,stance,text\nx,for,caf\xe9\n".encode("latin-1"))
    with pytest.raises(AnnotationError, match="CSV UTF-8"):
        read_answers(path, "csv")


def test_unnamed_speakers_of_one_sentence_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    first, second = (replace(item(1), id=f"d:1:UNNAMED{end}", speaker="UNNAMED") for end in ("", ".2"))

    def file(name: str, *given: tuple[Item, str]) -> Path:
        found = [replace(answered(Answer(i, stance), name), origin="authored") for i, stance in given]
        write_annotations(tmp_path / f"{name}.jsonl", found)
        return tmp_path / f"{name}.jsonl"

    (tmp_path / "d.txt").write_text("x", encoding="utf-8")
    one = file("one", (first, "for"), (second, "against"))
    other = file("other", (second, "against"), (first, "for"))
    assert compare_files([one, other])["disagreements"] == []
    half = file("half", (second, "against"))
    found = compare_files([one, half])
    assert (found["n"], found["disagreements"]) == (1, [])
    with pytest.raises(ConfigError, match="are the least"):
        compare_files([one, one])


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_whole_loop(tiny_model: Path, tmp_path: Path, run: Callable[..., Any]) -> None:
    tasks, out = tmp_path / "tasks.json", tmp_path / "mine.jsonl"
    done = run(
        "annotate", "export", EXAMPLE, "--model", tiny_model, "--format", "label-studio", "--limit", 12, "--out", tasks
    )
    assert done.code == 0 and "12 statements" in done.out and "tasks.interface.xml" in done.out
    tasks.write_text(answer_label_studio(tasks.read_text(encoding="utf-8")), encoding="utf-8")
    done = run(
        "annotate", "import", tasks, "--format", "label-studio", "--annotator", "me", "--meetings", EXAMPLE.parent, "--out", out
    )  # fmt: skip
    assert done.code == 0 and "12 annotations" in done.out
    assert len(read_annotations(out, meetings=[EXAMPLE.parent])) == 12
    assert run("data", "check", out, "--meetings", EXAMPLE.parent).code == 0
    done = run("annotate", "compare", out, "--model", tiny_model, "--meetings", EXAMPLE.parent)
    assert done.code == 0 and "Krippendorff's alpha" in done.out
    found = compare_files([out], str(tiny_model), [EXAMPLE.parent])
    assert found["n"] == 12 and found["annotators"] == [str(out), f"model {tiny_model}"]


def test_an_import_that_fails_writes_nothing(tiny_model: Path, tmp_path: Path, run: Callable[..., Any]) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "mine.jsonl"
    run("annotate", "export", EXAMPLE, "--model", tiny_model, "--format", "csv", "--limit", 3, "--out", table)
    answered_table = answer_csv(table.read_text(encoding="utf-8"))
    arguments = ("annotate", "import", table, "--format", "csv", "--annotator", "me", "--out", out)
    table.write_text(answered_table, encoding="utf-8")
    done = run(*arguments, "--meetings", tmp_path)
    assert done.code == 2 and "no text committee_debate.txt" in done.err and not out.exists()
    table.write_text(answered_table.replace("against", "agianst"), encoding="utf-8")
    done = run(*arguments, "--meetings", EXAMPLE.parent)
    assert (
        done.code == 2
        and re.search(r"table\.csv: row \d+ \(.*\): stance: 'agianst' is not one of", done.err)
        and not out.exists()
    )
    table.write_text(answered_table.split("\n")[0], encoding="utf-8")
    done = run(*arguments, "--meetings", EXAMPLE.parent)
    assert done.code == 2 and "no item has an answer" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.csv", "table.texts"]


def test_two_answers_of_one_person_are_refused(items: list[Item], tmp_path: Path, run: Callable[..., Any]) -> None:
    table = tmp_path / "table.csv"
    write_items([items[0], items[0]], table, "csv")
    table.write_text(answer_csv(table.read_text(encoding="utf-8")), encoding="utf-8")
    done = run(
        "annotate", "import", table, "--format", "csv", "--annotator", "me", "--meetings", EXAMPLE.parent,
        "--out", tmp_path / "mine.jsonl",
    )  # fmt: skip
    assert done.code == 2 and "has two answers of me" in done.err


def test_several_people_become_several_files(items: list[Item], tmp_path: Path, run: Callable[..., Any]) -> None:
    tasks = tmp_path / "tasks.json"
    write_items(items[:4], tasks, "label-studio")
    found = json.loads(answer_label_studio(tasks.read_text(encoding="utf-8")))
    for task in found:
        task["annotations"][1]["was_cancelled"] = False
    tasks.write_text(json.dumps(found), encoding="utf-8")
    done = run(
        "annotate", "import", tasks, "--format", "label-studio", "--meetings", EXAMPLE.parent, "--out", tmp_path / "ours.jsonl"
    )  # fmt: skip
    assert done.code == 0
    by_person = {name: read_annotations(tmp_path / f"ours.{name}.jsonl", meetings=[EXAMPLE.parent]) for name in "78"}
    assert {name: {a.annotator for a in own} for name, own in by_person.items()} == {"7": {"7"}, "8": {"8"}}


def test_the_terminal_starts(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, out = tmp_path / "items.jsonl", tmp_path / "mine.jsonl"
    run(
        "annotate",
        "export",
        EXAMPLE,
        "--model",
        tiny_model,
        "--format",
        "jsonl",
        "--query",
        "random",
        "--limit",
        2,
        "--out",
        waiting,
    )
    assert len(read_items(waiting)) == 2
    monkeypatch.setattr("builtins.input", typed("n", "f o")[0])
    done = run("annotate", "start", waiting, "--out", out, "--annotator", "me", "--meetings", EXAMPLE.parent)
    assert done.code == 0 and "2 of 2 have an answer" in done.out
    assert [a.basis for a in read_annotations(out, meetings=[EXAMPLE.parent])] == ["none", "off-target"]


@pytest.mark.parametrize("lines", [["nothing"], ["{}"], [""]])
def test_a_file_without_items_is_refused(lines: Sequence[str], tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(StanceError, match=r"items\.jsonl"):
        read_items(path)


def test_what_people_did_is_not_written_over(tiny_model: Path, tmp_path: Path, run: Callable[..., Any]) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "mine.jsonl"
    export = ("annotate", "export", EXAMPLE, "--model", tiny_model, "--format", "csv", "--limit", 3, "--out", table)
    assert run(*export).code == 0
    table.write_text(answer_csv(table.read_text(encoding="utf-8")), encoding="utf-8")
    kept = table.read_bytes()
    done = run(*export)
    assert done.code == 2 and "may hold answers" in done.err and table.read_bytes() == kept
    taken = (
        "annotate",
        "import",
        table,
        "--format",
        "csv",
        "--annotator",
        "me",
        "--meetings",
        EXAMPLE.parent,
        "--out",
        out,
    )
    assert run(*taken).code == 0
    assert run(*taken).code == 2 and run(*taken, "--overwrite").code == 0
    assert run(*export, "--overwrite").code == 0 and table.read_bytes() != kept
    for wrong in ("", ".", tmp_path, tmp_path / "gone" / "t.csv"):
        done = run(*export[:-1], wrong)
        assert done.code == 2 and done.err.startswith("stance: ")


def test_a_treaty_and_a_page_of_ones_own_go_through_the_whole_loop(
    tiny_model: Path, tmp_path: Path, run: Callable[..., Any]
) -> None:
    target = tmp_path / "rivers.yaml"
    target.write_text("id: rivers-treaty-of-ours\nname: A treaty on rivers & lakes\n", encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(
        "<p>Togo’s delegate said that a treaty was needed.</p><p>Fiji’s delegate thanked.</p>", encoding="utf-8"
    )
    tasks, out = tmp_path / "tasks.json", tmp_path / "mine.jsonl"
    done = run(
        "annotate", "export", page, tmp_path / "gone.txt", "--model", tiny_model, "--target", target, "--query", "random",
        "--format", "label-studio", "--out", tasks,
    )  # fmt: skip
    # The missing one is told of, the other is there; nobody who labels a random sample sees what the model says.
    assert done.code == 1 and "gone.txt" in done.err
    assert all("predictions" not in task and task["data"]["suggestion"] == "" for task in json.loads(tasks.read_text()))
    assert "A treaty on rivers &amp; lakes" in (tmp_path / "tasks.interface.xml").read_text(encoding="utf-8")
    found = json.loads(tasks.read_text(encoding="utf-8"))
    for task in found:
        result = {"from_name": "stance", "to_name": "text", "type": "choices", "value": {"choices": ["neutral"]}}
        task["annotations"] = [{"completed_by": 1, "result": [result]}]
    tasks.write_text(json.dumps(found), encoding="utf-8")
    texts = tmp_path / "tasks.texts"
    done = run("annotate", "import", tasks, "--format", "label-studio", "--meetings", texts, "--out", out)
    assert done.code == 0, done.err
    command = ("evaluate", tiny_model, out, "--meetings", texts)
    done = run(*command, "--target", target)
    assert done.code == 0, done.err
    assert run("annotate", "compare", out, "--model", tiny_model, "--target", target, "--meetings", texts).code == 0
