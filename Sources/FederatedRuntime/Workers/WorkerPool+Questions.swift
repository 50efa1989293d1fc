import FederatedCore
import WorkerProtocol

extension WorkerPool {
  /// A site's own answer to a statistics question, with the bins of every patient. From it, the site's gate
  /// computes the statistics that leave the site.
  ///
  /// - Parameters:
  ///   - session: A session of one site, opened with a salt.
  ///   - minimum: The minimum number of patients from which the site's policy permits a statistic to be
  ///     computed.
  /// - Throws: ``ConsiliumError`` as ``perform(_:in:progress:)``; `.invalidInput` if the question does not
  ///   fit the study or the range that the site reported.
  public func statistics(_ question: StatisticsQuestion, of session: OpenSession, minimum: Int) async throws
    -> SiteStatistics
  {
    let request = SummariseData(session: session.session, question: question, minimum: minimum)
    guard case .summarised(let answer) = try await perform(.summarise(request), in: session) else {
      throw ConsiliumError(.engine, "the engine sent the wrong kind of answer to a question for statistics")
    }
    return answer
  }
}

extension WorkerPool {
  /// The sizes of a session's model, the time of a training step, and what crosses each cut.
  ///
  /// - Throws: ``ConsiliumError`` as ``perform(_:in:progress:)``.
  public func measure(_ session: OpenSession) async throws -> ModelSizes {
    let request = MeasureModel(session: session.session)
    guard case .measured(let sizes) = try await perform(.measure(request), in: session) else {
      throw ConsiliumError(.engine, "the engine sent the wrong kind of answer to a question for its sizes")
    }
    return sizes
  }
}

extension WorkerTrainer {
  public func statistics(_ question: StatisticsQuestion) async throws -> SiteStatistics {
    try await pool.statistics(question, of: session, minimum: minimumPatients)
  }
}
