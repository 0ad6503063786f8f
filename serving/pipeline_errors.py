"""Why a pipeline cannot be served as it was drawn; a docstring is the message."""

from serving.errors import ServingError


class PipelineError(ServingError):
    """The pipeline cannot be served"""

    code = "pipeline"


class UnreadablePipeline(PipelineError):
    """{path} is not a pipeline: {reason}"""

    fix = "Deploy the pipeline again; the platform writes this file."


class MissingSetting(PipelineError):
    """Node "{node}" ({component}) needs the environment variable {name}, which is not set"""

    fix = "Set {name} to the address of the LiteLLM proxy, for example http://127.0.0.1:4000/v1."


class BadSetting(PipelineError):
    """The environment variable {name} cannot be used: {reason}"""

    fix = "Correct it and start again."


class KeyMissing(PipelineError):
    """Without a key, all that reach {host} could use this API"""

    fix = "Set API_KEY to a long secret of yours, or listen on 127.0.0.1."


class DuplicateNode(PipelineError):
    """Two nodes have the id "{node}\""""

    fix = "Rename one of them."


class UnknownComponent(PipelineError):
    """Node "{node}" uses the component "{component}", which this server does not have"""

    fix = "Use one of: {known}."


class BadConfig(PipelineError):
    """Node "{node}" ({component}): {field}: {reason}"""

    fix = "Correct this setting of the node."


class UnknownNode(PipelineError):
    """The edge {edge} names the node "{node}", which does not exist"""

    fix = "Use one of: {known}."


class UnknownPort(PipelineError):
    """The edge {edge}: node "{node}" ({component}) has no {side} "{port}\""""

    fix = "Use one of: {known}."


class PortMismatch(PipelineError):
    """The edge {edge} joins {source} (type {source_type}) to {target} (type {target_type})"""

    fix = "Connect ports of one type, or put a component between them that converts."


class PortTaken(PipelineError):
    """Node "{node}": the input "{port}" has more than one edge"""

    fix = "Remove all edges but one."


class PortOpen(PipelineError):
    """Node "{node}" ({component}): the input "{port}" (type {type}) is not connected"""

    fix = "Connect it to an output of type {type}."


class NothingServed(PipelineError):
    """Node "{node}" ({component}): nothing is connected, so there is nothing to serve"""

    fix = "Connect an output of one of these types to it: {types}."


class Cycle(PipelineError):
    """The pipeline runs in a circle: {path}"""

    fix = "Remove one of these edges."


class NoSingleExit(PipelineError):
    """A pipeline ends in one API endpoint, this one has {count}"""

    fix = "Keep exactly one node of kind: {known}."
