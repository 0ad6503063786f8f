"""How much of real files is read: beside pdftotext; and how many end in a crash."""

import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from serving.documents.reading import Read, read_document
from serving.errors import UnreadableDocument
from tests.bench import corpus
from tests.bench.likeness import characters_wrong, words, words_found
from tests.tools.debian import debian_program

PAGES_COMPARED = 25  # of each file, spread over it


@dataclass(frozen=True)
class Compared:
    name: str
    words: int
    found: float
    wrong: int
    characters: int


def reading() -> str:
    started = time.perf_counter()
    outcomes: Counter[str] = Counter()
    compared: list[Compared] = []
    for name, content in corpus.documents():
        outcome, read = _outcome(name, content)
        outcomes[outcome] += 1
        if read and name.endswith(".pdf"):
            compared.append(_compared(name, content, read))
    seconds = time.perf_counter() - started
    return "\n".join([*_counted(outcomes, seconds), *_likeness(compared)])


def _outcome(name: str, content: bytes) -> tuple[str, Read | None]:
    try:
        return "read", read_document(name, content)
    except UnreadableDocument as error:
        return f"refused in words: {error.message.rpartition(': ')[2][:60]}", None
    # What is counted here is that nothing else ever comes.
    except Exception as error:  # noqa: BLE001
        return f"CRASHED: {name}: {error!r}", None


def _compared(name: str, content: bytes, read: Read) -> Compared:
    theirs = _pdftotext(content)
    ours = {document.page or 0: document.text for document in read.documents}
    whole = "\n".join(ours.values())
    sample = range(1, len(theirs) + 1, max(len(theirs) // PAGES_COMPARED, 1))
    edits = [characters_wrong(ours.get(page, ""), theirs[page - 1]) for page in sample]
    wrong, characters = map(sum, zip(*edits, strict=True))
    found = words_found(whole, "\n".join(theirs))
    return Compared(name, words("\n".join(theirs)).total(), found, wrong, characters)


def _pdftotext(content: bytes) -> list[str]:
    command = [str(debian_program("poppler-utils", "pdftotext")), "-", "-"]
    done = subprocess.run(command, input=content, capture_output=True, check=True, timeout=120)
    return done.stdout.decode().split("\f")[:-1]


def _counted(outcomes: Counter[str], seconds: float) -> list[str]:
    crashed = sum(count for outcome, count in outcomes.items() if outcome.startswith("CRASHED"))
    lines = [
        f"Reading real files: {outcomes.total()} in {seconds:.0f} s",
        f"  read                               {outcomes['read']:8}",
        f"  refused in words                   {outcomes.total() - outcomes['read'] - crashed:8}",
        f"  crashed                            {crashed:8}",
    ]
    others = (f"    {n} × {outcome}" for outcome, n in outcomes.most_common() if outcome != "read")
    return [*lines, *others]


def _likeness(compared: Sequence[Compared]) -> list[str]:
    total = sum(each.words for each in compared)
    found = sum(each.found * each.words for each in compared) / total
    wrong = sum(each.wrong for each in compared) / sum(each.characters for each in compared)
    worst = sorted(compared, key=lambda each: each.found)[:5]
    return [
        f"PDFs beside pdftotext: {len(compared)} files, {total} words",
        f"  words found                        {found:8.4f}",
        f"  characters wrong, page by page     {wrong:8.4f}",
        *(f"    least: {each.name.rpartition('/')[2]:26} {each.found:.4f}" for each in worst),
    ]
