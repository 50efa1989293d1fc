import CoordinatorService
import Credentials
import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import RunStore
import StudyAgreement
import StudyRuns

/// What a run folder holds, as far as pages show it; a run that goes on is read from another connection to its database.
struct WatchedRun: Sendable {
  /// What pages show of a signed manifest beside the record of its round.
  struct Signing: Sendable {
    var time: Date
    /// Whose signature under their update the manifest holds.
    var sites: Set<SiteID>
  }

  /// A file as it was when it was read.
  private struct Stamp: Equatable {
    var size: Int
    var time: Date
  }

  let folder: RunFolder
  private(set) var started: Date?
  /// The committed rounds by arm.
  private(set) var records: [String: [RoundRecord]] = [:]
  /// The signed manifests by arm and round.
  private(set) var signings: [String: [Int: Signing]] = [:]
  /// What `report.json` holds.
  private(set) var results: StudyResults?

  private var stamps: [URL: Stamp] = [:]

  init(_ study: ObservedStudy) { folder = study.run }

  /// The report; nil where there is none.
  var report: URL? { Self.stamp(folder.report) == nil ? nil : folder.report }

  /// What cannot be read now, for example while the run folder is being made, is left for the next time.
  ///
  /// The database is open only meanwhile, so that the run can fold it into one file at its end.
  mutating func catchUp() {
    guard let reader = try? RunReader(folder.url) else { return }
    if started == nil {
      started = (try? reader.started()).flatMap { text in
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
          ?? (try? Date(text, strategy: .iso8601))
      }
    }
    for arm in (try? reader.arms()) ?? [] {
      catchUp(arm, reader)
      let file = folder.manifests(of: arm)
      if hasChanged(file) { signings[arm] = Self.signings(in: file) }
    }
    let file = folder.url.appending(path: "report.json")
    if hasChanged(file) {
      results = (try? Data(contentsOf: file)).flatMap { try? Report(json: $0).results }
    }
  }

  private mutating func catchUp(_ arm: String, _ reader: RunReader) {
    let known = records[arm]?.last?.round ?? 0
    guard let last = try? reader.lastRound(of: arm) else { return }
    // Fewer than before: a round was forgotten for a damaged file.
    if last < known { records[arm] = nil }
    guard last != known else { return }
    records[arm, default: []] += (try? reader.records(of: arm, after: last < known ? 0 : known)) ?? []
  }

  private static func signings(in file: URL) -> [Int: Signing] {
    guard let data = try? Data(contentsOf: file),
      let signed = try? CanonicalJSON.decode([Signed<RoundManifest>].self, from: data)
    else { return [:] }
    return Dictionary(
      signed.map { manifest in
        let sites = Set(manifest.statement.contributions.map(\.statement.site))
        return (manifest.statement.round, Signing(time: manifest.statement.time, sites: sites))
      }, uniquingKeysWith: { $1 })
  }

  private mutating func hasChanged(_ file: URL) -> Bool {
    let stamp = Self.stamp(file)
    defer { stamps[file] = stamp }
    return stamps[file] != stamp
  }

  private static func stamp(_ file: URL) -> Stamp? {
    guard let found = try? FileManager.default.attributesOfItem(atPath: file.path(percentEncoded: false)),
      let size = found[.size] as? Int, let time = found[.modificationDate] as? Date
    else { return nil }
    return Stamp(size: size, time: time)
  }
}
