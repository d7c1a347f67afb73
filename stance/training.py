"""Configuration → fitted model, its evaluation and the record of how both came about."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import json
import logging
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from stance.annotations import Annotation, read_annotations
from stance.augmentation import exchange_contexts
from stance.classifiers import build_classifier, classifier_class, simple_parts
from stance.classifiers.base import StanceClassifier, probabilities
from stance.config import AugmentationConfig, DecisionConfig, EncodingConfig, MajorityConfig, RunConfig
from stance.consistency import speakers_of
from stance.corpus import corpus_groups, parts_of
from stance.distillation import Lesson, prepare_lesson
from stance.encoding import Encoded, EncodingOptions, encode_annotations
from stance.errors import ConfigError
from stance.evaluation.calibration import cross_fitted, fit_calibration
from stance.evaluation.decision import Costs, mean_cost, tune_threshold
from stance.evaluation.metrics import classwise_calibration_error, expected_calibration_error, score
from stance.evaluation.positions import gold_positions, score_positions
from stance.evaluation.splits import clusters_of, left_out_together, splits
from stance.manifest import check_replaceable, digest_file, environment, fresh_folder, write_json, write_text
from stance.model import Classifier, targets_read
from stance.positions import check_answered, decide, have_label
from stance.reporting.card import render_card
from stance.resources import configs_folder, existing_path
from stance.targets import STANCES, Target, load_target

__all__ = [
    "Examples",
    "TrainingResult",
    "check_starts",
    "cross_validate",
    "files_seen",
    "fit_examples",
    "is_main_process",
    "load_examples",
    "predictions_csv",
    "train",
    "train_seeds",
    "trained_on",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Examples:
    """Annotated statements with what a classifier reads of them.

    Attributes
    ----------
    annotations : list of Annotation, length n
    encoded : list of Encoded, length n
    files : dict
        File → digest.
    augmented : list of list of Encoded, each of length n
        Other forms of the statements, to train on.
    """

    annotations: list[Annotation]
    encoded: list[Encoded]
    files: dict[str, str]
    augmented: list[list[Encoded]] = field(default_factory=list)

    def part(self, rows: Sequence[int] | NDArray[np.int_]) -> Examples:
        """Return some of the statements."""
        return Examples(
            [self.annotations[i] for i in rows],
            [self.encoded[i] for i in rows],
            self.files,
            [[form[i] for i in rows] for form in self.augmented],
        )

    @property
    def labels(self) -> NDArray[np.str_]:
        """Gold labels, shape (n,)."""
        return np.array([a.stance for a in self.annotations])


@dataclass(frozen=True)
class TrainingResult:
    """A trained model, where it was written, and its metrics."""

    model: Classifier
    folder: Path
    metrics: dict[str, Any]


def load_examples(config: RunConfig, files: Sequence[str] | None = None) -> Examples:
    """Read and encode annotated statements.

    Parameters
    ----------
    config : RunConfig
    files : sequence of str, optional
        Annotation files; ``config.data.train`` when left out. Only then are there augmented forms.

    Returns
    -------
    Examples
    """
    meetings = [p for p in (Path(m) for m in config.data.meetings) if p.is_dir()]
    meetings += [p for p in (configs_folder().parent / m for m in config.data.meetings) if p.is_dir()]
    for name in config.data.train if files is None else files:
        path = existing_path(name)
        meetings += [p for p in (path.parent.parent / "meetings", path.parent) if p.is_dir()]
    annotations: list[Annotation] = []
    digests: dict[str, str] = {}
    for name in config.data.train if files is None else files:
        path = existing_path(name)
        found = read_annotations(path, meetings=meetings)
        annotations.extend(a for a in found if a.target not in config.data.exclude_targets)
        digests[name] = digest_file(path)
    if files is None:
        annotations = _without_excluded(config, annotations)
    if config.data.parts:
        place = parts_of(annotations, existing_path(config.data.splits))
        annotations = [a for a, p in zip(annotations, place, strict=True) if p is None or p in config.data.parts]
        digests[config.data.splits] = digest_file(existing_path(config.data.splits))
    if config.data.limit is not None and config.data.limit < len(annotations):
        keep = np.random.default_rng(config.seed).choice(len(annotations), config.data.limit, replace=False)
        annotations = [annotations[i] for i in sorted(keep)]
    # The configuration's own first: where it is a file, annotations may name it by its id.
    for target in [config.target, *sorted({a.target for a in annotations})]:
        load_target(target)
    options = EncodingOptions(**config.encoding.model_dump())
    contexts = dict.fromkeys(config.augmentation.contexts if files is None else ())
    augmented = [
        encode_annotations(annotations, replace(options, context=count), meetings=meetings)
        for count in contexts
        if count != options.context
    ]
    return Examples(annotations, encode_annotations(annotations, options, meetings=meetings), digests, augmented)


def _without_excluded(config: RunConfig, annotations: list[Annotation]) -> list[Annotation]:
    """Leave out the documents that neither training nor calibration is to see."""
    of_training, of_calibration = config.data.exclude_documents, config.calibration.exclude_documents
    if of_calibration is None:
        return [a for a in annotations if of_training is None or not re.match(of_training, a.document)]
    if not config.calibration.parts:
        raise ConfigError(
            "calibration.exclude_documents: there is no calibration; name its statements with calibration.parts"
        )
    place = parts_of(annotations, existing_path(config.data.splits))
    patterns = [of_calibration if part in config.calibration.parts else of_training for part in place]
    return [
        a
        for a, pattern in zip(annotations, patterns, strict=True)
        if pattern is None or not re.match(pattern, a.document)
    ]


def is_main_process() -> bool:
    """Tell whether this is the one process, or the first of several that ``torchrun`` or a relative of it started."""
    names = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
    return int(next((os.environ[n] for n in names if n in os.environ), "0")) == 0


def fit_examples(
    config: RunConfig,
    examples: Examples,
    rows: NDArray[np.int_] | None = None,
    progress: bool = False,
    checkpoints: Path | None = None,
    lesson: Lesson | None = None,
) -> StanceClassifier:
    """Fit the classifier of a configuration.

    Parameters
    ----------
    config : RunConfig
        Its classifier, seed and logging are used; the augmented forms are those of the examples.
    examples : Examples
    rows : ndarray of int, optional
        Statements to fit on; all when left out.
    progress : bool, default False
        Show a bar on standard error.
    checkpoints : Path, optional
        Folder for checkpoints and events of TensorBoard.
    lesson : Lesson, optional
        Teachers' labels of all examples, in place of the annotators'.

    Returns
    -------
    StanceClassifier
    """
    rows = np.arange(len(examples.encoded)) if rows is None else rows
    estimator = build_classifier(config.classifier, config.seed)
    if hasattr(estimator, "progress"):
        estimator.progress = progress and is_main_process()
    if checkpoints is not None and hasattr(estimator, "checkpoints") and hasattr(estimator, "logs"):
        estimator.checkpoints = checkpoints
        estimator.logs = checkpoints / "logs" if config.logging.tensorboard else None
    chosen = examples.part(rows)
    # A form of a statement has its label, be it the annotators' or the teachers'; a lesson begins with the statements.
    n = len(chosen.encoded)
    X, groups = (lesson.encoded, lesson.groups) if lesson else (chosen.encoded, corpus_groups(chosen.annotations))
    y: Any = lesson.labels if lesson else np.array([str(s) for s in chosen.labels])
    exchange = config.augmentation.exchange
    for number, form in enumerate(chosen.augmented):
        if exchange:
            # Only among what is fitted on: the words of a fold that is left out must not come in as context.
            form = exchange_contexts(chosen.annotations, form, groups[:n], exchange, config.seed * 1000 + number)
        X, y, groups = [*X, *form], np.concatenate([y, y[:n]]), [*groups, *groups[:n]]
    return estimator.fit(X, y if lesson else y.tolist(), groups)


def _lesson(config: RunConfig, examples: Examples, target: Target) -> Lesson | None:
    """Let the teachers of the configuration, if it names any, judge the training data."""
    if not config.distillation.teachers and not config.distillation.judgements:
        return None
    if config.evaluation.scheme not in ("none", "held-out"):
        # A teacher may have seen the delegations that a fold leaves out, and would tell the student.
        raise ConfigError("distillation: evaluation.scheme must be held-out or none")
    if not classifier_class(config.classifier.kind).soft_labels:
        raise ConfigError(f"distillation: a {config.classifier.kind} classifier learns from labels only")
    own = EncodingOptions(**config.encoding.model_dump())
    read = {own: examples.encoded}

    def encode(options: EncodingOptions) -> list[Encoded]:
        if options not in read:
            plain = {"encoding": EncodingConfig(**asdict(options)), "augmentation": AugmentationConfig()}
            other = config.model_copy(update=plain)
            read[options] = _held_out(config, load_examples(other))[0].encoded
        return read[options]

    return prepare_lesson(config.distillation, examples.annotations, own, encode, target, seed=config.seed)


def _held_out(config: RunConfig, examples: Examples) -> tuple[Examples, Examples]:
    """Divide examples into those to train on and those to calibrate on."""
    if not config.calibration.parts:
        return examples, examples.part([])
    place = parts_of(examples.annotations, existing_path(config.data.splits))
    out = [p in config.calibration.parts for p in place]
    if not any(out) or all(out):
        raise ConfigError(
            "calibration.parts: "
            + ("no statement of the training data" if not any(out) else "every statement")
            + " is in them"
        )
    return examples.part([i for i, o in enumerate(out) if not o]), examples.part([i for i, o in enumerate(out) if o])


def check_starts(config: RunConfig) -> dict[str, str]:
    """Check the trained models that a run goes on from, and return their digests by name.

    Raises
    ------
    ConfigError
        If one reads statements in another way, or has seen the data that the run is evaluated on.
    """
    digests = {}
    own = EncodingOptions(**config.encoding.model_dump())
    for name in dict.fromkeys(p["start"] for p in simple_parts(config.classifier.model_dump()) if p.get("start")):
        model = Classifier.load(name)
        if model.options != own:
            raise ConfigError(
                f"classifier.start: {name} reads statements with {asdict(model.options)}, this run with {asdict(own)}; "
                "set encoding to the same"
            )
        if config.evaluation.scheme != "none":
            _refuse_seen(name, model, config.evaluation.files)
        digests[name] = model.digest
    return digests


def files_seen(model: Classifier) -> frozenset[str] | None:
    """Return the digests of the files that a model was trained on; None where it does not say."""
    record = model.source / "run.json" if model.source else None
    if record is None or not record.is_file():
        return None
    return frozenset(json.loads(record.read_text(encoding="utf-8")).get("data", {}).values())


def trained_on(model: Classifier, files: Sequence[Path]) -> list[Path]:
    """Return those of some files that a model says it was trained on."""
    seen = files_seen(model) or frozenset()
    return [file for file in files if digest_file(file) in seen]


def _refuse_seen(name: str, model: Classifier, files: Sequence[str]) -> None:
    """Refuse to evaluate on files that a model was trained on."""
    if files_seen(model) is None:
        log.warning("classifier.start: %s does not say what it was trained on; it may have seen the test data", name)
    for file in files:
        if trained_on(model, [existing_path(file)]):
            raise ConfigError(
                f"classifier.start: {name} was trained on {file}, which this run is evaluated on; start from a model that "
                "has not seen it, or set evaluation.scheme to none"
            )


def _run_digest(config: RunConfig, examples: Examples, lesson: Lesson | None, start: dict[str, str]) -> str:
    """Return what tells one fit from another: the configuration, what the classifier reads, and between how many."""
    record = {
        "config": config.model_dump(mode="json", exclude={"logging"}),
        "encoded": [asdict(e) for form in (examples.encoded, *examples.augmented) for e in form],
        "labels": examples.labels.tolist(),
        "distillation": lesson.record if lesson else None,
        "start": start,
        "processes": os.environ.get("WORLD_SIZE", "1"),
    }
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


@contextmanager
def _checkpoints(out: Path, resume: bool) -> Iterator[Path]:
    """Give the folder for checkpoints of a run: empty unless resumed, gone when the run succeeds."""
    place = out.resolve()
    folder = place.with_name(f".{place.name}.checkpoints")
    if not is_main_process():
        yield folder
        return
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    except BaseException:
        # Without a whole epoch there is nothing to go on from.
        if not any(folder.rglob("checkpoint-*")):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Write what the package logs to a file, also what is too little for the user's screen."""
    logger = logging.getLogger("stance")
    level, propagates, shown = logger.level, logger.propagate, logger.getEffectiveLevel()

    class Screen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= shown:
                logging.getLogger().callHandlers(record)

    file = logging.FileHandler(path, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    handlers: list[logging.Handler] = [file, *([Screen()] if propagates else [])]
    logger.setLevel(min(logging.INFO, shown))
    logger.propagate = False
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
        file.close()
        logger.setLevel(level)
        logger.propagate = propagates


@contextmanager
def _own_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="stance-") as name:
        yield Path(name)


