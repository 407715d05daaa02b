"""Write the table of docs/queries.md from the headers of the queries; the text around it stays."""

from __future__ import annotations

from pathlib import Path

from recup_kg.queries import Parameter, Query, catalogue

TARGET = Path(__file__).parent / "queries.md"
START = "<!-- made by docs/make_queries.py from queries/*.rq -->\n"
END = "<!-- end -->\n"


def document(text: str) -> str:
    """The text with the table made anew."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}{table()}{END}{after}"


def table() -> str:
    """All queries as a Markdown table."""
    head = "| query | question | what it answers | parameters |\n|---|---|---|---|\n"
    return head + "".join(_row(query) for query in catalogue())


def _row(query: Query) -> str:
    numbers = " ".join(map(str, query.questions))
    parameters = " ".join(map(_parameter, query.parameters))
    return f"| [{query.name}](../queries/{query.name}.rq) | {numbers} | **{query.title}.** {query.description} | {parameters} |\n"


def _parameter(parameter: Parameter) -> str:
    if parameter.required:
        return f"`{parameter.name}`"
    return (
        f"[`{parameter.name}`]" if parameter.default is None else f"[`{parameter.name}={parameter.default}`]"
    )


if __name__ == "__main__":
    TARGET.write_text(document(TARGET.read_text()))
