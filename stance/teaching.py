"""A small classifier taught by a model: unlabelled summaries → the teacher's labels → training data → what they were worth.

A teacher, mostly a language model behind a server, labels the statements of summaries that nobody annotated. Labels that it
is unsure of, or that its answers disagree on, are left out (Wang et al., 2021, measure what such labels save; Pangakis,
Wolken and Fasching, 2023, what they cost where nobody checks them). The rest is written as annotations of origin *model*, apart from what
people annotated, and the same student is trained twice, with them and without. Both are scored on gold statements, and the
shares of delegations that the teacher's labels amount to are corrected for its errors there.
"""

from __future__ import annotations

import difflib
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stance.annotating.items import Answer, answered, items_of
from stance.annotating.prelabel import name_of
from stance.annotations import Annotation, read_annotations, text_folders, text_path, write_annotations
from stance.classifiers import simple_parts
from stance.classifiers.prompted import PromptedClassifier
from stance.config import DecisionConfig, EvaluationConfig, RunConfig, load_config, read_yaml
from stance.documents import Document, Input, find_inputs, read_document
from stance.encoding import Encoded, EncodingOptions, encode_annotations
from stance.errors import AnnotationError, ConfigError, InputError, ModelError
from stance.evaluation.positions import gold_positions
from stance.evaluation.run import evaluate
from stance.evaluation.shares import Key, corrected_shares
from stance.labelling import Failure, Labelling, encode_inputs, label_inputs, prepare_output
from stance.manifest import environment, write_json, write_text
from stance.model import Classifier
from stance.prompting.costs import Cost
from stance.resources import beside, existing_path
from stance.sentences import split_sentences
from stance.targets import STANCES, Target, load_target
from stance.training import files_seen, fit_examples, load_examples, train, trained_on

__all__ = ["Teaching", "TeachingConfig", "describe_teaching", "load_teaching"]


log = logging.getLogger(__name__)
#: Share of a gold document's sentences from which on a summary is that document.
_SHARED = 0.3


