"""Search for a configuration: trials over a space of fields, scored on groups that are held out of the training data.

The search never looks at the files of ``evaluation.files``: what they are worth as a test would be spent by choosing on
them. The best value is optimistic all the same, because it is the best of many on the same statements; train the
configuration that was found and evaluate it elsewhere. A search that was interrupted goes on where it stopped, and gives
what it would have given in one go.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import importlib.metadata
import io
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator
from sklearn.metrics import f1_score

from stance.annotations import read_annotations
from stance.classifiers import build_classifier
from stance.classifiers.base import probabilities
from stance.config import RunConfig, load_config, read_yaml, replace_fields
from stance.corpus import corpus_groups, parts_of
from stance.errors import ConfigError, ModelError, OutputError, StanceError, install_extra
from stance.evaluation.metrics import Floats, bootstrap_interval
from stance.manifest import environment, write_json, write_text
from stance.positions import decide
from stance.resources import beside, existing_path
from stance.targets import STANCES
from stance.training import Examples, load_examples

__all__ = ["Choices", "Range", "SearchConfig", "SearchResult", "load_search", "search"]

log = logging.getLogger(__name__)

#: Fields that make another classifier. The others change what is measured, or on what, and a seed is not chosen.
SEARCHABLE = ("classifier.", "encoding.", "decision.threshold")
_STUDY = "study.db"
NOTE = (
    "The best value is optimistic: it is the best of all trials on the same held-out statements. Train best.yaml and "
    "evaluate it on statements that the search did not see."
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Strict):
    """Numbers from ``low`` to ``high``."""

    low: float = Field(description="least value")
    high: float = Field(description="greatest value")
    log: bool = Field(default=False, description="draw the logarithm evenly; low must be above 0, without step")
    step: float | None = Field(default=None, gt=0, description="distance of the values; any value when left out")

    @model_validator(mode="after")
    def _holds(self) -> Range:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log needs a low above 0 and no step")
        return self


class Choices(_Strict):
    """Values to choose from."""

    choices: tuple[Any, ...] = Field(min_length=2, description="values of the field, as in a configuration")


def _kind(span: Any) -> str:
    return "choices" if isinstance(span, Choices) or (isinstance(span, dict) and "choices" in span) else "range"


Span = Annotated[Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")], Discriminator(_kind)]


class SearchConfig(_Strict):
    """One search."""

    config: str = Field(min_length=1, description="run configuration to start from, relative to the search file")
    overrides: tuple[str, ...] = Field(default=(), description="fields to override in it, key.path=value as with --set")
    space: dict[str, Span] = Field(min_length=1, description="path of a field → its range or its choices")
    objective: Literal["macro_f1", "log_loss"] = Field(
        default="macro_f1",
        description="what is made great or small, on uncalibrated probabilities of held-out statements; macro_f1 by the "
        "threshold of the configuration, by the most probable label where that is auto",
    )
    parts: tuple[Literal["train", "development", "transfer"], ...] = Field(
        default=("development",),
        min_length=1,
        description="parts of data.splits that trials are not trained on and are scored on",
    )
    trials: int = Field(default=20, ge=1, description="trials in all, those of an interrupted search included")
    seed: int = Field(default=13, ge=0, description="seed of the sampler")
    seeds: tuple[int, ...] = Field(
        default=(),
        description="seeds of the runs of each trial, which is scored by their mean; the run's own when empty",
    )
    pruner: Literal["none", "median"] = Field(
        default="none", description="median: give a trial up when after some of its seeds it is worse than the median"
    )

    @model_validator(mode="after")
    def _holds(self) -> SearchConfig:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("seeds must all be different")
        if self.pruner != "none" and len(self.seeds) < 2:
            raise ValueError("pruner: compares trials after each seed; name at least two seeds")
        return self


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes
    ----------
    config : RunConfig
        The configuration of the best trial.
    record : dict
        What stands in ``search.json``.
    folder : Path
    """

    config: RunConfig
    record: dict[str, Any]
    folder: Path


@dataclass
class _Data:
    """The statements of a search, encoded once for each kind of encoding that trials ask for."""

    parts: tuple[str, ...]
    cache: dict[str, tuple[Examples, Examples]] = field(default_factory=dict)

    def get(self, config: RunConfig) -> tuple[Examples, Examples]:
        """Return the statements to train on and those that score."""
        key = config.encoding.model_dump_json()
        if key not in self.cache:
            self.cache[key] = self._divide(config, load_examples(config))
        return self.cache[key]

    def _divide(self, config: RunConfig, examples: Examples) -> tuple[Examples, Examples]:
        place = parts_of(examples.annotations, existing_path(config.data.splits))
        scores = [i for i, p in enumerate(place) if p in self.parts]
        # What the configuration holds out to calibrate on is not trained on in the end either.
        rest = [i for i, p in enumerate(place) if p not in self.parts and p not in config.calibration.parts]
        if not scores or not rest:
            raise ConfigError(f"parts: no statement of the training data is {'in' if not scores else 'outside'} them")
        forbidden = {
            a.id for name in config.evaluation.files for a in read_annotations(existing_path(name), offsets=False)
        }
        spent = [a.id for a in (examples.annotations[i] for i in scores) if a.id in forbidden]
        if spent:
            raise ConfigError(f"parts: {spent[0]} is in evaluation.files, which a search must not look at")
        return examples.part(rest), examples.part(scores)


