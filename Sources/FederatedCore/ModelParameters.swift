/// A model's parameters, or anything of the same shape (an update, a control variate), as one flat vector and its layout.
///
/// Clipping, noise, averaging, hashing and the wire are single loops over `buffer`.
public struct ModelParameters: Sendable, Equatable {
  public let layout: ParameterLayout
  public var buffer: ParameterBuffer

  /// - Precondition: `buffer` holds as many values as `layout` describes.
  public init(layout: ParameterLayout, buffer: ParameterBuffer) {
    precondition(layout.count == buffer.count, "\(buffer.count) values for a layout of \(layout.count)")
    (self.layout, self.buffer) = (layout, buffer)
  }

  public init(layout: ParameterLayout, values: some Collection<Float>) {
    self.init(layout: layout, buffer: ParameterBuffer(values))
  }

  public static func zeros(_ layout: ParameterLayout) -> Self {
    .init(layout: layout, buffer: ParameterBuffer(zeros: layout.count))
  }

  public var count: Int { layout.count }

  /// A copy of the values; for tests and small models.
  public var values: [Float] { buffer.withUnsafeValues { Array($0) } }

  /// Adds `scale` times `other`, element by element.
  public mutating func add(_ other: borrowing Self, scaledBy scale: Float = 1) {
    combine(with: other) { $0 += scale * $1 }
  }

  /// Multiplies every element by `factor`.
  public mutating func scale(by factor: Float) {
    buffer.withUnsafeMutableValues { values in
      for i in values.indices { values[i] *= factor }
    }
  }

  /// Replaces each element by `body` of it and the matching element of `other`.
  @inlinable
  public mutating func combine(with other: borrowing Self, _ body: (inout Float, Float) -> Void) {
    let source = other.buffer
    precondition(source.count == buffer.count, "parameters of different models")
    buffer.withUnsafeMutableValues { target in
      source.withUnsafeValues { source in
        guard let to = target.baseAddress, let from = source.baseAddress else { return }
        for i in 0..<target.count { body(&to[i], from[i]) }
      }
    }
  }

  /// The sum of the squares of all elements, accumulated in double precision.
  public var squaredNorm: Double {
    buffer.withUnsafeValues { values in
      var sum = 0.0
      for value in values { sum += Double(value) * Double(value) }
      return sum
    }
  }

  /// True where no element is infinite or NaN.
  public var isFinite: Bool {
    buffer.withUnsafeValues { values in
      // x - x is 0 for finite x and NaN otherwise; the sum vectorises where an early exit would not.
      var sum: Float = 0
      for value in values { sum += value - value }
      return sum == 0
    }
  }
}
