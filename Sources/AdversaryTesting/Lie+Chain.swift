import FederatedCore
import StudyAgreement

/// Lies about models that are not on the coordinator's signed chain.
extension Lie {
  static let chain: [Lie] = [
    honestRounds, otherFirstModel, missingManifest, modelBesideTheChain, validationBesideTheChain,
    forgedManifest, missingSite, forgedContribution, secondModelOfARound, manifestOfAnotherArm,
    otherBeginning, secondStage, rehearsalOfAnotherModel, testOfAnUnfinishedArm, testBesideTheChain,
    oneArmTestedTwice, testOfAnotherChain,
  ]

  private static func onChain(
    _ name: String, arm: String = "fedavg", computed: Int, refused: Int = 1, _ refusal: String,
    _ questions: @escaping @Sendable (HonestStudy) throws -> [Assignment]
  ) -> Lie {
    Lie(
      name, arm: arm, checksChain: true, computed: computed, refused: refused, refusal: refusal, questions)
  }

  /// The truth, so that the other lies of this list prove something.
  static let honestRounds = onChain("no lie: three rounds with validation", computed: 6, refused: 0, "") {
    study in
    try (1...3).flatMap { round in
      [
        try study.training(round, from: study.model(round - 1), proof: study.chain(round - 1)),
        try study.validation(round, of: study.model(round), proof: study.chain(round)),
      ]
    }
  }

  static let otherFirstModel = onChain(
    "round 1 starts from a model of the coordinator's own", computed: 1, refused: 49,
    "which is not on its signed chain: it names the model"
  ) { study in try (0..<50).map { try study.training(1, from: study.model($0)) } }

  static let missingManifest = onChain(
    "round 2 comes without the manifest of round 1", computed: 1, "there is no signed manifest of round 1"
  ) { study in
    [try study.training(1, from: study.model(0)), try study.training(2, from: study.model(1))]
  }

  static let modelBesideTheChain = onChain(
    "round 2 starts from a model that the manifests do not name", computed: 1, "it names the model"
  ) { study in
    [
      try study.training(1, from: study.model(0)),
      try study.training(2, from: study.model(7), proof: study.chain(1)),
    ]
  }

  static let validationBesideTheChain = onChain(
    "models that the manifests do not name are validated", computed: 2, refused: 114, "it names the model"
  ) { study in
    let chain = try study.chain(1)
    return try [study.training(1, from: study.model(0))]
      + (1...115).map { try study.validation(1, of: study.model($0), proof: chain) }
  }

  static let forgedManifest = onChain(
    "a site signs the manifest", computed: 0,
    "round 1: forged: it was signed by site/south; expected a coordinator"
  ) { study in
    let manifest = try study.manifest(
      1, from: study.model(0), to: study.model(1), after: nil, signer: study.consortium.south)
    return [try study.training(2, from: study.model(1), proof: [manifest])]
  }

  static let missingSite = onChain(
    "a round lacks a required site", computed: 0, "round 1 lacks the required site 'south'"
  ) { study in
    let manifest = try study.manifest(
      1, from: study.model(0), to: study.model(1), after: nil, contributors: [study.consortium.north])
    return [try study.training(2, from: study.model(1), proof: [manifest])]
  }

  static let forgedContribution = onChain(
    "the coordinator signs for the sites", computed: 0,
    "round 1: unsigned: the contribution of site 'north' is invalid: it was signed by coordinator/hub"
  ) { study in
    let manifest = try study.manifest(
      1, from: study.model(0), to: study.model(1), after: nil, forger: study.consortium.coordinator)
    return [try study.training(2, from: study.model(1), proof: [manifest])]
  }

  static let secondModelOfARound = onChain(
    "two models are signed for round 1", computed: 1,
    "the coordinator has signed two different models for round 1"
  ) { study in
    let other = try study.manifest(1, from: study.model(0), to: study.model(8), after: nil)
    return [
      try study.training(2, from: study.model(1), proof: study.chain(1)),
      try study.validation(1, of: study.model(8), proof: [other]),
    ]
  }

  static let manifestOfAnotherArm = onChain(
    "the manifest is that of another arm", computed: 0, "the manifest is of another study or arm"
  ) { study in
    [try study.training(2, from: study.model(1), proof: study.chain(1, arm: "local-north"))]
  }

  static let otherBeginning = onChain(
    "the chain begins with other weights", computed: 0,
    "round 1: broken: the round begins with a different model than the study's initial weights"
  ) { study in
    let manifest = try study.manifest(1, from: study.model(5), to: study.model(1), after: nil)
    return [try study.training(2, from: study.model(1), proof: [manifest])]
  }

  static let secondStage = onChain(
    "a stage that a star does not have", computed: 0,
    "asks for stage 2 of round 1 of arm 'fedavg', which is not in the study that was signed"
  ) { study in
    var question = try study.training(1, from: study.model(3))
    question.id.stage = 1
    return [question]
  }

  static let rehearsalOfAnotherModel = onChain(
    "the rehearsal is made with another model", arm: "rehearsal", computed: 1,
    "the rehearsal starts from the study's initial weights only"
  ) { study in
    [try study.training(1, from: study.model(0)), try study.validation(1, of: study.model(4))]
  }

  static let testOfAnUnfinishedArm = onChain(
    "a model is tested before the last round", arm: "tests", computed: 0,
    "arm 'fedavg' has 2 of 3 rounds, so its model is not final"
  ) { study in [try study.test(1, of: study.model(2), proof: study.chain(2))] }

  static let testBesideTheChain = onChain(
    "a model that no round ended with is tested", arm: "tests", computed: 0,
    "no round of arm 'fedavg' ended with the model"
  ) { study in [try study.test(1, of: study.model(9), proof: study.chain(3))] }

  static let oneArmTestedTwice = onChain(
    "two models of one arm are tested", arm: "tests", computed: 1,
    "the model of arm 'fedavg' was tested before, as number 1"
  ) { study in
    let chain = try study.chain(3)
    return [
      try study.test(1, of: study.model(3), proof: chain),
      try study.test(2, of: study.model(2), proof: chain),
    ]
  }

  static let testOfAnotherChain = onChain(
    "a test comes with the manifests of no arm", arm: "tests", computed: 0,
    refused: 2, "not on its signed chain"
  ) { study in
    [
      try study.test(1, of: study.model(3)),
      try study.test(2, of: study.model(3), proof: study.chain(3, arm: "local-east")),
    ]
  }
}