def _choose_threshold(
    config: RunConfig, model: Classifier, gold: Sequence[str], proba: NDArray[np.float64]
) -> dict[str, Any]:
    """Tune the model's threshold where the configuration says auto, and return what decisions cost."""
    decision = config.decision
    costs = Costs(decision.cost_opposite, decision.cost_false_side, decision.cost_missed_side)
    if decision.threshold == "auto":
        model.decision = DecisionConfig(
            threshold=tune_threshold(gold, proba, costs), opposite_odds=decision.opposite_odds
        )
    return {
        "threshold": model.decision.threshold,
        "cost": mean_cost(gold, decide(proba, model.decision.threshold), costs),
        "cost_at_plain_argmax": mean_cost(gold, decide(proba, 0.0), costs),
        "n": len(gold),
    }


def cross_validate(
    config: RunConfig, examples: Examples, *, progress: bool = False
) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64]]:
    """Predict the statements of the evaluation files by models that have not seen their delegation, meeting or target.

    Returns
    -------
    rows : list of int
        Indices of the evaluated statements in ``examples``.
    proba : ndarray of shape (len(rows), 3)
        Held-out probabilities of the configured classifier.
    baseline : ndarray of shape (len(rows), 3)
        The same for the majority baseline.
    """
    from tqdm import tqdm

    scheme = config.evaluation.scheme
    shown = any(part.get("examples") for part in simple_parts(config.classifier.model_dump()))
    if shown and scheme not in ("leave-one-meeting-out", "leave-one-target-out"):
        raise ConfigError(
            f"evaluation.scheme: {scheme} would take the examples of prompts from the documents under test; set it to "
            "held-out, leave-one-meeting-out, leave-one-target-out or none"
        )
    found = [a for name in config.evaluation.files for a in read_annotations(existing_path(name), offsets=False)]
    documents = {a.document for a in found if a.start is not None}
    # The speaker of a statement that stands alone is a delegation in no debate.
    alone = (
        {a.id for a in found if a.start is None} if scheme in ("leave-one-meeting-out", "leave-one-target-out") else ()
    )
    rows = [
        i for i, a in enumerate(examples.annotations) if (a.id in alone if a.start is None else a.document in documents)
    ]
    if not rows:
        raise ConfigError(
            f"evaluation.files: no statement of {', '.join(config.evaluation.files) or 'no file'} is among the training data, so that "
            "none can be left out; name a file of data.train, or set evaluation.scheme to held-out or none"
        )
    # What is not tested is never left out either, unless it is of the target or the contrast group that is.
    others = sorted(set(range(len(examples.encoded))) - set(rows))
    place = np.array([*rows, *others])
    chosen = [examples.annotations[i] for i in rows]
    clusters = left_out_together(scheme, chosen)
    rest = [examples.annotations[i].target if scheme == "leave-one-target-out" else "" for i in others]
    groups = [examples.annotations[i].group for i in place]
    proba = np.zeros((len(rows), 3))
    baseline = np.zeros((len(rows), 3))
    every = list(splits(scheme, clusters, config.evaluation.folds, groups[: len(rows)]))
    for train, test in tqdm(every, desc="evaluating", unit="fold", disable=not progress, file=sys.stderr):
        out = {clusters[i] for i in test}
        tested = {groups[i] for i in test} - {""}
        more = [len(rows) + k for k, key in enumerate(rest) if key not in out and groups[len(rows) + k] not in tested]
        seen = place[[*train, *more]]
        held = [examples.encoded[place[i]] for i in test]
        proba[test] = probabilities(fit_examples(config, examples, seen), held)
        floor = build_classifier(MajorityConfig(kind="majority"), config.seed)
        floor.fit([examples.encoded[i] for i in seen], [str(examples.labels[i]) for i in seen])
        baseline[test] = probabilities(floor, held)
    return rows, proba, baseline


