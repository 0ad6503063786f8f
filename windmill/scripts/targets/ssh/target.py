from ..planned import PlannedTarget


class Ssh(PlannedTarget):
    name = "ssh"
    planned = "It will be any host that one can log in to."
