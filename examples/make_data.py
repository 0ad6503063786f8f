"""Make data/: a table to predict from, readings with faults, a series, pictures of shapes.

data/tickets.csv is written by hand; data/window.ogg was spoken by espeak-ng.
"""

import csv
import math
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

HERE = Path(__file__).parent / "data"
PER_SHAPE = 16
SIDE = 48

Row = dict[str, Any]


def main() -> None:
    write("machines.csv", machines(random.Random(1)))
    write("readings.csv", readings(random.Random(2)))
    write("visitors.csv", visitors(random.Random(3)))
    for shape in ("circle", "square", "triangle"):
        draw_all(shape, random.Random(shape))


def write(name: str, rows: Iterator[Row]) -> None:
    lines = list(rows)
    with (HERE / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, lines[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def machines(chance: random.Random) -> Iterator[Row]:
    """Old, hot machines of one make fail; a reading is missing now and then."""
    for number in range(1, 301):
        age, temperature = chance.randint(1, 120), chance.gauss(58, 9)
        make = chance.choice(["Alba", "Borea", "Corvo"])
        risk = (age - 60) / 18 + (temperature - 58) / 6 + {"Alba": -1, "Borea": 0, "Corvo": 2}[make]
        yield {
            "machine": f"M{number:03}",
            "make": make,
            "site": chance.choice(["north", "south"]),
            "age_months": age,
            "temperature": "" if chance.random() < 0.04 else round(temperature, 1),
            "repair_cost": round(max(40, 220 + 3.1 * age + 60 * risk + chance.gauss(0, 25))),
            "failed": "yes" if risk + chance.gauss(0, 0.7) > 1 else "no",
        }


def readings(chance: random.Random) -> Iterator[Row]:
    """Pressure follows temperature, except where `fault` says so."""
    for number in range(400):
        temperature = chance.gauss(60, 4)
        pressure, current = 2 + temperature / 30 + chance.gauss(0, 0.05), chance.gauss(11, 0.6)
        fault = number % 50 == 20
        if fault:
            temperature, current = temperature + chance.choice([-26, 24]), current + 5
        yield {
            "minute": number,
            "temperature": round(temperature, 2),
            "pressure": round(pressure, 3),
            "current": round(current, 2),
            "fault": "yes" if fault else "no",
        }


def visitors(chance: random.Random) -> Iterator[Row]:
    """A slow rise and a quiet weekend."""
    for day in range(420):
        on = date(2025, 1, 1) + timedelta(days=day)
        weekly = (1.0, 1.05, 1.1, 1.08, 1.15, 0.6, 0.45)[on.weekday()]
        yearly = 1 + 0.1 * math.sin(2 * math.pi * day / 365)
        visits = (800 + 0.9 * day) * weekly * yearly * chance.gauss(1, 0.03)
        yield {"day": on.isoformat(), "visitors": round(visits)}


def draw_all(shape: str, chance: random.Random) -> None:
    folder = HERE / "shapes" / shape
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PER_SHAPE):
        draw(shape, chance).save(folder / f"{number:02}.png", optimize=True)


def draw(shape: str, chance: random.Random) -> Image.Image:
    dark, light = chance.randint(0, 90), chance.randint(160, 255)
    back, ink = chance.choice([(dark, light), (light, dark)])
    image = Image.new("L", (SIDE, SIDE), back)
    size = chance.randint(20, 34)
    x, y = (chance.randint(4, SIDE - size - 4) for _ in "xy")
    box = (x, y, x + size, y + size)
    pen = ImageDraw.Draw(image)
    if shape == "circle":
        pen.ellipse(box, fill=ink)
    elif shape == "square":
        pen.rectangle(box, fill=ink)
    else:
        pen.polygon([(x + size / 2, y), (x, y + size), (x + size, y + size)], fill=ink)
    return image


if __name__ == "__main__":
    main()
