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
  /// The database of the rounds, the metrics by site and the events.
  public var database: URL { url.appending(path: "run.sqlite") }
  /// The folder of the rounds: one subfolder per arm, with one JSON manifest per round.
  public var rounds: URL { url.appending(path: "rounds") }
  /// The folder of the finished models, one file per model name.
  public var models: URL { url.appending(path: "models") }
  /// The folder of the models and algorithm states after the most recent rounds, in files named by their
  /// digests.
  public var checkpoints: URL { url.appending(path: "checkpoints") }
  /// The folder of the pictures in the report.
  public var panels: URL { url.appending(path: "panels") }
  /// The folder of parameters in transfer to and from worker processes; emptied when a run is opened.
  public var exchange: URL { url.appending(path: "exchange") }
  /// The folder of the worker processes' output.
  public var logs: URL { url.appending(path: "logs") }
  public var report: URL { url.appending(path: "report.html") }
  var lock: URL { url.appending(path: ".lock") }

  /// The names that a folder may contain if a crash interrupted its creation before the run was entered in
  /// the database.
  static let namesBeforeTheRun: Set<String> = [
    ".lock", "study.yaml", "study.json", "sites.json", "run.sqlite", "run.sqlite-wal", "run.sqlite-shm",
    "run.sqlite-journal", "rounds", "models", "checkpoints", "panels", "exchange", "logs",
  ]

  var directories: [URL] { [rounds, models, checkpoints, panels, exchange, logs] }

  /// The file with the manifest of a round.
  public func manifest(arm: String, round: Int) -> URL {
    let digits = String(round)
    let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return rounds.appending(path: Self.fileName(arm)).appending(path: "round-\(number).json")
  }

  /// The file with the signed manifests of an arm's rounds, if the run has any.
  public func manifests(of arm: String) -> URL { rounds.appending(path: "\(arm).manifests.json") }

  /// The file of a finished model.
  public func model(named name: String) -> URL {
    models.appending(path: Self.fileName(name) + ".safetensors")
  }

  /// The file of the model or algorithm state with this digest. The file exists as long as a resumed run may
  /// need it.
  public func checkpoint(_ digest: String) -> URL { checkpoints.appending(path: digest + ".safetensors") }

  /// The file with the test results of a simulated site and their replicates. It exists only if the site's
  /// policy does not release the replicates.
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
