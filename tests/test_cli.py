"""The command line: exit codes, messages, and every way in which an input, an option or a folder can be wrong."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from fpdf import FPDF

import stance
from stance.cli import main
from stance.errors import InputError
from stance.resources import default_model_folder

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
ANNOTATIONS = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"
FILES = ["positions.csv", "positions.parquet", "report.html", "run.json", "statements.csv", "statements.parquet"]
NOTE = "The representative of Togo said that a new convention was needed.\n\nFiji’s delegate did not agree.\n"

Run = Callable[..., Any]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def record(out: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return loaded


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def assert_whole(out: Path, documents: set[str]) -> None:
    """Assert that a folder holds the complete results of a run over these documents."""
    assert sorted(p.name for p in out.iterdir()) == FILES
    for name in ("statements", "positions"):
        rows = table(out / f"{name}.csv")
        assert {r["document"] for r in rows} == documents
        assert pq.read_table(out / f"{name}.parquet").num_rows == len(rows)
    assert (out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert "failures" in record(out)


def assert_refused(done: Any, *words: str) -> None:
    """Assert that a command was refused as wrong usage, in words."""
    assert (done.code, done.out) == (2, "")
    for word in words:
        assert word in done.err


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text(NOTE, encoding="utf-8")
    return path


@pytest.fixture
def label(run: Run, tiny_model: Path, tmp_path: Path) -> Run:
    """Run ``stance label`` with the small model into ``tmp_path / "out"``."""

    def label(*args: object, **options: Any) -> Any:
        return run("label", *args, "--out", tmp_path / "out", "--model", tiny_model, "--quiet", **options)

    return label


# --- inputs that are fine ---------------------------------------------------------------------------------------------


def test_a_good_run_says_one_line(label: Run, note: Path, tmp_path: Path) -> None:
    done = label(note)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"1 documents, 2 statements, 2 positions written to {tmp_path / 'out'}\n"
    assert_whole(tmp_path / "out", {"note"})


def test_progress_goes_to_standard_error(run: Run, note: Path, tiny_model: Path, tmp_path: Path) -> None:
    done = run("--verbose", "label", note, "--out", tmp_path / "out", "--model", tiny_model)
    assert done.code == 0
    assert done.err.startswith("reading: 1 documents in ")
    assert "\nclassifying: 2 statements in " in done.err
    assert done.out.count("\n") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "cp1252", "latin-1"])
def test_encodings(label: Run, tmp_path: Path, encoding: str) -> None:
    text = "Côte d'Ivoire's representative said that a new convention was needed. Fiji's delegate did not agree."
    raw = b"\xff\xfe" + text.encode("utf-16-le") if encoding.endswith("-bom") else text.encode(encoding)
    source = tmp_path / "note.txt"
    source.write_bytes(raw)
    assert label(source).code == 0
    rows = table(tmp_path / "out" / "statements.csv")
    assert [r["speaker"] for r in rows] == ["CIV", "FJI"]
    assert [text[int(r["start"]) : int(r["end"])] for r in rows] == [r["text"] for r in rows]
    assert record(tmp_path / "out")["documents"][0]["encoding"]


def test_a_folder_in_depth_and_only_what_can_be_read(label: Run, note: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    (folder / "deep").mkdir(parents=True)
    shutil.copy(note, folder / "a.txt")
    (folder / "deep" / "b.html").write_text(f"<html><body><p>{NOTE}</p></body></html>", encoding="utf-8")
    (folder / "data.json").write_text("{}", encoding="utf-8")
    assert label(folder).code == 0
    assert_whole(tmp_path / "out", {"a", "b"})


def test_a_glob(label: Run, note: Path, tmp_path: Path) -> None:
    for name in ("s1.txt", "s2.txt", "t1.txt"):
        shutil.copy(note, tmp_path / name)
    assert label(tmp_path / "s*.txt").code == 0
    assert_whole(tmp_path / "out", {"s1", "s2"})


def test_standard_input(label: Run, tmp_path: Path) -> None:
    assert label("-", stdin=NOTE.encode()).code == 0
    assert_whole(tmp_path / "out", {"stdin"})
    assert record(tmp_path / "out")["documents"][0]["source"] == "-"


def test_empty_standard_input(label: Run, note: Path, tmp_path: Path) -> None:
    done = label("-", note, stdin=b"")
    assert done.code == 1
    assert done.err.startswith("stance: standard input: the file is empty")
    assert_whole(tmp_path / "out", {"note"})


def test_the_same_name_in_two_folders(label: Run, note: Path, tmp_path: Path) -> None:
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        shutil.copy(note, tmp_path / name / "note.txt")
    assert label(tmp_path / "north", tmp_path / "south").code == 0
    assert_whole(tmp_path / "out", {"north/note", "south/note"})


def test_a_file_that_is_named_twice_is_read_once(label: Run, note: Path, tmp_path: Path) -> None:
    assert label(note, tmp_path / "*.txt", note).out.startswith("1 documents, 2 statements, ")


def test_a_summary_without_delegations_is_warned_about(label: Run, tmp_path: Path) -> None:
    source = tmp_path / "menu.txt"
    source.write_text("Soup was served at noon. The fish was fresh.\n", encoding="utf-8")
    done = label(source)
    assert done.code == 0
    assert done.err == f"stance: {source}: no delegation found; is this a meeting summary in English?\n"
    assert [d["document"] for d in record(tmp_path / "out")["documents"]] == ["menu"]
    assert record(tmp_path / "out")["warnings"]


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no Unicode")
def test_a_file_name_that_is_no_unicode(label: Run, tmp_path: Path) -> None:
    source = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")
    Path(source).write_text(NOTE, encoding="utf-8")
    assert label(source).code == 0
    assert_whole(tmp_path / "out", {"caf\ufffd"})


# --- inputs that are not ----------------------------------------------------------------------------------------------


def _pdf_without_text(path: Path) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(20, 20, 100, 100, style="F")
    pdf.output(str(path))


def _sparse(path: Path) -> None:
    with path.open("wb") as handle:
        handle.truncate(50 * 2**20)


BAD: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "empty": ("empty.txt", lambda p: p.write_bytes(b""), "the file is empty"),
    "blank": ("blank.txt", lambda p: p.write_bytes(b" \n\t\r\n"), "the file is empty"),
    "binary": ("binary.txt", lambda p: p.write_bytes(bytes(range(256)) * 40), "a binary file"),
    "image": ("image.txt", lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99)), "a PNG image"),
    "pdf without text": ("scan.pdf", _pdf_without_text, "no text"),
    "damaged pdf": ("torn.pdf", lambda p: p.write_bytes(b"%PDF-1.7\n1 0 obj\n<<"), "PDF"),
    "damaged docx": ("torn.docx", lambda p: p.write_bytes(b"PK\x03\x04torn"), "damaged Word document"),
    "too large": ("huge.txt", _sparse, "50.0 MiB, over the limit of 20.0 MiB"),
    "missing": ("gone.txt", lambda p: None, "no such file"),
    "broken link": ("link.txt", lambda p: p.symlink_to(p.with_name("nowhere.txt")), "no such file"),
    "empty folder": ("folder", lambda p: p.mkdir(), "no readable file in this folder"),
    "glob of nothing": ("*.zzz", lambda p: None, "no file matches"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_input_among_good_ones(label: Run, note: Path, tmp_path: Path, case: str) -> None:
    name, make, words = BAD[case]
    bad = tmp_path / name
    make(bad)
    done = label(bad, note)
    assert done.code == 1
    assert done.err.startswith(f"stance: {bad}: ")
    assert words in done.err
    assert done.err.count("\n") == 1
    assert done.out.endswith("; 1 inputs failed\n")
    # The good one is labelled all the same, and the bad one is on record.
    assert_whole(tmp_path / "out", {"note"})
    assert [(f["source"], f["message"]) for f in record(tmp_path / "out")["failures"]] == [
        (str(bad), done.err.removeprefix("stance: ").removesuffix("\n"))
    ]
    assert words in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_nothing_but_bad_inputs(label: Run, tmp_path: Path) -> None:
    done = label(tmp_path / "a.txt", tmp_path / "b.txt")
    assert done.code == 1
    assert done.err.count("no such file") == 2
    assert_whole(tmp_path / "out", set())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read and write everything")
def test_an_input_without_permission(label: Run, note: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed.txt"
    closed.write_text(NOTE, encoding="utf-8")
    closed.chmod(0)
    done = label(closed, note)
    assert done.code == 1
    assert "permission" in done.err


def test_results_inside_the_folder_of_inputs_are_no_inputs(run: Run, note: Path, tiny_model: Path) -> None:
    args = ("label", note.parent, "--out", note.parent / "out", "--model", tiny_model, "--quiet")
    assert run(*args).out.startswith("1 documents")
    assert run(*args).out.startswith("1 documents")


# --- wrong usage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("label",),
        ("label", "x.txt"),
        ("label", "--out", "out"),
        ("label", "x.txt", "--out", "out", "--engine", "steam"),
        ("label", "x.txt", "--out", "out", "--colour"),
        ("train",),
        ("evaluate", "model"),
        ("data",),
        ("data", "eat"),
        ("lable", "x.txt"),
    ],
)
def test_wrong_usage(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(run(*args), "usage: stance", "error: ")
    assert contents(tmp_path) == {}


CONFIGS: dict[str, tuple[str, str]] = {
    "unknown key": ("name: x\nclassifier: {kind: majority}\nencodin: {mask: true}\n", "encodin: unknown field; did you mean 'encoding'?"),
    "unknown key below": ("name: x\nclassifier: {kind: tfidf, mindf: 2}\n", "classifier.mindf: unknown field; did you mean 'min_df'?"),
    "unknown kind": ("name: x\nclassifier: {kind: oracle}\n", "classifier.kind: 'oracle' is not one of"),
    "wrong type": ("name: x\nclassifier: {kind: majority}\nseed: many\n", "seed: "),
    "out of range": ("name: x\nclassifier: {kind: tfidf, c: -1}\n", "classifier.c: "),
    "nothing": ("", "a configuration is a mapping"),
    "list": ("- a\n", "a configuration is a mapping"),
    "no YAML": ("name: [x\n", "not valid YAML"),
    "no such base": ("base: gone.yaml\nname: x\n", "gone.yaml: no such configuration"),
    "no such data": ("name: x\nclassifier: {kind: majority}\ndata: {train: [gone.jsonl]}\n", "gone.jsonl: no such file"),
    "kind missing": ("name: x\n", "classifier: missing"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONFIGS)
def test_wrong_configurations(run: Run, tmp_path: Path, case: str) -> None:
    text, words = CONFIGS[case]
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    assert_refused(run("train", path, "--out", tmp_path / "model"), "stance: ", words)
    assert list(contents(tmp_path)) == ["wrong.yaml"]


@pytest.mark.parametrize("override", ["seed", "=1", "seed=[", "name.first=x", "sede=1", "classifier.kind.is=x"])
def test_wrong_overrides(run: Run, tiny_config: Path, tmp_path: Path, override: str) -> None:
    done = run("train", tiny_config, "--set", override, "--out", tmp_path / "model")
    assert_refused(done, "stance: ")
    assert contents(tmp_path) == {}


def test_a_configuration_that_is_not_there(run: Run, tmp_path: Path) -> None:
    assert_refused(run("train", tmp_path / "gone.yaml", "--out", tmp_path / "m"), "gone.yaml: no such configuration")


def test_config_fields_tells_every_field_with_its_meaning(run: Run) -> None:
    done = run("config", "fields", "cross-encoder")
    assert done.code == 0
    lines = done.out.splitlines()
    at = lines.index("classifier.learning_rate  (0.0001)")
    assert "highest learning rate" in lines[at + 1]
    assert "classifier.kind  (required)" in lines
    assert "decision.threshold  (0.5)" in lines
    assert "data.meetings  ([data/meetings])" in lines
    # Every field of a configuration that is shown has its entry.
    shown = yaml.safe_load(run("config", "show", ROOT / "configs" / "default.yaml").out)
    paths = {line.split("  (")[0] for line in lines if not line.startswith(" ")}
    for section, value in shown.items():
        for name in value if isinstance(value, dict) else [None]:
            assert (section if name is None else f"{section}.{name}") in paths
    assert all(line.strip() for line in lines)


def test_config_fields_of_an_unknown_kind(run: Run) -> None:
    done = run("config", "fields", "cross-encodr")
    assert done.code == 2
    assert "'cross-encodr' is no kind of classifier; known: majority" in done.err


def test_config_show_prints_what_a_run_would_use(run: Run) -> None:
    done = run("config", "show", ROOT / "configs" / "tfidf.yaml", "--set", "classifier.c=0.25")
    assert done.code == 0
    shown = yaml.safe_load(done.out)
    assert (shown["classifier"]["kind"], shown["classifier"]["c"], shown["seed"]) == ("tfidf", 0.25, 13)


# --- models and targets -----------------------------------------------------------------------------------------------


def _overwrite(name: str, content: str | bytes) -> Callable[[Path], object]:
    return lambda m: (m / name).write_bytes(content.encode() if isinstance(content, str) else content)


def _edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def edit(model: Path) -> None:
        text = (model / name).read_text(encoding="utf-8")
        assert old in text
        (model / name).write_text(text.replace(old, new), encoding="utf-8")

    return edit


def _cut(name: str) -> Callable[[Path], object]:
    return lambda m: (m / name).write_bytes((m / name).read_bytes()[:500])


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty folder": _empty,
    "model.json gone": lambda m: (m / "model.json").unlink(),
    "model.json is a list": _overwrite("model.json", "[1]"),
    "model.json is no text": _overwrite("model.json", b"\xff\xfe\x00"),
    "model.json is cut": _overwrite("model.json", '{"name": "tiny", '),
    "model.json lacks a field": _edit("model.json", '"decision"', '"decisions"'),
    "model.json has a wrong value": _edit("model.json", '"context": 1', '"context": "x"'),
    "model.json is of a later format": _edit("model.json", '"format": 2', '"format": 99'),
    "target without its aliases": _edit("model.json", '"aliases"', '"nonsense"'),
    "classifier.json gone": lambda m: (m / "classifier.json").unlink(),
    "classifier.json of an unknown kind": _edit("classifier.json", '"tfidf"', '"oracle"'),
    "classifier.json of wrong parameters": _overwrite("classifier.json", '{"kind": "tfidf", "params": [1]}'),
    "weights gone": lambda m: (m / "weights.safetensors").unlink(),
    "weights empty": _overwrite("weights.safetensors", b""),
    "weights cut": _cut("weights.safetensors"),
    "vocabulary cut": _cut("vocabulary.json"),
    "vocabulary lacks a part": _overwrite("vocabulary.json", '{"labels": ["for"], "vocabularies": []}'),
    "vocabulary of another model": _overwrite("vocabulary.json", '{"labels": ["for"], "vocabularies": [["a"], ["b"]]}'),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_model(run: Run, note: Path, tiny_model: Path, tmp_path: Path, case: str) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    DAMAGE[case](model)
    done = run("label", note, "--out", tmp_path / "out", "--model", model, "--quiet")
    named = {"classifier.json of an unknown kind": "oracle"}.get(case, str(model))
    assert_refused(done, "stance: ", named)
    assert not contents(tmp_path / "out")


@pytest.mark.parametrize("name", ["gone", "./gone", "a/b/c", "note.txt"])
def test_a_model_that_is_not_there(
    run: Run, note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(note.parent)
    done = run("label", note, "--out", tmp_path / "out", "--model", name, "--quiet")
    assert_refused(done, f"stance: {name}: no such model folder")
    assert not contents(tmp_path / "out")


def test_a_hub_id_that_cannot_be_fetched(run: Run, note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def offline(*_: object, **__: object) -> str:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    monkeypatch.chdir(tmp_path)
    done = run("label", note, "--out", tmp_path / "out", "--model", "someone/something", "--quiet")
    assert_refused(done, "stance: someone/something: neither a folder nor a model that could be fetched", "no route")
    assert not contents(tmp_path / "out")


def test_a_package_without_its_default_model(
    run: Run, note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stance.model.default_model_folder", lambda: tmp_path / "gone")
    done = run("label", note, "--out", tmp_path / "out", "--quiet")
    assert_refused(done, "the default model is missing", "--model")


@pytest.mark.slow
@pytest.mark.skipif(not default_model_folder().is_dir(), reason="the default model is not in this checkout")
def test_the_default_model_needs_no_network(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    done = run("label", EXAMPLE, "--out", tmp_path / "out", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert_whole(tmp_path / "out", {"committee_debate"})
    # What any model of use must get right.
    found = {r["speaker"]: r["position"] for r in table(tmp_path / "out" / "positions.csv")}
    assert (found["KEN"], found["GBR"], found["MAR"], found["NPL"]) == ("for", "against", "neutral", "none")


def test_a_target_of_ones_own(label: Run, note: Path, tmp_path: Path) -> None:
    target = tmp_path / "fish.yaml"
    target.write_text("id: fish-treaty\nname: A treaty on fish\ndescription: No nets.\n", encoding="utf-8")
    assert label(note, "--target", target).code == 0
    assert record(tmp_path / "out")["target"] == "fish-treaty"
    assert record(tmp_path / "out")["settings"]["target"] == str(target)
    assert "Positions on “A treaty on fish”" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_shipped_target(label: Run, note: Path, tmp_path: Path) -> None:
    assert label(note, "--target", "plastics-treaty").code == 0
    assert record(tmp_path / "out")["target"] == "plastics-treaty"


@pytest.mark.parametrize(
    ("target", "content", "words"),
    [
        ("cybercrime-conventoin", None, "did you mean 'cybercrime-convention'?"),
        ("gone.yaml", None, "gone.yaml"),
        ("wrong.yaml", "name: A treaty\n", "id: must be a non-empty text"),
        ("wrong.yaml", "id: x\nname: y\nalias: [z]\n", "alias: unknown field; did you mean 'aliases'?"),
        ("wrong.yaml", "id: [\n", "not valid YAML"),
        ("wrong.yaml", "", "a target is a mapping"),
    ],
)
def test_a_wrong_target(
    label: Run, note: Path, monkeypatch: pytest.MonkeyPatch, target: str, content: str | None, words: str
) -> None:
    monkeypatch.chdir(note.parent)
    if content is not None:
        Path(target).write_text(content, encoding="utf-8")
    assert_refused(label(note, "--target", target), "stance: ", words)
    assert not Path("out").exists()


# --- where results go -------------------------------------------------------------------------------------------------


def test_an_output_that_is_a_file(run: Run, note: Path, tiny_model: Path) -> None:
    for out in (note, note / "out"):
        done = run("label", note, "--out", out, "--model", tiny_model, "--quiet")
        assert_refused(done, f"stance: {out}: is not a folder")
    assert note.read_text(encoding="utf-8") == NOTE


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_without_permission(label: Run, note: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    assert_refused(label(note), f"stance: {tmp_path / 'out'}: is not writable")


def test_folders_on_the_way_are_made(run: Run, note: Path, tiny_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b é"
    assert run("label", note, "--out", out, "--model", tiny_model, "--quiet").code == 0
    assert_whole(out, {"note"})


def test_a_run_replaces_results_and_nothing_else(label: Run, note: Path, tmp_path: Path) -> None:
    assert label(EXAMPLE).code == 0
    (tmp_path / "out" / "my notes.md").write_text("mine", encoding="utf-8")
    assert label(note).code == 0
    assert (tmp_path / "out" / "my notes.md").read_text(encoding="utf-8") == "mine"
    (tmp_path / "out" / "my notes.md").unlink()
    assert_whole(tmp_path / "out", {"note"})


def test_a_refused_run_leaves_the_results_of_the_last(label: Run, run: Run, note: Path, tmp_path: Path) -> None:
    assert label(note).code == 0
    before = contents(tmp_path / "out")
    assert label(EXAMPLE, "--target", "nonsense").code == 2
    assert run("label", EXAMPLE, "--out", tmp_path / "out", "--model", tmp_path / "gone").code == 2
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize("name", ["statements.parquet", "positions.parquet"])
def test_a_full_disk_leaves_whole_tables(
    label: Run, note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The disk is full half-way through a table: no torn file takes the place of a good one, and none stays behind."""
    assert label(note).code == 0
    good = pq.ParquetWriter.write_table

    def torn(self: Any, rows: Any, *args: Any, **options: Any) -> None:
        good(self, rows, *args, **options)
        if ("position" in rows.column_names) == name.startswith(
            "positions"
        ) and "encoded_text" not in rows.column_names:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", torn)
    assert_refused(label(EXAMPLE), f"{name}: cannot be written: No space left on device")
    for kind in ("statements", "positions"):
        assert {r["document"] for r in pq.read_table(tmp_path / "out" / f"{kind}.parquet").to_pylist()} <= {
            "note",
            "committee_debate",
        }
        assert len({r["document"] for r in table(tmp_path / "out" / f"{kind}.csv")}) == 1
    # What was read and classified is kept for when there is room again.
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted([*FILES, ".work"])
    monkeypatch.undo()
    assert label(EXAMPLE).code == 0
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["resumed"] is True
    assert_whole(tmp_path / "out", {"committee_debate"})


