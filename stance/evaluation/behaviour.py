"""Behaviour tests: what a classifier of stance must be able to do, one capability after the other.

A figure on a test set averages over what the set happens to hold. A behaviour test asks for one thing at a time, with
sentences made for it (CheckList; Ribeiro et al., 2020): does "saw no need" differ from "saw a need", does another country's
name change anything? The cases are YAML files, one a capability; nobody trains on them.

Three types. ``label``: each case has one right label (CheckList's minimum functionality test). ``same``: the texts of a case
get one label (invariance). ``exchange``: a case with names of delegations gets the same probabilities, to the last digit,
whatever the names (invariance by construction, where names are masked).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from scipy.stats import binomtest

from stance.annotations import MASKED_SPEAKER, Annotation
from stance.config import read_yaml
from stance.delegations import load_registry
from stance.encoding import encode_annotations
from stance.errors import AnnotationError
from stance.evaluation.curves import markdown_table
from stance.evaluation.exchange import exchange_names
from stance.model import Classifier
from stance.positions import decide
from stance.resources import configs_folder
from stance.targets import load_target

__all__ = [
    "BEHAVIOUR",
    "Capability",
    "Case",
    "Outcome",
    "behaviour_table",
    "read_capabilities",
    "run_behaviour",
    "summarise_behaviour",
]

#: The behaviour tests of the checkout.
BEHAVIOUR = Path("data/behaviour")
#: Draws of other names for a case of type ``exchange``.
EXCHANGES = 5


def _as_lines(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Case(BaseModel):
    """One case of a behaviour test."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(default="", description="the sentence, in masked form unless the type is exchange")
    texts: tuple[str, ...] = Field(default=(), description="the variants of a case of type same")
    context: Annotated[tuple[str, ...], BeforeValidator(_as_lines)] = Field(
        default=(), description="sentences before it, oldest first"
    )
    target: str = Field(default="cybercrime-convention", description="id of the target")
    expect: Literal["for", "against", "neutral"] | None = Field(default=None, description="the right label")
    speaker: str = Field(default=MASKED_SPEAKER, description="code of the speaker of a case of type exchange")


