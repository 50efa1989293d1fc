import AuditLog
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles
import StudyAgreement
import StudyProtocol
import StudyRuns

/// The coordinator of a consortium: accepts studies and signatures, runs the studies with their sites, and
/// keeps the audit log.
///
/// It holds no patient data, and needs an engine only to host split models. Every change is entered in the audit log, then stored, then
/// made in memory, and only then acknowledged. An error on the way changes nothing, and whoever asked for the
/// change receives it. Every study therefore resumes after a crash.
public actor CoordinatorService {
  /// A study in the memory of this process.
  struct Entry {
    var stored: StoredStudy
    var study: Study
    /// The reason why this version does not train the study, with advice; `nil` if it does.
    var refusal: String?
    /// The participants and arms; `nil` until the study is agreed.
    var plan: NetworkPlan?
    var endpoint: StudyEndpoint?
    var board: ReadinessBoard
    /// The store for the initial weights that the study lead sends; opened when first used.
    var weights: BlobStore?
    /// The file of initial weights that the sites fetch; `nil` if the study names no file or does not run.
    var initialWeights: BlobDescriptor?
    var arms = ArmBoard()
    var task: Task<Void, Never>?
    var models: [FinishedModel] = []
    var files: [(path: String, url: URL)] = []
    /// Whether the rounds have begun.
    var hasBegun = false
    /// Whether the run has ended although its new state cannot be stored yet. A person may resume the study.
    var isUnsettled = false
    /// Offers the results of a study that has ended later, because the disk is at fault now.
    var reopening: Task<Void, Never>?
    /// Resumes a study that a storage error has paused.
    var resumption: Task<Void, Never>?
    /// The number of pauses because of storage errors since the last committed round.
    var storagePauses = 0
    /// The reason with which the study ended, without faults of its results; `nil` before they are offered.
    var endedBecause: String?
    /// When the sites were last asked for readiness reports; `nil` if none are being collected.
    var readinessAsked: Date?
  }

  let configuration: CoordinatorConfiguration
  nonisolated let keeper: IdentityKeeper
  let now: @Sendable () -> Date
  let database: CoordinatorDatabase
  let audit: AuditLog
  /// Entries about changes in force that the audit log could not store yet, such as a revocation.
  private var unlogged: [AuditRecord] = []
  let hub = EventHub()
  var register: SiteRegister
  /// The sites that were refused since they last joined.
  var refusedSites: Set<SiteID> = []
  /// The parties with an open connection; `nil` without a network server.
  private(set) var connections: (@Sendable () -> Set<Party>)?
  var entries: [String: Entry] = [:]
  /// The ids of all studies, in the order in which the studies were proposed.
  var order: [String] = []
  /// The studies that are waiting to run, in the order in which they were started.
  var queue: [String] = []
  /// The ids of studies whose files this version cannot read.
  private(set) var unreadable: [String] = []
  private(set) var revision: UInt64
  /// The signal that is sent with every new revision.
  private let revisions = Signal()
  private var isShutDown = false
  /// The number of files and folders in the coordinator's folder that other users could access before this
  /// process closed them.
  public nonisolated let closed: Int

  /// Opens the coordinator's folder, or creates it.
  ///
  /// - Throws: ``ConsiliumError``: `.storage` if the folder cannot be used, `.unavailable` if another
  ///   coordinator uses it, `.invalidInput` if the identity is not a coordinator's.
  public init(
    _ configuration: CoordinatorConfiguration, keeper: IdentityKeeper,
    now: @escaping @Sendable () -> Date = { Date() }
  ) throws {
    let identity = keeper.identity
    guard identity.party.role == .coordinator else {
      throw ConsiliumError(
        .invalidInput,
        "the identity is that of \(identity.party); a coordinator needs one with the role 'coordinator'")
    }
    self.configuration = configuration
    self.now = now
    self.keeper = keeper
    register = SiteRegister(takeover: configuration.takeover)
    try DurableFolder.create(configuration.folder)
    // Open the log first: its lock keeps a second coordinator out of the folder.
    audit = try AuditLog(
      file: configuration.auditLog, owner: identity.party,
      sealing: Sealing { (data, time) throws(ConsiliumError) in try keeper.identity.sign(data, at: time) },
      at: now()
    )
    AtomicFile.removeLeftovers(in: configuration.folder)
    closed = OwnerOnly.closeFolder(configuration.folder)
    database = try CoordinatorDatabase(configuration.database)
    // Start from a number that no earlier process used, so that every site fetches its studies again.
    revision = UInt64(max(1, now().timeIntervalSince1970 * 1000))
  }

  var authority: Authority { keeper.identity.authority }
  nonisolated var party: Party { keeper.identity.party }

  // MARK: Life

  /// Resumes the stored studies. Must be called before any client can ask for them.
  public func start() async throws {
    try await enter(AuditRecord(.serviceStarted, by: party))
    register.remember(try database.knownSites())
    for stored in try database.studies() {
      // One unreadable study must not stop the others.
      guard let signed = try? stored.agreement.proposal.read() else {
        unreadable.append(stored.id)
        continue
      }
      let study = signed.study
      // Another version may have stored reports that this version cannot read. The sites will report again.
      let readiness = (try? database.readiness(of: stored.id)) ?? []
      var entry = Entry(stored: stored, study: study, board: ReadinessBoard(readiness))
      entry.refusal = refusal(of: signed, stored.id)
      var doubt = entry.refusal
      do { entry.plan = try agreedPlan(stored.agreement, study) } catch {
        doubt = "its agreement is no longer valid: \(ConsiliumError(wrapping: error).message)"
      }
      let isActive = stored.state == .running || stored.state == .rehearsing
      if isActive, stored.start == nil { doubt = doubt ?? Self.unsignedStart(stored.id) }
      if entry.plan == nil, stored.state != .proposed, stored.state != .ready {
        doubt = doubt ?? "its agreement is no longer valid: a signature that it requires was revoked"
        // The results of an ended study stay available to its participants.
        if stored.state.hasEnded { entry.plan = try? NetworkPlan(study, members: stored.agreement.signers) }
      }
      restoreRounds(&entry)
      entries[stored.id] = entry
      order.append(stored.id)
      if let doubt, !stored.state.hasEnded {
        // The agreement may have become invalid, for example because the lead's key was stolen and revoked.
        // Pause the study instead of ending it: if the revocation was a mistake, staff can resume it.
        try set(isActive ? .paused : stored.state, reason: doubt, of: stored.id)
        continue
      }
      // All required sites have signed, but the coordinator stopped before it saved the new state.
      if stored.state == .proposed, entry.plan != nil { try set(.ready, of: stored.id) }
      if stored.state == .running || stored.state == .rehearsing { queue.append(stored.id) }
      if stored.state.hasEnded { await reopen(stored.id) }
    }
    schedule()
  }

  /// Stops all studies and keeps their finished work. The studies resume when the coordinator starts again.
  public func shutDown() async {
    isShutDown = true
    let tasks = entries.values.compactMap(\.task)
    let waiting = entries.values.flatMap { [$0.reopening, $0.resumption] }.compactMap(\.self)
    for task in tasks + waiting { task.cancel() }
    for task in tasks + waiting { await task.value }
    changed()
    hub.finish()
    try? await enter(AuditRecord(.serviceStopped, by: party))
    try? await audit.seal(at: now())
    try? database.close()
  }

  /// Records that the coordinator's certificate was renewed, or that certificates of other members were
  /// revoked.
  public func identityChanged(_ change: IdentityChange) async {
    // Write one entry per revocation: a single entry for all revocations could exceed the maximum length.
    let records =
      (change.isRenewed ? [AuditRecord(.certificateRenewed, by: party)] : [])
      + change.revoked.map { entry in
        AuditRecord(
          .certificateRevoked, by: party,
          details: [
            "serial": entry.serial, "party": entry.party.description, "reason": entry.reason.rawValue,
          ])
      }
    // These changes are in force whether or not the log can be written. Later entries bring them along.
    unlogged += records
    try? await enter()
    changed()
  }

  /// Sets the source of the connected parties, so that all pages and commands agree.
  public func attach(connections: @escaping @Sendable () -> Set<Party>) { self.connections = connections }

  // MARK: Changes

  /// Increments the revision and wakes all callers that wait for a change.
  func changed() {
    revision += 1
    revisions.send()
  }

  /// The revision, as soon as it differs from `known` or the coordinator shuts down; `nil` if the task is
  /// cancelled.
  func revision(after known: UInt64) async -> UInt64? {
    while revision == known, !isShutDown {
      if Task.isCancelled { return nil }
      await revisions.wait(after: revisions.count)
    }
    return revision
  }

  /// Writes entries to the audit log, together with those that it could not store before. An entry is written
  /// before the change that it describes.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`. The change must then not be made.
  func enter(_ record: AuditRecord? = nil) async throws {
    let waiting = unlogged
    unlogged = []
    do {
      try await audit.append(waiting + (record.map { [$0] } ?? []), at: now())
    } catch {
      unlogged = waiting + unlogged
      throw error
    }
  }

  /// Stores a change of a study, and then makes it in memory.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`. Nothing has changed then.
  func commit(_ change: StudyChange, of id: String) throws {
    try database.apply(change, to: id)
    entries[id]?.stored.apply(change)
    if let stored = entries[id]?.stored { announce(stored.reason, of: id) }
  }

  /// Stores the state of a study, and then changes it in memory.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`. Nothing has changed then.
  func set(_ state: StudyState, reason: String = "", of id: String) throws {
    guard entries[id]?.stored.state != state || entries[id]?.stored.reason != reason else { return }
    try commit(StudyChange(state: state, reason: reason, ended: state.hasEnded ? now() : nil), of: id)
  }

  /// Shows the current obstacle of a run, unless the run has just been paused or ended.
  func noteOfRun(_ reason: String, of id: String) {
    if entries[id]?.stored.state.isActive == true { note(reason, of: id) }
  }

  /// Shows a study's current obstacle to everyone who watches the study; an empty text means that there is
  /// none.
  func note(_ reason: String, of id: String) {
    guard let entry = entries[id], entry.stored.reason != reason else { return }
    announce(reason, of: id)
  }

  private func announce(_ reason: String, of id: String) {
    entries[id]?.stored.reason = reason
    guard let stored = entries[id]?.stored else { return }
    if let event = try? WireJSON.encode(StudyEvent(stored)) { hub.send(event, of: id) }
    changed()
  }

  func entry(_ id: String) throws(ConsiliumError) -> Entry {
    guard let entry = entries[id] else {
      throw ConsiliumError(.invalidInput, "there is no study '\(id.prefix(80))' here")
    }
    return entry
  }

  /// The plan with the sites that signed, once the agreement is complete; `nil` until then.
  func agreedPlan(_ agreement: StudyAgreement, _ study: Study) throws -> NetworkPlan? {
    let review = try agreement.review(by: authority, at: now())
    guard review.isComplete else { return nil }
    return try NetworkPlan(study, members: review.signed.keys.sorted())
  }
}

/// A change of a study's state, as sent to everyone who watches the study.
struct StudyEvent: Sendable, Codable {
  var event = "study-state"
  var study: String
  var state: StudyState
  var reason: String

  init(_ stored: StoredStudy) { (study, state, reason) = (stored.id, stored.state, stored.reason) }
}
