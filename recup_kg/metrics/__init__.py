"""Reproducibility metrics, one file each."""