def test_a_folder_in_the_place_of_a_result(label: Run, note: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "report.html").mkdir(parents=True)
    assert_refused(label(note), "report.html: cannot be written")
    assert {r["document"] for r in table(tmp_path / "out" / "statements.csv")} == {"note"}
    assert [p.name for p in (tmp_path / "out").iterdir() if "partial" in p.name] == []


def test_an_interrupted_run_writes_nothing(
    label: Run, note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stance.labelling.label_archive", interrupt)
    done = label(note)
    assert (done.code, done.err) == (130, "stance: interrupted\n")
    assert contents(tmp_path / "out") == {}


# --- annotations ------------------------------------------------------------------------------------------------------


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    """An annotation file with one statement, and its text beside it."""
    text = "Opening.  Togo’s delegate said that a treaty was needed."
    (tmp_path / "m.txt").write_text(text, encoding="utf-8")
    item = {
        "id": "m:2:TGO", "document": "m", "sentence": 2, "start": 10, "end": len(text), "text": text[10:],
        "context": "Opening.", "speaker": "TGO", "target": "cybercrime-convention", "stance": "for",
        "basis": "explicit", "origin": "meeting", "annotator": "a1", "note": "",
    }  # fmt: skip
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps(item) + "\n", encoding="utf-8")
    return path


