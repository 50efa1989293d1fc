import Foundation
import StudyProtocol
import Testing

@Suite struct StudyFaultTests {
  /// The errors of a study, as printed but without the file's name.
  private func faults(_ yaml: String) -> [String] {
    do {
      _ = try Study(yaml: yaml, file: "s")
      return []
    } catch {
      return error.diagnostics.map { String($0.description.dropFirst(2)) }
    }
  }

  /// A change of the sketch, and the single error that it must cause.
  struct Case: CustomTestStringConvertible, Sendable {
    var old: String
    var new: String
    var fault: String
    var testDescription: String { new }

    init(_ old: String, _ new: String, _ fault: String) {
      (self.old, self.new, self.fault) = (old, new, fault)
    }
  }

  @Test(arguments: [
    ("MRI", "MR"), ("mr", "MR"), ("PET", "PT"), ("DXX", "DX"), ("ultrasound", "US"), ("CT1", "CT"),
  ])
  func anUnknownModalityIsRefusedWithTheNearest(_ code: String, _ nearest: String) {
    #expect(
      faults(lggSketch.replacing("modality: MR", with: "modality: \(code)")).contains {
        $0.contains("'\(code)' is not a DICOM modality") && $0.contains("Did you mean '\(nearest)'?")
      })
  }

  @Test(arguments: [
    Case(
      "channels: 1}", "chanels: 1}",
      "3:74: error: elements[0].chanels: unknown key; expected one of name, kind, role, modality, dimensions, channels, missing-voxels, values, unit, range, required. Did you mean 'channels'?"
    ),
    Case(
      "rounds: 20", "rounds: 50000",
      "11:40: error: federation.rounds: expected a whole number from 1 to 10000, found the number 50000"),
    Case(
      "rounds: 20", "rounds: 20, split: {cut: level4}",
      "11:52: error: federation.split.cut: the model 'unet' cannot be cut at 'level4'; expected one of level1, level2, level3 (a U-Net is cut at a level of encoder and decoder, so that no skip connection crosses)"
    ),
    Case(
      "rounds: 20", "rounds: 20, split: {}",
      "11:44: error: federation.split: 'cut' is missing; expected the place where the model is cut, such as layer2"
    ),
    Case(
      "rounds: 20", "rounds: 2.5",
      "11:40: error: federation.rounds: expected a whole number from 1 to 10000, found the number 2.5"),
    Case(
      "rounds: 20", "rounds: many",
      "11:40: error: federation.rounds: expected a whole number from 1 to 10000, found 'many'"),
    Case(
      "batch-size: 16", "batch-size: 0",
      "10:86: error: training.batch-size: expected a whole number from 1 to 1000000, found the number 0"),
    Case(
      "architecture: unet", "architecture: unett",
      "9:23: error: model.architecture: expected one of linear, mlp, cnn, resnet18, resnet34, resnet50, densenet121, unet; found 'unett'. Did you mean 'unet'?"
    ),
    Case(
      "architecture: unet", "architecture: resnet18",
      "9:9: error: model.architecture: 'resnet18' does not fit a segmentation study of images; use unet|9:33: error: model.channels: the architecture 'resnet18' has no such setting"
    ),
    Case(
      "loss: dice-ce", "loss: cox",
      "10:12: error: training.loss: 'cox' does not fit a segmentation study; use cross-entropy, binary-cross-entropy, dice, dice-ce, focal"
    ),
    Case(
      "loss: dice-ce", "loss: focal, dice-over: batch",
      "10:25: error: training.dice-over: dice-over is for the losses 'dice' and 'dice-ce'"),
    Case(
      "loss: dice-ce", "loss: focal, class-weights: balanced",
      "10:25: error: training.class-weights: the loss 'focal' has no class weights"),
    Case(
      "loss: dice-ce", "loss: dice-ce, logit-adjustment: 1",
      "10:27: error: training.logit-adjustment: logit adjustment is for the loss 'cross-entropy'"),
    Case(
      "loss: dice-ce", "loss: cross-entropy, logit-adjustment: 1, class-weights: balanced",
      "10:33: error: training.logit-adjustment: logit adjustment and class weights both compensate for rare classes, so together they would do it twice; keep one of them"
    ),
    Case(
      "loss: dice-ce", "loss: cross-entropy, logit-adjustment: -1",
      "10:51: error: training.logit-adjustment: expected a number from 0.0 to 10.0, found the number -1"),
    Case(
      "loss: dice-ce", "loss: dice-ce, absent-classes: ignore",
      "10:27: error: training.absent-classes: absent classes are for the loss 'cross-entropy'"),
    Case(
      "loss: dice-ce", "loss: cross-entropy, absent-classes: ignore, logit-adjustment: 1",
      "10:33: error: training.absent-classes: logit adjustment has its own rule for classes that a site lacks; keep one of them"
    ),
    Case(
      "loss: dice-ce", "loss: dice-ce, dice-over: patient",
      "10:38: error: training.dice-over: expected one of example, batch; found 'patient'."),
    Case(
      "metrics: [dice, hausdorff95]", "metrics: [dice, auc]",
      "12:30: error: evaluation.metrics[1]: 'auc' does not fit a segmentation study; use dice, hausdorff95"),
    Case(
      "metrics: [dice, hausdorff95]", "metrics: []",
      "12:14: error: evaluation.metrics: expected at least one metric"),
    Case(
      "test: 0.2}", "test: 0.2, validation: 0}",
      "12:92: error: evaluation.select-best-on: the best model cannot be selected on validation data that the split does not have; give the split a validation set, or select `last` or `auto`"
    ),
    Case(
      "test: 0.2}", "test: 0.95}",
      "12:65: error: evaluation.split.test: test and validation leave nothing to train on"),
    Case(
      "by: patient", "by: patent",
      "12:52: error: evaluation.split.by: expected the name of the element with the role 'group'. Did you mean 'patient'?"
    ),
    Case(
      "{name: patient, kind: identifier, role: group}", "{name: flair, kind: identifier, role: group}",
      "5:6: error: elements[2].name: the element 'flair' occurs twice; it is also number 1|12:52: error: evaluation.split.by: expected the name of the element with the role 'group'. Did you mean 'flair'?"
    ),
    Case(
      "role: target, values", "values",
      "2:1: error: elements: a segmentation study needs an element with the role 'target'"),
    Case(
      "local-epochs: 1", "local-epochs: 1, local-steps: 10",
      "10:107: error: training.local-steps: a round has one of local-epochs, local-steps and local-fraction; keep one of them"
    ),
    Case(
      "local-epochs: 1", "local-epochs: 1, local-fraction: 0.5",
      "10:107: error: training.local-fraction: a round has one of local-epochs, local-steps and local-fraction; keep one of them"
    ),
    Case(
      "local-epochs: 1", "local-fraction: 1.5",
      "10:106: error: training.local-fraction: expected a number above 0, up to 1, found the number 1.5"),
    Case(
      "workflow: fedavg", "workflow: {name: fedavg, order: random}",
      "11:39: error: federation.workflow.order: the workflow 'fedavg' has no order: its sites train at the same time"
    ),
    Case(
      "workflow: fedavg", "workflow: {name: cyclic, order: randm}",
      "11:46: error: federation.workflow.order: expected one of fixed, rotated, random; found 'randm'. Did you mean 'random'?"
    ),
    Case(
      "workflow: fedavg", "workflow: iil",
      "11:29: error: federation.rounds: Institutional incremental learning has 1 cycle; set rounds: 1, or use ciil for more cycles"
    ),
    Case(
      "workflow: fedavg, rounds: 20, sites: {required: [DU, HT, CS, FG]}",
      "workflow: cyclic, sampling: {sites: 2}, rounds: 20",
      "11:32: error: federation.sampling: in the workflow 'cyclic' the model visits every site in each cycle, so no sites are drawn"
    ),
    Case(
      "workflow: fedavg", "workflow: fedavg, sampling: {sites: 2}",
      "11:74: error: federation.sites.required: a round has only the sites that are drawn for it, so no site can be required in every round; remove one of the two"
    ),
    Case(
      "required: [DU, HT, CS, FG]}", "minimum: 3}, sampling: {sites: 2}",
      "11:52: error: federation.sites.minimum: a round has 2 sites (federation.sampling), so it never has 3"),
    Case(
      "sites: {required: [DU, HT, CS, FG]}", "sampling: {}",
      "11:44: error: federation.sampling: expected either a number of 'sites' or a 'fraction' of them"),
    Case(
      "sites: {required: [DU, HT, CS, FG]}", "sampling: {sites: 2, fraction: 0.5}",
      "11:44: error: federation.sampling: expected either a number of 'sites' or a 'fraction' of them"),
    Case(
      "sites: {required: [DU, HT, CS, FG]}", "sampling: {fraction: 0}",
      "11:65: error: federation.sampling.fraction: expected a number above 0, up to 1, found the number 0"),
    Case(
      "workflow: fedavg", "workflow: cyclic, swarm: {}",
      "11:32: error: federation.swarm: in the workflow 'cyclic' each site passes the model on to the next, so there is nothing to merge"
    ),
    Case(
      "workflow: fedavg", "workflow: fedavg, swarm: {mergers: [DU, HT, DU]}",
      "11:40: error: federation.swarm.mergers: the site 'DU' is named twice"),
    Case(
      "workflow: fedavg", "workflow: fedavg, swarm: {mergers: [DU, HT], witnesses: 2}",
      "11:59: error: federation.swarm.witnesses: next to the site that merges, only 1 site may repeat the merge"
    ),
    Case(
      "workflow: fedavg", "workflow: fedavg, swarm: {lease: 1}",
      "11:47: error: federation.swarm.lease: expected a whole number from 2 to 3600, found the number 1"),
    Case(
      "name: adamw, ", "name: adamw, momentum: 0.9, ",
      "10:52: error: training.optimizer.momentum: this setting is for sgd"),
    Case(
      "workflow: fedavg", "workflow: {name: fedavg, proximal-mu: 0.1}",
      "11:39: error: federation.workflow.proximal-mu: the workflow 'fedavg' has no such setting"),
    Case(
      "workflow: fedavg", "workflow: cyclic, weighting: equal",
      "11:32: error: federation.weighting: cyclical weight transfer averages nothing, so updates have no weight"
    ),
    Case(
      "workflow: fedavg", "workflow: fedavg, weighting: class-weights",
      "11:32: error: federation.weighting: class-weights is for classification, where each example has one class"
    ),
    Case(
      "size: [128, 128]", "size: [130, 128]",
      "9:29: error: model.channels: the strides divide each side by 8 in total, but the images' side 130 is not a multiple of it; change the size in preprocessing"
    ),
    Case(
      "size: [128, 128]", "size: [128, 128, 64]",
      "7:17: error: preprocessing[0]: expected 2 numbers, for x, y, found 3"),
    Case(
      "method: z-score, per: volume", "method: window, level: 40, width: 400, nonzero: true",
      "7:101: error: preprocessing[1].normalise.nonzero: the method 'window' uses no statistics, so there are no zeros to exclude; remove it"
    ),
    Case(
      "seed: 7", "seed: -1", "9:64: error: model.seed: expected a whole number from 0, found the number -1"),
    Case("seed: 7", "seed: 'x'", "9:64: error: model.seed: expected a whole number from 0, found 'x'"),
    Case(
      "seed: 7", "strides: [2, 2]",
      "9:58: error: model.strides: expected 3 strides, one from each of the 4 levels to the next"),
    Case(
      "range: [0, 120]", "range: [120, 0]",
      "6:50: error: elements[3].range: expected two numbers, the lower one first"),
    Case(
      "range: [0, 120]", "range: 120",
      "6:50: error: elements[3].range: expected a range such as [0, 120], found the number 120"),
    Case(
      "required: false", "required: no",
      "6:70: error: elements[3].required: expected true or false, found 'no'"),
    Case(
      "flip: {axes: [x]", "flop: {axes: [x]",
      "8:17: error: augmentation[0].flop: unknown step; expected one of flip, rotate, scale, intensity, noise. Did you mean 'flip'?"
    ),
    Case(
      "axes: [x]", "axes: [z]",
      "8:24: error: augmentation[0].flip.axes: an image of 2 dimensions has only the axes x and y"),
    Case(
      "name: lgg-flair", "name: ../lgg",
      "1:9: error: study.name: expected letters, digits, '-', '_' and '.', since the name becomes a file name"
    ),
    Case(
      "training:", "trainings:",
      "1:1: error: 'training' is missing; expected a mapping|10:1: error: trainings: unknown key; expected one of study, elements, preprocessing, augmentation, model, training, federation, evaluation, report, privacy. Did you mean 'training'?"
    ),
    Case(
      "values: {0: background, 1: abnormality}", "values: {0: background, lesion: abnormality}",
      "4:46: error: elements[1].values: the codes of a mask are the whole numbers in its voxels, from 0"),
    Case(
      "metrics: [dice", "select-metric: auc, metrics: [dice",
      "12:14: error: evaluation.select-metric: 'auc' is not among the metrics"),
    Case(
      "name: lgg-flair, ", "", "1:1: error: study: 'name' is missing; expected a short name such as lgg-flair"
    ),
  ])
  func oneFault(change: Case) {
    #expect(lggSketch.contains(change.old))
    #expect(faults(lggSketch.replacing(change.old, with: change.new)).joined(separator: "|") == change.fault)
  }

  @Test(arguments: [
    Case(
      "architecture: linear", "architecture: mlp",
      "6:1: error: model: 'hidden' is missing; expected the width of each hidden layer, such as [64, 32]"),
    Case(
      "architecture: linear", "architecture: linear, hidden: [4]",
      "6:31: error: model.hidden: the architecture 'linear' has no such setting"),
    Case(
      "range: [0, 120]}", "range: [0, 120], required: false}",
      "3:73: error: elements[0].required: an input that may be missing needs an `impute` step in preprocessing"
    ),
    Case(
      "model:", "preprocessing: [{standardise: {method: z-score, using: elements}}]\nmodel:",
      "6:49: error: preprocessing[0].standardise.using: the elements declare ranges, not means; use `method: range` or `using: site`"
    ),
    Case(
      "model:", "preprocessing: [{slices: {axis: z}}]\nmodel:",
      "6:17: error: preprocessing[0]: this step is for images, but the study has none among its inputs"),
    Case(
      "batch-size: 4", "batch-size: 4, class-weights: {absent: 1, presnt: 2}",
      "7:92: error: training.class-weights: there is no weight for 'present'|7:119: error: training.class-weights.presnt: the target has no label 'presnt'. Did you mean 'present'?"
    ),
    Case(
      "workflow: fedavg", "workflow: {name: scaffold, server-learning-rate: 0.5}", ""),
    Case(
      "learning-rate: 0.1}, batch-size: 4}\nfederation: {workflow: fedavg",
      "learning-rate: 0.1, momentum: 0.9}, batch-size: 4}\nfederation: {workflow: scaffold",
      "8:14: error: federation.workflow: SCAFFOLD's correction is derived for plain SGD, and with sgd with momentum the model does not learn; use optimizer: {name: sgd} without momentum, or the workflow fedavg or fedprox"
    ),
    Case(
      "sgd, learning-rate: 0.1}, batch-size: 4}\nfederation: {workflow: fedavg",
      "adamw, learning-rate: 0.1}, batch-size: 4}\nfederation: {workflow: scaffold",
      "8:14: error: federation.workflow: SCAFFOLD's correction is derived for plain SGD, and with adamw the model does not learn; use optimizer: {name: sgd} without momentum, or the workflow fedavg or fedprox"
    ),
    Case(
      "batch-size: 4", "batch-size: 4, schedule: {name: step}",
      "7:92: error: training.schedule: the schedule 'step' needs 'step-rounds'"),
    Case(
      "batch-size: 4", "batch-size: 4, schedule: {name: cosine, warmup-rounds: 5}",
      "7:117: error: training.schedule.warmup-rounds: the warm-up takes all 5 rounds"),
    Case(
      "task: classification", "task: survival",
      "2:1: error: elements: a survival study needs an element with the role 'event'|2:1: error: elements: a survival study needs an element with the role 'time'|5:37: error: elements[2].role: a survival study has no element with the role 'target'|7:12: error: training.loss: 'cross-entropy' does not fit a survival study; use cox|9:24: error: evaluation.metrics[0]: 'auc' does not fit a survival study; use c-index"
    ),
    Case(
      "split: {test: 0.2}", "split: {element: fold, test: [1]}",
      "9:38: error: evaluation.split.element: expected the name of an element with the role 'part'."
    ),
  ])
  func tableFaults(change: Case) {
    #expect(heartSketch.contains(change.old))
    #expect(
      faults(heartSketch.replacing(change.old, with: change.new)).joined(separator: "|") == change.fault)
  }

  @Test(arguments: ["cnn, channels: [8]", "resnet18", "densenet121"])
  func rejectsBatchNormalisationOfOneImage(architecture: String) {
    func faults(_ model: String) -> [String] {
      self.faults(
        """
        study: {name: photographs, task: classification}
        elements:
          - {name: photo, kind: image, role: input}
          - {name: class, kind: category, role: target, values: {0: cat, 1: dog}}
        model: {architecture: \(model)}
        training: {loss: cross-entropy, optimizer: {name: adam, learning-rate: 0.1}, batch-size: 1}
        federation: {workflow: fedavg, rounds: 5}
        evaluation: {metrics: [auc], split: {test: 0.2}}
        """)
    }
    #expect(
      faults(architecture) == [
        "6:78: error: training.batch-size: batch normalisation takes its statistics over the examples of a batch, so it needs two or more; set a larger batch size, or model.norm: group"
      ])
    #expect(faults("\(architecture), norm: group").isEmpty)
  }

  @Test func reportsAllErrorsInLineOrder() {
    let found = faults(
      lggSketch.replacing("seed: 7", with: "sed: 7").replacing("rounds: 20", with: "rounds: 0")
        .replacing("dimensions: 2", with: "dimensions: 4"))
    #expect(found.map { $0.prefix(5) } == ["3:71:", "9:58:", "11:40"])
  }

  @Test(arguments: [
    ("", "1: error: the file is empty"),
    ("# only a comment\n", "1: error: the file is empty"),
    (
      "study: {name: a\n",
      "2:1: error: YAML syntax: did not find expected ',' or '}' (while parsing a flow mapping, which begins in line 1)"
    ),
    ("study:\n\tname: a\n", "2:1: error: the line is indented with a tab; YAML accepts only spaces"),
    ("study: 1\nstudy: 2\n", "1:1: error: the key 'study' occurs more than once in one mapping"),
    (
      "a: 1\n---\nb: 2\n",
      "2:1: error: YAML syntax: but found another document (expected a single document in the stream, which begins in line 1)"
    ),
    ("[1, 2]", "1:1: error: expected a mapping, found a list"),
  ])
  func syntax(yaml: String, fault: String) { #expect(faults(yaml) == [fault]) }

  @Test(arguments: ["[", "{a: ", "- "]) func rejectsDeepNesting(opening: String) {
    #expect(!faults(String(repeating: opening, count: 100_000)).isEmpty)
  }

  @Test func rejectsFilesThatAreNotText() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "study-\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(throws: StudyDiagnostics.self) { try Study(file: file) }
    try Data("study: {}\nname: \u{E9}".data(using: .isoLatin1)!).write(to: file)
    do {
      _ = try Study(file: file)
      Issue.record("Latin-1 was read")
    } catch {
      #expect(error.diagnostics.map(\.line) == [2])
      #expect(error.description.hasSuffix("the file is not text in UTF-8; save it as UTF-8"))
      #expect(error.consiliumError.exitStatus == 2)
    }
    try Data(("\u{FEFF}" + heartSketch).utf8).write(to: file)
    #expect(try Study(file: file).header.name == "heart")
  }
}
