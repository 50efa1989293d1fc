import StudyProtocol
import Testing

/// A segmentation study in a few lines, which the tests vary.
let lggSketch = """
  study: {name: lgg-flair, version: 1, title: FLAIR abnormality in lower-grade glioma, task: segmentation}
  elements:
    - {name: flair, kind: image, role: input, modality: MR, dimensions: 2, channels: 1}
    - {name: lesion, kind: mask, role: target, values: {0: background, 1: abnormality}}
    - {name: patient, kind: identifier, role: group}
    - {name: age, kind: number, unit: year, range: [0, 120], required: false}
  preprocessing: [{resample: {size: [128, 128]}}, {normalise: {method: z-score, per: volume}}]
  augmentation: [{flip: {axes: [x], probability: 0.5}}]
  model: {architecture: unet, channels: [16, 32, 64, 128], seed: 7}
  training: {loss: dice-ce, optimizer: {name: adamw, learning-rate: 1e-3}, batch-size: 16, local-epochs: 1}
  federation: {workflow: fedavg, rounds: 20, sites: {required: [DU, HT, CS, FG]}}
  evaluation: {metrics: [dice, hausdorff95], split: {by: patient, test: 0.2}, select-best-on: validation}
  """

/// A study of tables.
let heartSketch = """
  study: {name: heart, task: classification}
  elements:
    - {name: age, kind: number, role: input, unit: year, range: [0, 120]}
    - {name: sex, kind: category, role: input, values: {0: female, 1: male}}
    - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
  model: {architecture: linear}
  training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 4}
  federation: {workflow: fedavg, rounds: 5}
  evaluation: {metrics: [auc], split: {test: 0.2}}
  """

