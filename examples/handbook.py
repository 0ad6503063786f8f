"""Print handbook.md as documents/gpu-handbook.pdf, one section a page."""

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF

HERE = Path(__file__).parent


def main() -> None:
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 11, 22, tzinfo=UTC))
    pdf.set_title("GPU handbook of the Harbour Robotics lab")
    pdf.set_margin(25)
    for section in (HERE / "handbook.md").read_text("utf-8").split("\n---\n"):
        pdf.add_page()
        for paragraph in section.strip().split("\n\n"):
            write(pdf, paragraph)
    pdf.output(str(HERE / "documents" / "gpu-handbook.pdf"))


def write(pdf: FPDF, paragraph: str) -> None:
    level = len(paragraph) - len(paragraph.lstrip("#"))
    pdf.set_font("Helvetica", "B" if level else "", {0: 11, 1: 20, 2: 15}[level])
    pdf.multi_cell(0, 7 if level == 0 else 11, paragraph.lstrip("# "), align="L")
    pdf.ln(8 if level else 4)


if __name__ == "__main__":
    main()
