/// A model's parameters, or anything of the same shape (an update, a control variate), as one flat vector
/// with a layout.
///
/// Clipping, noise, averaging, hashing and sending are single loops over `buffer`.
public struct ModelParameters: Sendable, Equatable {
  public let layout: ParameterLayout
  public var buffer: ParameterBuffer

  /// - Precondition: `buffer` has as many values as `layout` describes.
  public init(layout: ParameterLayout, buffer: ParameterBuffer) {
    precondition(layout.count == buffer.count, "\(buffer.count) values for a layout of \(layout.count)")
    self.layout = layout
    self.buffer = buffer
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
    combineRanges(with: other) { target, source, count in
      for i in 0..<count { target[i] += scale * source[i] }
    }
  }

  /// Moves every element by `fraction` of its distance to the matching element of `other`.
  public mutating func move(towards other: borrowing Self, by fraction: Float) {
    combineRanges(with: other) { target, source, count in
      for i in 0..<count { target[i] += fraction * (source[i] - target[i]) }
    }
  }

  /// Moves every element towards the matching element of `first`, and then towards the matching element of
  /// `second`. Gives the same bits as two separate moves, but needs only one pass over memory.
  public mutating func move(
    towards first: borrowing Self, by firstFraction: Float, then second: borrowing Self,
    by secondFraction: Float
  ) {
    let (one, other, count) = (first.buffer, second.buffer, count)
    precondition(one.count == buffer.count && other.count == buffer.count, "parameters of different models")
    buffer.withUnsafeMutableValues { target in
      one.withUnsafeValues { one in
        other.withUnsafeValues { other in
          guard let target = target.baseAddress, let one = one.baseAddress, let other = other.baseAddress
          else {
            return
          }
          // Each thread writes a separate range, so it is safe to share the pointers.
          nonisolated(unsafe) let (to, from, next) = (target, one, other)
          forEachRange(of: count) { range in
            for i in range {
              var value = to[i]
              value += firstFraction * (from[i] - value)
              value += secondFraction * (next[i] - value)
              to[i] = value
            }
          }
        }
      }
    }
  }

  /// Multiplies every element by `factor`.
  public mutating func scale(by factor: Float) {
    buffer.withUnsafeMutableValues { values in
      nonisolated(unsafe) let values = values
      forEachRange(of: values.count) { range in for i in range { values[i] *= factor } }
    }
  }

  /// Replaces each element by the result of `body` on it and the corresponding element of `other`.
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

  /// Passes corresponding ranges of this vector and of `other` to `body`, in any order and from several
  /// threads at once.
  private mutating func combineRanges(
    with other: borrowing Self,
    _ body: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, _ count: Int) -> Void
  ) {
    let source = other.buffer
    precondition(source.count == buffer.count, "parameters of different models")
    buffer.withUnsafeMutableValues { target in
      source.withUnsafeValues { source in
        guard let to = target.baseAddress, let from = source.baseAddress else { return }
        // Each thread writes a separate range, so it is safe to share the pointers.
        nonisolated(unsafe) let (target, source) = (to, from)
        forEachRange(of: other.count) { range in
          body(target + range.lowerBound, source + range.lowerBound, range.count)
        }
      }
    }
  }

  /// The sum of the squares of all elements, accumulated in double precision.
  public var squaredNorm: Double { reduceRanges(0.0, sumOfSquares, +) }

  /// Whether all elements are finite.
  public var isFinite: Bool { reduceRanges(true, allFinite) { $0 && $1 } }

  /// The largest magnitude that a value of an update may have. No model can be trained with larger weights.
  /// Sums, means and squares of values in this range stay finite, and so do the server's optimizers.
  public static let largestMagnitude: Float = 0x1p40

  /// Whether the magnitude of all elements is at most ``largestMagnitude``. Then all elements are finite.
  public var isInRange: Bool { reduceRanges(true, allInRange) { $0 && $1 } }

  /// The largest magnitude of all elements; infinite if an element is not a number.
  public var magnitude: Float { reduceRanges(0, largest, max) }

  /// Reduces fixed ranges in parallel and then combines their results in order, so that the outcome does not
  /// depend on the threads.
  private func reduceRanges<R: Sendable>(
    _ start: R, _ partial: @Sendable (UnsafeBufferPointer<Float>) -> R, _ combine: (R, R) -> R
  ) -> R {
    buffer.withUnsafeValues { values in
      nonisolated(unsafe) let values = values
      return mapRanges(of: values.count) { partial(UnsafeBufferPointer(rebasing: values[$0])) }
        .reduce(start, combine)
    }
  }
}

@Sendable private func sumOfSquares(_ values: UnsafeBufferPointer<Float>) -> Double {
  // Keep eight running sums. With a single sum, each addition would wait for the previous addition.
  var sums = SIMD8<Double>.zero
  let whole = values.count & ~7
  for i in stride(from: 0, to: whole, by: 8) {
    let eight = SIMD8<Double>(UnsafeRawPointer(values.baseAddress! + i).loadUnaligned(as: SIMD8<Float>.self))
    sums += eight * eight
  }
  var sum = sums.sum()
  for value in values[whole...] { sum += Double(value) * Double(value) }
  return sum
}

@Sendable private func allFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
  // Do not exit the loop early; otherwise the compiler cannot vectorise it.
  var found: UInt32 = 0
  for value in values { found |= value.bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0 }
  return found == 0
}

/// The bits of a magnitude. They grow with the magnitude, and are largest for values that are not numbers.
@inline(__always) private func magnitudeBits(_ value: Float) -> UInt32 { value.bitPattern & 0x7FFF_FFFF }

@Sendable private func allInRange(_ values: UnsafeBufferPointer<Float>) -> Bool {
  let limit = ModelParameters.largestMagnitude.bitPattern
  // Do not exit the loop early; otherwise the compiler cannot vectorise it.
  var found: UInt32 = 0
  for value in values { found |= magnitudeBits(value) > limit ? 1 : 0 }
  return found == 0
}

@Sendable private func largest(_ values: UnsafeBufferPointer<Float>) -> Float {
  var bits: UInt32 = 0
  for value in values { bits = max(bits, magnitudeBits(value)) }
  return Float(bitPattern: min(bits, Float.infinity.bitPattern))
}
