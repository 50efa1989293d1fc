import FederatedCore

extension Study {
  /// How the sites train together.
  public struct Federation: Codable, Sendable, Equatable {
    /// What becomes of a model's buffers (running means of batch normalisation), which no optimizer moves.
    public enum Buffers: String, Codable, Sendable, CaseIterable {
      /// Averaged as the trainable parameters are.
      case average
    }

    public struct Sites: Codable, Sendable, Equatable {
      /// The sites without which a round fails; all sites of the site file where empty.
      public var required: [SiteID]
      /// The fewest sites that make a round; nil for all of the required ones.
      public var minimum: Int?

      public init(required: [SiteID] = [], minimum: Int? = nil) {
        (self.required, self.minimum) = (required, minimum)
      }
    }

    public var workflow: Workflow
    public var rounds: Int
    /// How much each site's update counts in a mean.
    public var weighting: UpdateWeighting
    public var buffers: Buffers
    public var sites: Sites

    public init(
      workflow: Workflow, rounds: Int, weighting: UpdateWeighting = .samples, buffers: Buffers = .average,
      sites: Sites = Sites()
    ) {
      (self.workflow, self.rounds, self.weighting) = (workflow, rounds, weighting)
      (self.buffers, self.sites) = (buffers, sites)
    }
  }

  /// The federated algorithm and its settings.
  public struct Workflow: Codable, Sendable, Equatable {
    public enum Name: String, Codable, Sendable, CaseIterable {
      /// McMahan et al. 2017.
      case fedavg
      /// Li et al. 2020.
      case fedprox
      /// Reddi et al. 2021.
      case fedadam
      /// Karimireddy et al. 2020.
      case scaffold
      /// Coordinate-wise median, Yin et al. 2018.
      case median
      /// Cyclical weight transfer, Chang et al. 2018; a round is one cycle through all sites.
      case cyclic
    }

    public var name: Name
    /// FedProx: µ, the strength of the pull towards the global model.
    public var proximalMu: Double?
    /// FedAdam and SCAFFOLD: the server's step.
    public var serverLearningRate: Double?
    /// FedAdam: the decay of the first moment.
    public var beta1: Double?
    /// FedAdam: the decay of the second moment.
    public var beta2: Double?
    /// FedAdam: τ, the degree of adaptivity.
    public var tau: Double?

    public init(
      name: Name, proximalMu: Double? = nil, serverLearningRate: Double? = nil, beta1: Double? = nil,
      beta2: Double? = nil, tau: Double? = nil
    ) {
      (self.name, self.proximalMu, self.serverLearningRate) = (name, proximalMu, serverLearningRate)
      (self.beta1, self.beta2, self.tau) = (beta1, beta2, tau)
    }

    private enum CodingKeys: String, CodingKey {
      case name, beta1, beta2, tau
      case proximalMu = "proximal-mu"
      case serverLearningRate = "server-learning-rate"
    }
  }
}
