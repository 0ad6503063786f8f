"""Exoscale's instances as machines that are rented by the hour."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from ...model.cost.offer import Offer
from ..rental.errors import NotCreated, OfferRefused, ProviderFailed
from ..rental.provider import Machine, Server
from .api import Instance, InstanceOrder, disk_gb
from .client import ExoscaleClient, exoscale_client
from .first_start import SYSTEM, cloud_config
from .refusals import PROVIDER

# The vendor takes only host names as names, and tells no prices.
NAME, HOURLY = "mlops-machine", "mlops-hourly-usd"
LONGEST_HOST_NAME = 63


class ExoscaleRentals:
    """The id of a machine is that of its zone and its own: each zone knows its own alone."""

    name = PROVIDER

    def __init__(self, client: ExoscaleClient) -> None:
        self._client = client

    def machines(self) -> Sequence[Machine]:
        """Of all zones: a zone that does not answer may hold one that costs."""
        zones = self._client.zones()
        return [_machine(zone, each) for zone in zones for each in self._client.instances(zone)]

    def machine(self, id: str) -> Machine | None:
        zone, instance = self._instance(id)
        return None if instance is None else _machine(zone, instance)

    def create(self, server: Server, offer: Offer, name: str) -> Machine:
        try:
            order = self._order(server, offer, name)
        except ProviderFailed as error:
            raise NotCreated(PROVIDER, error.detail) from None
        made = self._client.create(offer.pool, order)
        return Machine(f"{offer.pool}_{made}", name, offer.hourly_usd, running=False)

    def end(self, id: str) -> None:
        zone, _, own = id.partition("_")
        self._client.destroy(zone, own)

    def url(self, id: str, port: int) -> str:
        """Of its own address: plain HTTP, for nobody stands before it."""
        _, instance = self._instance(id)
        if instance is None or not instance.public_ip:
            raise ProviderFailed(PROVIDER, f"instance {id} tells no address")
        return f"http://{instance.public_ip}:{port}"

    def _instance(self, id: str) -> tuple[str, Instance | None]:
        zone, _, own = id.partition("_")
        return zone, self._client.instance(zone, own)

    def _order(self, server: Server, offer: Offer, name: str) -> InstanceOrder:
        zone, port = offer.pool, server.pod.port
        if not zone:
            raise OfferRefused(PROVIDER, "a list price, and in no zone")
        return InstanceOrder(
            name=name.replace(".", "-")[:LONGEST_HOST_NAME].rstrip("-"),
            labels={NAME: name, HOURLY: str(offer.hourly_usd)},
            instance_type=self._type(zone, offer.machine),
            template=self._template(zone),
            security_group=self._client.open_group(zone, f"mlops-{port}", port),
            disk=disk_gb(server.volume_gb),
            user_data=cloud_config(server),
        )

    def _type(self, zone: str, name: str) -> str:
        for each in self._client.instance_types():
            if each.name == name and zone in each.zones and each.authorized:
                return each.id
        raise OfferRefused(PROVIDER, f"{name} is not for this account in {zone}")

    def _template(self, zone: str) -> str:
        found = [each for each in self._client.templates(zone) if each.name == SYSTEM]
        if not found:
            raise OfferRefused(PROVIDER, f"{zone} has no template {SYSTEM}")
        return max(found, key=lambda template: template.created_at).id


def _machine(zone: str, instance: Instance) -> Machine:
    """It runs once it has an address, too."""
    return Machine(
        f"{zone}_{instance.id}",
        instance.labels.get(NAME, instance.name),
        _hourly(instance.labels.get(HOURLY, "")),
        running=instance.state == "running" and bool(instance.public_ip),
        failed=instance.never_runs,
    )


def _hourly(label: str) -> float:
    """As it was rented; 0 where somebody changed the label."""
    try:
        return max(0.0, float(label))
    except ValueError:
        return 0.0


def exoscale_rentals(key: SecretStr, environment: Mapping[str, str]) -> ExoscaleRentals:
    return ExoscaleRentals(exoscale_client(key, environment))
