"""Reports that people look at: HTML and Markdown; table first, picture second."""

from recup_kg.report.html import pair_html, pair_summary_html
from recup_kg.report.markdown import pair_markdown

__all__ = ["pair_html", "pair_markdown", "pair_summary_html"]
