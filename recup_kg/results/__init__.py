"""Comparison of output data: arrays, tables, files."""