def _score_held_out(
    config: RunConfig, examples: Examples, model: Classifier
) -> tuple[list[Annotation], NDArray[np.float64], NDArray[np.float64]]:
    """Predict files that training did not see, by the trained model and by the majority baseline."""
    whole = config.model_copy(update={"data": config.data.model_copy(update={"limit": None, "exclude_targets": ()})})
    test = load_examples(whole, config.evaluation.files)
    seen = {a.document for a in examples.annotations} & {a.document for a in test.annotations}
    if seen:
        raise ConfigError(f"evaluation.scheme: held-out, but {min(seen)} is among the training data")
    floor = build_classifier(MajorityConfig(kind="majority"), config.seed)
    floor.fit(examples.encoded, [str(label) for label in examples.labels])
    return test.annotations, model.predict_proba(test.encoded), probabilities(floor, test.encoded)


def predictions_csv(annotations: Sequence[Annotation], proba: NDArray[np.float64], labels: Sequence[str]) -> str:
    handle = io.StringIO()
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(["id", "speaker", "gold", "predicted", *(f"p_{s}" for s in STANCES), "text"])
    for a, p, label in zip(annotations, proba, labels, strict=True):
        writer.writerow([a.id, a.speaker, a.stance, label, *(f"{x:.6f}" for x in p), a.text])
    return handle.getvalue()


