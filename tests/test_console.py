"""What people expect of a command line: guesses, JSON, colours only where they are seen, completion."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stance.cli.parser import build_parser

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
ANNOTATIONS = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "guess"),
    [
        (("lable", "x.txt"), "did you mean 'label'?"),
        (("data", "chek", "x"), "did you mean 'check'?"),
        (("annotate", "exprot", "x"), "did you mean 'export'?"),
        (("label", "x.txt", "--out", "o", "--modle", "m"), "did you mean --model?"),
        (("label", "x.txt", "--out", "o", "--tarjet=y"), "did you mean --target?"),
        (("label", "x.txt", "--out", "o", "--engine", "rai"), "did you mean 'ray'?"),
        (("annotate", "export", "x.txt", "--out", "o", "--fromat", "csv"), "did you mean --format?"),
        (
            ("annotate", "export", "x.txt", "--out", "o", "--format", "csv", "--query", "radnom"),
            "did you mean 'random'?",
        ),
    ],
)
def test_a_mistyped_word_is_guessed(run: Run, words: tuple[str, ...], guess: str) -> None:
    done = run(*words)
    assert done.code == 2 and guess in done.err and done.out == ""


def test_a_word_like_none_is_not_guessed(run: Run) -> None:
    assert "did you mean" not in run("zzz").err
    assert "did you mean" not in run("label", "x", "--out", "o", "--qqqqq").err


def leaves(parser: Any) -> list[Any]:
    """Return the parsers of the commands, those of groups resolved."""
    found = [a.choices.values() for a in parser._actions if hasattr(a, "choices") and isinstance(a.choices, dict)]
    return [leaf for group in found for sub in group for leaf in leaves(sub)] if found else [parser]


def test_every_command_has_help_with_examples_and_the_common_options() -> None:
    commands = leaves(build_parser())
    assert len(commands) == 16
    for command in commands:
        text = command.format_help()
        assert f"examples:\n  {' '.join(command.prog.split())}" in text
        assert all(f"--{name}" in text for name in ("verbose", "quiet", "json"))
        # Every argument says what it is for, or has a name that does.
        for action in command._actions:
            assert action.help or action.metavar or action.choices


def test_examples_are_commands(tmp_path: Path) -> None:
    """What help shows parses."""
    from stance.cli.parser import parse

    seen = 0
    for command in leaves(build_parser()):
        for line in command.epilog.splitlines()[1:]:
            words = line.split(" > ")[0].replace("'", "").split()
            assert words[0] == "stance"
            assert parse(words[1:]).run
            seen += 1
    assert seen >= 18


@pytest.mark.parametrize("place", ["before", "behind"])
def test_common_options_stand_before_or_behind_the_command(run: Run, place: str) -> None:
    words = ("data", "check", ANNOTATIONS)
    done = run("--json", *words) if place == "before" else run(*words, "--json")
    assert json.loads(done.out) == {"files": 1, "valid": 1, "messages": [], "warnings": []}
    # And between the two words of a command.
    assert json.loads(run("data", "--json", "check", ANNOTATIONS).out)["valid"] == 1


def test_results_as_json(run: Run, tiny_model: Path, tiny_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    label = run("label", EXAMPLE, tmp_path / "gone.txt", "--model", tiny_model, "--out", out, "--json")
    found = json.loads(label.out)
    assert label.code == 1 and found["documents"] == 1 and found["out"] == str(out)
    assert found["failures"][0]["source"].endswith("gone.txt")
    found = json.loads(run("evaluate", tiny_model, ANNOTATIONS, "--json", "--out", out).out)
    assert found["statements"]["n"] == 68 and found["model"]["name"] == "tiny"
    assert found["statements"] == json.loads((out / "metrics.json").read_text(encoding="utf-8"))["statements"]
    found = json.loads(run("train", tiny_config, "--out", tmp_path / "m", "--json", "--quiet").out)
    assert found["out"] == str(tmp_path / "m")
    found = json.loads(run("config", "show", tiny_config, "--json").out)
    assert found["classifier"]["kind"] == "tfidf"
    found = json.loads(run("config", "fields", "tfidf", "--json").out)
    assert {"field", "default", "meaning"} == set(found[0])
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n", encoding="utf-8")
    done = run("data", "check", bad, "--json")
    assert done.code == 1 and json.loads(done.out)["messages"][0].startswith(f"{bad}:1: ")


def test_an_error_is_no_result(run: Run, tmp_path: Path) -> None:
    done = run("label", EXAMPLE, "--model", tmp_path / "none", "--out", tmp_path / "out", "--json")
    assert (done.code, done.out) == (2, "") and "no such model folder" in done.err


def seen_on_a_terminal(*words: str, **variables: str) -> str:
    """Return what a command shows where its standard error is a terminal."""
    leader, follower = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")} | variables
    subprocess.run(
        [sys.executable, "-m", "stance", *words],
        stderr=follower,
        stdout=subprocess.DEVNULL,
        env=environment,
        check=False,
    )
    os.close(follower)
    text = os.read(leader, 10_000).decode()
    os.close(leader)
    return text


def test_colours_are_for_terminals_alone(run: Run) -> None:
    words = ("config", "show", "gone.yaml")
    assert "\x1b[31mstance:\x1b[0m gone.yaml" in seen_on_a_terminal(*words, TERM="xterm")
    assert "\x1b" not in seen_on_a_terminal(*words, TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in seen_on_a_terminal(*words, TERM="dumb")
    assert "\x1b" not in run(*words).err
    assert "\x1b[31merror:\x1b[0m" in seen_on_a_terminal("lable", TERM="xterm")


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion(run: Run, shell: str, tmp_path: Path) -> None:
    done = run("completion", shell)
    assert done.code == 0
    for word in ("label", "annotate", "explain", "show-model"):
        assert word in done.out
    if shell == "bash":
        script = tmp_path / "stance.bash"
        script.write_text(done.out, encoding="utf-8")
        asked = f"source {script}; COMP_WORDS=(stance lab); COMP_CWORD=1; _shtab_stance; echo ${{COMPREPLY[@]}}"
        assert subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True).stdout == "label\n"
