/// A fixed number of named parameter vectors that are sent, stored and summed together.
///
/// For example, SCAFFOLD's update consists of two vectors: the change of the model and the change of a
/// control variate. A type with these two properties needs no keys to look up.
public protocol ParameterGroup: Sendable {
  /// The names of the parts, in order, as they appear in files.
  static var partNames: [String] { get }

  /// The parts, in the order of `partNames`.
  var parts: [ModelParameters] { get }

  /// - Parameter parts: One vector for each of `partNames`.
  init(parts: [ModelParameters])

  /// Visits every part in order, in place.
  mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows
}

extension ParameterGroup {
  public mutating func add(_ other: borrowing Self, scaledBy scale: Float = 1) {
    let others = other.parts
    updateParts { index, part in part.add(others[index], scaledBy: scale) }
  }

  /// Moves every element by `fraction` of its distance to the matching element of `other`.
  public mutating func move(towards other: borrowing Self, by fraction: Float) {
    let others = other.parts
    updateParts { index, part in part.move(towards: others[index], by: fraction) }
  }

  /// Moves every element towards the matching element of `first`, and then towards the matching element of
  /// `second`. Gives the same bits as two separate moves, but needs only one pass over memory.
  public mutating func move(
    towards first: borrowing Self, by firstFraction: Float, then second: borrowing Self,
    by secondFraction: Float
  ) {
    let (firstParts, secondParts) = (first.parts, second.parts)
    updateParts { index, part in
      part.move(
        towards: firstParts[index], by: firstFraction, then: secondParts[index], by: secondFraction)
    }
  }

  public mutating func scale(by factor: Float) { updateParts { _, part in part.scale(by: factor) } }

  public var squaredNorm: Double { parts.reduce(0) { $0 + $1.squaredNorm } }

  public var isFinite: Bool { parts.allSatisfy(\.isFinite) }

  /// Whether the magnitude of all elements is at most ``ModelParameters/largestMagnitude``.
  public var isInRange: Bool { parts.allSatisfy(\.isInRange) }

  /// The largest magnitude of all elements; infinite if an element is not a number.
  public var magnitude: Float { parts.map(\.magnitude).max() ?? 0 }
}

/// An empty parameter group, for a strategy that keeps no state or sends nothing in addition to the model.
public struct NoParameters: ParameterGroup, Equatable {
  public static var partNames: [String] { [] }
  public var parts: [ModelParameters] { [] }
  public init() {}
  public init(parts: [ModelParameters]) {}
  public mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows {}
}

extension ModelParameters: ParameterGroup {
  public static var partNames: [String] { ["model"] }
  public var parts: [ModelParameters] { [self] }
  public init(parts: [ModelParameters]) { self = parts[0] }
  public mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows {
    try body(0, &self)
  }
}
