import FederatedCore
import FederatedRuntime
import StudyProtocol
import Testing

@testable import StudyRuns

struct ArmPlanTests {
  private let sites = ["a", "b", "c"].map { SiteID($0) }

  private func study(_ federation: String) throws -> Study {
    try Study(
      yaml: """
        study: {name: clinic, task: classification}
        elements:
          - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
          - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
        model: {architecture: linear}
        training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 10, local-epochs: 1}
        federation: {rounds: 5, \(federation)}
        evaluation: {metrics: [auc], split: {test: 0.2}}
        """)
  }

  private func plan(_ arm: String, _ federation: String) throws -> ArmPlan {
    try #require(try ArmPlan.plans(for: [arm], study: study(federation), sites: sites).first)
  }

  @Test func aSwarmIsTheStarWithoutACoordinator() throws {
    for (federation, workflow) in [
      ("workflow: fedavg", Study.Workflow.Name.fedavg), ("workflow: fedadam", .fedavg),
      ("workflow: cyclic", .fedavg),
      ("workflow: fedadam, swarm: {}", .fedadam), ("workflow: scaffold, swarm: {mergers: [c]}", .scaffold),
    ] {
      let plan = try plan("swarm", federation)
      #expect(plan.way == .swarm)
      #expect(plan.members == .federated)
      #expect(plan.workflow.name == workflow, "\(federation)")
    }
    #expect(try plan("fedadam", "workflow: fedadam, swarm: {}").way == .coordinator)
  }

  @Test func aMergerThatIsNoSiteIsRefused() throws {
    let error = #expect(throws: ConsiliumError.self) {
      try plan("swarm", "workflow: fedavg, swarm: {mergers: [a, x]}")
    }
    #expect(error?.code == .invalidInput)
    #expect(
      error?.message.contains("names 'x', which is not a site of this run; the sites are a, b, c") == true)
  }

  @Test func aSwarmHasTheMergersThatTakePart() throws {
    let study = try study("workflow: fedavg, swarm: {mergers: [c, a], witnesses: 0, lease: 40}")
    let swarm = try SwarmSettings(study, sites: [sites[0], sites[1]])
    #expect(swarm.mergers == [sites[0]])
    #expect(swarm.witnesses == 0)
    #expect(swarm.lease == .seconds(40))
    #expect(try swarm.study == study.digest())
    #expect(try SwarmSettings(self.study("workflow: fedavg"), sites: sites).mergers == sites)
    let error = #expect(throws: ConsiliumError.self) { try SwarmSettings(study, sites: [sites[1]]) }
    #expect(error?.code == .partial)
  }

  @Test func aCoordinatorRefusesAStudyThatAsksForASwarm() throws {
    let error = #expect(throws: ConsiliumError.self) {
      try NetworkPlan(study("workflow: fedavg, swarm: {}"), members: sites)
    }
    #expect(error?.code == .invalidInput)
    #expect(error?.message.contains("a swarm runs only in 'consilium simulate' so far") == true)
  }
}