@Suite struct StudyYAMLTests {
  @Test func readsTheSketchAndFillsInDefaults() throws {
    let study = try Study(yaml: lggSketch)
    #expect(study.header.task == .segmentation)
    #expect(study.classCount == 2)
    #expect(study.elements[3].range == 0...120)
    #expect(study.elements[3].role == nil)
    #expect(
      study.preprocessing == [
        .resample(.size([128, 128])), .normalise(IntensityNormalisation(method: .zScore, per: .volume)),
      ])
    #expect(study.model.strides == [2, 2, 2])
    #expect(study.model.residualUnits == 2)
    #expect(study.model.norm == .instance)
    #expect(study.training.optimizer.learningRate == 0.001)
    #expect(study.training.amount == .epochs(1))
    #expect(study.training.diceOver == .example)
    #expect(study.federation.sites.required.map(\.rawValue) == ["DU", "HT", "CS", "FG"])
    #expect(study.evaluation.split == .init(by: "patient", method: .fractions(test: 0.2, validation: 0.1)))
    #expect(study.evaluation.bootstrap == .init(replicates: 1000, confidence: 0.95))
  }

  @Test func digestIgnoresCommentsOrderAndDefaults() throws {
    let study = try Study(yaml: lggSketch)
    let other = try Study(
      yaml: """
        # a comment
        evaluation:
          baselines: [local, pooled]
          select-best-on: validation
          split: {validation: 0.10, test: 2e-1, by: patient}
          metrics: [dice, hausdorff95]
        federation: {sites: {required: [DU, HT, CS, FG]}, rounds: 20, workflow: {name: fedavg}}
        training: {local-epochs: 1, batch-size: 16, optimizer: {learning-rate: 0.001, name: adamw}, loss: dice-ce}
        model: {seed: 7, strides: [2, 2, 2], channels: [16, 32, 64, 128], architecture: unet}
        augmentation:
          - flip: {probability: 0.5, axes: [x]}
        preprocessing: [{resample: {size: [128, 128]}}, {normalise: {per: volume, method: z-score}}]
        elements:
          - {kind: image, name: flair, role: input, modality: MR}
          - {name: lesion, kind: mask, role: target, values: {1: abnormality, 0: background}}
          - {name: patient, kind: identifier, role: group}
          - {name: age, kind: number, unit: year, range: [0, 120], required: false}
        study: {task: segmentation, title: FLAIR abnormality in lower-grade glioma, name: lgg-flair}
        """)
    #expect(other == study)
    #expect(try other.digest() == study.digest())
    #expect(try study.digest().count == 64)
    #expect(
      try Study(yaml: lggSketch.replacing("range: [0, 120]", with: "range: [-0.0, 1.2e2]")).digest()
        == study.digest())
    var changed = study
    changed.header.seed = 1
    #expect(try changed.digest() != study.digest())
  }

  @Test(arguments: [lggSketch, heartSketch]) func canonicalJSONReadsBackBothWays(yaml: String) throws {
    let study = try Study(yaml: yaml)
    let json = try study.canonicalJSON()
    #expect(try Study(canonicalJSON: json) == study)
    #expect(try Study(yaml: json) == study)
    #expect(try Study(canonicalJSON: json).canonicalJSON() == json)
  }

  /// Characters that YAML treats as line breaks, or allows only as escapes.
  @Test func specialCharactersSurvive() throws {
    var study = try Study(yaml: heartSketch)
    study.header.title = "a\u{85}b\u{2028}c\u{7F}d\u{FEFF}e\u{9F}f"
    #expect(study.header.title.unicodeScalars.map(\.value).contains(0x2028))
    #expect(study.header.title.unicodeScalars.count == 11)
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
  }

  @Test func canonicalJSONIsSortedAndCompact() throws {
    let json = try Study(yaml: heartSketch).canonicalJSON()
    #expect(
      json.hasPrefix(
        #"{"augmentation":[],"elements":[{"kind":"number","name":"age","range":[0,120],"required":true,"#))
    #expect(json.contains(#""optimizer":{"betas":[0.9,0.999],"learning-rate":0.1,"momentum":0,"#))
  }

  @Test func rejectsOtherJSON() {
    #expect(throws: (any Error).self) { try Study(canonicalJSON: "{}") }
  }

  @Test func classWeightsByLabel() throws {
    let yaml = heartSketch.replacing(
      "batch-size: 4", with: "batch-size: 4, class-weights: {absent: 1, present: 2.5}")
    let study = try Study(yaml: yaml)
    #expect(study.training.classWeights == .byLabel(["absent": 1, "present": 2.5]))
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
  }

  @Test func readsDiceOverBatch() throws {
    let study = try Study(yaml: lggSketch.replacing("loss: dice-ce", with: "loss: dice-ce, dice-over: batch"))
    #expect(study.training.diceOver == .batch)
    #expect(try study.canonicalJSON().contains(#""dice-over":"batch""#))
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    // Stating a default does not change the digest.
    let usual = lggSketch.replacing("loss: dice-ce", with: "loss: dice-ce, dice-over: example")
    #expect(try Study(yaml: usual).digest() == Study(yaml: lggSketch).digest())
  }

  @Test func readsLogitAdjustment() throws {
    #expect(try !Study(yaml: heartSketch).canonicalJSON().contains("logit-adjustment"))
    let yaml = heartSketch.replacing("batch-size: 4", with: "batch-size: 4, logit-adjustment: 1.5")
    let study = try Study(yaml: yaml)
    #expect(study.training.logitAdjustment == 1.5)
    #expect(try study.canonicalJSON().contains(#""logit-adjustment":1.5"#))
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    #expect(try Study(yaml: study.canonicalJSON()) == study)
    // Stating a default does not change the digest.
    let usual = heartSketch.replacing("batch-size: 4", with: "batch-size: 4, logit-adjustment: 0")
    #expect(try Study(yaml: usual).digest() == Study(yaml: heartSketch).digest())
  }

  @Test func readsAbsentClasses() throws {
    #expect(try !Study(yaml: heartSketch).canonicalJSON().contains("absent-classes"))
    let study = try Study(
      yaml: heartSketch.replacing("batch-size: 4", with: "batch-size: 4, absent-classes: ignore"))
    #expect(study.training.absentClasses == .ignore)
    #expect(try study.canonicalJSON().contains(#""absent-classes":"ignore""#))
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    // Stating a default does not change the digest.
    let usual = heartSketch.replacing("batch-size: 4", with: "batch-size: 4, absent-classes: learn")
    #expect(try Study(yaml: usual).digest() == Study(yaml: heartSketch).digest())
  }

  @Test func readsEveryStep() throws {
    let yaml =
      lggSketch
      .replacing(
        "[{resample: {size: [128, 128]}}, {normalise: {method: z-score, per: volume}}]",
        with: """

            - reorient: {to: LPS}
            - resample: {spacing: [1, 1, 2.5]}
            - normalise: {method: percentile, per: volume, upper: 99.5, nonzero: true}
            - slices: {axis: z}
            - crop-or-pad: {size: [64, 64]}
          """
      )
      .replacing(
        "[{flip: {axes: [x], probability: 0.5}}]",
        with: """

            - flip: {axes: [x, y]}
            - rotate: {degrees: 10, probability: 0.3}
            - scale: {range: [0.9, 1.1]}
            - intensity: {gain: [0.8, 1.2], offset: [-0.1, 0.1]}
            - noise: {standard-deviation: 0.05, probability: 1}
          """)
    let study = try Study(yaml: yaml)
    #expect(
      study.preprocessing == [
        .reorient(to: "LPS"), .resample(.spacing([1, 1, 2.5])),
        .normalise(.init(method: .percentile, per: .volume, lower: 1, upper: 99.5, nonzero: true)),
        .slices(axis: .z), .cropOrPad(size: [64, 64]),
      ])
    #expect(
      study.augmentation == [
        .flip(axes: [.x, .y], probability: 0.5), .rotate(degrees: 10, probability: 0.3),
        .scale(range: 0.9...1.1, probability: 0.5),
        .intensity(gain: 0.8...1.2, offset: -0.1...0.1, probability: 0.5),
        .noise(standardDeviation: 0.05, probability: 1),
      ])
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    #expect(try Study(yaml: study.canonicalJSON()) == study)
  }

  @Test(arguments: [
    (Study.Schedule(), [1.0, 1, 1, 1]),
    (Study.Schedule(name: .step, stepRounds: 2, factor: 0.1), [1, 1, 0.1, 0.1]),
    (Study.Schedule(name: .cosine), [1, 0.853_553_390_593_273_7, 0.5, 0.146_446_609_406_726_27]),
    (Study.Schedule(name: .constant, warmupRounds: 2), [0.5, 1, 1, 1]),
  ])
  func schedule(schedule: Study.Schedule, expected: [Double]) {
    for round in 0..<4 {
      #expect(abs(schedule.multiplier(inRound: round, of: 4) - expected[round]) < 1e-12)
    }
  }
}
