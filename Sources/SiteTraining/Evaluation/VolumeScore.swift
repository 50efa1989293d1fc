import EvaluationMetrics

/// Computes the Dice coefficient and the 95 % Hausdorff distance of predicted volumes.
enum VolumeScore {
  typealias Patient = SegmentationScores.Patient

  /// - Parameters:
  ///   - prediction, truth: the class of each voxel, in the order of `grid`.
  ///   - countsEmpty: whether a class that is in neither the prediction nor the truth has Dice 1; otherwise
  ///     the class is left out.
  ///   - withDistances: whether to measure surface distances as well, which takes longer. A distance is `nil`
  ///     unless the grid's spacing is stated.
  static func score(
    prediction: [UInt8], truth: [UInt8], grid: VoxelGrid, classCount: Int, countsEmpty: Bool = true,
    withDistances: Bool
  ) -> Patient {
    prediction.withUnsafeBufferPointer { prediction in
      truth.withUnsafeBufferPointer { truth in
        let dice = diceCoefficients(
          prediction: prediction, truth: truth, classCount: classCount, whenBothEmpty: countsEmpty ? 1 : nil)
        let distances: [Double?] = (1..<classCount).map { label in
          guard withDistances, grid.statesSpacing else { return nil }
          return hausdorffDistance95(
            prediction: prediction, truth: truth, label: UInt8(label), shape: grid.shape,
            spacing: grid.spacing)
        }
        return Patient(dice: Array(dice.dropFirst()), hausdorff95: distances)
      }
    }
  }

  /// The mean over a patient's volumes. Each score is averaged over the volumes for which it is defined.
  static func mean(of volumes: [Patient]) -> Patient {
    guard let first = volumes.first else { return Patient(dice: [], hausdorff95: []) }
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    return Patient(
      dice: first.dice.indices.map { index in mean(volumes.compactMap { $0.dice[index] }) },
      hausdorff95: first.hausdorff95.indices.map { index in
        mean(volumes.compactMap { $0.hausdorff95[index] })
      })
  }
}
