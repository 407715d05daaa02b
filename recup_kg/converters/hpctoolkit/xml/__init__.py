"""Databases of HPCToolkit before 2023: `experiment.xml` (format 2 and 3), with or without `*.metric-db` files.

The format is that of the document type definition which HPCToolkit writes into each file.
"""
