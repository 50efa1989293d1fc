import FederatedCore

/// An error as an entry holds it.
public struct SwarmFailure: SwarmContent {
  /// The name of the error's code.
  public var code: String
  public var message: String

  public init(_ error: ConsiliumError) {
    code = error.code.description
    message = error.message
  }

  /// The error. A code that this version does not know becomes `.engine`.
  public var error: ConsiliumError { ConsiliumError(.init(code) ?? .engine, message) }
}
