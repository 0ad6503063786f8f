from ..planned import PlannedTarget


class Vastai(PlannedTarget):
    name = "vastai"
    planned = "It will rent machines with GPUs on Vast.ai's market."
