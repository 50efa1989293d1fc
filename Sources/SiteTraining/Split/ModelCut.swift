import FederatedCore
import StudyProtocol
import Torch

/// The division of a study's model at a cut: the layers of the site, and the middle at the host.
struct ModelCut {
  let name: String
  let model: any Cuttable
  let middle: ModelMiddle
  private let layout: ParameterLayout

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the model cannot be divided there.
  init(_ name: String, of network: Network, study: Study) throws {
    func refuse(_ reason: String) -> ConsiliumError {
      ConsiliumError(.invalidInput, "the model '\(study.model.architecture.rawValue)' \(reason)")
    }
    guard let model = network.module as? any Cuttable else { throw refuse("cannot be cut") }
    guard let middle = model.middle(of: name) else { throw refuse("has no cut '\(name)'") }
    // The random numbers of one stream would be divided between the two halves.
    guard study.model.dropout == 0 else {
      throw refuse("has dropout, with which a model cannot be split; set model.dropout: 0")
    }
    self.name = name
    self.model = model
    self.middle = middle
    layout = network.layout
  }

  /// The number of values of the middle, with its buffers.
  var middleCount: Int { middleRanges.reduce(0) { $0 + $1.count } }

  private var middleRanges: [Range<Int>] {
    layout.ranges.filter { middle.contains($0.entry.name) }.map(\.range)
  }

  /// The values of the middle among those of the whole model.
  func middleValues(of whole: ModelParameters) -> VectorBuffer<Float> {
    whole.buffer.withUnsafeValues { values in
      VectorBuffer(middleRanges.flatMap { values[$0] })
    }
  }

  /// Replaces the values of the middle among those of the whole model.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if `part` has another number of values.
  func replaceMiddle(of whole: inout ModelParameters, by part: VectorBuffer<Float>) throws {
    let ranges = middleRanges
    guard part.count == middleCount else {
      throw ConsiliumError(
        .invalidUpdate, "the other half of a split model sent \(part.count) values; expected \(middleCount)")
    }
    part.withUnsafeValues { part in
      whole.buffer.withUnsafeMutableValues { values in
        var start = 0
        for range in ranges {
          for offset in 0..<range.count { values[range.lowerBound + offset] = part[start + offset] }
          start += range.count
        }
      }
    }
  }

  /// The norms of the gradients of both halves, in the order of the whole model.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there are not as many as trainable entries.
  func join(norms own: [Float], ofMiddle inner: [Float]) throws -> [Float] {
    let isInner = layout.entries.filter { $0.role == .trainable }.map { middle.contains($0.name) }
    guard isInner.count == own.count + inner.count, isInner.count(where: { $0 }) == inner.count else {
      throw ConsiliumError(.invalidUpdate, "the host sent \(inner.count) norms of gradients of the middle")
    }
    var (outer, rest) = (own.makeIterator(), inner.makeIterator())
    return isInner.map { ($0 ? rest.next() : outer.next()) ?? -1 }
  }
}
