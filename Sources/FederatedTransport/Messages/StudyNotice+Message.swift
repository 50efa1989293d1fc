import FederatedCore
import StudyAgreement

extension StudyNotice {
  init(_ message: Consilium_V1_StudyNotice) throws {
    self.init(
      study: message.study, proposal: message.proposal, state: try StudyState(message.state),
      arms: message.arms, sites: message.sites.map { SiteID($0) }, reason: message.reason,
      models: try message.models.map(FinishedModel.init),
      initialWeights: message.hasInitialWeights ? try BlobDescriptor(message.initialWeights) : nil,
      mandate: message.mandate)
  }

  var message: Consilium_V1_StudyNotice {
    .with {
      ($0.study, $0.proposal, $0.state, $0.arms) = (study, proposal, state.message, arms)
      ($0.sites, $0.reason) = (sites.map(\.rawValue), reason)
      $0.models = models.map(\.message)
      $0.mandate = mandate
      if let initialWeights { $0.initialWeights = initialWeights.message }
    }
  }
}

extension StudyState {
  private static let messages: [(Self, Consilium_V1_StudyState)] = [
    (.proposed, .proposed), (.ready, .ready), (.rehearsing, .rehearsing), (.running, .running),
    (.paused, .paused), (.finished, .finished), (.failed, .failed), (.aborted, .aborted),
  ]

  init(_ message: Consilium_V1_StudyState) throws(ConsiliumError) {
    guard let state = Self.messages.first(where: { $0.1 == message })?.0 else {
      throw messageFault("a study in the unknown state \(message.rawValue)")
    }
    self = state
  }

  var message: Consilium_V1_StudyState {
    Self.messages.first { $0.0 == self }?.1 ?? .unspecified
  }
}

extension FinishedModel {
  fileprivate init(_ message: Consilium_V1_FinishedModel) throws {
    self.init(
      name: message.name, digest: message.digest, file: try BlobDescriptor(message.blob),
      manifest: try BlobDescriptor(message.manifest))
  }

  fileprivate var message: Consilium_V1_FinishedModel {
    .with {
      ($0.name, $0.digest, $0.blob, $0.manifest) = (name, digest, file.message, manifest.message)
    }
  }
}
