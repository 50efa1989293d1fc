/// Ways to combine the masks that several models predict for one image.
public enum MaskFusion {
  /// The maximum number of masks.
  public static let mostMasks = 64

  /// The class with the most votes in each pixel or voxel. A tie is background, class 0.
  ///
  /// - Parameter masks: The class of each voxel, one array of equal length per model.
  public static func majority(_ masks: [[UInt8]], classCount: Int) -> [UInt8] {
    guard let first = masks.first else { return [] }
    var votes = [Int](repeating: 0, count: classCount)
    return first.indices.map { voxel in
      for label in votes.indices { votes[label] = 0 }
      for mask in masks { votes[Int(mask[voxel])] += 1 }
      let most = votes.max() ?? 0
      guard let winner = votes.firstIndex(of: most), votes.lastIndex(of: most) == winner else { return 0 }
      return UInt8(winner)
    }
  }

  /// The class that STAPLE considers most probable, if its probability is above a half; otherwise background.
  /// Each class except the background is estimated by itself.
  public static func staple(_ masks: [[UInt8]], classCount: Int) -> [UInt8] {
    guard let first = masks.first else { return [] }
    var best = [Double](repeating: 0.5, count: first.count)
    var fused = [UInt8](repeating: 0, count: first.count)
    for label in 1..<max(1, classCount) {
      let estimate = STAPLE(masks.map { mask in mask.map { Int($0) == label } })
      for voxel in fused.indices where estimate.probability[voxel] > best[voxel] {
        best[voxel] = estimate.probability[voxel]
        fused[voxel] = UInt8(label)
      }
    }
    return fused
  }
}
