"""Canonical ids of tasks, and matching of the tasks of two executions."""
