"""Everything one engine owns, wired together."""

import time
from collections.abc import Callable

from engine.flow.machine import FlowMachine
from engine.flow.run import Results
from engine.runtime.executor import Executor
from engine.scheduler import Scheduler
from engine.settings import Settings
from engine.store.cipher import Cipher, keys_of
from engine.store.db import Database
from engine.store.items import Items, Versions
from engine.store.jobs import Jobs
from engine.store.modules import ModuleSets
from engine.store.runnables import Runnables
from engine.store.signing import signing_secret
from engine.store.variables import Variables
from engine.triggers.schedules import Schedules
from engine.values import Values


class Engine:
    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings, self.clock = settings, clock
        self.db = Database(settings.db)
        self.jobs = Jobs(self.db)
        self.scripts, self.flows = Versions(self.db, "script"), Versions(self.db, "flow")
        self.modules = ModuleSets(self.db)
        self.apps = Versions(self.db, "app")
        self.folders, self.tokens = Items(self.db, "folder"), Items(self.db, "token")
        self.logins = Items(self.db, "login")
        keys = keys_of(settings.secret_keys, settings.db.with_name(f"{settings.db.name}.key"))
        cipher = Cipher(keys)
        self.variables = Variables(self.db, cipher)
        self.variables.seal_all()
        self.resources, self.resource_types = (
            Items(self.db, "resource"),
            Items(self.db, "resource_type"),
        )
        self.values = Values(self.variables, self.resources)
        self.results = Results(self.jobs, self.values)
        self.secret = signing_secret(self.db, cipher)
        executor = Executor(settings, self.jobs, self.scripts, self.modules, self.values)
        machine = FlowMachine(self.jobs, self.scripts, self.flows, self.results)
        self.runnables = Runnables(self.scripts, self.flows)
        schedules = Items(self.db, "schedule")
        self.schedules = Schedules(schedules, self.jobs, self.runnables, clock)
        self.jobs.at_end = self.schedules.ended
        self.http_triggers = Items(self.db, "http_trigger")
        self.scheduler = Scheduler(settings, self.jobs, executor, machine, self.schedules, clock)
