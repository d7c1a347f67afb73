"""The notebooks run from top to bottom, and are kept as they ran."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")
NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def test_there_are_four_notebooks() -> None:
    assert [path.stem.split("_")[0] for path in NOTEBOOKS] == ["01", "02", "03", "04"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_outputs_are_kept(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    drawn = sum("plots." in cell.source for cell in cells)
    assert drawn and sum("image/png" in output.get("data", {}) for output in outputs) == drawn
    assert "site-packages" not in path.read_text(encoding="utf-8")


def told(notebook: Any) -> list[tuple[str, list[float]]]:
    """Return what the cells print: the words, and the numbers among them."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            if output.get("name") != "stderr" and not text.startswith("<Figure"):
                # How wide a column is hangs on the last digits of its numbers.
                found.append((" ".join(NUMBER.sub("#", text).split()), [float(n) for n in NUMBER.findall(text)]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs_and_tells_what_it_told(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    kept = told(notebook)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    begun = time.monotonic()
    client.execute()
    assert time.monotonic() - begun < 120
    assert any("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
    # The last digits hang on the machine; a figure of another model or rule differs by more.
    fresh = told(notebook)
    assert [words for words, _ in fresh] == [words for words, _ in kept]
    for (_, now), (_, then) in zip(fresh, kept, strict=True):
        assert now == pytest.approx(then, abs=0.01, rel=0.05)
