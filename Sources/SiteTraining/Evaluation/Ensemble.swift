import EvaluationMetrics
import FederatedCore
import StudyProtocol

/// Several models whose predictions are combined into one.
struct Ensemble {
  let models: [ModelParameters]
  let fusion: ModelFusion

  /// Refuses a fusion that does not suit the study's task, and too many masks.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  func check(_ study: Study) throws(ConsiliumError) {
    let suits =
      switch study.header.task {
      case .classification: fusion == .mean
      case .segmentation: fusion != .mean
      case .survival: false
      }
    guard suits else {
      throw ConsiliumError(
        .invalidInput,
        "models cannot be combined by '\(fusion.rawValue)' in a study of the task '\(study.header.task.rawValue)'"
      )
    }
    guard fusion == .mean || models.count <= MaskFusion.mostMasks else {
      throw ConsiliumError(
        .invalidInput,
        "the masks of \(models.count) models cannot be combined; expected at most \(MaskFusion.mostMasks)")
    }
  }

  /// Combines the masks of the models for one image.
  func fuse(_ masks: [[UInt8]], classCount: Int) -> [UInt8] {
    fusion == .staple
      ? MaskFusion.staple(masks, classCount: classCount)
      : MaskFusion.majority(masks, classCount: classCount)
  }
}
