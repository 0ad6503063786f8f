"""Everything that can go wrong, in one list: a docstring is the message, `fix` is what to do.

The shape is that of the whole platform (code, message, fix); serving takes no code from there.
"""

from typing import Any, ClassVar


class ServingError(Exception):
    """The pipeline's API failed; its log says why"""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    fix = ""
    node = ""  # of the drawing, which failed while the pipeline ran

    def __init__(self, *, fix: str = "", **facts: object) -> None:
        self.message = (type(self).__doc__ or "").format(**facts)
        self.fix = fix or type(self).fix.format(**facts)
        self.details: dict[str, Any] = {}
        super().__init__(self.message)

    def __str__(self) -> str:
        """For where only text is shown: the log and the terminal of the process."""
        return f"{self.message}\n    {self.fix}" if self.fix else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, from the process that reads a file to the one that answers."""
        return _again, (type(self), self.args), vars(self)

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "fix": self.fix}

    def body(self) -> dict[str, Any]:
        return {"error": self.as_dict(), **self.details}


def _again(kind: type[ServingError], arguments: tuple[Any, ...]) -> ServingError:
    error = kind.__new__(kind)
    error.args = arguments
    return error


class PathRefused(ServingError):
    """{path} is not read: {reason}"""

    code = "path"
    status = 422
    fix = (
        "Move it to a folder for data, or start the platform with the folder among "
        "MLOPS_DATA_ROOTS, for example MLOPS_DATA_ROOTS=/srv/data:$HOME."
    )

    def __init__(self, *, path: object, reason: str) -> None:
        self.reason = reason
        super().__init__(path=path, reason=reason)


class ReadingFailed(ServingError):
    """{file}: {reason}"""

    code = "reading"
    status = 422

    def __init__(self, file: str, reason: str) -> None:
        self.reason = reason
        super().__init__(file=file, reason=reason)


class TooDemanding(ReadingFailed):
    """{file}: {reason}"""

    code = "too_demanding"
    fix = "Give a smaller or simpler file, or several."

    def __init__(self, *, file: str, limit: str) -> None:
        super().__init__(file, f"reading it takes more than {limit}")


class ReaderDied(ReadingFailed):
    """{file}: {reason}"""

    code = "reader_died"
    fix = "The file is damaged, or made to do harm: repair it or leave it out."

    def __init__(self, *, file: str, how: str) -> None:
        super().__init__(file, f"its reader broke off ({how})")


class ReadersBusy(ServingError):
    """Too many files are being read"""

    code = "readers_busy"
    status = 503
    fix = "Try again in a minute."


class DocumentError(ServingError):
    """A document cannot be used"""

    code = "document"
    status = 422


class NoDocuments(DocumentError):
    """No document found in {path}"""

    fix = "Put PDF, office or text files there, or give another path."


class TooManyDocuments(DocumentError):
    """{path} holds {count} documents, more than {limit}"""

    fix = "Split them over several pipelines."


class UnreadableDocuments(DocumentError):
    """{count} of the documents cannot be read: {reasons}"""

    fix = "Repair or remove them, or skip them: `--set unreadable=skip`, in a drawing `unreadable`."


class UnreadableDocument(DocumentError):
    """{document}: {reason}"""

    fix = "Repair the file or leave it out."


class RecognitionMissing(DocumentError):
    """Scanned pages cannot be read here: {missing} is not installed"""

    code = "recognition_missing"
    fix = (
        "Install it on the machine that runs the pipeline (Debian: apt-get install {packages}), "
        "or leave the node's `ocr` empty."
    )


class BadDocumentName(DocumentError):
    """ "{document}" cannot be a document's name: {reason}"""

    fix = "Use a plain file name that ends in {endings}."


class UploadsFull(DocumentError):
    """{files} documents ({bytes} bytes) are uploaded, {most_files} ({most_bytes} bytes) may be"""

    code = "uploads_full"
    status = 409
    fix = (
        "GET /ingest lists them and DELETE /ingest/NAME takes one away; the node's max_uploads and "
        "max_upload_mb allow more."
    )


class UploadNotKept(DocumentError):
    """The upload cannot be kept: {reason}"""

    code = "upload_not_kept"
    status = 507
    fix = "Make room on the disk of the machine."


class NoSuchUpload(DocumentError):
    """No document of the name "{document}" was uploaded"""

    code = "no_such_upload"
    status = 404
    fix = "GET /ingest lists those that were."


class DataError(ServingError):
    """The data cannot be used"""

    code = "data"
    status = 422


class UnreadableTable(DataError):
    """{table} cannot be read as a table: {reason}"""

    fix = "Give a UTF-8 file: CSV with a header (.csv, .tsv) or one JSON object a line (.jsonl)."


class BadRows(DataError):
    """{rows} of {table} cannot be used: {reasons}"""

    fix = "Correct these rows, or skip them: `--set bad_rows=skip`, in a drawing `bad_rows`."


class BadImages(DataError):
    """{images} in {folder} cannot be used: {reasons}"""

    fix = "Repair or remove them, or skip them: `--set unreadable=skip`, in a drawing `unreadable`."


