"""GPUs under one name each, and how fast they are beside each other.

A row holds the maker's own figures from its datasheet, written down on 2026-11-26: memory in GB,
dense FP16 matrix throughput in TFLOPS (without the doubling that sparsity promises; on GeForce and
RTX cards with FP32 accumulation) and memory bandwidth in GB/s.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class GpuModel:
    name: str
    memory_gb: float
    tflops: float
    bandwidth_gbs: float
    source: str


GPU_MODELS = (
    GpuModel("T4", 16, 65, 320, "NVIDIA T4 datasheet"),
    GpuModel("V100 SXM", 16, 125, 900, "NVIDIA V100 datasheet"),
    GpuModel("V100 SXM", 32, 125, 900, "NVIDIA V100 datasheet"),
    GpuModel("A10", 24, 125, 600, "NVIDIA A10 datasheet"),
    GpuModel("A30", 24, 165, 933, "NVIDIA A30 datasheet"),
    GpuModel("A40", 48, 149.7, 696, "NVIDIA A40 datasheet"),
    GpuModel("L4", 24, 121, 300, "NVIDIA L4 datasheet"),
    GpuModel("L40", 48, 181, 864, "NVIDIA L40 datasheet"),
    GpuModel("L40S", 48, 362, 864, "NVIDIA L40S datasheet"),
    GpuModel("RTX 3080 Ti", 12, 68.2, 912, "NVIDIA Ampere GA102 whitepaper"),
    GpuModel("RTX 3090", 24, 71, 936, "NVIDIA Ampere GA102 whitepaper"),
    GpuModel("RTX 4090", 24, 165.2, 1008, "NVIDIA Ada whitepaper"),
    GpuModel("RTX 5090", 32, 209.5, 1792, "NVIDIA RTX Blackwell whitepaper"),
    GpuModel("RTX A5000", 24, 111.1, 768, "NVIDIA RTX A5000 datasheet"),
    GpuModel("RTX A6000", 48, 154.8, 768, "NVIDIA Ampere GA102 whitepaper"),
    GpuModel("RTX PRO 6000", 96, 500, 1597, "NVIDIA RTX PRO 6000 Server Edition datasheet"),
    GpuModel("A100 SXM", 40, 312, 1555, "NVIDIA A100 datasheet"),
    GpuModel("A100 PCIe", 40, 312, 1555, "NVIDIA A100 datasheet"),
    GpuModel("A100 SXM", 80, 312, 2039, "NVIDIA A100 datasheet"),
    GpuModel("A100 PCIe", 80, 312, 1935, "NVIDIA A100 datasheet"),
    GpuModel("H100 PCIe", 80, 756, 2000, "NVIDIA H100 datasheet"),
    GpuModel("H100 NVL", 94, 835, 3900, "NVIDIA H100 datasheet"),
    GpuModel("H100 SXM", 80, 989, 3350, "NVIDIA H100 datasheet"),
    GpuModel("H200 SXM", 141, 989, 4800, "NVIDIA H200 datasheet"),
    GpuModel("B200", 180, 2250, 8000, "NVIDIA HGX B200 datasheet"),
    GpuModel("MI300X", 192, 1307, 5300, "AMD Instinct MI300X datasheet"),
)
# What is left of a provider's name once maker and memory size are cut off, where it is not ours.
ALIASES = {
    "h100 hbm3": "H100 SXM",
    "h100 sxm5": "H100 SXM",
    "h200": "H200 SXM",
    "h200 sxm5": "H200 SXM",
    "h200 nvl": "H200 NVL",
    "a100 sxm4": "A100 SXM",
    "v100": "V100 SXM",
    "v100 sxm2": "V100 SXM",
    "mi300x oam": "MI300X",
    "instinct mi300x oam": "MI300X",
    "instinct mi300x": "MI300X",
    "rtxa6000": "RTX A6000",
    "a6000": "RTX A6000",
    "rtxa5000": "RTX A5000",
    "a5000": "RTX A5000",
    "h100nvl": "H100 NVL",
    "rtxpro6000": "RTX PRO 6000",
    "rtx3090": "RTX 3090",
    "rtx4090": "RTX 4090",
    "rtx5090": "RTX 5090",
}
_NAMES = {model.name.lower(): model.name for model in GPU_MODELS} | ALIASES
_NOISE = re.compile(r"\b(nvidia|amd|geforce|tesla|\d+ ?gi?b)\b")
_REFERENCE = next(m for m in GPU_MODELS if (m.name, m.memory_gb) == ("A100 SXM", 80))


def canonical(name: str) -> str:
    """One name whichever provider says it; what is not known stays as it is."""
    return _NAMES.get(" ".join(_words(name)), name.strip())


def is_model(gpu: str, asked: str) -> bool:
    """`gpu` is canonical. H100 asks for any H100, H100 SXM for one kind of it."""
    known = _NAMES.get(" ".join(_words(asked)))
    return {*_words(known or asked)} <= {*_words(gpu)}


@lru_cache(maxsize=1000)
def performance(name: str, memory_gb: float) -> float | None:
    """Of one GPU, beside an A100 SXM with 80 GB; None where no figures are known.

    The geometric mean of throughput and bandwidth: training and long prompts wait for the first,
    the writing of answers for the second. `name` is canonical.
    """
    alike = [model for model in GPU_MODELS if model.name == name]
    if not alike:
        return None
    model = min(alike, key=lambda each: abs(each.memory_gb - memory_gb))
    compute = model.tflops / _REFERENCE.tflops
    return math.sqrt(compute * model.bandwidth_gbs / _REFERENCE.bandwidth_gbs)


def _words(name: str) -> list[str]:
    return _NOISE.sub(" ", re.sub(r"[_\-\s]+", " ", name.lower())).split()
