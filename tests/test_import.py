"""What importing costs, and what the package gives at its top."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import stance
from stance.collecting import not_collecting

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "sentence_transformers", "datasets", "sklearn", "scipy", "pandas", "pyarrow")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**ENVIRONMENT, **environment},
        check=False,
        timeout=120,
    )


def loaded_after(code: str) -> list[str]:
    """Return which of the heavy libraries a fresh interpreter holds after some code."""
    done = python(f"import sys\n{code}\nprint('\\n'.join(m for m in {HEAVY!r} if m in sys.modules), file=sys.stderr)")
    assert done.returncode == 0, done.stderr
    return done.stderr.split()


HELP = "from stance.cli import main\ntry:\n    main({args!r})\nexcept SystemExit as stop:\n    assert not stop.code"


@pytest.mark.parametrize(
    "code",
    [
        "import stance",
        "import stance.cli",
        HELP.format(args=["--help"]),
        HELP.format(args=["label", "--help"]),
        HELP.format(args=["export", "--help"]),
        HELP.format(args=["--version"]),
        "from stance.documents import find_inputs",
    ],
)
def test_nothing_heavy_is_loaded_and_it_is_quick(code: str) -> None:
    started = time.monotonic()
    assert loaded_after(code) == []
    assert time.monotonic() - started < 2


def test_help_names_every_command() -> None:
    done = python(HELP.format(args=["--help"]))
    for command in ("train", "evaluate", "label", "export", "data"):
        assert f"\n    {command} " in done.stdout


def test_the_attribute_that_is_loaded_late_is_the_class() -> None:
    from stance.model import Classifier

    assert stance.Classifier is Classifier
    with pytest.raises(AttributeError, match="module 'stance' has no attribute 'Clasifier'"):
        _ = stance.Clasifier


def test_everything_that_is_promised_is_there() -> None:
    for name in stance.__all__:
        assert getattr(stance, name) is not None
    assert set(stance.__all__) >= {"Classifier", "label", "__version__"}


def test_version_is_one_and_the_same() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert stance.__version__ == project["version"]
    assert python("from stance.cli import main; main(['--version'])").stdout == f"stance {stance.__version__}\n"


def test_labelling_with_a_lexical_model_loads_no_torch(tiny_model: Path, tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("The representative of Togo said that a new convention was needed.\n", encoding="utf-8")
    code = f"import stance\nassert len(stance.label({str(text)!r}, model={str(tiny_model)!r}).documents) == 1"
    assert not {"torch", "transformers", "sentence_transformers", "datasets"} & set(loaded_after(code))


@pytest.mark.slow
@pytest.mark.long
def test_every_module_can_be_imported_first() -> None:
    """A circle of imports shows only when one enters it at the wrong module."""
    code = """
import importlib, json, pkgutil, sys
import stance
names = [m.name for m in pkgutil.walk_packages(stance.__path__, "stance.") if not m.name.endswith("__main__")]
failed = {}
for name in names:
    for old in [m for m in sys.modules if m.split(".")[0] == "stance"]:
        del sys.modules[old]
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = repr(error)
print(json.dumps([names, failed]))
"""
    done = python(code)
    assert done.returncode == 0, done.stderr
    names, failed = json.loads(done.stdout)
    assert "stance.classifiers.cross_encoder" in names
    assert failed == {}


def test_garbage_is_collected_again_behind_a_block() -> None:
    with pytest.raises(ValueError, match="no"), not_collecting():
        with not_collecting():
            pass
        assert not gc.isenabled()
        raise ValueError("no")
    assert gc.isenabled()
    gc.disable()
    try:
        with not_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_command_ends_without_looking_through_its_memory() -> None:
    code = "import atexit, gc, sys\natexit.register(lambda: print('kept', gc.get_freeze_count() > 1000))\n"
    code += "from stance.cli import command\nsys.argv = ['stance', '--version']\ncommand()"
    assert python(code).stdout.rstrip().endswith("kept True")
