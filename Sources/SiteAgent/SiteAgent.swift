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

/// A hospital's agent: stays connected to the coordinator and does the site's part in the studies that the
/// site has signed.
///
/// The agent opens every connection itself. It does only what the site has signed. Before anything leaves the
/// site, the agent records it in the site's own audit log.
public actor SiteAgent {
  private struct Work {
    var notice: StudyNotice
    var task: Task<Void, Never>
  }

  private let configuration: AgentConfiguration
  private let folder: AgentFolder
  private let keeper: IdentityKeeper
  private let audit: AuditLog
  private let refusals: RefusalLog
  private let courses: StudyCourses
  private let history: FileReleaseHistory
  private let now: @Sendable () -> Date
  private let log: @Sendable (String) -> Void
  private var works: [String: Work] = [:]
  /// The running downloads of models of ended studies.
  private var fetches: [String: Task<Void, Never>] = [:]
  /// The models of ended studies that have been downloaded.
  private var fetched: [String: [FinishedModel]] = [:]
  private var mentioned: Set<String> = []
  private var clockSkew = 0.0
  /// Sent whenever the coordinator has restarted.
  private let starts = Signal()

  /// - Parameter log: called with a line for each event, without any patient's value.
  /// - Throws: ``ConsiliumError``: `.unavailable` if another agent uses the folder, `.invalidInput` if the
  ///   identity is not a site's, `.storage` if the folder cannot be used.
  public init(
    _ configuration: AgentConfiguration, keeper: IdentityKeeper,
    now: @escaping @Sendable () -> Date = { Date() },
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    let identity = keeper.identity
    guard identity.party.role == .site else {
      throw ConsiliumError(
        .invalidInput, "the identity is that of \(identity.party); an agent needs one with the role 'site'")
    }
    self.configuration = configuration
    self.now = now
    self.log = log
    self.keeper = keeper
    folder = try AgentFolder(configuration.folder)
    history = FileReleaseHistory(folder.releasedSets)
    // The log's lock keeps a second agent out of the folder.
    audit = try AuditLog(
      file: folder.auditLog, owner: identity.party,
      sealing: Sealing { (data, time) throws(ConsiliumError) in try keeper.identity.sign(data, at: time) },
      at: now()
    )
    refusals = RefusalLog(audit, party: { keeper.identity.party }, now: now)
    courses = StudyCourses(folder: folder, audit: audit, party: { keeper.identity.party }, now: now)
    folder.removeLeftovers()
    OwnerOnly.closingNote(OwnerOnly.closeFolder(folder.url), in: folder.url).map(log)
  }

  public nonisolated var site: SiteID { SiteID(keeper.identity.party.name) }

  /// Works until the task is cancelled.
  ///
  /// - Throws: ``ConsiliumError`` if the coordinator refuses this site permanently.
  public func run() async throws {
    let party = keeper.identity.party
    try await audit.append(AuditRecord(.serviceStarted, by: party), at: now())
    let watch = Task { [keeper, log] in
      try await keeper.watch(fault: { log($0.message) }) { log($0.description) }
    }
    defer { watch.cancel() }
    let result = await Result(awaiting: {
      try await NetworkLink.with(configuration.coordinator, keeper: keeper, log: log) { link in
        // Include a mark of this start, so that a second agent on a copy of the folder is noticed.
        let process = try self.folder.process() + "/" + UUID().uuidString
        try await self.follow(CoordinatorClient(link, process: process))
      }
    })
    let tasks = works.values.map(\.task) + fetches.values
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    _ = try? await audit.append(AuditRecord(.serviceStopped, by: party), at: now())
    try? await audit.seal(at: now())
    if case .failure(let error) = result, !(error is CancellationError), !Task.isCancelled { throw error }
  }

  private func join(_ client: CoordinatorClient) async throws {
    let hello = try await client.join(programVersion: consiliumVersion, clock: now)
    clockSkew = now().timeIntervalSince(hello.clock)
    log("site \(site) has joined the consortium \(hello.consortium)")
    if abs(clockSkew) > 60 {
      mention(
        "clock",
        "this machine's clock differs from the coordinator's by "
          + String(format: "%.0f seconds; correct it", clockSkew))
    }
  }

  private func follow(_ client: CoordinatorClient) async throws {
    try await join(client)
    var revision: UInt64 = 0
    var again: ContinuousClock.Instant?
    while true {
      var news: StudyNotices?
      if let end = again { news = try await client.studies(known: revision, until: end) }
      let notices = if let news { news } else { try await client.studies(known: again == nil ? revision : 0) }
      again = nil
      if notices.joinsAgain {
        try await join(client)
        starts.send()
      }
      revision = notices.revision
      for notice in notices.studies {
        do {
          try await consider(notice, client)
        } catch let error as ConsiliumError where error.code != .cancelled {
          mention("\(notice.study)/\(error.message)", "study \(notice.study): \(error.message)")
          if works[notice.study] == nil { await tell(error, of: notice, client) }
          // Try again after a minute: staff may free a full disk, and the coordinator sends no news of that.
          again = .now + .seconds(60)
        }
      }
    }
  }

  private func mention(_ key: String, _ line: String) {
    if mentioned.insert(key).inserted { log(line) }
  }

  /// Does this site's part in a study, depending on its state.
  private func consider(_ notice: StudyNotice, _ client: CoordinatorClient) async throws {
    try await DecisionLog(folder).enter(notice.study, in: audit, at: now())
    let isActive = notice.state == .rehearsing || notice.state == .running
    guard isActive, !notice.arms.isEmpty else {
      if let work = works.removeValue(forKey: notice.study) {
        work.task.cancel()
        await work.task.value
      }
      if notice.state == .proposed || notice.state == .ready, try folder.agreement(notice.study) == nil {
        mention(
          notice.study,
          "study \(notice.study) waits for this site's decision: consilium study review \(notice.study)")
      }
      if notice.state.hasEnded { try await end(notice, client) }
      return
    }
    // The study may run again because the coordinator was restored from a backup. Forget the downloads: the
    // study will end again, perhaps with other models.
    fetches[notice.study]?.cancel()
    fetched[notice.study] = nil
    if let work = works[notice.study], notice.hasOtherTerms(than: work.notice) {
      works[notice.study] = nil
      work.task.cancel()
      await work.task.value
    }
    guard works[notice.study] == nil, let work = try await work(for: notice, client) else { return }
    log("study \(notice.study): \(work.ending == nil ? "taking part" : "repeating earlier answers only")")
    works[notice.study] = Work(
      notice: notice,
      task: Task {
        await self.carryOut(notice, client)
        if !Task.isCancelled { self.works[notice.study] = nil }
      })
  }

  /// Takes part until the study's arms have ended. Retries after every error, since staff may solve the
  /// problem meanwhile, such as a full disk.
  private func carryOut(_ notice: StudyNotice, _ client: CoordinatorClient) async {
    var pause = Duration.seconds(5)
    while !Task.isCancelled {
      do {
        // Ask each time: the staff may have withdrawn, or signed again with other data.
        guard let work = try await work(for: notice, client) else { return }
        if try await work.run() { return }
      } catch {
        guard !Task.isCancelled else { return }
        let error = ConsiliumError(wrapping: error)
        mention(
          "\(notice.study)/\(error.message)", "study \(notice.study): \(error.message); retrying")
        await tell(error, of: notice, client)
      }
      try? await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(300))
    }
  }

  /// Reports to the coordinator that this site cannot continue, so that the reason for the wait is known.
  private func tell(_ error: ConsiliumError, of notice: StudyNotice, _ client: CoordinatorClient) async {
    // Skip connection errors: the coordinator notices them itself, and a report would not reach it.
    guard notice.state == .rehearsing || notice.state == .running, !notice.arms.isEmpty,
      error.code != .unavailable, error.code != .cancelled,
      let place = try? folder.study(notice.study)
    else { return }
    var readiness = SiteReadiness(of: site, freeDiskOf: place, clockSkew: clockSkew)
    let gate = ReleaseGate(configuration.policy, for: nil)
    // A refusal is worded for the coordinator; any other message could name files of this site.
    let isRefusal = error.refusal != nil || error.cause is MandateFault
    let told = isRefusal ? gate.release(refusal: error) : gate.release(error)
    readiness.obstacles = [told.content.message]
    try? await client.report(gate.release(readiness), study: notice.study)
  }

  /// The site's work in a study; `nil` if the site has not signed the study with this agent's folder.
  private func work(for notice: StudyNotice, _ client: CoordinatorClient) async throws -> StudyWork? {
    guard let agreed = try folder.agreement(notice.study) else {
      mention(
        "unsigned \(notice.study)", "study \(notice.study) is running, but this site has not signed it here")
      return nil
    }
    let proposal: StudyProposal = try WireJSON.decode(notice.proposal, "the proposal")
    let authority = keeper.identity.authority
    let study = try proposal.verify(by: authority, at: now())
    guard proposal.digest == agreed.digest, try proposal.statement.digest() == agreed.proposal else {
      throw ConsiliumError(
        .invalidInput,
        "the coordinator's study, or its list of sites, differs from what this site signed; the site ignores it"
      )
    }
    let (course, attempts) = try await course(of: notice, proposal)
    try proposal.demandInitialModel(for: study)
    let permitted = try await OverlapPermits(folder).takeUp(
      notice.study, digest: agreed.digest, of: keeper.identity.party, by: authority, in: audit, at: now())
    let objections = configuration.policy.objections(
      to: study, lead: proposal.lead.name, otherStudies: folder.otherStudies(than: notice.study)
    ).filter { $0.effect == .refuses }
    guard objections.isEmpty else {
      throw ConsiliumError(
        .invalidInput, "this site's policy refuses it: " + objections.map(\.message).joined(separator: "; "))
    }
    return StudyWork(
      notice: notice, plan: try NetworkPlan(study, members: proposal.statement.invited), agreed: agreed,
      initialWeights: proposal.statement.initialModel,
      required: { [statement = proposal.statement] in statement.required(in: $0, of: study) },
      stillAgrees: { [folder, now] in
        guard try folder.agreement(notice.study) == agreed else {
          throw ConsiliumError(.invalidInput, "this site's agreement was withdrawn or changed")
        }
        guard course.until.map({ now() < $0 }) ?? false else {
          throw ConsiliumError(
            .invalidInput, "the lead's start has run out; a study lead must start the study again")
        }
      }, ending: course.ending, attempts: attempts, site: site, folder: try folder.study(notice.study),
      client: client,
      policy: configuration.policy,
      gate: ReleaseGate(configuration.policy, for: study, history: history.permitting(permitted)) { [log] in
        log("study \(notice.study): \($0)")
      },
      identity: { [keeper] in keeper.identity }, audit: audit,
      refusals: refusals, configuration: configuration, starts: starts, clockSkew: clockSkew, now: now,
      log: log)
  }

  /// Verifies what entitles the coordinator to ask for work, and takes it up in the site's own record.
  private func course(of notice: StudyNotice, _ proposal: StudyProposal) async throws
    -> (StudyCourse, [SignedAttempt])
  {
    let mandate = try mandate(of: notice, proposal)
    guard let start = mandate.start else { throw ConsiliumError(.invalidInput, "the study was not started") }
    for attempt in try await newAttempts(in: mandate, of: notice, proposal) {
      let statement = attempt.statement
      log(
        "study \(notice.study): the coordinator has lost rounds and begins attempt \(statement.number): "
          + statement.reason.onOneLine)
    }
    let course = try await courses.begin(notice.study, digest: proposal.digest, under: start)
    if let ending = course.ending, mentioned.insert("reopened \(notice.study)").inserted {
      try await courses.reopened(notice.study, digest: proposal.digest, after: ending)
      log(
        "study \(notice.study): the coordinator shows it as \(notice.state.rawValue), but it was \(ending) at this site; "
          + "nothing new is answered")
    }
    return (course, mandate.attempts)
  }

  private func newAttempts(in mandate: StudyMandate, of notice: StudyNotice, _ proposal: StudyProposal)
    async throws -> [SignedAttempt]
  {
    do {
      return try await courses.attempt(notice.study, digest: proposal.digest, mandate.attempts)
    } catch let error as ConsiliumError where error.code == .invalidInput {
      throw ConsiliumError(.invalidInput, error.message, cause: MandateFault())
    }
  }

  /// - Throws: ``ConsiliumError`` that may be told to the coordinator: it names what its mandate lacks.
  private func mandate(of notice: StudyNotice, _ proposal: StudyProposal) throws -> StudyMandate {
    do {
      let mandate: StudyMandate =
        notice.mandate.isEmpty ? StudyMandate() : try WireJSON.decode(notice.mandate, "the study's mandate")
      try mandate.verify(for: proposal, by: keeper.identity.authority, at: now())
      return mandate
    } catch {
      throw ConsiliumError(.invalidInput, ConsiliumError(wrapping: error).message, cause: MandateFault())
    }
  }

  /// Downloads the results of a study and then removes its transfer files, in the background.
  private func end(_ notice: StudyNotice, _ client: CoordinatorClient) async throws {
    guard let agreed = try? folder.agreement(notice.study) else {
      return try folder.removeTransfers(notice.study)
    }
    try await courses.end(notice.study, digest: agreed.digest, as: notice.state)
    guard fetches[notice.study] == nil, fetched[notice.study] != notice.models else { return }
    fetches[notice.study] = Task {
      var pause = Duration.seconds(30)
      while !Task.isCancelled {
        do {
          try await self.fetchModels(of: notice, client)
          try self.folder.removeTransfers(notice.study)
          self.fetched[notice.study] = notice.models
          break
        } catch {
          guard !Task.isCancelled else { break }
          let message = ConsiliumError(wrapping: error).message
          self.mention("\(notice.study)/\(message)", "study \(notice.study): \(message); retrying")
        }
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(3600))
      }
      self.fetches[notice.study] = nil
    }
  }

  /// Downloads the final models of a study, with the manifests that state who trained them.
  private func fetchModels(of notice: StudyNotice, _ client: CoordinatorClient) async throws {
    let home = try folder.study(notice.study).appending(path: "models")
    let store = try BlobStore(try folder.study(notice.study).appending(path: "transfer/models"))
    try DurableFolder.create(home)
    for model in notice.models {
      guard model.name.wholeMatch(of: /[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}/) != nil else { continue }
      let file = home.appending(path: model.name + ".safetensors")
      guard !isHome(model, file) else { continue }
      for (blob, url) in [(model.file, file), (model.manifest, ManifestFile.url(forModel: file))] {
        try await client.fetch(blob, of: notice.study, into: store)
        try AtomicFile.move(store.url(of: blob), to: url)
      }
      log("study \(notice.study): model '\(model.name)' is in \(file.path(percentEncoded: false))")
    }
  }

  /// Whether an earlier start of the agent has already downloaded this model. Checks the manifest, because it
  /// is downloaded last.
  private func isHome(_ model: FinishedModel, _ file: URL) -> Bool {
    let size = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.size] as? Int
    return size == model.file.size
      && (try? BlobDescriptor.name(of: ManifestFile.url(forModel: file))) == model.manifest.name
  }
}

/// Marks an error as a fault of what the coordinator showed, not of this site.
private struct MandateFault: Error {}

extension StudyNotice {
  /// Whether the study has another start or another attempt. A further decision of a site changes neither.
  fileprivate func hasOtherTerms(than other: StudyNotice) -> Bool {
    guard mandate != other.mandate else { return false }
    func terms(_ data: Data) -> StudyMandate? {
      var mandate: StudyMandate? = try? WireJSON.decode(data, "the study's mandate")
      mandate?.decisions = []
      return mandate
    }
    return terms(mandate) != terms(other.mandate)
  }
}
