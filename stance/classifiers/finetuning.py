"""Fine-tuning of a transformer by ``transformers.Trainer``: the one place where losses, batches and steps are set up.

Every classifier that trains a network comes here with a module whose forward gives ``logits`` of shape (n, 3), and with
tokenized rows. Labels are probabilities throughout: a gold label is the case where one of them is 1, the judgement of a
teacher is any other (Hinton et al., 2015), and both go through the same cross-entropy.

Processes of ``torchrun`` or ``accelerate launch`` are found by Trainer in the environment; each then takes its share
of the batches. This module imports torch at its top and is itself imported when a fit begins.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from torch.nn.functional import cross_entropy
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_pt_utils import LengthGroupedSampler

from stance.classifiers.batches import Row, collate, has_bfloat16, row_length

__all__ = ["Options", "finetune", "last_checkpoint"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How to fine-tune.

    Attributes
    ----------
    batch_size : int
        Rows in a batch of one process and device; a step of the optimizer sees ``batch_size × accumulation ×
        processes`` rows.
    accumulation : int
        Batches in a step.
    epochs : int
        Passes over the rows.
    learning_rate : float
        Highest learning rate of the linear schedule of AdamW.
    warmup : float
        Share of the steps with a rising learning rate.
    weight_decay : float
        Decoupled weight decay.
    label_smoothing : float
        Mass of each label that is spread over all (Szegedy et al., 2016).
    balanced : bool
        Weigh labels by inverse frequency.
    patience : int or None
        Epochs without a lower loss on the held-out rows before training stops; None trains all epochs.
    bfloat16 : bool
        Autocast to bfloat16 where the hardware has it.
    seed : int
        Seed of dropout and of the order of the rows.
    """

    batch_size: int = 32
    accumulation: int = 1
    epochs: int = 4
    learning_rate: float = 1e-4
    warmup: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    balanced: bool = False
    patience: int | None = None
    bfloat16: bool = True
    seed: int = 13


