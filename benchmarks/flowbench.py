"""How well scores of deviation find the injected faults of FlowBench's labelled runs, beside two simple scorers.

`python -m benchmarks.flowbench --data DIR --workflow NAME --references 20 --seeds 5 [--json]`; DIR holds NAME.zip or a folder
NAME of tables as https://github.com/PoSeiDon-Workflows/FlowBench has them. docs/scoreboard.md says what the numbers are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

if not __package__:  # started by its path
    sys.path[0] = str(Path(__file__).resolve().parent.parent)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scoreboard; 2 and one line on standard error where that can't be done."""
    asked = _parser().parse_args(arguments)
    if find_spec("sklearn") is None:
        return _fail(
            "the isolation forest needs scikit-learn, which is not installed: pip install 'scikit-learn>=1.4'"
        )
    from benchmarks.flowbench_data import NoData
    from benchmarks.flowbench_run import Asked, scoreboard
    from benchmarks.flowbench_table import table
    from recup_kg.errors import RecupError

    try:
        found = scoreboard(
            Asked(asked.data, asked.workflow, asked.references, asked.seeds, asked.at_most), _tell
        )
    except (NoData, RecupError) as error:
        return _fail(str(error))
    print(json.dumps(found, indent=2) if asked.json else table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.flowbench", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder with NAME.zip, or NAME/ with tables"
    )
    parser.add_argument("--workflow", required=True, metavar="NAME", help="eht_imaging, montage, ...")
    parser.add_argument(
        "--references", type=_positive, default=20, help="normal runs to learn from (default 20)"
    )
    parser.add_argument("--seeds", type=_positive, default=5, help="how often to draw them (default 5)")
    parser.add_argument(
        "--at-most", type=_positive, metavar="N", help="take no more than N runs of each class"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def _fail(problem: str) -> int:
    print(f"flowbench: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
