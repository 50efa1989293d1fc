import AuditLog
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyAgreement
import StudyProtocol
import StudyRuns

extension CoordinatorService: CoordinationHandler {
  public func join(_ hello: SiteHello, from site: SiteID) async throws -> CoordinatorHello {
    let isNew = register.entries[site]?.process != hello.process
    if isNew {
      // Throws if another agent acts for the site.
      var probe = register
      try probe.join(hello, from: site, at: now())
      try await enter(
        AuditRecord(
          .siteConnected, by: Party(role: .site, name: site.rawValue), of: AuditSubject(site: site),
          details: ["version": hello.programVersion]))
      try database.save(
        KnownSite(programVersion: hello.programVersion, lastSeen: now(), certificate: hello.certificate),
        named: site)
    }
    try register.join(hello, from: site, at: now())
    if isNew {
      refusedSites.remove(site)
      changed()
    }
    return CoordinatorHello(programVersion: consiliumVersion, clock: now(), consortium: authority.consortium)
  }

  public func refused(_ site: SiteID, because reason: String) async {
    // The agent is restarted after each refusal, so log only the first.
    guard refusedSites.insert(site).inserted else { return }
    do {
      try await enter(
        AuditRecord(
          .connectionRefused, by: Party(role: .site, name: site.rawValue), of: AuditSubject(site: site),
          details: ["reason": reason]))
    } catch {
      // Log the next one instead.
      refusedSites.remove(site)
    }
  }

  public func studies(of site: SiteID, known: UInt64, process: String) async throws -> StudyNotices? {
    // A site that joined before this coordinator was restarted must join again. Answer it at once.
    let isStranger = register.entries[site] == nil
    try register.touch(process, site, at: now())
    guard let revision = isStranger ? self.revision : await revision(after: known) else { return nil }
    let notices = order.compactMap { id in entries[id].flatMap { notice($0, for: site) } }
    return StudyNotices(revision: revision, studies: notices, joinsAgain: isStranger)
  }

  /// A study as announced to a site; `nil` if the site was not invited.
  private func notice(_ entry: Entry, for site: SiteID) -> StudyNotice? {
    let statement = entry.stored.agreement.proposal.statement
    guard statement.invited.contains(site),
      let proposal = try? WireJSON.encode(entry.stored.agreement.proposal)
    else { return nil }
    let isMember = entry.plan?.members.contains(site) ?? false
    return StudyNotice(
      study: entry.stored.id, proposal: proposal,
      // A study that waits for its turn does not ask the sites for work yet.
      state: entry.stored.state,
      arms: isMember && entry.endpoint != nil ? entry.plan?.arms(of: site) ?? [] : [],
      sites: statement.invited, reason: entry.stored.reason, models: isMember ? entry.models : [],
      initialWeights: isMember && entry.endpoint != nil ? entry.initialWeights : nil,
      mandate: (try? WireJSON.encode(entry.stored.mandate)) ?? Data())
  }

  public func decide(_ decision: Data, study id: String, from site: SiteID) async throws {
    let signed: SiteDecision = try WireJSON.decode(decision, "the decision")
    guard signed.statement.site == site else {
      throw ConsiliumError(.invalidInput, "site '\(site)' cannot decide for site '\(signed.statement.site)'")
    }
    let entry = try entry(id)
    guard !entry.stored.agreement.decisions.contains(signed) else { return }
    guard !entry.stored.state.hasEnded else {
      throw ConsiliumError(.invalidInput, "study '\(id)' has ended; there is nothing left to decide")
    }
    var agreement = entry.stored.agreement
    agreement.add(signed)
    let review = try agreement.review(by: authority, at: now())
    if let fault = review.faults.first(where: { $0.site == site }) {
      throw ConsiliumError(.invalidInput, "the decision is invalid: \(fault.message)")
    }
    let hasSigned = signed.statement.verdict == .signed
    try await enter(
      AuditRecord(
        hasSigned ? .studySigned : .studyDeclined, by: Party(role: .site, name: site.rawValue),
        of: AuditSubject(study: id, digest: entry.stored.digest, site: site),
        details: signed.statement.reason.map { ["reason": $0] } ?? [:]))
    try await make(signed, of: id)
  }

