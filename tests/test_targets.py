"""Targets: the shipped ones, a researcher's own, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from stance.errors import ConfigError
from stance.resources import targets_folder
from stance.targets import DEFAULT_TARGET, STANCES, Target, known_targets, load_target, speaks_of

OWN = """\
id: night-sky-treaty
name: "  A treaty on the protection of the night sky "
description: >
  A binding text against stray light.
aliases:
  - dark sky treaty
  - convention on stray light
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "night-sky-treaty.yaml"


def refusal(file: Path, content: str | bytes) -> str:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        load_target(str(file))
    return str(caught.value)


def test_the_order_of_the_labels_is_fixed() -> None:
    # Every probability vector and every weight of a saved model hangs on it.
    assert STANCES == ("for", "against", "neutral")


def test_the_known_targets_are_sorted_and_hold_the_default() -> None:
    known = known_targets()
    assert known == sorted(known)
    assert len(known) == len(set(known)) == len(list(targets_folder().glob("*.yaml")))
    assert DEFAULT_TARGET in known


@pytest.mark.parametrize("name", known_targets())
def test_every_shipped_target_is_complete(name: str) -> None:
    target = load_target(name)
    assert target.id == name
    assert target.name[0].isupper()
    assert not target.name.endswith(".")
    assert len(target.description) > len(target.name)
    assert len(target.aliases) == len(set(target.aliases)) > 0


def test_shipped_targets_have_different_names() -> None:
    names = [load_target(name).name for name in known_targets()]
    assert len(names) == len(set(names))


def test_an_own_target_is_read_from_its_file(file: Path) -> None:
    file.write_text(OWN, encoding="utf-8")
    assert load_target(str(file)) == Target(
        "night-sky-treaty",
        "A treaty on the protection of the night sky",
        "A binding text against stray light.",
        ("dark sky treaty", "convention on stray light"),
    )


@pytest.mark.parametrize("suffix", [".yaml", ".yml"])
def test_id_and_name_suffice(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"short{suffix}"
    file.write_text("id: short\nname: A short treaty\naliases:\n", encoding="utf-8")
    assert load_target(str(file)) == Target("short", "A short treaty", "", ())


def test_an_own_target_that_was_edited_is_read_again(file: Path) -> None:
    file.write_text(OWN, encoding="utf-8")
    load_target(str(file))
    file.write_text(OWN.replace("night sky", "evening sky"), encoding="utf-8")
    assert load_target(str(file)).name == "A treaty on the protection of the evening sky"


def test_a_relative_path_is_read_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("east", "west"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "mine.yaml").write_text(f"id: {place}\nname: A treaty of the {place}\n", encoding="utf-8")
        monkeypatch.chdir(tmp_path / place)
        assert load_target("mine.yaml").id == place


def test_an_unknown_target_names_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        load_target("cyber-crime-convention")
    assert str(caught.value).startswith(
        "target 'cyber-crime-convention': not found; did you mean 'cybercrime-convention'? A target of your own is named "
    )


def test_a_target_like_no_other_lists_the_known() -> None:
    with pytest.raises(ConfigError) as caught:
        load_target("qqq")
    message = str(caught.value)
    assert message.startswith("target 'qqq': not found; known: ")
    assert all(name in message for name in known_targets())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "gone.yaml")
    with pytest.raises(ConfigError, match="not found"):
        load_target(missing)


@pytest.mark.parametrize("content", ["", "- night sky\n", "just words\n"])
def test_a_file_that_is_no_mapping_is_refused(file: Path, content: str) -> None:
    expected = f"{file}: a target is a mapping with the fields id, name, description, aliases"
    assert refusal(file, content) == expected


@pytest.mark.parametrize("content", ["name: [\n", "id: a\n\tname: b\n", b"id: caf\xe9\n"])
def test_a_file_that_is_no_yaml_is_refused(file: Path, content: str | bytes) -> None:
    assert refusal(file, content).startswith(f"{file}: not valid YAML: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name: A treaty\n", "id: must be a non-empty text"),
        ("id: a\n", "name: must be a non-empty text"),
        ("id: a\nname: '  '\n", "name: must be a non-empty text"),
        ("id: 7\nname: A treaty\n", "id: must be a non-empty text"),
        ("id: a\nname: [A treaty]\n", "name: must be a non-empty text"),
        ("id: a\nname: A treaty\naliases: the treaty\n", "aliases: must be a list of texts"),
        ("id: a\nname: A treaty\naliases: [the treaty, 7]\n", "aliases: must be a list of texts"),
        ("id: a\nname: A treaty\naliases: {the: treaty}\n", "aliases: must be a list of texts"),
        ("id: a\nname: A treaty\nalias: [x]\n", "alias: unknown field; did you mean 'aliases'?"),
        ("id: a\nnmae: A treaty\n", "nmae: unknown field; did you mean 'name'?"),
        ("id: a\nname: A treaty\nzzzz: x\n", "zzzz: unknown field"),
        ("id: a\nname: A treaty\n3: x\n", "3: unknown field"),
    ],
)
def test_a_wrong_field_is_named(file: Path, content: str, words: str) -> None:
    assert refusal(file, content) == f"{file}: {words}"


@pytest.mark.parametrize("value", ["[A binding text]", "{what: a text}", "7"])
def test_a_description_that_is_no_text_is_named(file: Path, value: str) -> None:
    assert refusal(file, f"id: a\nname: A treaty\ndescription: {value}\n").startswith(f"{file}: description: ")


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("Cyberspace knows no borders.", "cybercrime-convention", True),
        ("Forests were burning.", "forest-convention", True),
        ("The rivers were low.", "cybercrime-convention", False),
        ("A new convention was proposed.", "plastics-treaty", False),
    ],
)
def test_a_text_speaks_of_what_a_target_is_about(text: str, target: str, expected: bool) -> None:
    assert speaks_of(text, load_target(target)) is expected


def test_a_target_whose_name_says_nothing_is_spoken_of_everywhere() -> None:
    assert speaks_of("It was late.", Target("x", "A new international instrument"))
