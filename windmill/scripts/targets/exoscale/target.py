from ..planned import PlannedTarget


class Exoscale(PlannedTarget):
    name = "exoscale"
    planned = "It will rent machines of Exoscale, in Europe."
