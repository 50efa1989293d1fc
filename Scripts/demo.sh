#!/usr/bin/env bash
# Runs a small federated study with its baselines; `make demo` builds first. A second run repeats nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly consilium=.build/release/consilium
readonly run=demo-run
data=${CONSILIUM_DATA:-../shared/data}

if [ -d "$data/lgg-brain-mri" ]; then
  example=Examples/lgg-brain-mri
  study=$example/demo.yaml
  out=$run/lgg-brain-mri
  echo "demo: REAL data, FLAIR images of four institutions in $data/lgg-brain-mri"
  echo "demo: a shortened study, with a quarter of the pixels and half the rounds of $example/study.yaml"
else
  example=Examples/phantom
  study=$example/study.yaml
  out=$run/phantom
  echo "demo: there are no real data (looked in \$CONSILIUM_DATA and ../shared/data)"
  echo "demo: the images are GENERATED, brain MRI of four simulated hospitals in $run/phantom-data; they show no patient"
  data=$run/phantom-data
  [ -f "$data/participants.csv" ] || "$consilium" data phantom --out "$data"
fi

"$consilium" simulate "$study" --sites "$example/sites.yaml" --data "$data" --out "$out" \
  --arms local,pooled,fedavg --resume
echo "demo: the report is $out/report.html"
