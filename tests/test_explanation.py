"""Explanations: weights counted by hand on a classifier of one word, and what leaving words out does to names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import script

from stance.attribution import Attribution, Statement, attribute
from stance.classifiers.base import StanceClassifier
from stance.config import DecisionConfig
from stance.documents import Document
from stance.encoding import Encoded, EncodingOptions
from stance.evaluation.calibration import Calibration
from stance.explanation import DeletionCurve, deletion_curves, explain
from stance.labelling import label_inputs
from stance.model import Classifier
from stance.reporting.plots import deletion_curve
from stance.targets import load_target

ROOT = Path(__file__).parent.parent
_MASKS = re.compile(r"\[(?:SPEAKER|OTHER)\]")
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"


class Keyword(StanceClassifier):
    """Sure of *for* by what it finds: 0.2, and 0.5 more for "treaty" in the sentence, 0.1 more for any context."""

    kind = "keyword"

    def __init__(self) -> None:
        self.read: list[Encoded] = []

    def _proba(self, X: list[Encoded]) -> Any:
        self.read += X
        p = np.array([0.2 + 0.5 * ("treaty" in x.text) + 0.1 * bool(x.context) for x in X])
        return np.stack([(1 - p) / 2, p, (1 - p) / 2], axis=1)

    def _fit(self, X: Any, y: Any, groups: Any) -> None: ...
    def _write(self, folder: Path) -> None: ...
    def _read(self, folder: Path) -> None: ...


def classifier(**options: Any) -> Classifier:
    estimator = Keyword()
    estimator.classes_ = np.array(["against", "for", "neutral"])
    target = load_target("cybercrime-convention")
    return Classifier(estimator, EncodingOptions(**options), DecisionConfig(threshold=0.5), target, "keyword")


def read(text: str) -> tuple[Attribution, Sequence[Statement]]:
    found = attribute(Document("d", text, body=(0, len(text))))
    return found, found.statements


def words(statement: Statement, explanation: Any) -> dict[str, float]:
    return {statement.text[w.start : w.end]: round(w.weight, 9) for w in explanation.words}


def test_a_word_weighs_what_the_label_loses_without_it() -> None:
    attribution, statements = read("Togo’s delegate said that a treaty was needed.  He thanked the Chair.")
    first, second = explain(classifier(), [(attribution, s) for s in statements])
    assert (first.stance, first.p, first.context) == ("for", pytest.approx(0.7), 0.0)
    assert words(statements[0], first) == {
        "delegate": 0, "said": 0, "that": 0, "a": 0, "treaty": 0.5, "was": 0, "needed": 0,
    }  # fmt: skip
    # 0.3 for "for": the others have 0.35 each, and neutral is called below the threshold.
    assert (second.stance, second.p) == ("neutral", pytest.approx(0.35))
    assert second.context == pytest.approx(0.35 - 0.4)
    assert set(words(statements[1], second).values()) == {0}


def test_a_label_can_be_asked_for() -> None:
    attribution, statements = read("Togo’s delegate said that a treaty was needed.")
    (found,) = explain(classifier(), [(attribution, statements[0])], labels=["against"])
    assert (found.stance, found.p) == ("against", pytest.approx(0.15))
    assert words(statements[0], found)["treaty"] == -0.25


def test_no_name_is_seen_whatever_is_left_out() -> None:
    model = classifier()
    text = (
        "The representatives of Togo, the Netherlands and Fiji said that the Dutch treaty, which Togo had signed with "
        "Antigua and Barbuda, was needed.  He added that Côte d’Ivoire’s text was no treaty."
    )
    attribution, statements = read(text)
    items = [(attribution, s) for s in statements]
    explain(model, items)
    deletion_curves(model, items, share=1.0)
    estimator = model.estimator
    assert isinstance(estimator, Keyword) and len(estimator.read) > 150
    names = ("Togo", "Netherlands", "Fiji", "Dutch", "Antigua", "Barbuda", "Ivoire", "Côte")
    whole = {tuple(_MASKS.findall(x.text)) for x in model.encode(attribution, statements)}
    for x in estimator.read:
        assert not any(name in x.text + x.context for name in names)
        # The names stand where they stood, each as what it was.
        assert tuple(_MASKS.findall(x.text)) in whole
    # With all other words gone, too.
    assert "[OTHER]'s ." in {x.text for x in estimator.read}


def test_of_a_sentence_that_is_cut_only_what_is_read_has_weight() -> None:
    text = "Rain fell.  Oman wanted a treaty soon, but Togo said that no treaty was needed."
    attribution, statements = read(text)
    items = [(attribution, s) for s in statements if s.speaker in ("OMN", "TGO")]
    model = classifier(clauses=True)
    oman, togo = explain(model, items)
    # Each speaker's own "treaty" is the one that counts.
    assert [i for i, w in enumerate(oman.words) if w.weight > 0.4] == [2]
    assert [i for i, w in enumerate(togo.words) if w.weight > 0.4] == [8]
    assert text.index("treaty") < text.rindex("treaty") == statements[-1].start + togo.words[8].start
    # The sentence before is context; the clause of the other one stays when it is left out.
    assert (oman.context, togo.context) == (pytest.approx(0.1), pytest.approx(0.0))


def test_of_an_assent_the_sentence_before_has_all_the_weight() -> None:
    attribution, statements = read("Togo’s delegate said that a treaty was needed.  Fiji’s delegate concurred.")
    items = [(attribution, statements[1])]
    (found,) = explain(classifier(), items)
    assert (found.stance, found.p, found.words) == ("for", pytest.approx(0.7), ())
    assert found.context == pytest.approx(0.5)
    (curve,) = deletion_curves(classifier(), items)
    assert curve.area("heaviest") == curve.area("random") == pytest.approx(0.7)


def test_without_masking_names_are_words_no_more_than_with_it() -> None:
    attribution, statements = read("Togo’s delegate said that a treaty was needed.")
    model = classifier(mask=False)
    (found,) = explain(model, [(attribution, statements[0])])
    assert "Togo" not in words(statements[0], found)
    assert isinstance(model.estimator, Keyword) and all("Togo" in x.text for x in model.estimator.read)


def test_many_statements_are_explained_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    attribution, statements = read("Togo’s delegate said that a treaty was needed.  Fiji’s delegate said no.  He left.")
    items = [(attribution, s) for s in statements] * 3
    whole = explain(classifier(), items, labels=["for", "against", "neutral"] * 3)
    monkeypatch.setattr("stance.explanation._TOGETHER", 2)
    assert explain(classifier(), items, labels=["for", "against", "neutral"] * 3) == whole
    assert [e.stance for e in whole] == ["for", "against", "neutral"] * 3
    assert explain(classifier(), []) == []


def test_deletion_curves_counted_by_hand() -> None:
    attribution, statements = read("Togo’s delegate said that a treaty was needed.")
    (curve,) = deletion_curves(classifier(), [(attribution, statements[0])], share=0.5)
    # Seven words, four of them left out: the heaviest goes first, and last of all never.
    assert curve.heaviest == pytest.approx([0.7, 0.2, 0.2, 0.2, 0.2])
    assert curve.lightest == pytest.approx([0.7] * 5)
    assert curve.area("heaviest") == pytest.approx((0.45 + 0.2 + 0.2 + 0.2) / 4)
    assert curve.area("lightest") == pytest.approx(0.7)
    assert 0.2 <= curve.area("random") <= 0.7
    again = deletion_curves(classifier(), [(attribution, statements[0])], share=0.5)[0]
    assert np.array_equal(again.random, curve.random)


def test_the_plot_shows_the_means() -> None:
    short = DeletionCurve(np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 0.5]))
    long = DeletionCurve(np.array([0.8, 0.4, 0.0]), np.array([0.8, 0.8, 0.8]), np.array([0.8, 0.6, 0.4]))
    ax = deletion_curve([short, long], share=0.5, points=3)
    drawn = {line.get_label(): np.asarray(line.get_xydata()) for line in ax.lines}
    assert drawn["the heaviest first"] == pytest.approx(np.array([[0, 0.9], [0.25, 0.45], [0.5, 0.0]]))
    assert drawn["the lightest first"][:, 1] == pytest.approx([0.9, 0.9, 0.9])
    assert drawn["in random order"][:, 1] == pytest.approx([0.9, 0.675, 0.45])


# --- in the report ----------------------------------------------------------------------------------------------------


@pytest.fixture
def ready(tiny_classifier: Classifier) -> Classifier:
    """A classifier that is readier to call a side."""
    return replace(tiny_classifier, calibration=Calibration("vector", bias=(1.0, 1.0, 0.0)))


def test_the_report_marks_the_words(ready: Classifier) -> None:
    result = label_inputs([str(EXAMPLE)], ready)
    assert '<b class="word" style' not in result.to_html()
    result.explain()
    page = result.to_html()
    (labelled,) = result.documents
    siding = [s for s in labelled.scored if s.stance != "neutral" and s.statement.speaker_kind != "unnamed"]
    assert len(labelled.explanations) == len(siding) >= 5
    for s in siding:
        found = labelled.explanations[s.statement.sentence, s.statement.speaker]
        if not found.words:
            continue  # a mere assent
        heaviest = max(found.words, key=lambda w: w.weight)
        word = s.statement.text[heaviest.start : heaviest.end]
        assert found.stance == s.stance
        # From 20 % at a loss of 0.02 to 100 % at 0.3.
        shade = round(20 + 80 * min(1.0, (heaviest.weight - 0.02) / 0.28))
        assert heaviest.weight >= 0.02 and f'<b class="word" style="--w: {shade}%">{word}</b>' in page
    assert result.warnings == []


def test_a_label_that_hangs_on_no_single_word_says_so(tiny_classifier: Classifier) -> None:
    result = label_inputs([str(EXAMPLE)], tiny_classifier)
    result.explain()
    assert "hangs on no single word" not in result.to_html()
    explanations = result.documents[0].explanations
    for key, found in explanations.items():
        explanations[key] = replace(found, words=tuple(replace(w, weight=0.019) for w in found.words))
    page = result.to_html()
    assert page.count("(hangs on no single word)") == len(explanations) and '<b class="word" style="--w: ' in page
    assert page.count('<b class="word"') == 1, "the legend alone"


def test_more_statements_than_the_limit_are_told_of(ready: Classifier) -> None:
    result = label_inputs([str(EXAMPLE)], ready)
    for _ in range(2):
        result.explain(limit=2)
    assert len(result.documents[0].explanations) == 2 and len(result.warnings) == 1
    assert result.warnings[0].startswith("the words behind a label are shown for 2 of ")


def test_the_command_explains(tiny_model: Path, tmp_path: Path, run: Callable[..., Any]) -> None:
    done = run("label", EXAMPLE, "--model", tiny_model, "--out", tmp_path, "--quiet", "--explain")
    assert done.code == 0
    assert '<b class="word" style="--w: ' in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["settings"]["explain"] is True


def test_explanations_are_of_one_result(tiny_classifier: Classifier) -> None:
    one = label_inputs([str(EXAMPLE)], tiny_classifier)
    other = replace(one, documents=[replace(d, explanations={}) for d in one.documents])
    one.explain()
    assert other.documents[0].explanations == {}


def test_the_script_measures_faithfulness(tiny_model: Path, tmp_path: Path) -> None:
    assert script("faithfulness").main([str(tiny_model), "--limit", "8", "--out", str(tmp_path)]) == 0
    record = json.loads((tmp_path / "faithfulness.json").read_text(encoding="utf-8"))
    assert record["n"] == 8
    assert record["heaviest"]["mean"] < record["random"]["mean"] < record["lightest"]["mean"]
    low, high = record["random_less_heaviest"]["interval"]
    assert low <= record["random_less_heaviest"]["mean"] <= high
    assert record["random_less_heaviest"]["mean"] == pytest.approx(
        record["random"]["mean"] - record["heaviest"]["mean"]
    )
    assert (tmp_path / "faithfulness.svg").read_text(encoding="utf-8").startswith("<?xml")