def train(config: RunConfig, out: Path, *, progress: bool = False, resume: bool = False) -> TrainingResult:
    """Evaluate and fit a model, and write its folder.

    Under ``torchrun`` or ``accelerate launch`` every process takes part in the fits, each with batches of its own (a
    step of the optimizer sees batch_size × accumulation × processes statements); only the first evaluates and writes.

    Parameters
    ----------
    config : RunConfig
    out : Path
        The model folder; replaced as a whole when the run succeeds, untouched when it fails.
    progress : bool, default False
        Show bars on standard error.
    resume : bool, default False
        Go on from the last whole epoch of an interrupted run with the same configuration, data and ``out``; the model
        is the one that it would have given. Its checkpoints lie beside ``out`` in ``.NAME.checkpoints`` and go when a
        run succeeds or starts anew. Only classifiers that train in epochs keep any, and folds of a cross-validation
        keep none.

    Returns
    -------
    TrainingResult
        In other processes than the first, without metrics.

    Raises
    ------
    StanceError
        For wrong data, configuration or output folder.
    """
    check_replaceable(out, "model.json")
    if config.logging.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise ConfigError("logging.tensorboard: the package is missing; run: pip install tensorboard")
    main = is_main_process()
    with (
        _checkpoints(out, resume) as kept,
        fresh_folder(out) if main else _own_folder() as folder,
        _logged(folder / "train.log"),
    ):
        target = load_target(config.target)
        examples, held_out = _held_out(config, load_examples(config))
        log.info("%d annotated statements from %d files", len(examples.annotations), len(examples.files))
        start = check_starts(config)
        lesson = _lesson(config, examples, target)
        checkpoints = kept / _run_digest(config, examples, lesson, start)
        if resume and main and not checkpoints.is_dir():
            log.warning(
                "--resume: no interrupted run of this configuration on these data beside %s; starting anew", out
            )
        log.info(
            "fitting on %d statements, each read in %d forms", len(examples.annotations), 1 + len(examples.augmented)
        )
        model = Classifier(
            fit_examples(config, examples, progress=progress, checkpoints=checkpoints, lesson=lesson),
            EncodingOptions(**config.encoding.model_dump()),
            DecisionConfig(
                opposite_odds=config.decision.opposite_odds,
                **({} if config.decision.threshold == "auto" else {"threshold": config.decision.threshold}),
            ),
            target,
            config.name,
        )
        if not main:
            # The folds of the evaluation are fitted by all processes together, like the model.
            if config.evaluation.scheme not in ("none", "held-out"):
                cross_validate(config, examples)
            return TrainingResult(model, out, {})
        metrics = _evaluated(config, examples, held_out, model, folder, progress=progress)
        if start:
            metrics["training"]["start"] = start
            before = [targets_read(Classifier.load(name).source) for name in start]
            # Where one does not tell, nobody can say what was not read.
            if all(found is not None for found in before):
                metrics["training"]["start_targets"] = sorted({target for found in before for target in found or ()})
        if lesson is not None:
            metrics["training"]["distillation"] = lesson.record
        model.save(folder)
        write_text(
            folder / "config.yaml", yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        )
        write_json(folder / "metrics.json", metrics)
        write_json(
            folder / "run.json",
            {
                "command": "train",
                "environment": environment(),
                "data": examples.files,
                "digest": model.digest,
                "seed": config.seed,
            },
        )
        write_text(folder / "README.md", render_card(config, metrics, model.digest))
        if (checkpoints / "logs").is_dir():
            shutil.move(checkpoints / "logs", folder / "logs")
    model.source = out
    return TrainingResult(model, out, metrics)


