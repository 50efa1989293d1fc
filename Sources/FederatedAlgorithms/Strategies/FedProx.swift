import FederatedCore

/// FedProx: local training that is pulled towards the global model (Li et al. 2020), which limits client
/// drift.
///
/// Adds µ/2 · ‖w − w_global‖² over the trainable parameters to each site's loss. With µ = 0 it is ``FedAvg``.
public struct FedProx: Strategy {
  /// The strength µ of the pull towards the global model.
  public let mu: Double

  /// - Precondition: `mu` is finite and not negative.
  public init(mu: Double) {
    precondition(mu.isFinite && mu >= 0, "µ is \(mu)")
    self.mu = mu
  }

  public func configure(_ instruction: inout TrainingInstruction) { instruction.proximalStrength = mu }
}
