import FederatedCore
import Foundation
import ParameterFiles
import RunStore

extension StoredModel {
  /// Several models that predict together, under one name. There is no file of its own: `file` is the first
  /// model's.
  public init(name: String, combining models: [StoredModel], by fusion: ModelFusion) {
    self.init(
      name: name, digest: ParameterDigest.sha256(of: models.map(\.digest), combinedBy: fusion),
      parameterCount: models.reduce(0) { $0 + $1.parameterCount },
      file: models.first?.file ?? URL(fileURLWithPath: name))
  }
}