def test_data_check_passes(run: Run, annotated: Path) -> None:
    done = run("data", "check", annotated, ANNOTATIONS, "--meetings", ROOT / "data" / "meetings")
    assert (done.code, done.err) == (0, "")
    assert done.out == "2 of 2 files hold the schema\n"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('"start": 10', '"start": 9', "start"),
        ('"stance": "for"', '"stance": "pro"', "stance"),
        ('"basis"', '"bases"', "bases"),
        ('"annotator": "a1", ', "", "annotator"),
        ('"document": "m"', '"document": "n"', "document"),
    ],
)
def test_data_check_names_file_line_and_field(run: Run, annotated: Path, old: str, new: str, field: str) -> None:
    good = annotated.read_text(encoding="utf-8")
    assert old in good
    annotated.write_text(good.replace('"id": "m', '"id": "k') + good.replace(old, new), encoding="utf-8")
    done = run("data", "check", annotated, ANNOTATIONS, "--meetings", ROOT / "data" / "meetings")
    assert done.code == 1
    assert done.err.startswith(f"stance: {annotated}:2: {field}: ")
    assert done.out == "1 of 2 files hold the schema\n"


def test_data_check_refuses_an_end_beyond_the_text(run: Run, annotated: Path) -> None:
    """Python cuts ``text[10:999]`` at the end of the text, other programs do not."""
    item = json.loads(annotated.read_text(encoding="utf-8"))
    annotated.write_text(json.dumps(item | {"end": 999}), encoding="utf-8")
    done = run("data", "check", annotated)
    assert done.code == 1
    assert f"{annotated}:1: " in done.err


