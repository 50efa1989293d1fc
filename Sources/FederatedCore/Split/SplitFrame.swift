/// A frame of the site's half of a split model.
///
/// Frames hold activations and gradients of single patients. Under a policy, the gate releases them only if the
/// policy names their kind.
public struct SplitFrame: MessageContent, Releasable {
  public let message: StageMessage

  public init(_ message: StageMessage) { self.message = message }

  public func released(by rules: ReleaseRules) -> SplitFrame { self }
}
