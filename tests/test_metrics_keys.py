"""The keys of metrics.json: every one is documented, and every documented one is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chat_server import ChatServer

from stance.targets import STANCES

ROOT = Path(__file__).parent.parent
DOCUMENTED = ROOT / "stance" / "evaluation" / "METRICS.md"
DEBATE = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"
SINGLE = ROOT / "data" / "authored" / "annotations" / "statements.jsonl"


def documented() -> set[str]:
    keys: set[str] = set()
    for line in DOCUMENTED.read_text(encoding="utf-8").splitlines():
        cell = line.split("|")[1] if line.startswith("| `") else ""
        stem = ""
        for key in re.findall(r"`([^`]+)`", cell):
            stem, full = (key.rpartition(".")[0], key) if not key.startswith("…") else (stem, stem + key[1:])
            keys.add(full)
    return keys


def written(value: Any, path: str = "") -> Iterator[str]:
    """Return the keys of a report down to what is no dictionary; names that depend on the data are written <so>."""
    if not isinstance(value, dict) or path == "environment":
        yield path
        return
    for key, inner in value.items():
        name = "<label>" if key in STANCES and path != "comparison" else key
        name = {"data": "<file>", "contrast": "<kind>", "end_to_end.outcomes": "<outcome>"}.get(path, name)
        yield from written(inner, f"{path}.{name}" if path else name)


def test_documentation_and_report_have_the_same_keys(run: Callable[..., Any], tiny_model: Path, tmp_path: Path) -> None:
    meetings = ("--meetings", ROOT / "data" / "meetings")
    more = ("--end-to-end", "--against", tiny_model)
    whole = run("evaluate", tiny_model, DEBATE, *meetings, *more, "--out", tmp_path / "debate")
    single = run("evaluate", tiny_model, SINGLE, "--part", "development", "--out", tmp_path / "single")
    assert (whole.code, single.code) == (0, 0), whole.err + single.err
    server = ChatServer()
    try:
        fields = (
            f"classifier.base_url={server.url}",
            "classifier.model=tested",
            f"classifier.cache={tmp_path / 'answers'}",
        )
        sets = [x for f in fields for x in ("--set", f)]
        run("train", ROOT / "configs" / "prompted.yaml", *sets, "--out", tmp_path / "asking")
        asked = run("evaluate", tmp_path / "asking", DEBATE, *meetings, "--out", tmp_path / "asked")
    finally:
        server.close()
    assert asked.code == 0, asked.err
    found: set[str] = set()
    for name in ("debate", "single", "asked"):
        found |= set(written(json.loads((tmp_path / name / "metrics.json").read_text(encoding="utf-8"))))
    headings = {"positions", "conformal", "end_to_end", "comparison"}
    assert found - documented() == set()
    assert documented() - found - headings == set()
