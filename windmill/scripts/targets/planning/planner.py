"""Plans from what one worker knows: its components, registry and offers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...model.cost.prices import ListPrice
from ...model.drawing.component import Component
from ...model.show.deployment_plan import DeploymentPlan
from ...provision.llms.litellm_models import refuse_others
from ...store.reading import RegistryReader
from ...worker.replicas import as_many_as_live
from .offers import OnceAsked
from .settling import settled
from .single import planned
from .terraform_plan import with_terraform


@dataclass(frozen=True)
class Planner:
    """`only_with`: names of the deployments that may be worked with; None: all.

    `modules` of Terraform: its own plan is told too, which takes a second or two each.
    """

    components: Mapping[str, Component]
    registry: RegistryReader
    baselines: Sequence[ListPrice] = ()
    only_with: frozenset[str] | None = None
    modules: Mapping[str, str] | None = None
    market: OnceAsked = field(default_factory=OnceAsked)

    def plan(
        self, asked: Mapping[str, Any], unknown: Collection[str] = (), is_named: bool = True
    ) -> DeploymentPlan:
        """`asked`: arguments of the deploying flow. `unknown`: inputs known only while it runs.

        Not `is_named`: nor is its name. Raises what deploying it would.
        """
        pipeline = settled(asked, self.components, unknown)
        if is_named:
            pipeline = as_many_as_live(pipeline, self.registry)
        refuse_others(pipeline, self.registry.list(), self.only_with)
        plan = planned(
            pipeline,
            self.components,
            self.registry if is_named else None,
            asked.get("target"),
            asked.get("target_settings"),
            self.baselines,
            self.market.of,
            is_whole=not unknown,
        )
        if self.modules is None or unknown or not is_named:
            return plan
        return with_terraform(plan, pipeline, self.components, self.registry, self.modules)
