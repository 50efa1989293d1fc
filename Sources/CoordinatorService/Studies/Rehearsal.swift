import FederatedCore
import FederatedRuntime
import StudyProtocol
import Synchronization

/// What the rehearsal took at one site, and what a round will.
public struct SiteForecast: Sendable, Codable, Equatable {
  public var site: SiteID
  /// Seconds from the assignment to the update, beside training: the model there, the update back, and the waiting.
  public var transfer: Double
  /// Seconds for one optimizer step.
  public var step: Double
  /// The optimizer steps of a round.
  public var steps: Int
  /// Bytes of the model, which went there, and whose change came back; nil with what an earlier program kept.
  public var modelBytes: Int?

  /// Bytes a second there and back, as the rehearsal had it; with a small model the waiting is most of it.
  public var rate: Double? { modelBytes.map { 2 * Double($0) / max(transfer, 1e-3) } }

  /// Seconds for the site's part in a round.
  public var round: Double { transfer + step * Double(steps) }
}

/// Times the sites in the rehearsal.
final class RehearsalClock: Sendable {
  private struct State {
    var started: [SiteID: ContinuousClock.Instant] = [:]
    var measured: [SiteID: (total: Double, training: Double)] = [:]
  }

  private let state = Mutex(State())

  func take(_ event: RunEvent) {
    let now = ContinuousClock.now
    switch event {
    case .siteStarted(_, _, let site): state.withLock { $0.started[site] = now }
    case .siteFinished(_, _, let site, let summary):
      state.withLock { state in
        guard let start = state.started[site] else { return }
        state.measured[site] = ((now - start) / .seconds(1), summary.seconds)
      }
    default: break
    }
  }

  /// - Parameters:
  ///   - examples: how many training examples each site has.
  ///   - modelBytes: the size of the model.
  func forecast(of study: Study, examples: [SiteID: Int], modelBytes: Int) -> [SiteForecast] {
    state.withLock { $0.measured }.map { site, time in
      SiteForecast(
        site: site, transfer: max(0, time.total - time.training), step: time.training,
        steps: study.training.steps(examples: examples[site] ?? 0), modelBytes: modelBytes)
    }.sorted { $0.site < $1.site }
  }
}

extension Study.Training {
  /// The optimizer steps of a round at a site with so many examples.
  fileprivate func steps(examples: Int) -> Int {
    switch amount {
    case .steps(let steps): steps
    case .epochs(let epochs): epochs * ((examples + batchSize - 1) / max(1, batchSize))
    }
  }
}
