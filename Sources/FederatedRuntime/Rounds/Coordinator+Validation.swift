import FederatedCore

extension Coordinator {
  /// Has `sites` evaluate the global model on their validation parts; gives the results in the order of the sites.
  ///
  /// Sites that the round went on without are not asked, since they may still be busy. A required site must answer, and is waited
  /// for; another may be missing.
  func validate(_ model: ModelParameters, round: Int, at sites: [SiteID], _ mail: inout MailIterator)
    async throws -> [SiteValidation]
  {
    let id = Assignment.ID(round: round, stage: nil)
    for site in sites {
      await desk.assign(Assignment(id: id, model: model, work: .evaluate(.validation)), to: site)
    }
    let deadline = settings.deadline.map { desk.ring(id, after: $0) }
    defer { deadline?.cancel() }
    var waiting = Set(sites)
    var results: [SiteValidation] = []
    while !waiting.isEmpty {
      guard let item = await mail.next() else { throw CancellationError() }
      if case .deadline(id) = item {
        for site in waiting.subtracting(settings.required).sorted() {
          await desk.withdraw(from: site)
          waiting.remove(site)
          events(
            .siteDropped(
              arm: settings.arm, round: round, site: site, reason: "validation: it gave no result in time"))
        }
        continue
      }
      guard case .answer(let received) = item, received.id == id,
        waiting.remove(received.site) != nil
      else { continue }
      switch received.answer {
      case .evaluation(let evaluation):
        results.append(SiteValidation(site: received.site, evaluation: evaluation))
        events(.siteValidated(arm: settings.arm, round: round, site: received.site, evaluation))
      case .failure(let error):
        try check(error, site: received.site, round: round)
      case .update:
        let error = ConsiliumError(.invalidUpdate, "it sent an update in place of an evaluation")
        try check(error, site: received.site, round: round)
      }
    }
    return results.sorted { $0.site < $1.site }
  }

  private func check(_ error: ConsiliumError, site: SiteID, round: Int) throws {
    try error.throwUnlessOfSite()
    guard !settings.required.contains(site) else {
      throw ConsiliumError(
        .partial,
        "site '\(site)' is required but could not validate the model of round \(round) of arm "
          + "'\(settings.arm)': \(error.message)", cause: error)
    }
    events(.siteDropped(arm: settings.arm, round: round, site: site, reason: "validation: \(error.message)"))
  }
}