def test_data_stats_counts(run: Run, annotated: Path) -> None:
    counts = json.loads(run("data", "stats", annotated).out)
    assert counts["stance"] == {"for": 1}
    assert counts["total"]["statements"] == 1


@pytest.mark.parametrize("command", [("data", "stats"), ("evaluate", "MODEL")])
def test_commands_that_need_annotations_refuse_wrong_ones(
    run: Run, annotated: Path, tiny_model: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    annotated.write_text(annotated.read_text(encoding="utf-8").replace('"start": 10', '"start": 9'), encoding="utf-8")
    args = [tiny_model if word == "MODEL" else word for word in command]
    assert_refused(run(*args, annotated), f"stance: {annotated}:1: start: ")
    assert_refused(run(*args, tmp_path / "gone.jsonl"), "gone.jsonl: no such file")


def test_evaluate_on_a_single_statement(run: Run, annotated: Path, tiny_model: Path, tmp_path: Path) -> None:
    done = run("evaluate", tiny_model, annotated, "--out", tmp_path / "scores")
    assert done.code == 0
    assert json.loads(done.out)["n"] == 1
    assert [r["gold"] for r in table(tmp_path / "scores" / "predictions.csv")] == ["for"]


def test_evaluate_without_a_model(run: Run, annotated: Path, tmp_path: Path) -> None:
    done = run("evaluate", tmp_path / "gone", annotated, "--out", tmp_path / "scores")
    assert_refused(done, "no such model folder")
    assert not contents(tmp_path / "scores")


# --- as a program -----------------------------------------------------------------------------------------------------


def program(*args: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *(str(a) for a in args)],
        input=stdin,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
        timeout=120,
    )


