import StudyProtocol
import Testing

/// Laws that hold for every kind of step. They also test each new kind.
@Suite struct StepTableTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let section: String
    let step: StepDescriptor
    var testDescription: String { "\(section): \(step.name)" }
  }

  static let rows =
    PreprocessingStep.descriptors.map { Row(section: "preprocessing", step: $0) }
    + AugmentationStep.descriptors.map { Row(section: "augmentation", step: $0) }

  @Test func namesAreUnique() {
    #expect(Set(Self.rows.map(\.testDescription)).count == Self.rows.count)
  }

  @Test(arguments: rows) func exampleIsValid(row: Row) throws {
    let study = try Study(yaml: sketch(row, row.step.example))
    let read =
      row.section == "preprocessing" ? study.preprocessing[0].descriptor : study.augmentation[0].descriptor
    #expect(read.name == row.step.name)
    #expect(try Study(yaml: study.canonicalJSON()) == study)
    #expect(try Study(canonicalJSON: study.canonicalJSON()).digest() == study.digest())
    #expect(try study.digest() != Study(yaml: base(row)).digest())
    #expect(study.explanation().prose != (try Study(yaml: base(row)).explanation().prose))
  }

  /// The message about an unknown key lists the keys that the reader asks for.
  @Test(arguments: rows) func describedKeysAreThoseThatAreRead(row: Row) throws {
    let yaml = sketch(row, row.step.example.replacing("}", with: ", unheard-of: 1}"))
    let error = #expect(throws: StudyDiagnostics.self) { try Study(yaml: yaml) }
    let list = row.step.keys.map(\.name).joined(separator: ", ")
    #expect(
      error?.diagnostics.map(\.message).contains { $0.hasPrefix("unknown key; expected one of \(list).") }
        == true, "\(error?.description ?? "")")
  }

  @Test(arguments: rows) func statingDefaultsDoesNotChangeTheStudy(row: Row) throws {
    let digest = try Study(yaml: sketch(row, row.step.example)).digest()
    for key in row.step.keys {
      guard case .defaultValue(let value) = key.presence, !row.step.example.contains("\(key.name):") else {
        continue
      }
      let stated = row.step.example.replacing("}", with: ", \(key.name): \(value)}")
      #expect(try Study(yaml: sketch(row, stated)).digest() == digest)
    }
  }

  @Test(arguments: rows) func missingRequiredKeysAreErrors(row: Row) throws {
    for key in row.step.keys where key.presence == .required {
      let error = #expect(throws: StudyDiagnostics.self) { try Study(yaml: sketch(row, "{}")) }
      #expect(error?.diagnostics.contains { $0.message.hasPrefix("'\(key.name)' is missing") } == true)
    }
  }

  @Test(arguments: rows) func rejectsStepsForOtherInputs(row: Row) throws {
    let other = row.step.inputs == .tables ? imageSketch : heartSketch
    let yaml = other.replacing(
      "model:", with: "\(row.section): [{\(row.step.name): \(row.step.example)}]\nmodel:")
    let error = #expect(throws: StudyDiagnostics.self) { try Study(yaml: yaml) }
    #expect(error?.diagnostics.contains { $0.path == "\(row.section)[0]" } == true)
  }

  // MARK: Support

  private func base(_ row: Row) -> String { row.step.inputs == .tables ? heartSketch : imageSketch }

  /// A study with the step and, if it is for volumes only, slices after it.
  private func sketch(_ row: Row, _ value: String) -> String {
    let isForVolumes = row.step.name == "reorient"
    let slices = isForVolumes ? ", {slices: {axis: z}}" : ""
    return base(row).replacing(
      "model:", with: "\(row.section): [{\(row.step.name): \(value)}\(slices)]\nmodel:")
  }

  private let imageSketch = """
    study: {name: photographs, task: classification}
    elements:
      - {name: photo, kind: image, role: input}
      - {name: class, kind: category, role: target, values: {0: cat, 1: dog}}
    model: {architecture: cnn, norm: group}
    training: {loss: cross-entropy, optimizer: {name: adam, learning-rate: 0.1}, batch-size: 4}
    federation: {workflow: fedavg, rounds: 5}
    evaluation: {metrics: [auc], split: {test: 0.2}}
    """
}
