import FederatedCore
import FederatedRuntime
import Testing

struct RoundStateMachineTests {
  private let a = SiteID("a")
  private let b = SiteID("b")
  private let c = SiteID("c")

  private func machine(
    stages: [[SiteID]]? = nil, required: Set<SiteID> = [], minimum: Int = 1, concurrency: Int = .max
  ) -> RoundStateMachine {
    RoundStateMachine(
      plan: ExchangePlan(stages: (stages ?? [[a, b, c]]).map { .init(members: $0) }),
      required: required, minimum: minimum, concurrency: concurrency)
  }

  @Test func updatesAreFoldedInOrderOfThePlan() {
    var machine = machine()
    #expect(machine.start() == [.assign(a), .assign(b), .assign(c)])
    #expect(machine.updateReceived(from: c) == [])
    #expect(machine.updateReceived(from: a) == [.fold(a)])
    #expect(machine.updateReceived(from: b) == [.fold(b), .fold(c), .finishStage(updates: 3), .finishRound])
  }

  @Test func busySitesStayWithinTheLimit() {
    var machine = machine(concurrency: 2)
    #expect(machine.start() == [.assign(a), .assign(b)])
    #expect(machine.updateReceived(from: b) == [])
    #expect(machine.updateReceived(from: a) == [.fold(a), .fold(b), .assign(c)])
    #expect(machine.updateReceived(from: c) == [.fold(c), .finishStage(updates: 3), .finishRound])
  }

  @Test func stagesFollowOneAnother() {
    var machine = machine(stages: [[b], [a]])
    #expect(machine.start() == [.assign(b)])
    #expect(machine.updateReceived(from: b) == [.fold(b), .finishStage(updates: 1), .assign(a)])
    #expect(machine.currentStage == 1)
    #expect(machine.siteFailed(a, reason: "x") == [.finishStage(updates: 0), .finishRound])
  }

  @Test func repeatedAndUnexpectedAnswersAreIgnored() {
    var machine = machine()
    _ = machine.start()
    #expect(machine.updateReceived(from: a) == [.fold(a)])
    #expect(machine.updateReceived(from: a) == [])
    #expect(machine.siteFailed(a, reason: "x") == [])
    #expect(machine.updateReceived(from: SiteID("stranger")) == [])
  }

  @Test func anOptionalSiteMayFail() {
    var machine = machine(required: [a], minimum: 2)
    _ = machine.start()
    #expect(machine.siteFailed(b, reason: "no data") == [])
    #expect(machine.updateReceived(from: a) == [.fold(a)])
    #expect(machine.updateReceived(from: c) == [.fold(c), .finishStage(updates: 2), .finishRound])
    #expect(machine.dropped == [DroppedSite(site: b, reason: "no data")])
  }

  @Test func failureOfARequiredSiteFailsTheRound() {
    var machine = machine(required: [b])
    _ = machine.start()
    #expect(
      machine.siteFailed(b, reason: "no data")
        == [.fail(reason: "site 'b' is required but sent no update: no data")])
    #expect(machine.updateReceived(from: a) == [])
    #expect(machine.deadlineReached(reason: "late") == [])
  }

  @Test func tooFewUpdatesFailTheRound() {
    var machine = machine(minimum: 2)
    _ = machine.start()
    _ = machine.siteFailed(a, reason: "x")
    _ = machine.siteFailed(b, reason: "y")
    let reason = "1 of at least 2 sites sent an update; site 'a': x; site 'b': y"
    #expect(
      machine.updateReceived(from: c)
        == [.fold(c), .finishStage(updates: 1), .fail(reason: reason)])
  }

  @Test func deadlineDropsLateOptionalSitesOfItsStage() {
    var machine = machine(stages: [[a, b], [c]], concurrency: 1)
    _ = machine.start()
    #expect(machine.updateReceived(from: a) == [.fold(a), .assign(b)])
    #expect(machine.deadlineReached(reason: "late") == [.finishStage(updates: 1), .assign(c)])
    #expect(machine.dropped.map(\.site) == [b])
    #expect(machine.updateReceived(from: b) == [])
    #expect(machine.updateReceived(from: c) == [.fold(c), .finishStage(updates: 1), .finishRound])
    #expect(machine.deadlineReached(reason: "late") == [])
  }

  @Test func laterSitesKeepTheirTurnAfterALateRequiredSite() {
    var machine = machine(stages: [[a], [b], [c]], required: [b])
    _ = machine.start()
    #expect(machine.deadlineReached(reason: "late") == [.finishStage(updates: 0), .assign(b)])
    #expect(machine.deadlineReached(reason: "late") == [])
    #expect(machine.updateReceived(from: b) == [.fold(b), .finishStage(updates: 1), .assign(c)])
    #expect(machine.updateReceived(from: c) == [.fold(c), .finishStage(updates: 1), .finishRound])
    #expect(machine.dropped.map(\.site) == [a])
  }

  /// Whatever the order of arrival and the limit on busy sites, all updates are added once and in order.
  @Test(arguments: 1...4, 0..<20 as Range<UInt64>) func everyOrderOfArrivalHasTheSameFolds(
    concurrency: Int, seed: UInt64
  ) {
    let sites = (0..<6).map { SiteID("\($0)") }
    var machine = machine(stages: [sites], concurrency: concurrency)
    var generator = RandomStream(seed: seed)
    var (busy, folds): ([SiteID], [SiteID]) = ([], [])
    var actions = machine.start()
    while true {
      for case .assign(let site) in actions { busy.append(site) }
      for case .fold(let site) in actions { folds.append(site) }
      guard actions.last != .finishRound, !busy.isEmpty else { break }
      busy.shuffle(using: &generator)
      actions = machine.updateReceived(from: busy.removeLast())
    }
    #expect(folds == sites)
    #expect(actions.last == .finishRound)
  }
}
