import FederatedCore

extension Study {
  /// How the sites train together.
  public struct Federation: Encodable, Sendable, Equatable {
    /// The treatment of a model's buffers (running means of batch normalisation), which no optimizer changes.
    public enum Buffers: String, Codable, Sendable, CaseIterable {
      /// The buffers of the sites' models are averaged like the trainable parameters.
      case average
    }

    public struct Sites: Codable, Sendable, Equatable {
      /// The sites that every round requires. If the list is empty and `minimum` is `nil`, every round
      /// requires all sites.
      public var required: [SiteID]
      /// The smallest number of sites in a round; `nil` if the required sites are enough.
      public var minimum: Int?

      public init(required: [SiteID] = [], minimum: Int? = nil) {
        self.required = required
        self.minimum = minimum
      }

      /// The smallest number of sites that a round may have; `nil` if every round requires all sites.
      public var fewest: Int? {
        required.isEmpty && minimum == nil ? nil : max(minimum ?? 0, required.count)
      }
    }

    public var workflow: Workflow
    public var rounds: Int
    /// The weight of each site's update in a mean.
    public var weighting: UpdateWeighting
    public var buffers: Buffers
    public var sites: Sites
    /// How often a coordinator may begin a round that it has lost, the first time included; `nil` for
    /// ``usualAttempts``.
    public var attempts: Int?
    /// How many sites train in each round; `nil` for all.
    public var sampling: Sampling?
    /// How the sites combine updates without a coordinator; `nil` if the study does not ask for a swarm.
    public var swarm: Swarm?
    /// Where the model is cut; `nil` if each site trains the whole model.
    public var split: SplitLearning?

    /// The number of attempts that a study allows unless it states another one: one loss can be repaired.
    public static let usualAttempts = 2

    public var allowedAttempts: Int { attempts ?? Self.usualAttempts }

    public init(
      workflow: Workflow, rounds: Int, weighting: UpdateWeighting = .samples, buffers: Buffers = .average,
      sites: Sites = Sites(), attempts: Int? = nil, sampling: Sampling? = nil, swarm: Swarm? = nil,
      split: SplitLearning? = nil
    ) {
      self.swarm = swarm
      self.split = split
      self.sampling = sampling
      self.attempts = attempts == Self.usualAttempts ? nil : attempts
      self.workflow = workflow
      self.rounds = rounds
      self.weighting = weighting
      self.buffers = buffers
      self.sites = sites
    }
  }
}