class Capability(BaseModel):
    """A behaviour test: several cases of one kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    capability: str = Field(min_length=1)
    description: str = Field(min_length=1)
    type: Literal["label", "same", "exchange"]
    cases: tuple[Case, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_its_type(self) -> Capability:
        for number, case in enumerate(self.cases, start=1):
            where = f"case {number}"
            if self.type == "same":
                if len(set(case.texts)) < 2 or case.text:
                    raise ValueError(f"{where}: texts: must be two or more different ones, without text")
            elif not case.text or case.texts:
                raise ValueError(f"{where}: text: is missing, or there are texts beside it")
            if (self.type == "label") != (case.expect is not None):
                raise ValueError(f"{where}: expect: belongs to every case of type label, and to no other")
            if (self.type == "exchange") != (case.speaker != MASKED_SPEAKER):
                raise ValueError(f"{where}: speaker: belongs to every case of type exchange, and to no other")
            if case.speaker != MASKED_SPEAKER and case.speaker not in load_registry():
                raise ValueError(f"{where}: speaker: {case.speaker!r} is no code of a delegation")
            masked = f"[{MASKED_SPEAKER}]"
            for text in (case.text, *case.texts):
                if text and self.type != "exchange" and masked not in " ".join((*case.context, text)):
                    raise ValueError(f"{where}: there is no {masked} in text or context")
        return self


@dataclass(frozen=True)
class Outcome:
    """What a classifier made of one case.

    Attributes
    ----------
    capability : str
    number : int
        Place of the case in its file, from 1.
    passed : bool
    expected : str
        The right label; ``same`` or ``identical`` where there is none.
    found : tuple of str
        The labels of the case's texts.
    text : str
        The (first) sentence, with its context before a bar.
    """

    capability: str
    number: int
    passed: bool
    expected: str
    found: tuple[str, ...]
    text: str


def read_capabilities(folder: Path | None = None) -> list[Capability]:
    """Read behaviour tests.

    Parameters
    ----------
    folder : Path, optional
        Folder of YAML files, one a capability; the checkout's when left out.

    Raises
    ------
    AnnotationError
        If a file is missing, breaks the schema, or names a target that there is not.
    """
    folder = configs_folder().parent / BEHAVIOUR if folder is None else folder
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        raise AnnotationError(f"{folder}: no behaviour tests here (no .yaml file)")
    found = []
    for path in files:
        try:
            found.append(Capability.model_validate(read_yaml(path)))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(x + 1 if isinstance(x, int) else x) for x in first["loc"])
            raise AnnotationError(f"{path}: {f'{place}: ' if place else ''}{first['msg']}") from None
        for target in {case.target for case in found[-1].cases}:
            load_target(target)
    return found


def run_behaviour(model: Classifier, capabilities: Sequence[Capability]) -> list[Outcome]:
    """Put every case to a model.

    Parameters
    ----------
    model : Classifier
        Labels are those of its decision rule.
    capabilities : sequence of Capability

    Returns
    -------
    list of Outcome
        One a case, in the order of the files.
    """
    asked: list[Annotation] = []
    spans: list[tuple[Capability, int, Case, slice]] = []
    for capability in capabilities:
        for number, case in enumerate(capability.cases, start=1):
            rows = _rows(capability, number, case)
            spans.append((capability, number, case, slice(len(asked), len(asked) + len(rows))))
            asked.extend(rows)
    proba = model.predict_proba(encode_annotations(asked, model.options))
    labels = decide(proba, model.decision.threshold)
    outcomes = []
    for capability, number, case, span in spans:
        found = tuple(labels[span])
        if capability.type == "label":
            passed, expected = set(found) == {case.expect}, str(case.expect)
        elif capability.type == "same":
            passed, expected = len(set(found)) == 1, "same"
        else:
            passed, expected = bool((proba[span] == proba[span][0]).all()), "identical"
        text = " | ".join((*case.context, case.text or case.texts[0]))
        outcomes.append(Outcome(capability.capability, number, passed, expected, found, text))
    return outcomes


def _rows(capability: Capability, number: int, case: Case) -> list[Annotation]:
    """Return the statements that a case is made of."""
    rows = [
        Annotation(
            id=f"{capability.capability}:{number}:{i}", document="behaviour", sentence=None, start=None, end=None,
            text=text, context="\n".join(case.context), speaker=case.speaker, target=case.target,
            stance=case.expect or "neutral", basis="none", origin="authored", annotator="author",
        )
        for i, text in enumerate(case.texts or (case.text,))
    ]  # fmt: skip
    if capability.type == "exchange":
        rows += [exchange_names(rows[:1], seed)[0] for seed in range(EXCHANGES)]
    return rows


def summarise_behaviour(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return pass rates by capability, and over all cases that have one right label.

    Returns
    -------
    list of dict
        ``capability``, ``n``, ``passed``, ``rate``, ``low``, ``high`` (Wilson's 95 % interval, as if cases were drawn at
        random; they were not, so read it as a reminder of how few there are).
    """
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.capability, []).append(outcome)
    rows = [_rate(name, [o.passed for o in found]) for name, found in groups.items()]
    labelled = [o.passed for o in outcomes if o.expected not in ("same", "identical")]
    return [*rows, *([_rate("all with a right label", labelled)] if labelled else [])]


def _rate(name: str, passed: Sequence[bool]) -> dict[str, Any]:
    interval = binomtest(sum(passed), len(passed)).proportion_ci(method="wilson")
    return {
        "capability": name,
        "n": len(passed),
        "passed": sum(passed),
        "rate": float(np.mean(passed)),
        "low": float(interval.low),
        "high": float(interval.high),
    }


def behaviour_table(models: Mapping[str, Sequence[Outcome]]) -> str:
    """Return pass rates of several models as a Markdown table, a row a capability."""
    summaries = {name: summarise_behaviour(outcomes) for name, outcomes in models.items()}
    first = next(iter(summaries.values()))
    rows = []
    for i, row in enumerate(first):
        cells = [f"{s[i]['rate']:.2f} ({s[i]['low']:.2f}–{s[i]['high']:.2f})" for s in summaries.values()]
        rows.append([row["capability"], row["n"], *cells])
    return markdown_table(["capability", "n", *summaries], rows)
