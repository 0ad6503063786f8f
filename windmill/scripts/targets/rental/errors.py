"""How renting can fail, whoever rents out: what to do next hangs on the class and on nothing else.

Every client of a provider raises these and no other; a docstring is its error's message template.
"""

from ...model.base.errors import MlopsError


class RentalError(MlopsError):
    """{provider} failed: {detail}"""

    code = "rental_failed"
    # What a refused request left behind was ended at once, and costs for that moment.
    was_there = False

    def __init__(self, provider: str, detail: str) -> None:
        super().__init__(provider=provider, detail=detail)
        self.provider = provider
        self.detail = detail


class NotCreated(RentalError):
    """The provider refused: nothing is there of the request that failed."""

    code = "rental_not_created"


class NoCapacity(NotCreated):
    """{provider} has no such machine free: {detail}"""

    code = "rental_no_capacity"
    fix = "Take the next offer, or wait."


class OfferRefused(NotCreated):
    """{provider} does not give this offer: {detail}"""

    code = "rental_offer_refused"
    fix = "Take the next offer; if all are refused so, the order itself is wrong."


class OrderRefused(NotCreated):
    """{provider} does not accept the order: {detail}"""

    code = "rental_order_refused"
    fix = "No other offer helps: change what is asked for."


class KeyRefused(NotCreated):
    """{provider} does not accept the key: {detail}"""

    code = "rental_key_refused"
    fix = "Make a key at the provider that may read and write, and set it anew."


class NoMoney(NotCreated):
    """The account at {provider} has no money left: {detail}"""

    code = "rental_no_money"
    fix = "Pay in at the provider. No other offer helps."


class RateLimited(NotCreated):
    """{provider} asks to wait {retry_after:g} seconds: {detail}"""

    code = "rental_rate_limited"
    fix = "Wait, then ask again."

    def __init__(self, provider: str, detail: str, retry_after: float) -> None:
        MlopsError.__init__(self, provider=provider, detail=detail, retry_after=retry_after)
        self.provider = provider
        self.detail = detail
        self.retry_after = retry_after


class NotReached(NotCreated):
    """{provider} was not reached: {detail}"""

    code = "rental_not_reached"
    fix = "Nothing was sent. Check the network, then try again."


class OutcomeUnknown(RentalError):
    """{provider} may have made a machine and did not say so: {detail}"""

    code = "rental_outcome_unknown"
    fix = "Look for the machine by its name before anything is tried again: it may cost money."


class ProviderFailed(RentalError):
    """{provider} gave no usable answer: {detail}"""

    code = "rental_provider_failed"
    fix = "Try again later. What is rented stays rented until the provider says it is gone."


class NotEnded(RentalError):
    """{provider} still has a machine that was asked to end: {detail}"""

    code = "rental_not_ended"
    fix = (
        "It goes on costing money. `mlops destroy` again, then `mlops orphans`, then the provider."
    )


class NoProviderKey(MlopsError):
    """No key of {target} is stored, and nothing is rented without one."""

    code = "no_provider_key"
    fix = "Store it: mlops provider-key {target}"


class ModelNotFetched(MlopsError):
    """The machine did not fetch the model {model}: {reason}"""

    code = "model_not_fetched"
    fix = "Look whether Ollama's library has a model of this name, then deploy again."


class NothingRented(MlopsError):
    """No machine was rented: {account}"""

    code = "nothing_rented"
    fix = "Raise max_hourly_usd, allow another GPU or region, or wait for free machines."


class MachineDied(RentalError):
    """The machine at {provider} is lost: {detail}"""

    code = "rental_machine_died"
    fix = "End it, then take the next offer."
