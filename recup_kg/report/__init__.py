"""Reports that people look at: HTML and Markdown; table first, picture second."""
