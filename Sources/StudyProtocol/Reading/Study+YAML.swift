import Foundation

extension Study {
  /// Reads a study file.
  ///
  /// - Throws: ``StudyDiagnostics`` with all errors of the file: syntax, unknown keys, wrong types, missing
  ///   settings, contradictory settings.
  public init(file: URL) throws(StudyDiagnostics) {
    try self.init(yaml: try YAMLFile.text(of: file), file: file.relativePath)
  }

  /// Reads the text of a study file.
  ///
  /// - Parameter file: The file's name, for messages.
  public init(yaml: String, file: String = "study.yaml") throws(StudyDiagnostics) {
    let (study, log) = try Self.read(yaml, file: file)
    try log.throwIfAny()
    self = study
  }

  /// Reads as much of the study as possible, and collects its errors.
  ///
  /// - Parameter checksParts: Whether the sections of the study are checked against each other. False for a
  ///   stored study, which an earlier version may have accepted although this version would not.
  /// - Throws: ``StudyDiagnostics`` if the text is not YAML.
  static func read(_ yaml: String, file: String, checksParts: Bool = true) throws(StudyDiagnostics)
    -> (study: Study, log: FaultLog)
  {
    let log = FaultLog(file: file)
    let node = try YAMLFile.root(of: yaml, file: file)
    let study = YAMLReader(node, path: "", log: log).mapping(Study.init(reading:))
    if checksParts {
      HiddenCharacters(log: log).check(yaml, node)
      StudyCheck(study: study, log: log).run()
    }
    return (study, log)
  }

  private init(reading map: MappingReader) {
    self.init(
      header: map.requiredMapping("study", Header.init(reading:)),
      elements: CommonDataElement.list(map.required("elements", "a list of common data elements")),
      preprocessing: map.optional("preprocessing")?.list().compactMap(PreprocessingStep.init(reading:)) ?? [],
      augmentation: map.optional("augmentation")?.list().compactMap(AugmentationStep.init(reading:)) ?? [],
      model: map.requiredMapping("model", Model.init(reading:)),
      training: map.requiredMapping("training", Training.init(reading:)),
      federation: map.requiredMapping("federation", Federation.init(reading:)),
      evaluation: map.requiredMapping("evaluation", Evaluation.init(reading:)),
      report: map.mapping("report") {
        Report(
          images: $0.bool("images", default: false), statistics: $0.bool("statistics", default: false))
      },
      privacy: map.mapping("privacy", Privacy.read))
    evaluation.split.by = evaluation.split.by ?? element(.group)?.name
  }
}

extension Study.Header {
  init(reading map: MappingReader) {
    let name = map.text("name", expected: "a short name such as lgg-flair")
    self.init(
      name: name,
      version: map.integer("version", .from(1, to: 1_000_000), default: 1),
      title: map.text("title", default: name),
      question: map.optional("question")?.text(),
      task: map.choice("task"),
      seed: map.optional("seed")?.seed() ?? 0)
    let allowed = name.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || $0.properties.numericType != nil
          || "-_.".unicodeScalars.contains($0))
    }
    if !allowed || name.hasPrefix(".") {
      map.log.add(
        "expected letters, digits, '-', '_' and '.', since the name becomes a file name", at: map.path("name")
      )
    }
  }
}

extension CommonDataElement {
  static func list(_ reader: YAMLReader?) -> [CommonDataElement] {
    reader?.list("a list of common data elements").map { $0.mapping(CommonDataElement.init(reading:)) } ?? []
  }

  init(reading map: MappingReader) {
    self.init(
      name: map.text("name", expected: "the element's name"),
      kind: map.choice("kind"),
      role: map.optional("role")?.choice(),
      modality: map.optional("modality")?.text(),
      dimensions: map.integer("dimensions", .from(2, to: 3)),
      channels: map.integer("channels", .from(1, to: 1024)),
      missingVoxels: map.number("missing-voxels", .any),
      values: PermissibleValue.list(map.optional("values")),
      unit: map.optional("unit")?.text(),
      range: map.optional("range")?.range(),
      required: map.bool("required", default: true))
    if kind == .image {
      dimensions = dimensions ?? 2
      channels = channels ?? 1
    }
    if kind == .mask { dimensions = dimensions ?? 2 }
  }
}

extension CommonDataElement.PermissibleValue {
  /// Reads `{code: label}`, sorted, or `[{code: …, label: …}]`, in the order of the list.
  static func list(_ reader: YAMLReader?) -> [Self] {
    guard let reader else { return [] }
    if reader.isSequence {
      return reader.list().map { item in
        item.mapping { Self(code: $0.text("code"), label: $0.text("label")) }
      }
    }
    return reader.entries("a mapping from code to label, such as {0: background, 1: lesion}")
      .map { Self(code: $0.key, label: $0.value.text() ?? "") }
      .sorted(by: precedes)
  }

  /// Whether `a` comes before `b`: numbers ascending, then texts.
  private static func precedes(_ a: Self, _ b: Self) -> Bool {
    switch (Int(a.code), Int(b.code)) {
    case (let a?, let b?): a < b
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): a.code < b.code
    }
  }
}
