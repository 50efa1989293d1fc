import FederatedCore

extension Study {
  /// The study's protection of the sites' contributions.
  public struct Privacy: Codable, Sendable, Equatable {
    /// The largest L2 norm of an update. The site scales longer updates down to this norm.
    public var clipNorm: Double

    public init(clipNorm: Double) { self.clipNorm = clipNorm }

    private enum CodingKeys: String, CodingKey {
      case clipNorm = "clip-norm"
    }
  }

  /// The mechanisms of the study, in the order in which a site applies them.
  ///
  /// If a setting is out of its range, nothing leaves the site. The reader of study files refuses such a
  /// study.
  public var updateMechanisms: [any UpdateMechanism] {
    guard let privacy else { return [] }
    do {
      return [try NormClip(bound: privacy.clipNorm)]
    } catch {
      return [NothingLeaves(reason: error)]
    }
  }
}

/// A mechanism that lets no update leave the site.
private struct NothingLeaves: UpdateMechanism {
  let reason: ConsiliumError

  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    throws(ConsiliumError) -> PrivacyCost
  { throw ConsiliumError(.invalidUpdate, reason.message) }
}

extension Study.Privacy {
  /// Reads the section; `nil` if it sets nothing.
  static func read(_ map: MappingReader) -> Study.Privacy? {
    map.number("clip-norm", .within(1e-6...1e6)).map(Study.Privacy.init(clipNorm:))
  }
}

extension StudyCheck {
  func checkPrivacy() {
    guard study.privacy != nil, study.federation.workflow.name == .scaffold else { return }
    log.contradiction(
      "SCAFFOLD's control variates at a site must match what it sent, so an update cannot be shortened",
      at: "privacy.clip-norm", with: "federation.workflow")
  }
}