def _rows_answered(proba: NDArray[np.float64]) -> list[int]:
    """Return the statements that have a label; a model that asks a server may have none for some, which are told."""
    known = [int(i) for i in np.flatnonzero(have_label(proba))]
    if len(known) < len(proba):
        log.warning("%d of %d statements have no label and are left out", len(proba) - len(known), len(proba))
    if not known:
        check_answered(proba)
    return known


def _answered(examples: Examples, proba: NDArray[np.float64]) -> tuple[Examples, NDArray[np.float64]]:
    known = _rows_answered(proba)
    return examples.part(known), proba[known]


def _evaluated(
    config: RunConfig, examples: Examples, held_out: Examples, model: Classifier, folder: Path, *, progress: bool
) -> dict[str, Any]:
    """Calibrate and evaluate a fitted model; return the metrics, and write predictions where there are any."""
    metrics: dict[str, Any] = {
        "training": {
            "statements": len(examples.annotations),
            "labels": dict(Counter(map(str, examples.labels))),
            "origins": dict(Counter(a.origin for a in examples.annotations)),
            "targets": dict(Counter(a.target for a in examples.annotations)),
            "seed": config.seed,
        }
    }
    if hasattr(model.estimator, "history_"):
        metrics["training"]["history"] = model.estimator.history_
    if held_out.encoded:
        model.refuse_shown(held_out.annotations)
        raw = model.predict_proba(held_out.encoded)
        held_out, raw = _answered(held_out, raw)
        gold = [a.stance for a in held_out.annotations]
        groups = corpus_groups(held_out.annotations)
        model.calibration = fit_calibration(config.calibration.method, gold, raw)
        log.info("calibration %s, fitted on %d statements", model.calibration.to_dict(), len(gold))
        calibrated = model.settle(model.calibration.apply(raw), speakers_of(held_out.annotations))
        honest = cross_fitted(config.calibration.method, gold, raw, groups)
        metrics["decision"] = _choose_threshold(config, model, gold, calibrated)
        metrics["calibration"] = {
            "parts": list(config.calibration.parts),
            **model.calibration.to_dict(),
            "ece_before": expected_calibration_error(gold, raw),
            "classwise_ece_before": classwise_calibration_error(gold, raw),
            "ece_cross_fitted": None if honest is None else expected_calibration_error(gold, honest),
            "classwise_ece_cross_fitted": None if honest is None else classwise_calibration_error(gold, honest),
            "held_out": score(
                gold,
                decide(calibrated, model.decision.threshold),
                calibrated,
                groups,
                resamples=config.evaluation.bootstrap,
                seed=config.seed,
            ),
        }
    if config.evaluation.scheme == "none":
        return metrics
    if config.evaluation.scheme == "held-out":
        chosen, proba, baseline = _score_held_out(config, examples, model)
    else:
        rows, proba, baseline = cross_validate(config, examples, progress=progress)
        chosen = [examples.annotations[i] for i in rows]
        proba = model.calibration.apply(proba)
    proba = model.settle(proba, speakers_of(chosen))
    known = _rows_answered(proba)
    chosen, proba, baseline = [chosen[i] for i in known], proba[known], baseline[known]
    gold = [a.stance for a in chosen]
    clusters = clusters_of(chosen)
    predicted = decide(proba, model.decision.threshold)
    options = {"resamples": config.evaluation.bootstrap, "seed": config.seed}
    metrics["evaluation"] = {
        "scheme": config.evaluation.scheme,
        "on": list(config.evaluation.files),
        "classifier": score(gold, predicted, proba, clusters, **options),
        "majority": score(gold, decide(baseline, 0.0), baseline, clusters, **options),
    }
    standing = gold_positions(chosen, [existing_path(name) for name in config.evaluation.files])
    settled = score_positions(chosen, predicted, proba, standing, **options)
    if settled is not None:
        metrics["evaluation"]["positions"] = settled
    log.info("%s: macro-F1 %.4f", config.evaluation.scheme, metrics["evaluation"]["classifier"]["macro_f1"])
    write_text(folder / "predictions.csv", predictions_csv(chosen, proba, predicted))
    return metrics