class TeachingConfig(BaseModel):
    """A teaching file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="name of the run")
    teacher: str = Field(
        description="configuration of a prompted classifier (a .yaml file, looked for beside this one first), a model folder, a "
        "hub id, or a model in the package"
    )
    teacher_set: tuple[str, ...] = Field(
        default=(), description="fields of the teacher's configuration, as key.path=value"
    )
    student: str = Field(
        description="configuration of the classifier that is taught (looked for beside this file first)"
    )
    student_set: tuple[str, ...] = Field(
        default=(), description="fields of the student's configuration, as key.path=value"
    )
    summaries: tuple[str, ...] = Field(
        min_length=1, description="unlabelled summaries: files, folders and globs, as for stance label"
    )
    target: str = Field(default="cybercrime-convention", description="id of the target, or a .yaml file")
    confidence: float = Field(
        default=0.65,
        ge=0,
        le=1,
        description="least probability of a label that is learnt from; a single answer without log-probabilities has 0.6",
    )
    agreement: float = Field(
        default=0.75,
        ge=0,
        le=1,
        description="least share of all answers that give the label; a trained teacher gives one",
    )
    gold: tuple[str, ...] = Field(min_length=1, description="annotation files that student and teacher are scored on")
    gold_meetings: tuple[str, ...] = Field(default=(), description="folders with their texts")
    seed: int = Field(default=13, description="of the bootstrap")


def load_teaching(path: Path) -> TeachingConfig:
    """Read and validate a teaching file.

    Raises
    ------
    ConfigError
        Naming file and field.
    """
    try:
        return TeachingConfig.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(path, dict(e)) for e in error.errors())) from None


def _explain(path: Path, item: Mapping[str, Any]) -> str:
    where = ".".join(map(str, item["loc"])) or "(top)"
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where, TeachingConfig.model_fields, 1, cutoff=0.3)
        return f"{path}: {where}: unknown field" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{path}: {where}: {'missing' if item['type'] == 'missing' else item['msg'].lower()}"


@dataclass(frozen=True)
class _Gold:
    """Statements that people annotated, and the texts of the documents that they stand in, by name."""

    files: list[Path]
    folders: list[Path]
    annotations: list[Annotation]
    texts: dict[str, Path]


class Teaching:
    """One run: label, filter, train with and without, compare.

    Parameters
    ----------
    config : TeachingConfig
    source : Path
        The file that it came from; other files are looked for beside it first.
    progress : bool, default False
        Show bars on standard error.

    Raises
    ------
    ConfigError
        If a file is missing, or teacher or student has seen the gold: as summaries, as training data, in prompts.
    """

    def __init__(self, config: TeachingConfig, source: Path, *, progress: bool = False) -> None:
        self.config, self.progress = config, progress
        self._source = source
        self.target: Target = load_target(config.target)
        self.student: RunConfig = load_config(beside(source, config.student), config.student_set)
        files = [existing_path(name) for name in config.gold]
        folders = text_folders(files, [existing_path(name) for name in config.gold_meetings])
        annotations = [a for f in files for a in read_annotations(f, meetings=folders)]
        names = dict.fromkeys(a.document for a in annotations if a.start is not None)
        texts = {name: path for name in names if (path := text_path(name, folders)) is not None}
        self.gold = _Gold(files, folders, annotations, texts)
        self.inputs: list[Input] = find_inputs([self._input(name) for name in config.summaries])
        if not self.inputs:
            raise ConfigError(f"{source}: summaries: no file there can be read")
        self._refuse_gold()
        self._refuse_trained_on(self.student)
        self.teacher = self._load_teacher()
        self.teacher.refuse_shown(self.gold.annotations)
        self.teacher.show_questions(progress)

    @staticmethod
    def _input(name: str) -> str:
        # A glob is no path that exists.
        return name if any(c in name for c in "*?[") or Path(name).exists() else str(existing_path(name))

    def _refuse_gold(self) -> None:
        """What a student is taught must not be what it is tested on, in whatever file the text stands."""
        gold = {name: _sentences(read_document(path)) for name, path in self.gold.texts.items()}
        for item in self.inputs:
            try:
                own = _sentences(item.read())
            except InputError:
                continue  # it will be named when it is to be labelled
            for name, sentences in gold.items():
                if len(own & sentences) > _SHARED * len(sentences):
                    raise ConfigError(
                        f"{self._source}: summaries: {item.source} is the text of {name}, which is in gold"
                    )

    def _refuse_trained_on(self, config: RunConfig) -> None:
        where = f"{self._source}: student: {config.name}"
        if config.data.limit is not None or config.data.exclude_targets or config.data.exclude_documents is not None:
            raise ConfigError(
                f"{where}: data.limit, data.exclude_targets and data.exclude_documents would draw among the teacher's labels too; leave them out"
            )
        tested = {(a.document, a.start, a.text) for a in self.gold.annotations}
        for name in config.data.train:
            for a in read_annotations(existing_path(name), offsets=False):
                if (a.document, a.start, a.text) in tested:
                    raise ConfigError(
                        f"{where}: is trained on {name}, which holds {a.id}, a statement of gold; set data.train in student_set"
                    )
        for part in simple_parts(config.classifier.model_dump()):
            if part.get("start"):
                self._refuse_seen(part["start"], Classifier.load(part["start"]), where)

    def _refuse_seen(self, name: str, model: Classifier, where: str) -> None:
        if files_seen(model) is None and not model.estimator.remote:
            log.warning("%s does not say what it was trained on; it may have seen the gold", name)
        for path in trained_on(model, self.gold.files):
            raise ConfigError(f"{where}: {name} was trained on {path}, which is in gold")

    def _load_teacher(self) -> Classifier:
        name = self.config.teacher
        if not name.endswith((".yaml", ".yml")):
            model = Classifier.load(name)
            self._refuse_seen(name, model, f"{self._source}: teacher")
            return model
        config = load_config(beside(self._source, name), self.config.teacher_set)
        if config.classifier.kind != "prompted":
            raise ConfigError(
                f"{self._source}: teacher: {name} is a configuration of a {config.classifier.kind} classifier, which must be "
                "trained first; name its model folder"
            )
        estimator = fit_examples(config, load_examples(config))
        options = EncodingOptions(**config.encoding.model_dump())
        threshold = config.decision.threshold
        decision = DecisionConfig() if threshold == "auto" else DecisionConfig(threshold=threshold)
        return Classifier(estimator, options, decision, self.target, config.name)

    def cost(self) -> Cost:
        """Return what the teacher's answers would cost; nothing is sent."""
        encoded = encode_annotations(self.gold.annotations, self.teacher.options, meetings=self.gold.folders)
        read, failures = encode_inputs([*self.inputs, *self._gold_inputs()], self.teacher, self.target)
        for failure in failures:
            log.warning("%s", failure.message)
        return self.teacher.estimator.cost([*encoded, *read])

    def _gold_inputs(self) -> list[Input]:
        return find_inputs(list(map(str, self.gold.texts.values()))) if self.gold.texts else []

    def run(self, out: Path) -> dict[str, Any]:
        """Teach, and write what came of it.

        Parameters
        ----------
        out : Path
            Folder for ``annotations.jsonl`` (the teacher's labels) and ``texts/``, the models ``with/`` and ``without/``, and
            ``teaching.json``.

        Returns
        -------
        dict
            ``labels`` (statements, kept, and why the others were left out), ``students`` and ``teacher`` (macro-F1 on the
            gold, the difference and its test), ``shares`` (see :class:`stance.evaluation.shares.SharesReport`) or why there
            are none, ``asked``, ``config`` and ``environment``.

        Raises
        ------
        ModelError
            If the teacher is sure of nothing.
        """
        prepare_output(out)
        labelling = label_inputs(self.inputs, self.teacher, self.target, progress=self.progress)
        kept, counts = self.kept(labelling)
        if len({a.stance for a in kept}) < 2:
            raise ModelError(
                f"{self.config.name}: of {counts['statements']} statements the teacher gave {len(kept)} a label that it is "
                "sure of, and those are of fewer than two kinds; lower confidence or agreement, or take another teacher"
            )
        texts = out / "texts"
        texts.mkdir(exist_ok=True)
        for labelled in labelling.documents:
            place = texts / f"{labelled.document.name}.txt"
            place.parent.mkdir(parents=True, exist_ok=True)
            write_text(place, labelled.document.text)
        write_annotations(out / "annotations.jsonl", kept)
        students = self._students(out)
        shares, failures = self._shares(labelling)
        record = {
            "labels": counts,
            **self._scored(students),
            "shares": shares,
            "asked": self.teacher.estimator.asked(),
            "failures": [f.to_dict() for f in (*labelling.failures, *failures)],
            "config": self.config.model_dump(mode="json"),
            "environment": environment(),
        }
        write_json(out / "teaching.json", record)
        return record

    def kept(self, labelling: Labelling) -> tuple[list[Annotation], dict[str, Any]]:
        """Choose the labels that are learnt from.

        Parameters
        ----------
        labelling : Labelling
            Summaries that the teacher labelled.

        Returns
        -------
        list of Annotation
            Of origin *model*.
        dict
            ``statements``, ``kept``, ``labels`` (of those kept), and how many were left out: ``unsure``, ``answers_differ`` and
            ``no_label``.
        """
        estimator = self.teacher.estimator
        agreements: Mapping[Encoded, float] = estimator.agreements if isinstance(estimator, PromptedClassifier) else {}
        annotator = name_of(self.teacher)
        encoded = [
            e
            for d in labelling.documents
            for e in self.teacher.encode(d.attribution, [s.statement for s in d.scored], self.target)
        ]
        items = items_of(labelling)
        kept: list[Annotation] = []
        left = Counter[str]()
        for item, read in zip(items, encoded, strict=True):
            best = int(np.argmax(item.p))
            if agreements.get(read, 1.0) < self.config.agreement:
                left["answers differ"] += 1
            elif item.p[best] < self.config.confidence:
                left["unsure"] += 1
            else:
                found = answered(Answer(item, STANCES[best]), annotator)
                note = f"probability {item.p[best]:.3f}, agreement {agreements.get(read, 1.0):.2f}"
                kept.append(replace(found, origin="model", note=note))
        lost = sum(f.sentence is not None for f in labelling.failures)
        return kept, {
            "statements": len(items) + lost,
            "kept": len(kept),
            "labels": dict(Counter(a.stance for a in kept)),
            "unsure": left["unsure"],
            "answers_differ": left["answers differ"],
            "no_label": lost,
        }

    def _students(self, out: Path) -> dict[str, Classifier]:
        """Train the student with and without the teacher's labels."""
        # The comparison is on the gold statements; what the student's own configuration is tested on is beside the point.
        plain = self.student.model_copy(update={"evaluation": EvaluationConfig(scheme="none")})
        taught = plain.model_copy(
            update={
                "name": f"{self.student.name}-taught",
                "data": plain.data.model_copy(
                    update={
                        "train": (*plain.data.train, str(out / "annotations.jsonl")),
                        "meetings": (*plain.data.meetings, str(out / "texts")),
                    }
                ),
            }
        )
        return {
            name: train(config, out / name, progress=self.progress).model
            for name, config in (("without", plain), ("with", taught))
        }

    def _scored(self, students: Mapping[str, Classifier]) -> dict[str, Any]:
        seed, files, folders = self.config.seed, self.gold.files, self.gold.folders
        found = evaluate(students["with"], files, folders, against=students["without"], seed=seed)
        judged = evaluate(self.teacher, files, folders, seed=seed)
        comparison = found["comparison"]
        return {
            "students": {
                "with": found["statements"],
                "without_macro_f1": comparison["macro_f1"][1],
                "difference": comparison["difference"],
                "interval": comparison["interval"],
                "p_value": comparison["p_value"],
                "n": comparison["n"],
            },
            "teacher": {"statements": judged["statements"], "unanswered": judged["unanswered"]},
        }

    def _shares(self, labelling: Labelling) -> tuple[dict[str, Any], list[Failure]]:
        """Return the shares of delegations by the teacher, corrected by the gold positions, or why that is impossible.

        And what failed in the gold documents.
        """
        texts = self.gold.texts
        if not texts:
            return {"not_possible": "the gold statements stand in no document"}, []
        coded = label_inputs(self._gold_inputs(), self.teacher, self.target, progress=self.progress)
        predicted: dict[Key, str] = {}
        withheld: set[Key] = set()
        for labelled in (*labelling.documents, *coded.documents):
            predicted |= {(p.document, p.speaker): p.position for p in labelled.positions}
            withheld |= {(labelled.document.name, f.speaker) for f in labelled.failures}
        positions = gold_positions(self.gold.annotations, self.gold.files).positions
        gold = {
            (document, speaker): position
            for (document, target, speaker), position in positions.items()
            if target == self.target.id and document in texts and (document, speaker) not in withheld
        }
        try:
            found = asdict(corrected_shares(predicted, gold))
        except (AnnotationError, ModelError) as error:
            return {"not_possible": str(error)}, coded.failures
        if withheld:
            told = (
                f"{len(withheld)} positions are left out because the teacher gave a statement of theirs no label; nobody knows "
                "whether they are like the others"
            )
            found["warnings"] = (*found["warnings"], told)
        return found, coded.failures