def test_exit_code_2_of_the_program(tmp_path: Path) -> None:
    done = program("-m", "stance", "train", tmp_path / "gone.yaml", "--out", tmp_path / "m")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"stance: {tmp_path / 'gone.yaml'}: no such configuration\n"


@pytest.mark.slow
def test_exit_codes_0_and_1_of_the_program_with_a_pipe(tiny_model: Path, tmp_path: Path) -> None:
    args = ("--out", tmp_path / "out", "--model", tiny_model, "--quiet")
    done = program("-m", "stance", "label", "-", *args, stdin=NOTE.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert_whole(tmp_path / "out", {"stdin"})
    done = program("-m", "stance", "label", "-", tmp_path / "gone.txt", *args, stdin=NOTE.encode())
    assert done.returncode == 1
    assert done.stderr.decode() == f"stance: {tmp_path / 'gone.txt'}: no such file or folder; check the path\n"
    assert_whole(tmp_path / "out", {"stdin"})


@pytest.mark.parametrize("name", ["train", "evaluate", "label"])
def test_scripts_do_the_same(name: str) -> None:
    script, command = program(ROOT / "scripts" / f"{name}.py", "--help"), program("-m", "stance", name, "--help")
    assert script.returncode == command.returncode == 0
    usage = b"".join(script.stdout.split()).partition(b"]")[2]
    assert usage and usage == b"".join(command.stdout.split()).partition(b"]")[2]


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_goes_away_is_no_error(tiny_config: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "stance", "config", "show", str(tiny_config)],
            stdout=writing,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_cannot_show_a_name(tiny_config: Path, encoding: str) -> None:
    args = ("-m", "stance", "config", "show", tiny_config, "--set", "name=Łódź")
    done = program(*args, PYTHONIOENCODING=encoding)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    assert b"kind: tfidf" in done.stdout


def test_a_folder_of_texts_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    done = run("data", "check", ROOT / "data/annotations/SOC_CP_365.jsonl", "--meetings", tmp_path / "none")
    assert (done.code, done.err) == (2, f"stance: --meetings: {tmp_path / 'none'}: no such folder\n")


def test_data_check_tells_a_strange_target(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = (ROOT / "data/annotations/SOC_CP_365.jsonl").read_text(encoding="utf-8").split("\n")[0]
    path.write_text(line.replace("cybercrime-convention", "treaty-of-none") + "\n", encoding="utf-8")
    done = run("data", "check", path, "--meetings", ROOT / "data/meetings")
    assert done.code == 0 and "target: 'treaty-of-none'" in done.err and done.out.startswith("1 of 1 files hold")


def test_a_mistyped_option_is_named_before_the_one_that_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["label", "a.txt", "--outt", "x"])
    assert "unrecognized arguments: --outt; did you mean --out? (the following arguments are required: --out)" in (
        capsys.readouterr().err
    )


def test_results_that_are_replaced_are_told(run: Run, tiny_model: Path, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(NOTE, encoding="utf-8")
    told = []
    for name in ("a", "a", "b", "b"):
        done = run("label", tmp_path / f"{name}.txt", "--model", tiny_model, "--out", tmp_path / "out")
        assert done.code == 0
        told.append("held the results of 1 other documents" in done.err)
    assert told == [False, False, True, False]
    assert record(tmp_path / "out")["warnings"] == []


def test_python_is_told_that_nothing_could_be_read(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NOTE, encoding="utf-8")
    with pytest.raises(InputError, match="gone.txt"):
        stance.label(str(tmp_path / "gone.txt"), model=str(tiny_model))
    found = stance.label(str(tmp_path / "gone.txt"), str(tmp_path / "a.txt"), model=str(tiny_model))
    assert len(found.failures) == len(found.documents) == 1
