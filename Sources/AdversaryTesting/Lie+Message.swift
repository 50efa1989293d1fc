import FederatedCore
import StudyAgreement

/// Lies about the control variate of SCAFFOLD, which the coordinator sends with the model.
extension Lie {
  static let message: [Lie] = [
    honestControl, firstControlOfItsOwn, laterControlOfItsOwn, controlThatNoManifestNames,
  ]

  private static func inScaffold(
    _ name: String, computed: Int, refused: Int = 1, _ refusal: String,
    _ questions: @escaping @Sendable (HonestStudy) throws -> [Assignment]
  ) -> Lie {
    var lie = Lie(
      name, arm: "scaffold", checksChain: true, computed: computed, refused: refused, refusal: refusal,
      questions)
    lie.workflow = "scaffold"
    return lie
  }

  /// The truth, so that the other lies of this list prove something.
  static let honestControl = inScaffold("no lie: two rounds of SCAFFOLD", computed: 2, refused: 0, "") {
    study in
    [
      try study.training(1, from: study.model(0), message: study.control(0)),
      try study.training(2, from: study.model(1), proof: study.chain(1), message: study.control(1)),
    ]
  }

  static let firstControlOfItsOwn = inScaffold(
    "SCAFFOLD begins with a control variate of the coordinator's own", computed: 0,
    "of the strategy, and the study begins with the message"
  ) { study in [try study.training(1, from: study.model(0), message: study.control(5))] }

  static let laterControlOfItsOwn = inScaffold(
    "round 2 of SCAFFOLD has a control variate that the manifest does not name", computed: 1, refused: 20,
    "of the strategy, and its manifest of round 1 names the message"
  ) { study in
    let chain = try study.chain(1)
    return try [study.training(1, from: study.model(0), message: study.control(0))]
      + (2..<22).map {
        try study.training(2, from: study.model(1), proof: chain, message: study.control($0))
      }
  }

  /// As a coordinator of an earlier version would sign.
  static let controlThatNoManifestNames = inScaffold(
    "a manifest of SCAFFOLD names no control variate", computed: 0,
    "round 1: broken: the manifest does not name the strategy's message, which the study's start states; install this "
      + "version of Consilium at the coordinator"
  ) { study in
    var manifest = try study.chain(1)[0].statement
    manifest.messageBefore = nil
    manifest.messageAfter = nil
    manifest.rules = RoundManifest.currentRules
    let signed = try HonestConsortium.sign(manifest, study.consortium.coordinator)
    return [try study.training(2, from: study.model(1), proof: [signed], message: study.control(5))]
  }
}
