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
    try register.join(hello, from: site, at: now())
    if isNew {
      refusedSites.remove(site)
      try database.save(
        KnownSite(programVersion: hello.programVersion, lastSeen: now(), certificate: hello.certificate),
        named: site)
      try await audit.append(
        AuditRecord(
          .siteConnected, by: Party(role: .site, name: site.rawValue), of: AuditSubject(site: site),
          details: ["version": hello.programVersion]), at: now())
      changed()
    }
    return CoordinatorHello(programVersion: consiliumVersion, clock: now(), consortium: authority.consortium)
  }

  public func refused(_ site: SiteID, because reason: String) async {
    // The agent is restarted after each refusal, so log only the first.
    guard refusedSites.insert(site).inserted else { return }
    _ = try? await audit.append(
      AuditRecord(
        .connectionRefused, by: Party(role: .site, name: site.rawValue), of: AuditSubject(site: site),
        details: ["reason": reason]), at: now())
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
    try database.insert(signed, of: id)
    let hasSigned = signed.statement.verdict == .signed
    try await audit.append(
      AuditRecord(
        hasSigned ? .studySigned : .studyDeclined, by: Party(role: .site, name: site.rawValue),
        of: AuditSubject(study: id, digest: entry.stored.digest, site: site),
        details: signed.statement.reason.map { ["reason": $0] } ?? [:]), at: now())
    // Update the current entry, not the copy made before the `await`: other sites may have decided since.
    entries[id]?.stored.agreement.add(signed)
    let plan = try agreedPlan(try self.entry(id).stored.agreement, entry.study)
    entries[id]?.plan = plan
    switch (entries[id]?.stored.state, plan != nil) {
    case (.proposed, true): try set(.ready, of: id)
    case (.ready, false): try set(.proposed, of: id)
    case (.running, _) where !hasSigned, (.rehearsing, _) where !hasSigned, (.paused, _) where !hasSigned:
      try await withdraw(site, from: id)
    default: changed()
    }
  }

  /// Withdraws a site from a running study. The study continues without it, or fails if the site is required.
  private func withdraw(_ site: SiteID, from id: String) async throws {
    let entry = try entry(id)
    let isRequired = entry.study.requiredSites(of: entry.plan?.members ?? []).contains(site)
    entry.task?.cancel()
    await entry.task?.value
    // The study may have ended or been paused in the meantime.
    let state = try self.entry(id).stored.state
    guard !state.hasEnded else { return }
    if isRequired || entry.plan == nil {
      queue.removeAll { $0 == id }
      let reason = "site '\(site)' is required and has withdrawn"
      try set(.failed, reason: reason, of: id)
      await salvage(id, "failed: \(reason)")
    } else if state != .paused, try hasFixedRound(with: site, of: id) {
      try await replaceFixedRounds(without: site, of: id)
    } else if state != .paused {
      if !queue.contains(id) { queue.append(id) }
      schedule()
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
