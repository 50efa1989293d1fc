import FederatedCore
import FederatedRuntime
import Foundation

/// Something that happened in a simulation: before, during and after its rounds.
public enum SimulationEvent: Sendable, Equatable {
  /// A site's data were read and checked against the common data elements.
  case siteChecked(site: SiteID, SessionDescription)
  /// An event of an arm's rounds.
  case run(RunEvent)
  /// A final model was evaluated on a site's test data.
  case modelTested(model: String, site: SiteID, SiteEvaluation)
  case reportWritten(URL)
}

/// Receives a simulation's events as they happen. It is called from several tasks at once and must return
/// quickly.
public typealias SimulationEventHandler = @Sendable (SimulationEvent) -> Void

extension SimulationEvent: Encodable {
  private enum Key: String, CodingKey { case event, site, session, model, evaluation, path }

  /// Encodes the event as one flat object, in the same form as a ``RunEvent``.
  public func encode(to encoder: any Encoder) throws {
    if case .run(let event) = self { return try event.encode(to: encoder) }
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .run: break
    case .siteChecked(let site, let session):
      try container.encode("site-checked", forKey: .event)
      try container.encode(site, forKey: .site)
      try container.encode(session, forKey: .session)
    case .modelTested(let model, let site, let evaluation):
      try container.encode("model-tested", forKey: .event)
      try container.encode(model, forKey: .model)
      try container.encode(site, forKey: .site)
      try container.encode(evaluation, forKey: .evaluation)
    case .reportWritten(let url):
      try container.encode("report-written", forKey: .event)
      try container.encode(url.path, forKey: .path)
    }
  }
}
