import CFuzzer
import FederatedCore
import Foundation
import StudyProtocol

/// Decodes texts from users or peers: studies, site files and policies; the first byte chooses the kind.
@main
enum FuzzStudies {
  static func main() {
    exit(
      fuzz(CommandLine.argc, CommandLine.unsafeArgv) { bytes, count in
        guard let bytes, count > 0 else { return 0 }
        let text = String(decoding: UnsafeBufferPointer(start: bytes + 1, count: count - 1), as: UTF8.self)
        // A rejected input is fine; only a crash is not.
        try? FuzzStudies.decoders[Int(bytes[0]) % FuzzStudies.decoders.count](text)
        return 0
      })
  }

  private static let decoders: [@Sendable (String) throws -> Void] = [
    { text in
      let study = try Study(yaml: text)
      let canonical = try study.canonicalJSON()
      holds { try Study(canonicalJSON: canonical).canonicalJSON() == canonical }
    },
    { text in
      guard case .list(let sites) = try SiteFile(yaml: text).layout else { return }
      for site in sites {
        let canonical = try site.canonicalJSON()
        holds { try SiteDefinition(canonicalJSON: canonical).canonicalJSON() == canonical }
      }
    },
    { text in _ = try SitePolicy(yaml: text).digest() },
    { text in _ = try Study(canonicalJSON: text).digest() },
  ]
}

/// Stops the program if a decoded value is not the same after writing and reading it again.
private func holds(_ body: () throws -> Bool) { precondition((try? body()) == true) }
