import FederatedCore
import FederatedRuntime
import WorkerProtocol

/// The state of a run's progress: the working arms and sites, according to all events so far.
struct ProgressState: Sendable {
  /// A site's work for one arm, shown as one line on the terminal.
  struct Lane: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
      case waiting
      /// The work was assigned, but no step has been reported yet.
      case starting
      case training(TrainingProgress, since: Duration, from: Int)
      case trained(TrainingSummary)
      case dropped(reason: String)
    }

    var site: SiteID
    var phase = Phase.waiting
    /// The time at which the phase began or its last step was reported.
    var changed = Duration.zero
  }

  /// A running arm.
  struct Arm: Sendable, Equatable {
    var name: String
    var round = 0
    var rounds: Int
    var committed: Int
    /// The duration of each round committed since this program began, used to estimate the time left.
    var secondsPerRound: [Double] = []
    var lanes: [Lane]

    /// An estimate of the seconds that the arm still needs, from the rounds so far; `nil` before the first
    /// round has ended.
    var secondsLeft: Double? {
      guard !secondsPerRound.isEmpty else { return nil }
      return secondsPerRound.reduce(0, +) / Double(secondsPerRound.count) * Double(rounds - committed)
    }
  }

  /// The arms in the order in which they began.
  private(set) var arms: [Arm] = []

  /// Applies an event that happened at `time` since the start of the run.
  mutating func apply(_ event: RunEvent, at time: Duration) {
    switch event {
    case .armStarted(let name, let sites, let rounds, let resumedAfter):
      arms.removeAll { $0.name == name }
      arms.append(
        Arm(
          name: name, round: resumedAfter, rounds: rounds, committed: resumedAfter,
          lanes: sites.map { Lane(site: $0) }))
    case .roundStarted(let name, let round, let rounds):
      change(name) { arm in
        (arm.round, arm.rounds) = (round, rounds)
        for i in arm.lanes.indices { arm.lanes[i].phase = .waiting }
      }
    case .siteStarted(let name, _, let site): change(name, site, at: time) { _ in .starting }
    case .siteProgress(let name, _, let site, let progress):
      change(name, site, at: time) { lane in
        if case .training(let last, let since, let from) = lane.phase, progress.step >= last.step {
          return .training(progress, since: since, from: from)
        }
        return .training(progress, since: time, from: progress.step)
      }
    case .siteFinished(let name, _, let site, let summary):
      change(name, site, at: time) { _ in .trained(summary) }
    case .siteDropped(let name, _, let site, let reason):
      change(name, site, at: time) { _ in .dropped(reason: reason) }
    case .roundCommitted(let record):
      change(record.arm) { arm in
        arm.committed = record.round
        arm.secondsPerRound.append(record.seconds)
      }
    case .armFinished(let name, _, _, _, _): arms.removeAll { $0.name == name }
    case .siteValidated, .workerStarted, .workerReplaced: break
    }
  }

  private mutating func change(_ name: String, _ body: (inout Arm) -> Void) {
    guard let i = arms.firstIndex(where: { $0.name == name }) else { return }
    body(&arms[i])
  }

  private mutating func change(
    _ name: String, _ site: SiteID, at time: Duration, _ phase: (Lane) -> Lane.Phase
  ) {
    change(name) { arm in
      guard let i = arm.lanes.firstIndex(where: { $0.site == site }) else { return }
      arm.lanes[i].phase = phase(arm.lanes[i])
      arm.lanes[i].changed = time
    }
  }
}

extension ProgressState.Lane {
  /// Whether the site is working.
  var isActive: Bool {
    switch phase {
    case .starting, .training: true
    case .waiting, .trained, .dropped: false
    }
  }

  /// An estimate of the time left in the round from the steps so far; `nil` before the second report.
  func secondsLeft(at now: Duration) -> Double? {
    guard case .training(let progress, let since, let from) = phase, progress.step > from else { return nil }
    let perStep = (changed - since).inSeconds / Double(progress.step - from)
    return max(0, perStep * Double(progress.stepCount - progress.step) - (now - changed).inSeconds)
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
