"""What a run was made of, and results that are written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance.errors import OutputError
from stance.manifest import digest_file, digest_folder, environment, fresh_folder, write_json, write_text


def content(folder: Path) -> dict[str, str]:
    """Return what lies in a folder, hidden files included."""
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def failing(times: int) -> Callable[..., Any]:
    """Return a stand-in for ``Path.rename`` and ``Path.replace`` that fails at the call of that number."""
    calls = 0
    real = os.rename

    def move(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == times:
            raise OSError(28, "No space left on device")
        real(self, target)
        return Path(target)

    return move


def test_the_digest_of_a_file_is_its_sha_256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    # The example of FIPS 180-2, appendix B.1.
    assert digest_file(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (tmp_path / "b").write_bytes(b"")
    assert digest_file(tmp_path / "b") == hashlib.sha256().hexdigest()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("classifier.json", "model.json", "weights.safetensors", "head.json"):
        (folder / name).write_text(f"{name} 1", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["classifier.json", "model.json", "weights.safetensors", "head.json"])
def test_the_digest_of_a_folder_hangs_on_weights_and_settings(model: Path, name: str) -> None:
    before = digest_folder(model)
    (model / name).write_text("2", encoding="utf-8")
    changed = digest_folder(model)
    (model / name).unlink()
    assert len({before, changed, digest_folder(model)}) == 3


@pytest.mark.parametrize("name", ["weights.json", "vocabulary.json", "encoder/model.safetensors"])
def test_the_digest_of_a_folder_sees_added_weights(model: Path, name: str) -> None:
    before = digest_folder(model)
    (model / name).parent.mkdir(exist_ok=True)
    (model / name).write_text("1", encoding="utf-8")
    assert digest_folder(model) != before


@pytest.mark.parametrize("name", ["README.md", "metrics.json", "run.json", "predictions.csv", "config.yaml"])
def test_the_digest_of_a_folder_does_not_see_what_tells_about_it(model: Path, name: str) -> None:
    before = digest_folder(model)
    (model / name).write_text("words about the model", encoding="utf-8")
    assert digest_folder(model) == before


def test_the_digest_of_a_folder_does_not_hang_on_its_place(model: Path, tmp_path: Path) -> None:
    before = digest_folder(model)
    model.rename(tmp_path / "elsewhere")
    assert digest_folder(tmp_path / "elsewhere") == before


def test_the_digest_of_a_folder_sees_which_file_holds_what(model: Path) -> None:
    before = digest_folder(model)
    (model / "head.json").rename(model / "weights.json")
    assert digest_folder(model) != before


def test_the_environment_names_versions_machine_and_commit() -> None:
    found = environment()
    assert found["python"] == platform.python_version()
    assert found["packages"]["numpy"] == np.__version__
    assert "scikit-learn" in found["packages"]
    assert found["machine"].startswith(platform.system())
    assert found["commit"] is None or re.fullmatch(r"[0-9a-f]{40,64}(\+changes)?", found["commit"])
    assert json.loads(json.dumps(found)) == found


def test_text_is_written_with_plain_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "Fiji’s\nview\n")
    assert (tmp_path / "a.txt").read_bytes() == "Fiji’s\nview\n".encode()
    write_text(tmp_path / "a.txt", "new")
    assert content(tmp_path) == {"a.txt": "new"}


def test_writing_that_fails_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    monkeypatch.setattr(Path, "replace", failing(1))
    with pytest.raises(OutputError) as caught:
        write_text(path, "new")
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("text", ["fine", "\ud800"], ids=["onto a folder", "no Unicode"])
def test_writing_that_fails_leaves_nothing_beside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    if text == "fine":
        path.mkdir()
    with pytest.raises((OutputError, UnicodeEncodeError)):
        write_text(path, text)
    assert content(tmp_path) == {}


def test_writing_into_a_missing_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.txt"
    with pytest.raises(OutputError) as caught:
        write_text(path, "x")
    assert str(caught.value) == f"{path}: cannot be written: No such file or directory"


def test_json_is_sorted_readable_and_ends_with_a_line_end(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": "Côte d’Ivoire", "a": {"d": 1, "c": Path("x/y")}})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text == '{\n  "a": {\n    "c": "x/y",\n    "d": 1\n  },\n  "b": "Côte d’Ivoire"\n}\n'


def test_a_fresh_folder_appears_when_the_block_succeeds(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "er" / "run"
    with fresh_folder(target) as folder:
        assert not target.exists()
        assert folder.parent == target.parent
        (folder / "a.txt").write_text("1", encoding="utf-8")
        (folder / "sub").mkdir()
        (folder / "sub" / "b.txt").write_text("2", encoding="utf-8")
    assert content(target.parent) == {"run/a.txt": "1", "run/sub/b.txt": "2"}
    assert stat.S_IMODE(target.stat().st_mode) == 0o755


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a folder of an earlier run, the only thing beside it."""
    folder = tmp_path / "runs" / "run"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("old", encoding="utf-8")
    (folder / "b.txt").write_text("old", encoding="utf-8")
    return folder


def test_a_fresh_folder_replaces_the_old_one_as_a_whole(old: Path) -> None:
    with fresh_folder(old) as folder:
        (folder / "a.txt").write_text("new", encoding="utf-8")
        assert content(old) == {"a.txt": "old", "b.txt": "old"}
    assert content(old.parent) == {"run/a.txt": "new"}
    assert names(old.parent) == ["run"]


@pytest.mark.parametrize("error", [RuntimeError, OSError, KeyboardInterrupt, SystemExit])
def test_a_block_that_fails_leaves_the_old_folder_untouched(old: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), fresh_folder(old) as folder:
        (folder / "a.txt").write_text("half", encoding="utf-8")
        raise error("stop")
    assert content(old.parent) == {"run/a.txt": "old", "run/b.txt": "old"}
    assert names(old.parent) == ["run"]


def test_a_block_that_fails_leaves_no_folder_where_none_was(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), fresh_folder(tmp_path / "run") as folder:
        (folder / "a.txt").write_text("half", encoding="utf-8")
        raise RuntimeError
    assert names(tmp_path) == []


@pytest.mark.parametrize("times", [1, 2])
def test_an_exchange_that_fails_leaves_the_old_folder_in_place(
    old: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(Path, "rename", failing(times))
    with pytest.raises(OutputError), fresh_folder(old) as folder:
        (folder / "a.txt").write_text("new", encoding="utf-8")
    assert content(old.parent) == {"run/a.txt": "old", "run/b.txt": "old"}


def test_a_link_to_a_folder_is_written_through(old: Path, tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(old, target_is_directory=True)
    with fresh_folder(link) as folder:
        (folder / "a.txt").write_text("new", encoding="utf-8")
    assert content(link) == {"a.txt": "new"}
    assert names(tmp_path) == ["latest", "runs"]


def test_the_working_folder_itself_is_refused_in_words(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(old)
    with pytest.raises(OutputError), fresh_folder(Path()) as folder:
        (folder / "a.txt").write_text("new", encoding="utf-8")
    assert content(old.parent) == {"run/a.txt": "old", "run/b.txt": "old"}


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as caught, fresh_folder(target):
        pytest.fail("the block must not run")
    assert str(caught.value) == f"{target}: exists and is not a folder"
    assert content(tmp_path) == {"run": "mine"}


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    target = tmp_path / "file" / "run"
    with pytest.raises(OutputError, match="cannot be written"), fresh_folder(target):
        pytest.fail("the block must not run")
