import AuditLog
import Credentials
import FederatedCore
import Foundation
import GRDB
import RunStore
import StudyAgreement
import StudyRuns

extension CoordinatorService {
  /// A kind of change that observers are notified of.
  public enum Change: Sendable, Hashable {
    /// A change of the list of studies, of a state, or of a site.
    case everything
    /// A change in the rounds of one study.
    case rounds(study: String)
  }

  /// The coordinator's current identity, with the authority and the known revocations.
  public nonisolated var currentIdentity: Identity { keeper.identity }

  /// The file of the audit log. ``AuditReader`` can read it while it grows.
  public nonisolated var auditFile: URL { audit.file }

  /// All sites that have ever joined or are invited to a study.
  public func observedSites() -> [SiteStatus] {
    let connected = connections?()
    let known = register.status(at: now(), by: authority).map { site in
      var site = site
      if let connected {
        site.isConnected = connected.contains(Party(role: .site, name: site.site.rawValue))
      }
      site.link = site.isRevoked ? .revoked : site.isConnected ? .connected : .away
      return site
    }
    let agreements = entries.values.map(\.stored.agreement)
    let invited = Set(agreements.flatMap(\.proposal.statement.invited))
    // Earlier versions did not store joined sites, but a site that answered a proposal must have joined.
    let answered = Set(agreements.flatMap { $0.decisions.map(\.statement.site) })
    let strangers = invited.subtracting(known.map(\.site)).map { site in
      SiteStatus(
        site: site, isConnected: false, programVersion: "", clockSkew: 0, isRevoked: false,
        link: answered.contains(site) ? .away : .never)
    }
    return (known + strangers).sorted { $0.site < $1.site }
  }

  /// All studies in the order in which they were proposed.
  public func observedStudies() async throws -> [ObservedStudy] {
    var studies: [ObservedStudy] = []
    for id in order { studies.append(try await observe(id)) }
    return studies
  }

  /// The study with this id; `nil` if there is none.
  public func observedStudy(_ id: String) async throws -> ObservedStudy? {
    entries[id] == nil ? nil : try await observe(id)
  }

  /// The result files of a study that has ended, as fetched by `study results`; empty until then.
  public func resultFiles(of id: String) -> [(path: String, url: URL)] {
    guard let entry = entries[id], entry.stored.state.hasEnded else { return [] }
    return entry.files
  }

  private func observe(_ id: String) async throws -> ObservedStudy {
    let status = try await status(of: id)
    let entry = try entry(id)
    return ObservedStudy(
      status: status, study: entry.study, plan: entry.plan, isQueued: queue.contains(id),
      hasBegun: entry.hasBegun, run: RunFolder(configuration.folder(of: id).appending(path: "run")))
  }

  /// The changes from now on. The stream ends when the coordinator shuts down.
  public nonisolated func changes() -> AsyncStream<Change> {
    let (stream, sink) = AsyncStream.makeStream(of: Change.self, bufferingPolicy: .bufferingNewest(1000))
    let watching = Task {
      await withTaskGroup { group in
        group.addTask {
          var known: UInt64 = 0
          // The loop ends when the coordinator shuts down, because the revision then no longer changes.
          while let next = await self.revision(after: known), next != known {
            known = next
            sink.yield(.everything)
          }
        }
        group.addTask {
          for await study in self.hub.watchStudies() { sink.yield(.rounds(study: study)) }
        }
      }
      sink.finish()
    }
    sink.onTermination = { _ in watching.cancel() }
    return stream
  }

  /// The problems that stop the coordinator from working, in words for its administrators; empty if there are
  /// none.
  public func faults() async -> [String] {
    var faults: [String] = []
    do {
      // A write transaction takes the write lock, which fails if the file is not writable.
      try database.write { _ in }
    } catch {
      faults.append(ConsiliumError(wrapping: error).message)
    }
    if let free = Self.freeBytes(at: configuration.folder), free < Self.leastFreeBytes {
      faults.append("only \(free >> 20) MB are free where the coordinator keeps its files; free some space")
    }
    for id in unreadable {
      faults.append(
        "study '\(id)' cannot be read by version \(consiliumVersion) of this program and is left alone")
    }
    if let fault = await audit.sealingFault {
      faults.append("the audit log cannot be signed: \(fault.message)")
    }
    return faults
  }

  /// The number of entries in the audit log.
  public func auditLength() async -> Int { await audit.head.sequence }

  /// The free space that a round's models and records require, in bytes.
  private static let leastFreeBytes = 64 << 20

  private static func freeBytes(at folder: URL) -> Int? {
    let attributes = try? FileManager.default.attributesOfFileSystem(
      forPath: folder.path(percentEncoded: false))
    return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
  }
}