class NoSuchColumn(DataError):
    """{table} has no column "{column}\""""

    fix = "Use one of: {columns}."


class MissingColumn(DataError):
    """The file has no column "{column}"; expected: {expected}"""

    fix = "It has: {columns}. Name its columns as those of the rows that the model was made from."


class UnfitData(DataError):
    """Nothing can be learnt from {data}: {reason}"""

    fix = "Give more or other data."


class UnfitModel(DataError):
    """The model {model} cannot be used: {reason}"""

    fix = "Give tiny.en, or the folder of a model in faster-whisper's format."


class BadInput(DataError):
    """{where}: {reason}"""

    code = "bad_input"
    fix = "GET /predict tells what an input is, with an example."

    def __init__(self, index: int, reason: str, where: str = "") -> None:
        self.index = index
        self.reason = reason
        super().__init__(where=where or f"Input {index + 1}", reason=reason)


class BadTable(ServingError):
    """{table}: {reason}"""

    code = "table"
    status = 422
    fix = "Give a JSON Lines file with one object a line, or a CSV file with a header."


class BadPrompt(ServingError):
    """The prompt cannot be filled: {reason}"""

    code = "prompt"
    status = 422
    fix = "Write columns of the input file in braces, as in {{text}}."


class JobRuns(ServingError):
    """Run {run} is not finished yet"""

    code = "job_runs"
    status = 409
    fix = "Wait until it is done or failed."


class GateClosed(ServingError):
    """The evaluation did not pass: {score:.0%} of the questions, {required:.0%} are required"""

    code = "gate"
    status = 409
    fix = "GET /report tells which questions failed."


class EndpointFailed(ServingError):
    """{url} {reason}"""

    code = "endpoint"
    status = 502


class AddressRefused(ServingError):
    """{url} is not called: {reason}"""

    code = "address"
    status = 422
    fix = (
        "Give an address on the public internet. Networks of your own are allowed where the "
        "platform is started, for example with ALLOW_ADDRESSES=10.0.0.0/8."
    )


class ResponseTooLarge(ServingError):
    """The answer is larger than {limit} bytes"""

    code = "response_too_large"
    status = 502
    fix = "Give an address with less behind it."


class WebsiteError(ServingError):
    """{reason}"""

    code = "website"
    status = 502


class WebsiteUnreadable(WebsiteError):
    """The website {url} cannot be read: {reason}"""

    fix = "Give another start address."


class NotReady(ServingError):
    """The pipeline is not ready: {reason}"""

    code = "not_ready"
    status = 503
    fix = "Wait until GET /health answers 200."


class StartFailed(ServingError):
    """The pipeline could not start: {reason}"""

    code = "start_failed"
    status = 503


class KeyRefused(ServingError):
    """This API answers to its key alone: {reason}"""

    code = "key"
    status = 401
    fix = "Send it as `Authorization: Bearer KEY`; `mlops key NAME` tells that of a deployment."


class HostRefused(ServingError):
    """This API does not answer to the name {host!r}"""

    code = "host"
    status = 421
    fix = "If it is the API's name, start it, or the platform, with the name among ALLOW_HOSTS."


class OriginRefused(ServingError):
    """Pages of {origin} may not use this API"""

    code = "origin"
    status = 403
    fix = "If they are yours, name them in `cors_origins` of the API endpoint and deploy again."


class NoSuchRoute(ServingError):
    """This pipeline has no {method} {path}"""

    code = "no_such_route"
    status = 404
    fix = "It has: {routes}."


class MethodNotAllowed(NoSuchRoute):
    """{path} does not answer {method}"""

    code = "method_not_allowed"
    status = 405


class BadRequest(ServingError):
    """{reason}"""

    code = "bad_request"
    status = 422
    fix = "GET /openapi.json describes each request."


class TokensRefused(ServingError):
    """input holds token ids, which only the model that made them reads"""

    code = "tokens"
    status = 422
    fix = "Send texts; LangChain does with check_embedding_ctx_length=False."


class ParameterRefused(ServingError):
    """Not taken here: {names}"""

    code = "parameter"
    status = 422
    fix = "Leave it out; whom to ask, and with which key, the pipeline itself says. Taken: {known}."


class BodyTooLarge(ServingError):
    """The request body is larger than {limit} bytes"""

    code = "too_large"
    status = 413
    fix = "Send less at a time."


class LlmError(ServingError):
    """The language model failed"""

    code = "llm"
    status = 502
    fix = "Look at the logs of the LiteLLM proxy and of the model server."


class LlmUnreachable(LlmError):
    """The language model at {url} cannot be reached: {reason}"""

    code = "llm_unreachable"
    fix = "Check that the LiteLLM proxy runs and that LLM_BASE_URL is its address."


class LlmTimeout(LlmError):
    """The language model sent nothing for {seconds:g} seconds"""

    code = "llm_timeout"
    status = 504
    fix = "Ask again later, use a smaller model or fewer passages (top_k)."


class LlmRefused(LlmError):
    """The language model answered {status}: {reason}"""

    code = "llm_refused"


class LlmGarbled(LlmError):
    """The language model's answer cannot be read: {reason}"""

    code = "llm_garbled"
