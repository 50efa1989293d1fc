import FederatedCore
import StudyAgreement

/// Lies about the models between two sites of a ring.
extension Lie {
  static let ring: [Lie] = [
    honestRing, ringModelOfItsOwn, missingStep, placeOfAnother, foreignStep, stepOfAnotherRound,
    stepOfAnotherArm,
    stepFromAnotherModel,
    otherWayRound, visitedTwice, stepWithoutItsModel,
  ]

  /// A study of a ring through north and then south, in which south is asked.
  private static func inRing(
    _ name: String, at site: String = "south", computed: Int = 0, refused: Int = 1, _ refusal: String,
    _ questions: @escaping @Sendable (HonestStudy) throws -> [Assignment]
  ) -> Lie {
    var lie = Lie(
      name, arm: "cyclic", checksChain: true, computed: computed, refused: refused, refusal: refusal,
      questions)
    lie.workflow = "cyclic"
    lie.site = SiteID(site)
    return lie
  }

  /// Asks south to train in round 1 from model 2, after one step.
  private static func afterStep(
    _ study: HonestStudy, _ step: Signed<ContributionStatement>, from model: Int = 2
  ) throws -> [Assignment] { [try study.training(1, from: study.model(model), steps: [step])] }

  /// The truth, so that the other lies of this list prove something.
  static let honestRing = inRing("no lie: the second site of a ring", computed: 1, refused: 0, "") { study in
    let step = try study.step(
      1, 0, at: study.consortium.north, from: study.model(0), to: study.model(2))
    return try afterStep(study, step)
  }

  static let ringModelOfItsOwn = inRing(
    "the second site of a ring gets 50 models of the coordinator's own", refused: 50,
    "which is not on its signed chain: the contribution of site 'north' makes the model"
  ) { study in
    let step = try study.step(
      1, 0, at: study.consortium.north, from: study.model(0), to: study.model(2))
    return try (3..<53).flatMap { try afterStep(study, step, from: $0) }
  }

  static let missingStep = inRing(
    "the second site of a ring is asked without the first",
    "the contribution of the required site 'north', which comes before this site in the ring, is missing"
  ) { study in
    var second = try study.training(1, from: study.model(2))
    second.id.stage = 1
    return [second]
  }

  static let placeOfAnother = inRing(
    "the second site of a ring is asked as the first",
    "asks for stage 1 of round 1 of arm 'cyclic', which is not in the study that was signed"
  ) { study in [try study.training(1, from: study.model(0))] }

  static let foreignStep = inRing(
    "the coordinator signs for the first site of a ring",
    "the contribution of site 'north' is invalid: it was signed by coordinator/hub"
  ) { study in
    let step = try study.step(
      1, 0, at: study.consortium.north, from: study.model(0), to: study.model(2),
      signer: study.consortium.coordinator)
    return try afterStep(study, step)
  }

  static let stepOfAnotherRound = inRing(
    "a ring continues from a contribution to another round",
    "the contribution of site 'north' is of another study, arm or round: it is of round 2 of arm 'cyclic'"
  ) { study in
    try afterStep(
      study, study.step(2, 0, at: study.consortium.north, from: study.model(0), to: study.model(2)))
  }

  static let stepOfAnotherArm = inRing(
    "a ring continues from a contribution to another arm",
    "the contribution of site 'north' is of another study, arm or round: it is of round 1 of arm 'local-north'"
  ) { study in
    let north = study.consortium.north
    return try afterStep(
      study, study.step(1, 0, at: north, from: study.model(0), to: study.model(2), of: "local-north"))
  }

  static let stepFromAnotherModel = inRing(
    "the first site of a ring began with another model",
    "the contribution of site 'north' was trained from a different model than the round began with"
  ) { study in
    try afterStep(
      study, study.step(1, 0, at: study.consortium.north, from: study.model(7), to: study.model(2)))
  }

  static let otherWayRound = inRing(
    "a ring goes the other way round", at: "north",
    "asks for stage 2 of round 1 of arm 'cyclic', which is not in the study that was signed"
  ) { study in
    try afterStep(
      study, study.step(1, 0, at: study.consortium.south, from: study.model(0), to: study.model(2)))
  }

  static let visitedTwice = inRing(
    "a ring visits a site twice", "site 'south' does not come before this site in the ring"
  ) { study in
    try afterStep(
      study, study.step(1, 0, at: study.consortium.south, from: study.model(0), to: study.model(2)))
  }

  static let stepWithoutItsModel = inRing(
    "a contribution to a ring does not state its model",
    "the contribution of site 'north' does not state the model that it makes, which the next site of the ring must "
      + "verify; install this version of Consilium at the site"
  ) { study in
    let north = study.consortium.north
    var statement = try study.step(1, 0, at: north, from: study.model(0), to: study.model(2)).statement
    statement.result = nil
    return try afterStep(study, try HonestConsortium.sign(statement, north))
  }
}