def _sentences(document: Document) -> frozenset[str]:
    """Return the sentences of a document in a form in which that of the file makes no difference."""
    return frozenset("".join(c for c in s.text.casefold() if c.isalnum()) for s in split_sentences(document))


def describe_teaching(record: Mapping[str, Any]) -> Sequence[str]:
    """Return what a run found, in a few lines for a reader."""
    labels, students, teacher = record["labels"], record["students"], record["teacher"]
    low, high = teacher["statements"]["macro_f1_interval"]
    lines = [
        f"{labels['kept']} of {labels['statements']} statements have a label that is learnt from "
        f"({json.dumps(labels['labels'])}); {labels['unsure']} unsure, {labels['answers_differ']} with answers that differ, "
        f"{labels['no_label']} without a label",
        f"teacher on the gold: macro-F1 {teacher['statements']['macro_f1']:.3f} ({low:.3f}–{high:.3f}), "
        f"n = {teacher['statements']['n']}",
        f"student: macro-F1 {students['with']['macro_f1']:.3f} with, {students['without_macro_f1']:.3f} without; difference "
        f"{students['difference']:+.3f} ({students['interval'][0]:+.3f} to {students['interval'][1]:+.3f}), "
        f"p = {students['p_value']:.3f}, n = {students['n']}",
    ]
    shares = record["shares"]
    if "not_possible" in shares:
        return [*lines, f"shares not corrected: {shares['not_possible']}"]
    for stance, s in shares["shares"].items():
        lines.append(
            f"delegations {stance}: {s['predicted']:.2f} by the teacher, {s['corrected']:.2f} "
            f"({s['interval'][0]:.2f}–{s['interval'][1]:.2f}) corrected by {shares['coded']} of {shares['delegations']}"
        )
    return [*lines, *(f"warning: {w}" for w in shares["warnings"])]
