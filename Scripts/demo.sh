#!/usr/bin/env bash
# Runs a shortened federated study with its baselines; `make demo` builds first. A second run repeats nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly consilium=.build/release/consilium
data=${CONSILIUM_DATA:-../shared/data}

if [ -d "$data/lgg-brain-mri" ]; then
  example=lgg-brain-mri
  echo "demo: real data, the FLAIR volumes of four institutions in $data/lgg-brain-mri"
else
  example=phantom
  data=demo-run/data
  [ -f "$data/participants.csv" ] || "$consilium" data phantom --out "$data"
  echo "demo: no real data here (CONSILIUM_DATA, ../shared/data); the images are GENERATED, of four made-up scanners"
fi
echo "demo: a shortened study of 4 rounds; the full one is Examples/$example/study.yaml as it stands"

run=demo-run/$example
mkdir -p demo-run
"$consilium" simulate "Examples/$example/study.yaml" --sites "Examples/$example/sites.yaml" \
  --data "$data" --out "$run" --arms local,pooled,fedavg --rounds 4 --resume
echo "demo: open $run/report.html"
