import FederatedCore
import Foundation

/// The folder of one run, with the places of all its files.
public struct RunFolder: Sendable, Equatable {
  public let url: URL

  public init(_ url: URL) { self.url = url.standardizedFileURL }

  /// The study as its author wrote it.
  public var studyText: URL { url.appending(path: "study.yaml") }
  /// The study in canonical JSON, from which its digest is computed.
  public var study: URL { url.appending(path: "study.json") }
  /// The site definitions in canonical JSON.
  public var sites: URL { url.appending(path: "sites.json") }
  /// Rounds, per-site metrics and events.
  public var database: URL { url.appending(path: "run.sqlite") }
  /// One folder per arm, with one JSON manifest per round.
  public var rounds: URL { url.appending(path: "rounds") }
  /// Finished models by name.
  public var models: URL { url.appending(path: "models") }
  /// Models and states of the last rounds, by digest.
  public var checkpoints: URL { url.appending(path: "checkpoints") }
  /// Pictures for the report.
  public var panels: URL { url.appending(path: "panels") }
  /// Parameters in transfer to and from worker processes; emptied when a run is opened.
  public var exchange: URL { url.appending(path: "exchange") }
  /// Output of the worker processes.
  public var logs: URL { url.appending(path: "logs") }
  public var report: URL { url.appending(path: "report.html") }
  var lock: URL { url.appending(path: ".lock") }

  /// The names that a folder may contain if its creation was interrupted before the run was entered in the
  /// database.
  static let namesBeforeTheRun: Set<String> = [
    ".lock", "study.yaml", "study.json", "sites.json", "run.sqlite", "run.sqlite-wal", "run.sqlite-shm",
    "run.sqlite-journal", "rounds", "models", "checkpoints", "panels", "exchange", "logs",
  ]

  var directories: [URL] { [rounds, models, checkpoints, panels, exchange, logs] }

  /// The manifest of a round.
  public func manifest(arm: String, round: Int) -> URL {
    let digits = String(round)
    let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return rounds.appending(path: Self.fileName(arm)).appending(path: "round-\(number).json")
  }

  /// The signed manifests of an arm's rounds, if the run has any.
  public func manifests(of arm: String) -> URL { rounds.appending(path: "\(arm).manifests.json") }

  /// The file of a finished model.
  public func model(named name: String) -> URL {
    models.appending(path: Self.fileName(name) + ".safetensors")
  }

  /// The file of the model or state with this digest. The file exists as long as a resumed run may need it.
  public func checkpoint(_ digest: String) -> URL { checkpoints.appending(path: digest + ".safetensors") }

  /// The results of a simulated site's tests with their replicates, if its policy does not release them.
  public func ownTestResults(of site: SiteID) -> URL {
    url.appending(path: "own-test-results-\(Self.fileName(site.rawValue)).json")
  }

  /// A name as part of a path. ASCII letters and digits, `-`, `_` and dots after the first character stay;
  /// any other byte becomes `%` and two hexadecimal digits.
  static func fileName(_ name: String) -> String {
    var result = ""
    for (index, byte) in name.utf8.enumerated() {
      let scalar = Unicode.Scalar(byte)
      let stays =
        byte < 0x80
        && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "-"
          || scalar == "_" || (scalar == "." && index > 0))
      result += stays ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return result
  }
}
