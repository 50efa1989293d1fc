import FederatedCore

/// Decides what happens in a round as updates arrive and sites fail. ``TrainingCoordinator`` carries out
/// these decisions.
///
/// Updates are added to the aggregate in the order of the plan, whatever the order in which they arrive. The
/// number of sites that hold an assignment, or whose update is not yet added, is limited.
public struct RoundStateMachine: Sendable {
  public enum Action: Sendable, Equatable {
    /// Give this site its assignment, with the current model.
    case assign(SiteID)
    /// Add this site's update to the aggregate.
    case fold(SiteID)
    /// Apply the aggregate of this many updates; 0 if all sites of the stage were dropped.
    case finishStage(updates: Int)
    case finishRound
    /// End the round, which cannot be completed as the study requires. No action follows.
    case fail(reason: String)
  }

  private enum Member { case queued, assigned, received, dropped }

  private let plan: ExchangePlan
  private let required: Set<SiteID>
  private let minimum: Int
  private let concurrency: Int
  private var stage = 0
  /// The members of the current stage, in the order of the stage. Members before index `folded` are done:
  /// their update was added, or they were dropped.
  private var members: [Member] = []
  private var folded = 0
  private var updatesInStage = 0
  private var updates = 0
  private var hasEnded = false
  /// The sites whose update is not part of the round, with the reasons.
  public private(set) var dropped: [DroppedSite] = []

  /// - Parameters:
  ///   - required: The sites without which a round fails at once.
  ///   - minimum: The minimum number of updates; with fewer, the round fails at its end.
  public init(plan: ExchangePlan, required: Set<SiteID>, minimum: Int, concurrency: Int = .max) {
    self.plan = plan
    self.required = required
    self.minimum = minimum
    self.concurrency = max(1, concurrency)
  }

  /// The index of the current stage.
  public var currentStage: Int { stage }

  public mutating func start() -> [Action] {
    beginStage()
    return advance()
  }

  /// Records an update. Returns no actions if the update is unexpected.
  public mutating func updateReceived(from site: SiteID) -> [Action] {
    guard let index = waiting(for: site) else { return [] }
    members[index] = .received
    return advance()
  }

  public mutating func siteFailed(_ site: SiteID, reason: String) -> [Action] {
    guard let index = waiting(for: site) else { return [] }
    members[index] = .dropped
    dropped.append(DroppedSite(site: site, reason: reason))
    guard required.contains(site) else { return advance() }
    hasEnded = true
    return [.fail(reason: "site '\(site)' is required but sent no update: \(reason)")]
  }

  /// Drops the optional sites of the current stage that have not answered, including sites that were not
  /// asked yet. The round still waits for required sites.
  public mutating func deadlineReached(reason: String) -> [Action] {
    guard !hasEnded else { return [] }
    for index in members.indices where members[index] == .queued || members[index] == .assigned {
      let site = plan.stages[stage].members[index]
      guard !required.contains(site) else { continue }
      members[index] = .dropped
      dropped.append(DroppedSite(site: site, reason: reason))
    }
    return advance()
  }

  private func waiting(for site: SiteID) -> Int? {
    guard !hasEnded, let index = plan.stages[stage].members.firstIndex(of: site) else { return nil }
    return members[index] == .assigned ? index : nil
  }

  private mutating func beginStage() {
    guard stage < plan.stages.count else { return }
    members = plan.stages[stage].members.map { _ in .queued }
    (folded, updatesInStage) = (0, 0)
  }

  private mutating func advance() -> [Action] {
    var actions: [Action] = []
    while stage < plan.stages.count {
      foldReceived(&actions)
      guard folded == members.count else {
        assignQueued(&actions)
        return actions
      }
      actions.append(.finishStage(updates: updatesInStage))
      updates += updatesInStage
      stage += 1
      beginStage()
    }
    hasEnded = true
    actions.append(updates >= minimum ? .finishRound : .fail(reason: shortage))
    return actions
  }

  private var shortage: String {
    let missing = dropped.map { "; site '\($0.site)': \($0.reason)" }.joined()
    return "\(updates) of at least \(minimum) sites sent an update\(missing)"
  }

  private mutating func foldReceived(_ actions: inout [Action]) {
    while folded < members.count, members[folded] == .received || members[folded] == .dropped {
      if members[folded] == .received {
        actions.append(.fold(plan.stages[stage].members[folded]))
        updatesInStage += 1
      }
      folded += 1
    }
  }

  private mutating func assignQueued(_ actions: inout [Action]) {
    var busy = members[folded...].count { $0 == .assigned || $0 == .received }
    for index in members.indices where members[index] == .queued && busy < concurrency {
      members[index] = .assigned
      actions.append(.assign(plan.stages[stage].members[index]))
      busy += 1
    }
  }
}
