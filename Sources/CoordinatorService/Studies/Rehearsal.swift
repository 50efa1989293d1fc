import FederatedCore
import FederatedRuntime
import StudyProtocol
import Synchronization

/// The measurements of the rehearsal at one site, and the prediction for a round.
public struct SiteForecast: Sendable, Codable, Equatable {
  public var site: SiteID
  /// The seconds from the assignment to the update, minus the training time: both transfers of the model, and
  /// the waiting times.
  public var transfer: Double
  /// The duration of one optimizer step, in seconds.
  public var step: Double
  /// The number of optimizer steps in a round.
  public var steps: Int
  /// The model's size in bytes, transferred once each way. `nil` in records of earlier versions.
  public var modelBytes: Int?

  /// The rate of both transfers in the rehearsal, in bytes per second. For a small model, the rate is low
  /// because most of the time is spent waiting.
  public var rate: Double? { modelBytes.map { 2 * Double($0) / max(transfer, 1e-3) } }

  /// The predicted seconds for the site's part in a round.
  public var round: Double { transfer + step * Double(steps) }
}

/// Measures the time that each site takes in the rehearsal.
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
  ///   - examples: the number of training examples of each site.
  ///   - modelBytes: the size of the model in bytes.
  func forecast(of study: Study, examples: [SiteID: Int], modelBytes: Int) -> [SiteForecast] {
    state.withLock { $0.measured }.map { site, time in
      SiteForecast(
        site: site, transfer: max(0, time.total - time.training), step: time.training,
        steps: study.mostTurns
          * study.training.amount.steps(examples: examples[site] ?? 0, batchSize: study.training.batchSize),
        modelBytes: modelBytes)
    }.sorted { $0.site < $1.site }
  }
}

extension Study {
  /// The largest number of times that a site does its amount of training in a round.
  fileprivate var mostTurns: Int { federation.workflow.settings["most-turns"].map { Int($0) } ?? 1 }
}
