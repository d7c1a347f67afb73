"""The documentation: every command in it parses, every block runs that can run here, and the site builds.

A block behind ``<!-- parsed, not run: reason -->`` is parsed only, and so are the commands of the README that take long, want
a cluster or a person (``NOT_RUN``). The files that the pages speak of are made by ``checkout``.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stance.annotating import items_of, write_items
from stance.annotations import Annotation, write_annotations
from stance.cli.parser import parse
from stance.labelling import label_inputs
from stance.model import Classifier

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(<!-- parsed, not run: [^>]+-->\n)?^```(\w+)\n(.*?)^```$", re.M | re.S)
#: Commands of the README that are parsed, not run: they train, take minutes, or want what a test does not have.
NOT_RUN = re.compile(
    r"stance (train|search|export|completion|annotate start)|--engine ray|--part transfer|--against|"
    r"python (scripts/(leaderboard|behaviour|faithfulness|cross_judge|shares|train|evaluate_attribution)|benchmarks)|"
    r"bash scripts|torchrun|pip install|curl "
)


@dataclass(frozen=True)
class Block:
    """A block of code of a page."""

    page: Path
    language: str
    text: str
    parsed_only: bool

    @property
    def commands(self) -> list[str]:
        """The command lines of a shell block, without comments."""
        return [c for line in self.text.splitlines() if (c := re.sub(r"(^|\s+)#\s.*$", "", line).strip())]


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(page, m[2], m[3], bool(m[1])) for m in BLOCK.finditer(text)]


BLOCKS = [b for page in PAGES for b in blocks(page)]


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert len(BLOCKS) > 25
    # Nothing fenced escapes: what is no code is a diagram or a directive of the site.
    assert {b.language for b in BLOCKS} <= {"bash", "python", "yaml", "toctree"}
    for page in PAGES:
        fences = re.findall(r"^```(\w*)$", page.read_text(encoding="utf-8"), re.M)
        assert [f for f in fences if f] == [b.language for b in blocks(page)]


def expand(words: list[str], folder: Path) -> list[str]:
    """Do what a shell does with braces and stars."""
    done = subprocess.run(
        ["bash", "-c", "shopt -s nullglob; printf '%s\\n' " + " ".join(words)],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "command",
    [pytest.param(c, id=f"{b.page.stem}:{c[:60]}") for b in BLOCKS if b.language == "bash" for c in b.commands],
)
def test_every_command_exists(command: str) -> None:
    for part in re.split(r"\s(?:\||>)\s", command):
        words = shlex.split(part)
        if words[0] == "stance":
            args = parse(words[1:])
            for name in ("config", "search"):
                path = getattr(args, name, None)
                if isinstance(path, str) and path.startswith("configs/"):
                    assert (ROOT / path).is_file()
        elif words[0] in ("python", "torchrun"):
            script = next(w for w in words if w.endswith(".py"))
            source = (ROOT / script).read_text(encoding="utf-8")
            if "stance.cli" not in source:
                behind = words[words.index(script) :]
                assert all(f'"{w.split("=")[0]}"' in source for w in behind if w.startswith("--"))
        elif words[0] == "bash":
            assert (ROOT / words[1]).is_file()
        else:
            assert words[0] in ("pip", "curl") or part == "to_code.csv"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, tiny_classifier: Classifier) -> Path:
    """A folder with the project's files and those that the pages call by invented names."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("configs", "data", "scripts"):
        (folder / name).symlink_to(ROOT / name)
    sessions = sorted((ROOT / "data" / "examples" / "sessions").glob("*.txt"))
    shutil.copyfile(ROOT / "data/examples/committee_debate.txt", folder / "summary.txt")
    for name in ("meetings", "my_texts", "archive"):
        (folder / name).mkdir()
        for path in sessions:
            shutil.copyfile(path, folder / name / path.name)
    (folder / "archive" / "page.html").write_text(
        "<p>Togo’s delegate said that a treaty was needed.</p>", encoding="utf-8"
    )
    (folder / "my_treaty.yaml").write_text(
        next(b.text for b in BLOCKS if b.language == "yaml" and b.page.stem == "new_treaty"), encoding="utf-8"
    )
    items = items_of(label_inputs([str(folder / "meetings")], tiny_classifier))
    found = [
        Annotation(i.id, i.document, i.sentence, i.start, i.end, i.text, i.context, i.speaker, i.target, i.stance, "explicit", "meeting", "me")
        for i in items
    ]  # fmt: skip
    for name in ("my_annotations", "held_out", "mine", "yours"):
        write_annotations(folder / f"{name}.jsonl", found)
    write_items(items[:5], folder / "export.json", "label-studio")
    tasks = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    for task in tasks:
        task["annotations"] = [{"completed_by": 1, "result": task["predictions"][0]["result"]}]
    (folder / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    (folder / "runs").mkdir()
    tiny_classifier.save_pretrained(folder / "runs" / "mine")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda p: p.stem)
def test_a_page_runs(page: Path, checkout: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        if block.parsed_only:
            continue
        if block.language == "python":
            exec(compile(block.text, f"{page.name}", "exec"), names)
        elif block.language == "bash":
            for command in block.commands:
                if command.startswith("stance train configs/adapt"):
                    continue
                if page.name == "README.md" and NOT_RUN.search(command):
                    continue
                words = expand(shlex.split(command, posix=False), checkout)
                assert words[0] == "stance", command
                # Pages name the same files.
                again = ["--overwrite"] if words[1:3] in (["annotate", "export"], ["annotate", "import"]) else []
                done = run(*words[1:], *again)
                assert done.code == 0, f"{command}\n{done.err}"


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("furo")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(ROOT / "docs"), str(tmp_path / "site")],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "reference" / "labelling.html").read_text(encoding="utf-8")
    assert "overall_positions" in page
