"""Configurations: defaults, inheritance, overrides, and the words of every refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from stance.classifiers import KINDS
from stance.config import (
    CrossEncoderConfig,
    EncoderConfig,
    EnsembleConfig,
    EntailmentConfig,
    LabelWordsConfig,
    MajorityConfig,
    RunConfig,
    SetFitConfig,
    TfidfConfig,
    load_config,
)
from stance.errors import ConfigError
from stance.resources import configs_folder
from stance.targets import DEFAULT_TARGET, load_target

SMALL = "name: small\nclassifier: {kind: tfidf}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


def load(file: Path, content: str, *overrides: str) -> RunConfig:
    file.write_text(content, encoding="utf-8")
    return load_config(file, overrides)


def refusal(file: Path, content: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(file, content, *overrides)
    return str(caught.value)


def test_the_defaults(file: Path) -> None:
    config = load(file, SMALL)
    assert (config.name, config.seed, config.target) == ("small", 13, DEFAULT_TARGET)
    assert (config.encoding.mask, config.encoding.target, config.encoding.context) == (True, True, 1)
    assert (config.decision.threshold, config.data.limit, config.data.exclude_targets) == (0.5, None, ())
    assert (config.evaluation.scheme, config.evaluation.folds) == ("leave-one-delegation-out", 5)
    assert config.classifier == TfidfConfig(kind="tfidf")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("majority", MajorityConfig),
        ("tfidf", TfidfConfig),
        ("encoder", EncoderConfig),
        ("cross-encoder", CrossEncoderConfig),
        ("entailment", EntailmentConfig),
        ("label-words", LabelWordsConfig),
        ("setfit", SetFitConfig),
    ],
)
def test_the_kind_chooses_the_fields(file: Path, kind: str, expected: type) -> None:
    assert type(load(file, f"name: a\nclassifier: {{kind: {kind}}}\n").classifier) is expected
    assert kind in KINDS


@pytest.mark.parametrize("path", sorted(configs_folder().glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_configuration_holds(path: Path) -> None:
    # Whom to ask is the user's to say.
    named = ["classifier.base_url=http://localhost:8000/v1", "classifier.model=any"] if path.stem == "prompted" else []
    config = load_config(path, named)
    assert config.name == path.stem
    assert load_target(config.target).id == config.target


@pytest.mark.parametrize(
    ("overrides", "files"),
    [
        (["data.train=[mine.jsonl]"], ("mine.jsonl",)),
        (["data.train=[mine.jsonl]", "evaluation.files=[other.jsonl]"], ("other.jsonl",)),
        (["data.train=[mine.jsonl]", "evaluation.scheme=held-out"], ("data/annotations/SOC_CP_365.jsonl",)),
        (["data.train=[mine.jsonl, data/annotations/SOC_CP_365.jsonl]"], ("data/annotations/SOC_CP_365.jsonl",)),
        ([], ("data/annotations/SOC_CP_365.jsonl",)),
    ],
)
def test_a_run_on_ones_own_annotation_is_evaluated_on_it(overrides: list[str], files: tuple[str, ...]) -> None:
    assert load_config(configs_folder() / "adapt.yaml", overrides).evaluation.files == files


def test_a_configuration_may_be_named_by_a_string(file: Path) -> None:
    file.write_text(SMALL, encoding="utf-8")
    assert load_config(str(file)) == load_config(file)


def test_what_is_dumped_loads_again(file: Path) -> None:
    config = load(file, "name: a\nclassifier: {kind: tfidf, words: [1, 3], characters: null}\ndata: {train: [a, b]}\n")
    again = load(file, yaml.safe_dump(config.model_dump(mode="json")))
    assert again == config


def test_a_configuration_cannot_be_changed_afterwards(file: Path) -> None:
    config = load(file, SMALL)
    with pytest.raises(ValidationError):
        config.seed = 1


def test_lists_become_tuples_in_their_order(file: Path) -> None:
    config = load(file, SMALL + "data:\n  train: [b.jsonl, a.jsonl]\n  exclude_targets: [plastics-treaty]\n")
    assert config.data.train == ("b.jsonl", "a.jsonl")
    assert config.data.exclude_targets == ("plastics-treaty",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SMALL + "sede: 1\n", "sede: unknown field; did you mean 'seed'?"),
        (SMALL + "taget: x\n", "taget: unknown field; did you mean 'target'?"),
        (SMALL + "data: {trian: [a]}\n", "data.trian: unknown field; did you mean 'train'?"),
        (SMALL + "encoding: {contxt: 1}\n", "encoding.contxt: unknown field; did you mean 'context'?"),
        (SMALL + "decision: {treshold: 1}\n", "decision.treshold: unknown field; did you mean 'threshold'?"),
        (SMALL + "evaluation: {fold: 3}\n", "evaluation.fold: unknown field; did you mean 'folds'?"),
        ("name: a\nclassifier: {kind: tfidf, min_fd: 2}\n", "classifier.min_fd: unknown field; did you mean 'min_df'?"),
        (
            "name: a\nclassifier: {kind: encoder, encodr: x}\n",
            "classifier.encodr: unknown field; did you mean 'encoder'?",
        ),
        (
            "name: a\nclassifier: {kind: cross-encoder, epoch: 2}\n",
            "classifier.epoch: unknown field; did you mean 'epochs'?",
        ),
        ("name: a\nclassifier: {kind: majority, c: 2}\n", "classifier.c: unknown field; known: kind"),
        (SMALL + "encoding: {zzzz: 1}\n", "encoding.zzzz: unknown field; known: mask, target, context, clauses"),
    ],
)
def test_an_unknown_field_names_the_nearest_known(file: Path, content: str, words: str) -> None:
    assert refusal(file, content) == f"{file}: {words}"


def test_a_pattern_that_is_none_is_refused(file: Path) -> None:
    told = refusal(file, SMALL + "data: {exclude_documents: 's(2'}\n")
    assert told.startswith(f"{file}: data.exclude_documents: ") and "no regular expression: missing )" in told


@pytest.mark.parametrize("name", ["majority", "tfidf", "cross-encoder"])
@pytest.mark.parametrize("place", ["", "data"])
def test_an_unknown_field_may_have_the_name_of_a_kind(file: Path, name: str, place: str) -> None:
    content = SMALL + (f"{place}: {{{name}: 1}}\n" if place else f"{name}: 1\n")
    where = f"{place}.{name}" if place else name
    assert refusal(file, content).startswith(f"{file}: {where}: unknown field; ")


def test_a_misspelt_base_is_not_taken_for_another_field(file: Path) -> None:
    assert refusal(file, SMALL + "bsae: other.yaml\n") == f"{file}: bsae: unknown field; did you mean 'base'?"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("name: 3\nclassifier: {kind: tfidf}\n", "name"),
        ("name: ''\nclassifier: {kind: tfidf}\n", "name"),
        (SMALL + "seed: soon\n", "seed"),
        (SMALL + "seed: -1\n", "seed"),
        (SMALL + "seed: 1.5\n", "seed"),
        (SMALL + "data: {train: a.jsonl}\n", "data.train"),
        (SMALL + "data: {train: [1]}\n", "data.train.0"),
        (SMALL + "data: {limit: 0}\n", "data.limit"),
        (SMALL + "data:\n", "data"),
        (SMALL + "encoding: {mask: perhaps}\n", "encoding.mask"),
        (SMALL + "encoding: {context: 6}\n", "encoding.context"),
        (SMALL + "encoding: {context: -1}\n", "encoding.context"),
        (SMALL + "decision: {threshold: 1.01}\n", "decision.threshold"),
        (SMALL + "decision: {threshold: .nan}\n", "decision.threshold"),
        (SMALL + "decision: {threshold: automatic}\n", "decision.threshold"),
        (SMALL + "decision: {threshold: true}\n", "decision.threshold"),
        (SMALL + "decision: {cost_opposite: -1}\n", "decision.cost_opposite"),
        (SMALL + "evaluation: {scheme: random}\n", "evaluation.scheme"),
        (SMALL + "evaluation: {folds: 1}\n", "evaluation.folds"),
        (SMALL + "evaluation: {bootstrap: 99}\n", "evaluation.bootstrap"),
        ("name: a\nclassifier: tfidf\n", "classifier"),
        ("name: a\nclassifier: {kind: tfidf, c: much}\n", "classifier.c"),
        ("name: a\nclassifier: {kind: tfidf, c: 0}\n", "classifier.c"),
        ("name: a\nclassifier: {kind: tfidf, words: [1]}\n", "classifier.words.1"),
        ("name: a\nclassifier: {kind: tfidf, words: [1, x]}\n", "classifier.words.1"),
        ("name: a\nclassifier: {kind: tfidf, min_df: 0}\n", "classifier.min_df"),
        ("name: a\nclassifier: {kind: encoder, encoder: 5}\n", "classifier.encoder"),
        ("name: a\nclassifier: {kind: encoder, max_tokens: 8}\n", "classifier.max_tokens"),
        ("name: a\nclassifier: {kind: cross-encoder, encoder: 5}\n", "classifier.encoder"),
        ("name: a\nclassifier: {kind: cross-encoder, warmup: 1}\n", "classifier.warmup"),
        ("name: a\nclassifier: {kind: cross-encoder, epochs: 0}\n", "classifier.epochs"),
        ("name: a\nclassifier: {kind: cross-encoder, patience: 0}\n", "classifier.patience"),
        ("name: a\nclassifier: {kind: cross-encoder, validation: 1}\n", "classifier.validation"),
        ("name: a\nclassifier: {kind: cross-encoder, frozen_layers: -1}\n", "classifier.frozen_layers"),
        ("name: a\nclassifier: {kind: cross-encoder, attention_dropout: 1}\n", "classifier.attention_dropout"),
        ("name: a\nclassifier: {kind: entailment, epochs: -1}\n", "classifier.epochs"),
        ("name: a\nclassifier: {kind: entailment, hypotheses: {for: x}}\n", "classifier.hypotheses"),
        (SMALL + "logging: {tensorboard: perhaps}\n", "logging.tensorboard"),
    ],
)
def test_a_wrong_value_names_file_and_field(file: Path, content: str, field: str) -> None:
    assert refusal(file, content).startswith(f"{file}: {field}: ")


@pytest.mark.parametrize("field", ["words", "characters"])
@pytest.mark.parametrize("span", ["[2, 1]", "[0, 0]", "[-1, 2]"])
def test_a_span_of_n_grams_that_cannot_be_is_named(file: Path, field: str, span: str) -> None:
    content = f"name: a\nclassifier: {{kind: tfidf, {field}: {span}}}\n"
    assert refusal(file, content).startswith(f"{file}: classifier.{field}")


def test_a_tuned_threshold_needs_statements_to_tune_it_on(file: Path) -> None:
    message = refusal(file, SMALL + "decision: {threshold: auto}\n")
    assert message.startswith(
        f"{file}: decision.threshold: auto needs statements to tune it on; name calibration.parts"
    )
    config = load(file, SMALL + "decision: {threshold: auto}\ncalibration: {parts: [development]}\n")
    assert config.decision.threshold == "auto"
    assert (config.decision.cost_opposite, config.decision.cost_false_side, config.decision.cost_missed_side) == (
        4,
        1.5,
        1,
    )


def test_a_wrong_value_is_shown(file: Path) -> None:
    assert refusal(file, SMALL + "seed: soon\n").endswith("(is 'soon')")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("classifier: {kind: tfidf}\n", "name: missing"),
        ("name: a\n", "classifier: missing"),
        ("name: a\nclassifier: {c: 1}\n", "classifier.kind: missing"),
    ],
)
def test_a_missing_field_is_named(file: Path, content: str, words: str) -> None:
    assert refusal(file, content) == f"{file}: {words}"


def test_an_unknown_kind_lists_the_known(file: Path) -> None:
    message = refusal(file, "name: a\nclassifier: {kind: forest}\n")
    assert message.startswith(f"{file}: classifier.kind: 'forest' is not one of ")
    assert all(kind in message for kind in KINDS)


def test_every_error_is_told_at_once(file: Path) -> None:
    message = refusal(file, "classifier: {kind: tfidf, c: 0, wrods: 1}\nseed: soon\n")
    lines = message.splitlines()
    assert len(lines) == 4
    for field in ("name", "seed", "classifier.c", "classifier.wrods"):
        assert any(line.startswith(f"{file}: {field}: ") for line in lines)


@pytest.mark.parametrize("content", ["", "- name\n", "just words\n", "7\n"])
def test_a_file_that_is_no_mapping_is_refused(file: Path, content: str) -> None:
    assert refusal(file, content) == f"{file}: a configuration is a mapping of fields"


@pytest.mark.parametrize(
    ("content", "line"),
    [("name: a\nseed: [1, 2\nclassifier: x\n", 3), ("name: a\n\tseed: 3\n", 2), ("name: a\ndata:\n  x: 1\n y: 2\n", 4)],
)
def test_broken_yaml_names_the_line(file: Path, content: str, line: int) -> None:
    assert refusal(file, content).startswith(f"{file}:{line}: not valid YAML: ")


def test_a_character_that_yaml_forbids_is_refused(file: Path) -> None:
    assert refusal(file, 'name: "\x01"\n').startswith(f"{file}: not valid YAML: ")


def test_a_file_in_another_encoding_is_refused(file: Path) -> None:
    file.write_bytes(b"name: caf\xe9\n")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(caught.value) == f"{file}: not UTF-8"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "gone.yaml")
    assert str(caught.value) == f"{tmp_path / 'gone.yaml'}: no such configuration"


def test_a_missing_file_points_to_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "tfidf.yaml")
    assert str(caught.value).endswith(f"no such configuration; there is {configs_folder() / 'tfidf.yaml'}")


def test_the_heir_wins_field_by_field(file: Path, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "name: base\nseed: 5\nencoding: {mask: false, context: 3}\nclassifier: {kind: tfidf, c: 4, min_df: 2}\n",
        encoding="utf-8",
    )
    config = load(file, "base: base.yaml\nname: heir\nencoding: {context: 0}\nclassifier: {c: 9}\n")
    assert (config.name, config.seed) == ("heir", 5)
    assert (config.encoding.mask, config.encoding.context) == (False, 0)
    assert config.classifier == TfidfConfig(kind="tfidf", c=9, min_df=2)


def test_lists_are_replaced_not_joined(file: Path, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(SMALL + "data: {train: [a, b], meetings: [m]}\n", encoding="utf-8")
    config = load(file, "base: base.yaml\ndata: {train: [c]}\n")
    assert (config.data.train, config.data.meetings) == (("c",), ("m",))


def test_another_kind_of_classifier_inherits_none_of_its_fields(file: Path, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("name: a\nclassifier: {kind: tfidf, min_df: 3, c: 7}\n", encoding="utf-8")
    assert load(file, "base: base.yaml\nclassifier: {kind: encoder}\n").classifier == EncoderConfig(kind="encoder")
    same = load(file, "base: base.yaml\nclassifier: {kind: tfidf, c: 8}\n").classifier
    assert same == TfidfConfig(kind="tfidf", min_df=3, c=8)


def test_inheritance_goes_through_several_files_and_folders(file: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "first.yaml").write_text(SMALL + "seed: 1\ntarget: plastics-treaty\n", encoding="utf-8")
    (tmp_path / "deep" / "second.yaml").write_text("base: first.yaml\nseed: 2\n", encoding="utf-8")
    config = load(file, "base: deep/second.yaml\nname: third\n")
    assert (config.name, config.seed, config.target) == ("third", 2, "plastics-treaty")


def test_a_missing_base_names_the_base(file: Path, tmp_path: Path) -> None:
    assert refusal(file, "base: gone.yaml\n").startswith(f"{tmp_path / 'gone.yaml'}: no such configuration")


def test_inheriting_from_oneself_is_refused(file: Path) -> None:
    assert refusal(file, "base: run.yaml\n" + SMALL) == f"{file}: base: inherits from itself"


def test_inheriting_in_a_circle_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("base: run.yaml\n", encoding="utf-8")
    assert refusal(file, "base: other.yaml\n" + SMALL) == f"{file}: base: inherits from itself"


def test_overrides_win_over_file_and_base(file: Path, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(SMALL + "seed: 1\n", encoding="utf-8")
    config = load(file, "base: base.yaml\nseed: 2\n", "seed=3", "classifier.c=0.25", "evaluation.scheme=none")
    assert (config.seed, config.classifier, config.evaluation.scheme) == (3, TfidfConfig(kind="tfidf", c=0.25), "none")


def test_the_last_override_of_a_field_wins(file: Path) -> None:
    assert load(file, SMALL, "seed=3", "seed=4").seed == 4


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("data.train=[a.jsonl, b.jsonl]", ("a.jsonl", "b.jsonl")),
        ("data.limit=20", 20),
        ("data.limit=null", None),
        ("data.limit=", None),
        ("encoding.mask=false", False),
        ("name=a=b", "a=b"),
        ("classifier.characters=null", None),
        ("encoding={context: 2}", {"mask": True, "target": True, "context": 2, "clauses": False}),
    ],
)
def test_the_value_of_an_override_is_yaml(file: Path, override: str, value: object) -> None:
    found: object = load(file, SMALL, override)
    for step in override.partition("=")[0].split("."):
        found = getattr(found, step)
    assert (found.model_dump() if isinstance(value, dict) else found) == value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("seed", "--set seed: expected key.path=value"),
        ("=3", "--set =3: expected key.path=value"),
        ("seed=[1", "--set seed=[1: the value is not valid YAML"),
        ("name.first=x", "--set name.first=x: name is no mapping"),
        ("data.train.0.x=1", "--set data.train.0.x=1: 0 is no mapping"),
        ("data.train.1=x", "--set data.train.1=x: train has no item 1; its 1 are numbered from 0"),
        ("data.train.first=x", "--set data.train.first=x: train has no item first; its 1 are numbered from 0"),
    ],
)
def test_an_override_that_cannot_be_read_is_shown(file: Path, override: str, words: str) -> None:
    assert refusal(file, SMALL + "data: {train: [a]}\n", override) == words


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("sede=3", "sede: unknown field; did you mean 'seed'?"),
        ("classifier.cc=3", "classifier.cc: unknown field; "),
        ("seed=soon", "seed: "),
        ("classifier.kind=forest", "classifier.kind: 'forest' is not one of "),
    ],
)
def test_a_wrong_override_is_refused_like_a_wrong_field(file: Path, override: str, words: str) -> None:
    assert words in refusal(file, SMALL, override)


def test_an_override_of_the_whole_classifier_replaces_it(file: Path) -> None:
    content = "name: a\nclassifier: {kind: tfidf, c: 2, min_df: 3}\n"
    assert load(file, content, "classifier={kind: majority}").classifier == MajorityConfig(kind="majority")


MEMBERS = "name: a\nclassifier: {kind: ensemble, members: [{kind: majority}, {kind: cross-encoder, epochs: 3}]}\n"


def members(*entries: str, more: str = "") -> str:
    return f"name: a\nclassifier: {{kind: ensemble, members: [{', '.join(entries)}]{more}}}\n"


def test_an_ensemble_holds_configurations_of_any_kind(file: Path) -> None:
    nested = "{kind: ensemble, members: [{kind: setfit}, {kind: tfidf, words: [1, 3]}], weights: [1, 3]}"
    config = load(file, members("{kind: majority}", nested)).classifier
    inner = EnsembleConfig(
        kind="ensemble", members=(SetFitConfig(kind="setfit"), TfidfConfig(kind="tfidf", words=(1, 3))), weights=(1, 3)
    )
    assert config == EnsembleConfig(kind="ensemble", members=(MajorityConfig(kind="majority"), inner))
    again = load(file, yaml.safe_dump({"name": "a", "classifier": config.model_dump(mode="json")}))
    assert again.classifier == config


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            members("{kind: majority}", "{kind: cross-encoder, epoch: 2}"),
            "classifier.members.1.epoch: unknown field; did you mean 'epochs'?",
        ),
        (
            members("{kind: majority, tfidf: 2}", "{kind: majority}"),
            "classifier.members.0.tfidf: unknown field; known: kind",
        ),
        (
            members("{kind: majority}", "{kind: ensemble, members: [{kind: tfidf, wrods: [1, 2]}, {kind: majority}]}"),
            "classifier.members.1.members.0.wrods: unknown field; did you mean 'words'?",
        ),
        (
            members("{kind: majority}", "{kind: majority}", more=", weihgts: [1, 2]"),
            "classifier.weihgts: unknown field; did you mean 'weights'?",
        ),
        (members("{kind: majority}", "{c: 1}"), "classifier.members.1.kind: missing"),
        (
            members("{kind: majority}", "{kind: cross-encoder, epochs: 0}"),
            "classifier.members.1.epochs: input should be greater than or equal to 1 (is 0)",
        ),
        ("name: a\nclassifier: {kind: ensemble}\n", "classifier.members: missing"),
    ],
)
def test_an_error_inside_a_member_names_its_place(file: Path, content: str, words: str) -> None:
    assert refusal(file, content) == f"{file}: {words}"


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (members("{kind: majority}"), "classifier.members: "),
        (members("{kind: majority}", "{kind: forest}"), "classifier.members.1.kind: 'forest' is not one of "),
        (members("{kind: majority}", "tfidf"), "classifier.members.1: "),
        (members("{kind: majority}", "{kind: majority}", more=", weights: [1]"), "classifier.weights: "),
        (members("{kind: majority}", "{kind: majority}", more=", weights: [0, 0]"), "classifier.weights: "),
        (members("{kind: majority}", "{kind: majority}", more=", weights: [1, -1]"), "classifier.weights.1: "),
        (members("{kind: majority}", "{kind: majority}", more=", weights: [1, .inf]"), "classifier.weights.1: "),
    ],
)
def test_an_ensemble_that_cannot_be_is_refused(file: Path, content: str, start: str) -> None:
    assert refusal(file, content).startswith(f"{file}: {start}")


def test_an_override_reaches_a_member_by_its_number(file: Path) -> None:
    config = load(file, MEMBERS, "classifier.members.1.epochs=2", "classifier.members.0={kind: tfidf, c: 3}").classifier
    assert config == EnsembleConfig(
        kind="ensemble", members=(TfidfConfig(kind="tfidf", c=3), CrossEncoderConfig(kind="cross-encoder", epochs=2))
    )
    assert load(file, SMALL + "data: {train: [a, b]}\n", "data.train.1=c").data.train == ("a", "c")
    message = refusal(file, MEMBERS, "classifier.members.1.epoch=2")
    assert message.endswith("classifier.members.1.epoch: unknown field; did you mean 'epochs'?")
