import Foundation

/// The 95 % Hausdorff distance between the surfaces of one class in two label maps, computed like MONAI's
/// `compute_hausdorff_distance(percentile=95)`.
///
/// A surface voxel belongs to the class and has a face neighbour that does not, or lies at the edge of the
/// volume. For each of the two surfaces, computes the distances to the nearest voxel of the other surface,
/// and their 95th percentile. The result is the larger of the two percentiles. (medpy's `hd95` computes one
/// percentile of the two sets of distances together. Its result can be smaller.)
///
/// - Parameters:
///   - prediction: the predicted class of each voxel, in C order, the last axis fastest.
///   - truth: the true class of each voxel.
///   - shape: the length of each axis. Use two axes for a single image: in a volume that is one slice thick,
///     every voxel would be surface.
///   - spacing: the distance between neighbours along each axis, in the order of `shape`.
/// - Returns: the distance in the unit of the spacing; `nil` if either map lacks the class.
public func hausdorffDistance95(
  prediction: UnsafeBufferPointer<UInt8>, truth: UnsafeBufferPointer<UInt8>, label: UInt8, shape: [Int],
  spacing: [Double]
) -> Double? {
  precondition(prediction.count == truth.count && truth.count == shape.reduce(1, *))
  precondition(spacing.count == shape.count)
  guard let box = BoundingBox(of: label, in: [prediction, truth], shape: shape) else { return nil }
  let predicted = surface(of: box.mask(of: label, in: prediction), shape: box.shape)
  let actual = surface(of: box.mask(of: label, in: truth), shape: box.shape)
  guard predicted.contains(1), actual.contains(1) else { return nil }
  let directed = [(predicted, actual), (actual, predicted)].map { from, to in
    let squared = squaredDistances(toMarked: to, shape: box.shape, spacing: spacing)
    let distances = from.indices.lazy.filter { from[$0] != 0 }.map { squared[$0].squareRoot() }
    return percentile(0.95, ofSorted: distances.sorted())
  }
  return max(directed[0], directed[1])
}

/// The smallest box that contains every voxel of a class in either map. Voxels outside the box do not affect
/// the distances.
private struct BoundingBox {
  private let lower: [Int]
  private let full: [Int]
  let shape: [Int]

  /// Finds the box; `nil` if no map has the class.
  init?(of label: UInt8, in maps: [UnsafeBufferPointer<UInt8>], shape: [Int]) {
    var (lower, upper) = (shape, [Int](repeating: -1, count: shape.count))
    for map in maps {
      for index in 0..<map.count where map[index] == label {
        var rest = index
        for axis in shape.indices.reversed() {
          let position = rest % shape[axis]
          rest /= shape[axis]
          lower[axis] = min(lower[axis], position)
          upper[axis] = max(upper[axis], position)
        }
      }
    }
    guard upper.allSatisfy({ $0 >= 0 }), !shape.isEmpty else { return nil }
    self.lower = lower
    full = shape
    self.shape = zip(lower, upper).map { $1 - $0 + 1 }
  }

  /// The voxels of the class within the box, as 0 and 1.
  func mask(of label: UInt8, in map: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let count = shape.reduce(1, *)
    return [UInt8](unsafeUninitializedCapacity: count) { voxels, initialised in
      for index in 0..<count {
        var (rest, source, stride) = (index, 0, 1)
        for axis in shape.indices.reversed() {
          source += (lower[axis] + rest % shape[axis]) * stride
          rest /= shape[axis]
          stride *= full[axis]
        }
        voxels[index] = map[source] == label ? 1 : 0
      }
      initialised = count
    }
  }
}

/// The voxels of a mask that have a face neighbour outside it or lie at the edge of the volume.
private func surface(of mask: [UInt8], shape: [Int]) -> [UInt8] {
  var interior = mask
  var stride = 1
  for axis in shape.indices.reversed() {
    let length = shape[axis]
    for index in mask.indices where interior[index] != 0 {
      let position = index / stride % length
      let isInside =
        position > 0 && position < length - 1 && mask[index - stride] != 0 && mask[index + stride] != 0
      if !isInside { interior[index] = 0 }
    }
    stride *= length
  }
  return mask.indices.map { mask[$0] - interior[$0] }
}