def train_seeds(
    config: RunConfig, out: Path, seeds: Sequence[int], *, progress: bool = False, resume: bool = False
) -> dict[str, Any]:
    """Train the same configuration with several seeds and summarise what the seeds change.

    Parameters
    ----------
    config : RunConfig
    out : Path
        Folder of the runs: one model folder a seed, ``seed-13`` and so on, and ``seeds.json``.
    seeds : sequence of int
        At least two, all different.
    progress : bool, default False
        Show bars on standard error.
    resume : bool, default False
        Go on from the last epoch of the seed that was interrupted; seeds that were done before it are trained again.

    Returns
    -------
    dict
        ``seeds``, and for each section of the metrics that was measured (``evaluation``, ``calibration``) the mean,
        standard deviation, least and greatest value of macro-F1, accuracy and calibration error.

    Raises
    ------
    StanceError
        For wrong data, configuration or output folder.
    """
    if len(set(seeds)) != len(seeds) or len(seeds) < 2:
        raise ConfigError("--seeds: name at least two different seeds")
    runs = []
    for seed in seeds:
        log.info("seed %d", seed)
        run = config.model_copy(update={"seed": seed})
        runs.append(train(run, out / f"seed-{seed}", progress=progress, resume=resume).metrics)
    summary: dict[str, Any] = {"name": config.name, "seeds": list(seeds)}
    for section, part in (("evaluation", "classifier"), ("calibration", "held_out")):
        if section not in runs[0]:
            continue
        summary[section] = {"n": runs[0][section][part]["n"]}
        for figure in ("macro_f1", "accuracy", "ece"):
            values = [float(r[section][part][figure]) for r in runs]
            summary[section][figure] = {
                "mean": float(np.mean(values)),
                "deviation": float(np.std(values, ddof=1)),
                "least": min(values),
                "greatest": max(values),
            }
    if is_main_process():
        write_json(out / "seeds.json", summary)
    return summary
