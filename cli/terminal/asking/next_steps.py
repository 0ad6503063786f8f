"""What to type next: a command that what was deployed answers, and never one that it refuses."""

from collections.abc import Iterator, Mapping

# By what arrives at the endpoint of the drawing; of a predictor, by the component that made it.
COMMANDS: Mapping[str, str] = {
    "chat": 'mlops chat {name} "your question"',
    "completions": 'mlops ask {name} "your question"',
    "embedder": 'mlops ask {name} "your text"',
    "summarizer": "mlops ask {name} --file report.pdf",
    "predictor": "mlops predict {name}   # what it takes, with an example",
    "job": "mlops ask {name} --out answers.csv",
    "report": "mlops ask {name}",
}
PREDICTORS: Mapping[str, str] = {
    "text-classifier": 'mlops ask {name} "your text"',
    "image-classifier": "mlops ask {name} --file picture.png",
    "speech-to-text": "mlops ask {name} --file recording.ogg",
    "forecaster": "mlops ask {name} --horizon 7",
}


def next_lines(name: str, served: Mapping[str, str]) -> Iterator[str]:
    """`served`: the component by the port that it is connected to, of one that is live."""
    for port in COMMANDS:
        if port in served:
            yield PREDICTORS.get(served[port], COMMANDS[port]).format(name=name)
            return
