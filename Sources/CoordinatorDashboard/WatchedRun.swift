import CoordinatorService
import Credentials
import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import RunStore
import StudyAgreement
import StudyRuns

/// The contents of a run folder that pages show. A separate connection to the database reads a run in
/// progress.
struct WatchedRun: Sendable {
  /// The data of a signed manifest that pages show in addition to the record of its round.
  struct Signing: Sendable {
    var time: Date
    /// The sites whose signed contributions the manifest contains.
    var sites: Set<SiteID>
  }

  /// The state of a file when it was read.
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
  /// The contents of `report.json`.
  private(set) var results: StudyResults?
  /// The statistics of the sites' data; `nil` if the study asks for none, or before the sites have answered.
  private(set) var statistics: StudyStatistics?

  private var stamps: [URL: Stamp] = [:]

  init(_ folder: RunFolder) { self.folder = folder }

  /// The report; `nil` if there is none.
  var report: URL? { Self.stamp(folder.report) == nil ? nil : folder.report }

  /// Reads the new parts of the run. Parts that cannot be read now, for example while the run folder is being
  /// created, are left for the next call.
  ///
  /// The database is open only during the call, so that the run can merge it into one file at its end.
  mutating func catchUp() {
    guard let reader = try? RunReader(folder.url) else { return }
    if started == nil {
      started = (try? reader.started()).flatMap { text in
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
          ?? (try? Date(text, strategy: .iso8601))
      }
    }
    // The statistics are gathered once, before the first round.
    if statistics == nil { statistics = try? reader.value("statistics", as: StudyStatistics.self) }
    for arm in (try? reader.arms()) ?? [] {
      catchUp(arm, reader)
      let file = folder.manifests(of: arm)
      if hasChanged(file) { signings[arm] = Self.signings(in: file) }
    }
    let file = folder.url.appending(path: "report.json")
    if hasChanged(file) {
      let read = (try? Data(contentsOf: file)).flatMap { try? Report(json: $0).results }
      results = read.map { (try? $0.withStoredReplicates(of: reader)) ?? $0 }
    }
  }

  private mutating func catchUp(_ arm: String, _ reader: RunReader) {
    let known = records[arm]?.last?.round ?? 0
    guard let last = try? reader.lastRound(of: arm) else { return }
    // There are fewer rounds than before, because a round with a damaged file was discarded.
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
