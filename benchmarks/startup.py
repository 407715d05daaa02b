"""`recup --help` against a bare interpreter, as whole processes.

python -m benchmarks.startup [--times 11] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks import measure


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    ours = measure.repeat(measure.python("recup_kg", "--help"), given.times)
    bare = measure.repeat([sys.executable, "-c", "pass"], given.times)
    result = {"help_seconds": ours.wall, "bare_seconds": bare.wall, "ratio": ours.wall / bare.wall}
    if given.json:
        print(json.dumps(result))
    else:
        print(
            f"recup --help {ours.wall:.3f} s, bare interpreter {bare.wall:.3f} s: {result['ratio']:.1f} times"
        )
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
