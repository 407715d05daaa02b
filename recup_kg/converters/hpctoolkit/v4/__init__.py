"""Databases of HPCToolkit 2023 and later: `meta.db`, `profile.db`, `cct.db`, `trace.db`.

The format is that of `FORMATS.md`, which HPCToolkit puts into each database (major version 4).
"""
