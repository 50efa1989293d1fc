import FederatedCore

/// Federated averaging: the weighted mean of the sites' changes (McMahan et al. 2017).
///
/// Trainable parameters and buffers, such as the running statistics of a batch normalisation, are averaged
/// alike.
public struct FedAvg: Strategy {
  public init() {}
}
