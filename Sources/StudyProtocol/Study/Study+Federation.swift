import FederatedCore

extension Study {
  /// How the sites train together.
  public struct Federation: Encodable, Sendable, Equatable {
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
        self.required = required
        self.minimum = minimum
      }

      /// The fewest sites that a round may have; `nil` if all must take part, however many they are.
      public var fewest: Int? {
        required.isEmpty && minimum == nil ? nil : max(minimum ?? 0, required.count)
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
      self.workflow = workflow
      self.rounds = rounds
      self.weighting = weighting
      self.buffers = buffers
      self.sites = sites
    }
  }
}
