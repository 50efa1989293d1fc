/// A kind of step without its arithmetic: how it is read, encoded, checked and explained.
///
/// A step is encoded exactly as study files write it, so that the canonical JSON of a study is itself a study
/// file.
protocol StepForm: Encodable, Sendable {
  static var descriptor: StepDescriptor { get }

  /// Reads the step's mapping. Replaces a value that cannot be read by a placeholder; returns `nil` if there
  /// is no placeholder for it.
  init?(reading map: MappingReader)

  /// Adds the errors that can be found only with the rest of the study.
  func check(in context: StepContext)

  /// The step in words, for the explanation of the study.
  var words: String { get }
}

extension StepForm {
  func check(in context: StepContext) {}
}

/// A kind of preprocessing step. The file of each kind contains everything about the step except its
/// arithmetic.
protocol PreprocessingForm: StepForm {
  var step: PreprocessingStep { get }

  /// The size of the images after the step, along x, y (and z).
  ///
  /// - Parameter size: The size before the step; `nil` if the study does not fix it.
  func size(after size: [Int]?) -> [Int]?
}

extension PreprocessingForm {
  func size(after size: [Int]?) -> [Int]? { size }
}

/// A kind of augmentation step.
protocol AugmentationForm: StepForm {
  var step: AugmentationStep { get }
}

/// The place of a step in a study.
struct StepContext {
  let study: Study
  let log: FaultLog
  /// The key path of the step, for example `preprocessing[2]`.
  let path: String
  /// The number of dimensions of the step's input images.
  let dimensions: Int

  /// Adds an error unless the list has one number per dimension.
  func checkCount(_ count: Int) {
    guard count != dimensions else { return }
    log.contradiction(
      "expected \(dimensions) numbers, for x, y\(dimensions == 3 ? ", z" : ""), found \(count)", at: path,
      with: "elements")
  }
}

extension YAMLReader {
  /// Reads a step: a mapping with one key, the step's name, such as `{flip: {axes: [x]}}`.
  func step<Step>(_ kinds: [(name: String, read: (MappingReader) -> Step?)]) -> Step? {
    let names = kinds.map(\.name)
    let entries = entries("a step such as {\(names[0]): {…}}")
    guard isMapping else { return nil }
    guard let (name, value) = entries.first, entries.count == 1 else {
      fault("expected one step with one name, found \(entries.count) keys; begin each step with its own '-'")
      return nil
    }
    guard let kind = kinds.first(where: { $0.name == name }) else {
      log.add(
        "unknown step; expected one of \(names.joined(separator: ", ")).\(NearestName.hint(for: name, among: names))",
        at: value.path)
      return nil
    }
    return value.mapping(kind.read)
  }
}
