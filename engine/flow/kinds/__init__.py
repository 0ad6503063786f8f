"""One file a module type. `KINDS` is the whole list the interpreter knows."""

from engine.flow.kinds.base import Kind
from engine.flow.kinds.branchall import BranchAll
from engine.flow.kinds.branchone import BranchOne
from engine.flow.kinds.forloop import ForLoop
from engine.flow.kinds.identity import Identity
from engine.flow.kinds.rawscript import RawScript
from engine.flow.kinds.script import Script
from engine.flow.kinds.subflow import SubFlow
from engine.flow.kinds.whileloop import WhileLoop

KINDS: dict[str, Kind] = {
    "script": Script(),
    "rawscript": RawScript(),
    "flow": SubFlow(),
    "identity": Identity(),
    "branchone": BranchOne(),
    "branchall": BranchAll(),
    "forloopflow": ForLoop(),
    "whileloopflow": WhileLoop(),
}
