#!/usr/bin/env bash
# Regenerates the Swift files of Sources/FederatedTransport/Protos. They are part of the repository, so builds do not need this script.
#
# Needs Debian's protobuf-compiler. The two plugins are built from the packages on which the project depends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v protoc >/dev/null || {
  echo "generate-protobuf: protoc is missing; install the Debian package protobuf-compiler" >&2
  exit 1
}
for plugin in protoc-gen-swift protoc-gen-grpc-swift-2; do swift build --product "$plugin"; done
bin=$(swift build --show-bin-path)
cd Sources/FederatedTransport
rm -rf Generated
mkdir Generated
protoc -IProtos --plugin="$bin/protoc-gen-swift" --plugin="$bin/protoc-gen-grpc-swift-2" \
  --swift_out=Visibility=Internal:Generated --grpc-swift-2_out=Visibility=Internal:Generated \
  Protos/consilium/v1/*.proto