def load_search(path: Path | str, trials: int | None = None) -> tuple[SearchConfig, RunConfig]:
    """Read and validate a search file and the configuration that it starts from.

    Parameters
    ----------
    path : path-like
        A YAML file.
    trials : int, optional
        Number of trials, instead of the file's.

    Returns
    -------
    (SearchConfig, RunConfig)

    Raises
    ------
    ConfigError
        Naming file and field; for an unknown field of the space with the nearest known one.
    """
    path = Path(path)
    raw = read_yaml(path)
    if trials is not None:
        raw["trials"] = trials
    try:
        found = SearchConfig.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(path, item) for item in error.errors())) from None
    config = load_config(beside(path, found.config), found.overrides)
    known = _fields(config)
    for name, span in found.space.items():
        where = f"{path}: space.{name}"
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.3)
            raise ConfigError(
                f"{where}: unknown field; did you mean {near[0]!r}?" if near else f"{where}: unknown field"
            )
        if not name.startswith(SEARCHABLE) or name == "classifier.kind":
            raise ConfigError(f"{where}: cannot be searched; only classifier.*, encoding.* and decision.threshold can")
        values = [span.low, span.high] if isinstance(span, Range) else list(span.choices)
        if isinstance(span, Range):
            if not known[name] & {int, float}:
                raise ConfigError(f"{where}: is no number; give choices")
            if float not in known[name] and not all(v.is_integer() for v in (*values, span.step or 1.0)):
                raise ConfigError(f"{where}: is a whole number, so low, high and step must be")
            values = [_number(v, known[name]) for v in values]
        for value in values:
            try:
                replace_fields(config, {name: value})
            except ConfigError as error:
                raise ConfigError(f"{path}: space.{error}") from None
    return found, config


