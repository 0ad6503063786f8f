"""Where a component is told a path of the machine that runs it; some take other words there, too.

Apart from what reads documents: a step that only names them is installed without its libraries.
"""

PATHS = {
    "batch-inference": "input",
    "documents": "path",
    "evaluation": "questions",
    "images": "path",
    "speech-to-text": "model",
    "table": "path",
    "website": "source",
}
# Those that take a path and nothing else there.
FILES = ("batch-inference", "evaluation", "images", "table")
