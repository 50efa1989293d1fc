import FederatedCore
import StudyProtocol

extension Study {
  /// The cut at which arms with a split model divide it: a cut after which the site has computed little, and
  /// little is exchanged.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the model cannot be cut.
  public var splitCut: String {
    get throws(ConsiliumError) {
      let cut: String? =
        switch model.architecture {
        case .linear: nil
        case .mlp: model.hidden.count > 1 ? "hidden1" : nil
        case .cnn: model.channels.count > 1 ? "level1" : nil
        case .resnet18, .resnet34, .resnet50: "layer2"
        case .densenet121: "transition2"
        case .unet: "level1"
        }
      guard let cut else {
        throw ConsiliumError(
          .invalidInput,
          "the model '\(model.architecture.rawValue)' cannot be cut, because no layer is left for a host; choose another model or leave out the arms split and splitfed"
        )
      }
      guard model.dropout == 0 else {
        throw ConsiliumError(
          .invalidInput,
          "a model with dropout cannot be split; set model.dropout: 0 for the arms split and splitfed")
      }
      return cut
    }
  }
}
