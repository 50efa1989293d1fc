#!/usr/bin/env bash
# Feeds generated input to the decoders of data from peers and people: fuzz.sh [SECONDS] [TARGET...]
# New inputs that reach new code are kept in Fuzzing/.build/corpus; those of the repository are only read.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../Fuzzing"

readonly seconds=${1:-60}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(messages safetensors studies)

for target in "${targets[@]}"; do
  # Without optimisation, a trap shows its position, and tests can reach internal parts.
  ${SWIFT:-swift} build --quiet --product "fuzz-$target" -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld
done
status=0
for target in "${targets[@]}"; do
  mkdir -p ".build/corpus/$target" ".build/found/$target"
  echo "fuzz: $target for $seconds s"
  if ! ".build/debug/fuzz-$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix=".build/found/$target/" -print_final_stats=1 \
    ".build/corpus/$target" "Corpus/$target" 2> ".build/found/$target.log"; then
    status=1
    tail -n 40 ".build/found/$target.log"
    echo "fuzz: $target fails; the input is in Fuzzing/.build/found/$target"
  fi
  grep -E 'stat::(number_of_executed_units|peak_rss_mb)|cov:' ".build/found/$target.log" | tail -n 3 || true
done
exit $status
