"""The names of the aspects on which there is a verdict."""

from __future__ import annotations

STRUCTURE = "structure"
PROGRAMS = "programs and arguments"
INPUTS = "inputs"
OUTPUTS = "outputs"
MACHINES = "machines"
STATUS = "status"
PERFORMANCE = "performance"
ENVIRONMENT = "environment"
