import CFuzzer
import FederatedCore
import Foundation
import ParameterFiles

/// Decodes parameter files as peers send them.
@main
enum FuzzSafetensors {
  static func main() {
    exit(
      fuzz(CommandLine.argc, CommandLine.unsafeArgv) { bytes, count in
        guard let bytes, count > 0, ftruncate(FuzzSafetensors.file, 0) == 0,
          pwrite(FuzzSafetensors.file, bytes, count, 0) == count
        else {
          return 0
        }
        // A rejected input is fine; only a crash is not.
        guard let parts = try? ParameterFile.read(from: FuzzSafetensors.url) else { return 0 }
        _ = parts.parts.map(\.isFinite)
        _ = ParameterDigest.sha256(of: parts)
        _ = try? ParameterFile.readModel(from: FuzzSafetensors.url, layout: parts.parts.first?.layout)
        return 0
      })
  }

  private static let url = FileManager.default.temporaryDirectory.appending(
    path: "fuzz-\(getpid()).safetensors")
  private static let file = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
}
