import FederatedCore
import StudyProtocol

extension Study {
  /// The cut at which arms with a split model divide it: the study's own, or the model's usual one.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the model cannot be cut there.
  public var splitCut: String {
    get throws(ConsiliumError) {
      let cut = federation.split?.cut ?? model.usualCut ?? ""
      if let objection = model.objection(toCut: cut) { throw ConsiliumError(.invalidInput, objection) }
      return cut
    }
  }
}