def finetune(
    model: Any,
    tokenizer: Any,
    rows: Sequence[Row],
    options: Options,
    *,
    held_out: Sequence[Row] | None = None,
    progress: bool = False,
    folder: Path | None = None,
    logs: Path | None = None,
) -> list[dict[str, float]]:
    """Fine-tune a module in place.

    Parameters
    ----------
    model : torch.nn.Module
        Its forward takes the fields of a batch and returns a dictionary with ``logits``, shape (n, labels). It ends on
        the processor, in float32 and evaluation mode.
    tokenizer : transformers.PreTrainedTokenizerBase
        Pads the batches.
    rows : sequence of dict
        Fields of the tokenizer (``input_ids``, ``attention_mask``, …), each a list of int or, where a row is several
        sequences that are judged together, a list of such lists; and ``labels``, an int or a list of probabilities.
    options : Options
    held_out : sequence of dict, optional
        Rows to stop early on; needed with ``options.patience``. The weights of the best epoch are restored.
    progress : bool, default False
        Show a bar on standard error.
    folder : Path, optional
        Where a checkpoint is kept after each epoch. If one is there already, training goes on from it as if it had not
        been interrupted. The files are optimizer states of torch, temporary, and the caller's to delete.
    logs : Path, optional
        Folder for events of TensorBoard.

    Returns
    -------
    list of dict
        ``epoch``, ``step`` and ``loss`` (mean since the entry before) or ``held_out_loss``, in the order of time.
    """
    gpu = torch.cuda.is_available()
    rows, held = _with_probabilities(rows), _with_probabilities(held_out or ())
    early = options.patience is not None and bool(held)
    with _working_folder(folder) as place:
        arguments = TrainingArguments(
            output_dir=str(place),
            per_device_train_batch_size=options.batch_size,
            per_device_eval_batch_size=options.batch_size,
            gradient_accumulation_steps=options.accumulation,
            num_train_epochs=options.epochs,
            learning_rate=options.learning_rate,
            lr_scheduler_type="linear",
            weight_decay=options.weight_decay,
            bf16=options.bfloat16 and (gpu or has_bfloat16()),
            use_cpu=not gpu,
            seed=options.seed,
            data_seed=options.seed,
            eval_strategy="epoch" if early else "no",
            save_strategy="epoch" if early or folder is not None else "no",
            save_total_limit=1,
            load_best_model_at_end=early,
            metric_for_best_model="eval_loss" if early else None,
            greater_is_better=False if early else None,
            logging_strategy="epoch",
            logging_nan_inf_filter=False,
            report_to=[],
            disable_tqdm=True,
            label_names=["labels"],
            remove_unused_columns=False,
            dataloader_num_workers=0,
        )
        batches = -(-len(rows) // (arguments.train_batch_size * arguments.world_size))
        steps = -(-batches // options.accumulation)
        arguments.warmup_steps = round(options.warmup * steps * options.epochs)
        trainer = _Trainer(
            model=model,
            args=arguments,
            train_dataset=rows,
            eval_dataset=held or None,
            data_collator=lambda chosen: collate(tokenizer, chosen),
            callbacks=[_Journal(every=max(1, steps // 10), epochs=options.epochs)],
        )
        trainer.label_smoothing = options.label_smoothing
        if options.balanced:
            trainer.class_weights = _class_weights(rows)
        # It would print dictionaries on standard output, which belongs to the command line's own results.
        trainer.remove_callback(PrinterCallback)
        if progress:
            trainer.add_callback(_Bar())
        if early:
            trainer.add_callback(EarlyStoppingCallback(options.patience))
        if logs is not None:
            trainer.add_callback(_tensorboard(logs))
        checkpoint = last_checkpoint(folder) if folder is not None else None
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        history = _history(trainer.state.log_history)
        # Autocast wraps the forward; what predicts from now on must be what a loaded model computes.
        trainer.accelerator.unwrap_model(trainer.model_wrapped, keep_fp32_wrapper=False)
        # Nobody takes the folder away while another process still reads the best epoch from it.
        trainer.accelerator.wait_for_everyone()
    model.float().cpu().eval()
    return history


def last_checkpoint(folder: Path) -> Path | None:
    """Return the last whole checkpoint in a folder; one whose state is missing was cut off while it was written."""
    found = [p for p in folder.glob("checkpoint-*") if (p / "trainer_state.json").is_file()]
    return max(found, key=lambda p: int(p.name.rpartition("-")[2]), default=None)


class _Trainer(Trainer):  # type: ignore[misc]
    """Trainer with this package's loss, and with an order of rows that every process draws alike."""

    # The loss is a mean over a batch; Trainer divides it by the number of batches in a step.
    loss_is_scaled_for_ga = False
    label_smoothing: float = 0.0
    class_weights: torch.Tensor | None = None

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        outputs = model(**{key: value for key, value in inputs.items() if key != "labels"})
        logits = outputs["logits"].float()
        weight = None if self.class_weights is None else self.class_weights.to(logits.device)
        loss = cross_entropy(logits, inputs["labels"], weight=weight, label_smoothing=self.label_smoothing)
        return (loss, outputs) if return_outputs else loss

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return _ByLength(
            self.args.train_batch_size * self.args.gradient_accumulation_steps,
            lengths=[row_length(row) for row in train_dataset or self.train_dataset],
            seed=self.args.seed,
        )


class _ByLength(LengthGroupedSampler):  # type: ignore[misc]
    """Rows of like length together, in an order that seed and epoch alone decide.

    Drawn from torch's global generator, the orders of several processes would part as soon as dropout has taken
    different amounts from it.
    """

    def __init__(self, batch_size: int, lengths: list[int], seed: int) -> None:
        super().__init__(batch_size, lengths=lengths, generator=torch.Generator())
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        self.generator.manual_seed(self.seed * 1000 + self.epoch)
        yield from super().__iter__()


class _Bar(ProgressCallback):  # type: ignore[misc]
    """A bar on standard error, without the dictionaries on standard output."""

    def on_log(self, *args: Any, **kwargs: Any) -> None:
        return None


class _Journal(TrainerCallback):  # type: ignore[misc]
    """Write losses to the package's log, ten times an epoch."""

    def __init__(self, every: int, epochs: int) -> None:
        self.every = every
        self.epochs = epochs

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        for entry in _history(state.log_history):
            self._say(entry)
        if state.global_step:
            log.info("going on after step %d of %d", state.global_step, state.max_steps)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step % self.every == 0:
            control.should_log = True

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.is_world_process_zero:
            for entry in _history(state.log_history[-1:]):
                self._say(entry)

    def _say(self, entry: dict[str, float]) -> None:
        name = "loss" if "loss" in entry else "held_out_loss"
        log.info(
            "epoch %.2f of %d, step %d: %s %.4f",
            entry["epoch"], self.epochs, entry["step"], name.replace("held_out_", "held-out "), entry[name],
        )  # fmt: skip


def _history(entries: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    names = {"loss": "loss", "eval_loss": "held_out_loss"}
    return [
        {"epoch": e["epoch"], "step": e["step"], new: e[old]} for e in entries for old, new in names.items() if old in e
    ]


def _tensorboard(logs: Path) -> Any:
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    return TensorBoardCallback(SummaryWriter(str(logs)) if PartialState().is_main_process else None)


def _with_probabilities(rows: Sequence[Row]) -> list[Row]:
    one_hot = np.eye(3).tolist()
    return [row if isinstance(row["labels"], list) else {**row, "labels": one_hot[row["labels"]]} for row in rows]


def _class_weights(rows: Sequence[Row]) -> torch.Tensor:
    """Return one weight a label, inverse to its frequency, with a mean of 1 over the rows."""
    mass = np.array([row["labels"] for row in rows]).sum(axis=0)
    present = np.count_nonzero(mass)
    weights = np.divide(len(rows), present * mass, out=np.zeros_like(mass), where=mass > 0)
    return torch.tensor(weights, dtype=torch.float32)


@contextmanager
def _working_folder(given: Path | None) -> Iterator[Path]:
    """Give Trainer a folder that all processes share."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    own = Path(tempfile.mkdtemp(prefix="stance-"))
    try:
        shared = [str(own)]
        if PartialState(cpu=not torch.cuda.is_available()).num_processes > 1:
            broadcast_object_list(shared)
        yield Path(shared[0])
    finally:
        shutil.rmtree(own, ignore_errors=True)
