#!/bin/sh
# Shipped executions from files to a deviation, and to what else was captured. `make demo` runs this.
set -eu
cd "$(dirname "$0")/.."
RECUP_STORE=${DEMO_STORE:-demo-store}
COLUMNS=${COLUMNS:-100}
export RECUP_STORE COLUMNS
rm -rf "${RECUP_STORE:?}"

A=blast-chameleon-small-002
B=blast-chameleon-small-003

say() { printf '\n# %s\n' "$1"; }
run() {
  printf '$'
  printf ' %s' "$@"
  printf '\n'
  "$@"
}

say "1. Two traces that a workflow system recorded become one provenance graph."
run recup ingest data/wfformat/blast/$A.json data/wfformat/blast/$B.json
run recup runs

say "2. The graph is checked against the SHACL shapes (ingest has done so, too)."
run recup validate

say "3. Where did the second execution deviate from the first?"
run recup compare $A $B

say "4. The SPARQL that found the first of these deviations."
QUERY=$(recup compare $A $B --json |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["deviations"][0]["evidence"]["query"])')
run recup query "$QUERY" -p reference=$A -p other=$B --sparql

say "5. The same question, asked again: the first rows."
run recup query "$QUERY" -p reference=$A -p other=$B | head -n 12

say "6. A run of which there is no trace, told by the Darshan logs of its jobs and a record of its machines."
run recup ingest --run chain data/darshan/chain/*.darshan data/machine/jc
run recup coverage chain
run recup query accessed-files -p run=chain | cut -c 1-110 | head -n 8
run recup query darshan-totals -p run=chain | head -n 6

say "7. One run against many: which task, on which machine, goes beyond what earlier runs vary by."
run recup ingest -q data/flowbench/eht_imaging >/dev/null
run recup compare eht-imaging-run0303 --against workflow=eht-imaging,until=2024-04-30T12:00:00Z | head -n 32
run recup compare -q eht-imaging-run0303 --against workflow=eht-imaging,until=2024-04-30T12:00:00Z \
  --format html -o "$RECUP_STORE-report.html"
echo "the report: $RECUP_STORE-report.html"

say "8. How reproducible are the runs of a workflow?"
run recup metrics eht-imaging | head -n 16

say "What to type next (the store is in $RECUP_STORE)"
next() { printf '%s\n    %s\n' "$2" "$1"; }
next "the commands of this shell" ". .venv/bin/activate; export RECUP_STORE=$RECUP_STORE"
next "every deviation, and the coverage" "recup compare $A $B --verbose"
next "the same for a notebook or an issue" "recup compare $A $B --format md"
next "what was captured, and what was not" "recup show $B"
next "this machine's environment, as files to ingest with a run" "recup snapshot"
next "questions that have a name" "recup queries"
next "two files; nothing is ingested" "recup compare data/wfformat/bwa/*.json"
next "RDF for other tools" "recup export $A --format turtle"
next "SPARQL and pages for other people, at http://127.0.0.1:8000" "recup serve"