def _explain(path: Path, item: Any) -> str:
    location = [str(step) for step in item["loc"]]
    if location[:1] == ["space"] and len(location) > 2:
        # pydantic puts the kind of the span behind the field, which no YAML file has.
        location.pop(2)
    where = ".".join(location) or "(top)"
    if item["type"] == "extra_forbidden":
        known = list(SearchConfig.model_fields) if len(location) == 1 else ["low", "high", "log", "step", "choices"]
        near = difflib.get_close_matches(location[-1], known, 1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return f"{path}: {where}: unknown field; {hint}"
    if item["type"] == "missing":
        return f"{path}: {where}: missing"
    return f"{path}: {where}: {item['msg'].removeprefix('Value error, ').lower()} (is {item['input']!r})"


def _fields(config: RunConfig) -> dict[str, set[Any]]:
    """Return the paths of all fields of a configuration with the plain types that each can have."""
    found: dict[str, set[Any]] = {}

    def walk(model: BaseModel, prefix: str) -> None:
        for name, info in type(model).model_fields.items():
            value = getattr(model, name)
            if isinstance(value, BaseModel):
                walk(value, f"{prefix}{name}.")
            else:
                found[prefix + name] = {*(get_args(info.annotation) or (info.annotation,))} - {NoneType}

    walk(config, "")
    return found


def _number(value: float, types: set[Any]) -> float | int:
    return value if float in types else int(value)


def _suggest(trial: Any, space: dict[str, Range | Choices], known: dict[str, set[Any]]) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    for name, span in space.items():
        if isinstance(span, Choices):
            # As JSON, because a choice may be a list, which the store of the trials cannot hold.
            drawn[name] = json.loads(trial.suggest_categorical(name, [json.dumps(c) for c in span.choices]))
        elif float in known[name]:
            drawn[name] = trial.suggest_float(name, span.low, span.high, log=span.log, step=span.step)
        else:
            step = {} if span.step is None else {"step": int(span.step)}
            drawn[name] = trial.suggest_int(name, int(span.low), int(span.high), log=span.log, **step)
    return drawn


def _own_values(config: RunConfig, space: dict[str, Range | Choices]) -> dict[str, Any] | None:
    """Return the configuration's own values as a trial, or None where the space lacks one of them."""
    raw = config.model_dump(mode="json")
    own: dict[str, Any] = {}
    for name, span in space.items():
        value: Any = raw
        for step in name.split("."):
            value = value[step]
        if isinstance(span, Choices):
            text = json.dumps(value)
            if text not in [json.dumps(c) for c in span.choices]:
                return None
            own[name] = text
            continue
        if isinstance(value, str) or value is None or not span.low <= value <= span.high:
            return None
        if span.step is not None and not np.isclose((value - span.low) / span.step % 1, [0, 1]).any():
            return None
        own[name] = value
    return own


def _objective(search: SearchConfig, config: RunConfig, gold: NDArray[np.str_], proba: Floats) -> float:
    """Return the mean objective of probabilities of shape (seeds, n, 3)."""
    if search.objective == "log_loss":
        column = np.array([STANCES.index(g) for g in gold])
        return float(-np.log(np.clip(proba[:, np.arange(len(gold)), column], 1e-9, 1)).mean())
    threshold = 0.0 if config.decision.threshold == "auto" else config.decision.threshold
    every = [
        f1_score(gold, decide(p, threshold), labels=list(STANCES), average="macro", zero_division=0) for p in proba
    ]
    return float(np.mean(every))


def _fingerprint(search: SearchConfig, config: RunConfig, examples: Examples) -> str:
    content = [
        search.model_dump(mode="json", exclude={"trials", "config"}),
        config.model_dump(mode="json"),
        examples.files,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _save_array(path: Path, values: Floats) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as handle:
        np.save(handle, values, allow_pickle=False)
    partial.replace(path)


def _import_optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise ConfigError(f"a search needs optuna; {install_extra('search')}") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def search(found: SearchConfig, config: RunConfig, out: Path, *, progress: bool = False) -> SearchResult:
    """Run the trials of a search that are not done yet, and write what all of them found.

    Parameters
    ----------
    found : SearchConfig
    config : RunConfig
        See :func:`load_search`.
    out : Path
        Folder for ``study.db`` (the trials, from which a search goes on), ``predictions/`` (held-out probabilities),
        ``trials.csv``, ``best.yaml`` and ``search.json``.
    progress : bool, default False
        Show a bar on standard error.

    Returns
    -------
    SearchResult

    Raises
    ------
    ConfigError
        If optuna is missing, the held-out statements cannot be had, or ``out`` holds another search.
    ModelError
        If every trial failed.
    """
    optuna = _import_optuna()
    from tqdm import tqdm

    data = _Data(found.parts)
    examples, held_out = data.get(config)
    store = out / _STUDY
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: exists and is not a folder")
    if out.is_dir() and any(out.iterdir()) and not store.is_file():
        raise OutputError(f"{out}: holds other files than a search; name a new or empty folder")
    try:
        (out / "predictions").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from None
    study = optuna.create_study(
        storage=f"sqlite:///{store.resolve()}",
        study_name="search",
        direction="minimize" if found.objective == "log_loss" else "maximize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_warmup_steps=0)
        if found.pruner == "median"
        else optuna.pruners.NopPruner(),
    )
    fingerprint = _fingerprint(found, config, examples)
    if study.user_attrs.get("fingerprint", fingerprint) != fingerprint:
        raise ConfigError(f"{out}: holds a search of another space, configuration or data; name another --out")
    if not study.user_attrs:
        study.set_user_attr("fingerprint", fingerprint)
        own = _own_values(config, found.space)
        if own is not None:
            # Whether the search bought anything shows beside the values that one started with.
            study.enqueue_trial(own)
    _close_interrupted(optuna, study)
    known = _fields(config)
    done = len(_finished(optuna, study))
    for number in tqdm(
        range(done, found.trials), desc="trials", unit="trial", initial=done, disable=not progress, file=sys.stderr
    ):
        # A sampler of its own for each trial: a search that goes on must not draw again what it drew at first.
        study.sampler = optuna.samplers.TPESampler(
            seed=int(np.random.SeedSequence([found.seed, number]).generate_state(1)[0])
        )
        _run_trial(optuna, study, found, config, data, known, out)
    return _write(optuna, study, found, config, held_out, out)


def _finished(optuna: Any, study: Any) -> list[Any]:
    states = optuna.trial.TrialState
    return [
        t
        for t in study.get_trials(deepcopy=False)
        if t.state in (states.COMPLETE, states.PRUNED) or (t.state == states.FAIL and "error" in t.user_attrs)
    ]


def _close_interrupted(optuna: Any, study: Any) -> None:
    """Mark trials that a stopped process left open, and queue their values again."""
    states = optuna.trial.TrialState
    for t in study.get_trials(deepcopy=False, states=(states.RUNNING,)):
        study.tell(t.number, state=states.FAIL)
        if "fixed_params" in t.system_attrs:
            study.enqueue_trial(t.system_attrs["fixed_params"])


def _run_trial(
    optuna: Any,
    study: Any,
    found: SearchConfig,
    config: RunConfig,
    data: _Data,
    known: dict[str, set[Any]],
    out: Path,
) -> None:
    trial = study.ask()
    fail = optuna.trial.TrialState.FAIL
    try:
        drawn = replace_fields(config, _suggest(trial, found.space, known))
        train, test = data.get(drawn)
        gold = test.labels
        rows: list[Floats] = []
        for step, seed in enumerate(found.seeds or (config.seed,)):
            estimator = build_classifier(drawn.classifier, seed).fit(
                train.encoded, [str(label) for label in train.labels]
            )
            rows.append(probabilities(estimator, test.encoded))
            value = _objective(found, drawn, gold, np.array(rows))
            trial.report(value, step)
            if step + 1 < len(found.seeds) and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                return
    except StanceError as error:
        # A corner of the space that cannot be trained costs one trial, not the search.
        log.warning("trial %d: %s", trial.number, error)
        trial.set_user_attr("error", str(error))
        study.tell(trial, state=fail)
        return
    _save_array(out / "predictions" / f"trial_{trial.number:04d}.npy", np.array(rows))
    study.tell(trial, value)


def _values(trial: Any, found: SearchConfig) -> dict[str, Any]:
    return {
        name: json.loads(trial.params[name]) if isinstance(span, Choices) else trial.params[name]
        for name, span in found.space.items()
        if name in trial.params
    }


def _write(
    optuna: Any,
    study: Any,
    found: SearchConfig,
    config: RunConfig,
    held_out: Examples,
    out: Path,
) -> SearchResult:
    finished = _finished(optuna, study)
    complete = [t for t in finished if t.state == optuna.trial.TrialState.COMPLETE]
    if not complete:
        messages = [t.user_attrs["error"] for t in finished if "error" in t.user_attrs]
        raise ModelError(f"no trial of the search could be trained; the last one: {messages[-1]}")
    sign = -1 if found.objective == "log_loss" else 1
    best = max(complete, key=lambda t: (sign * t.value, -t.number))
    handle = io.StringIO()
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(["trial", "state", found.objective, *found.space, "error"])
    for t in finished:
        values = _values(t, found)
        shown = [json.dumps(values[n]) if n in values else "" for n in found.space]
        value = f"{t.value:.6f}" if t.value is not None and t in complete else ""
        writer.writerow([t.number, t.state.name.lower(), value, *shown, t.user_attrs.get("error", "")])
    gold, groups = held_out.labels, corpus_groups(held_out.annotations)

    def describe(trial: Any) -> dict[str, Any]:
        proba = np.load(out / "predictions" / f"trial_{trial.number:04d}.npy", allow_pickle=False)
        used = replace_fields(config, _values(trial, found))
        interval = bootstrap_interval(
            lambda rows: _objective(found, used, gold[rows], proba[:, rows]),
            groups,
            resamples=config.evaluation.bootstrap,
            seed=found.seed,
        )
        return {
            "trial": trial.number,
            "value": trial.value,
            "interval": list(interval),
            "fields": _values(trial, found),
        }

    own = _own_values(config, found.space)
    start = next((t for t in complete if own is not None and t.params == own), None)
    record = {
        "objective": found.objective,
        "held_out": {"parts": list(found.parts), "statements": len(gold), "groups": len(set(groups))},
        "seed": found.seed,
        "seeds": list(found.seeds or (config.seed,)),
        "trials": {
            "finished": len(finished),
            "complete": len(complete),
            "pruned": sum(t.state == optuna.trial.TrialState.PRUNED for t in finished),
            "failed": sum("error" in t.user_attrs for t in finished),
        },
        "best": describe(best),
        "start": None if start is None else describe(start),
        "note": NOTE,
        "data": held_out.files,
        "search": found.model_dump(mode="json"),
        "environment": {**environment(), "optuna": importlib.metadata.version("optuna")},
    }
    chosen = replace_fields(config, {**_values(best, found), "name": f"{config.name}-best"})
    write_text(out / "trials.csv", handle.getvalue())
    write_text(out / "best.yaml", yaml.safe_dump(chosen.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
    write_json(out / "search.json", record)
    return SearchResult(chosen, record, out)


def summary(result: SearchResult) -> Sequence[str]:
    """Return what the command prints of a search, line by line."""
    record = result.record
    held = record["held_out"]
    lines = []
    for name in ("start", "best"):
        x = record[name]
        if x is not None:
            low, high = x["interval"]
            fields = ", ".join(
                f"{k} = {v:.4g}" if isinstance(v, float) else f"{k} = {v}" for k, v in x["fields"].items()
            )
            lines.append(
                f"{name}: {record['objective']} {x['value']:.3f} (95 % interval {low:.3f}–{high:.3f}), n = "
                f"{held['statements']} held-out statements of {held['groups']} groups; {fields}"
            )
    lines.append(f"{record['trials']['finished']} trials, {record['trials']['failed']} failed. {record['note']}")
    return lines
