import FederatedAlgorithms
import FederatedCore
import Testing

struct WorkflowRegistryTests {
  @Test(arguments: WorkflowRegistry.names) func everyNameMakesAWorkflow(_ name: String) throws {
    _ = try WorkflowRegistry.workflow(named: name)
  }

  @Test func settingsReachTheStrategy() throws {
    let prox = try WorkflowRegistry.workflow(named: "fedprox", settings: ["proximal-mu": 0.3])
    #expect((prox.strategy as? FedProx)?.mu == 0.3)
    let adam = try WorkflowRegistry.workflow(
      named: "fedadam", settings: ["server-learning-rate": 0.5, "beta1": 0.1, "beta2": 0.2, "tau": 0.3])
    let strategy = try #require(adam.strategy as? FedAdam)
    #expect([strategy.learningRate, strategy.beta1, strategy.beta2, strategy.tau] == [0.5, 0.1, 0.2, 0.3])
    let cyclic = try WorkflowRegistry.workflow(named: "cyclic")
    #expect(cyclic.topology is Ring)
  }

  @Test(
    arguments: [
      ("fedagv", [:], "there is no workflow 'fedagv'"), ("fedprox", ["mu": 1], "has no setting 'mu'"),
      ("fedprox", ["proximal-mu": -1], "expected a number of at least 0"),
      ("fedprox", ["proximal-mu": .nan], "expected a number of at least 0"),
      ("fedadam", ["beta1": 1], "from 0 to below 1"), ("fedadam", ["tau": 0], "expected a positive number"),
      ("fedavg", ["beta1": 0.5], "expected none"),
    ] as [(String, [String: Double], String)])
  func whatIsWrongIsSaid(name: String, settings: [String: Double], fault: String) throws {
    let error = try #require(throws: ConsiliumError.self) {
      try WorkflowRegistry.workflow(named: name, settings: settings)
    }
    #expect(error.code == .invalidInput)
    #expect(error.message.contains(fault), "\(error.message)")
  }
}