  /// Stores a decision together with the state to which it takes the study, and then makes both effective.
  private func make(_ decision: SiteDecision, of id: String) async throws {
    // Read the entry again after the `await`: other sites may have decided since.
    let entry = try entry(id)
    guard !entry.stored.agreement.decisions.contains(decision) else { return }
    guard !entry.stored.state.hasEnded else {
      throw ConsiliumError(.invalidInput, "study '\(id)' has ended; there is nothing left to decide")
    }
    var agreement = entry.stored.agreement
    agreement.add(decision)
    let plan = try agreedPlan(agreement, entry.study)
    try commit(change(by: decision, entry, plan), of: id)
    entries[id]?.plan = plan
    let wasStarted = entry.stored.state.isActive || entry.stored.state == .paused
    if wasStarted, decision.statement.verdict != .signed {
      try await endRun(of: id, withdrawn: decision.statement.site)
    }
  }

  /// The change of a study by a site's decision.
  private func change(by decision: SiteDecision, _ entry: Entry, _ plan: NetworkPlan?) -> StudyChange {
    var change = StudyChange(decision: decision)
    let site = decision.statement.site
    switch (entry.stored.state, plan != nil) {
    case (.proposed, true): change.state = .ready
    case (.ready, false): change.state = .proposed
    case (.running, _), (.rehearsing, _), (.paused, _):
      let isRequired = entry.study.requiredSites(of: plan?.members ?? []).contains(site)
      guard decision.statement.verdict != .signed, isRequired || plan == nil else { break }
      change.state = .failed
      change.reason = "site '\(site)' is required and has withdrawn"
      change.ended = now()
    default: break
    }
    return change
  }

  /// Ends the run from which a site has withdrawn. The study continues without the site unless it failed.
  private func endRun(of id: String, withdrawn site: SiteID) async throws {
    await halt(id)
    guard let state = entries[id]?.stored.state else { return }
    if state == .failed { await salvage(id) }
    guard state.isActive else { return }
    do {
      if try hasFixedRound(with: site, of: id) { return try await replaceFixedRounds(without: site, of: id) }
      if !queue.contains(id) { queue.append(id) }
      schedule()
    } catch {
      // The withdrawal is stored, but the run is not: a person resumes it once the disk allows.
      entries[id]?.isUnsettled = true
      note(ConsiliumError(wrapping: error).message, of: id)
      throw error
    }
  }

  public func report(readiness: Data, study id: String, from site: SiteID) async throws {
    guard try entry(id).plan?.members.contains(site) ?? false else {
      throw ConsiliumError(.invalidInput, "site '\(site)' does not take part in study '\(id.prefix(80))'")
    }
    let report: SiteReadiness = try WireJSON.decode(readiness, "the readiness")
    guard report.site == site, report.isPlausible else {
      throw ConsiliumError(.invalidUpdate, "the readiness report of site '\(site)' has impossible numbers")
    }
    try database.save(report, of: id)
    await entries[id]?.board.add(report)
    changed()
    if !report.isReady { await takeUnready(report, of: id) }
  }

  /// Handles the report of a site that is no longer ready. The rehearsal stops waiting for the site. A study
  /// that is already in its rounds keeps waiting for it and shows the reason.
  private func takeUnready(_ report: SiteReadiness, of id: String) async {
    guard let entry = entries[id], entry.task != nil, let endpoint = entry.endpoint else { return }
    let why = report.obstacles.joined(separator: "; ")
    await endpoint.fail(report.site, in: NetworkPlan.rehearsal, with: ConsiliumError(.unavailable, why))
    guard entries[id]?.stored.state == .running, entries[id]?.task != nil else { return }
    note("site '\(report.site)' cannot continue: \(why); it retries automatically", of: id)
  }

  public func endpoint(of study: String, for site: SiteID, process: String?) async throws -> StudyEndpoint {
    try register.touch(process, site, at: now())
    let entry = try entry(study)
    guard entry.plan?.members.contains(site) ?? false else {
      throw ConsiliumError(.invalidInput, "site '\(site)' does not take part in study '\(study)'")
    }
    guard let endpoint = entry.endpoint else {
      // Throw a transient error: the study is paused or waits for its turn.
      throw StudyAtRest()
    }
    return endpoint
  }

  public func failedToStore(_ error: ConsiliumError, study: String) async {
    // Ignore the error after the study has ended: its folder may have been removed while a site was still
    // sending its last files.
    if entries[study]?.stored.state.hasEnded == false { note(error.message, of: study) }
  }

  public func report(
    _ progress: TrainingProgress, study: String, arm: String, round: Int, from site: SiteID
  ) async {
    guard let entry = entries[study], entry.task != nil, entry.plan?.arms(of: site).contains(arm) ?? false
    else { return }
    take(.siteProgress(arm: arm, round: round, site: site, progress), of: study)
  }
}
