import FederatedCore

/// The division of a model during `train`: the worker trains the site's half, and exchanges frames with the host
/// of the middle.
///
/// For each frame, the worker sends the reply `exchange` and waits for the request `resume`.
public struct SplitTraining: Sendable, Codable, Equatable {
  /// The name of the model's cut.
  public var cut: String
  /// The path of the ``FrameFile`` with the tensors of the worker's frames.
  public var outgoing: String
  /// The path of the ``FrameFile`` with the tensors of the host's replies.
  public var incoming: String
  /// Whether the worker computes the middle itself as well, up to a secret step, and compares.
  public var checksHost: Bool

  public init(cut: String, outgoing: String, incoming: String, checksHost: Bool = false) {
    self.cut = cut
    self.outgoing = outgoing
    self.incoming = incoming
    self.checksHost = checksHost
  }
}

/// Continues training that waits for the host's reply. Has the id of the request to train.
public struct ResumeTraining: Sendable, Codable, Equatable {
  /// The host's reply; `nil` if there is none, so that training must fail.
  public var frame: FrameHeader?

  public init(frame: FrameHeader?) { self.frame = frame }
}

/// Prepares a turn at the host of the middle of a model. `close` ends the turn early.
public struct OpenMiddle: Sendable, Codable, Equatable {
  /// The name by which later requests refer to this turn; different from those of all sessions.
  public var session: String
  /// The study in canonical JSON.
  public var study: String
  /// The name of the model's cut.
  public var cut: String
  /// The path of the whole global model, as safetensors.
  public var global: String
  public var learningRate: Double
  public var proximalStrength: Double
  /// The path of the ``FrameFile`` with the tensors of the worker's replies.
  public var outgoing: String
  /// The path of the ``FrameFile`` with the tensors of the site's frames.
  public var incoming: String

  public init(
    session: String, study: String, cut: String, global: String, learningRate: Double,
    proximalStrength: Double, outgoing: String, incoming: String
  ) {
    self.session = session
    self.study = study
    self.cut = cut
    self.global = global
    self.learningRate = learningRate
    self.proximalStrength = proximalStrength
    self.outgoing = outgoing
    self.incoming = incoming
  }
}

/// Passes a site's frame to the middle of a model. The worker answers first, and does the work that its reply
/// does not need, such as the optimizer step, afterwards.
public struct StepMiddle: Sendable, Codable, Equatable {
  public var session: String
  public var frame: FrameHeader

  public init(session: String, frame: FrameHeader) {
    self.session = session
    self.frame = frame
  }
}
