import FederatedCore

/// A federated algorithm ready to run: a strategy with its topology.
public struct Workflow: Sendable {
  public var strategy: any Strategy
  public var topology: any Topology

  public init(_ strategy: any Strategy, over topology: any Topology = Star()) {
    self.strategy = strategy
    self.topology = topology
  }
}
