import Foundation

extension SitePolicy {
  /// Reads a policy file.
  ///
  /// - Throws: ``StudyDiagnostics`` with all errors of the file.
  public init(file: URL) throws(StudyDiagnostics) {
    try self.init(yaml: try YAMLFile.text(of: file), file: file.relativePath)
  }

  /// Reads the text of a policy file.
  ///
  /// - Parameter file: The file's name, for messages.
  public init(yaml: String, file: String = "policy.yaml") throws(StudyDiagnostics) {
    let log = FaultLog(file: file)
    let root = YAMLReader(try YAMLFile.root(of: yaml, file: file), path: "", log: log)
    let policy = root.mapping(SitePolicy.init(reading:))
    try log.throwIfAny()
    self = policy
  }

  private init(reading map: MappingReader) {
    self.init(
      accept: map.mapping("accept", Acceptance.init(reading:)),
      release: map.mapping("release", Release.init(reading:)),
      hours: TrainingHours(reading: map.optional("hours")),
      resources: map.mapping("resources", Resources.init(reading:)))
  }
}

extension SitePolicy.Acceptance {
  fileprivate init(reading map: MappingReader) {
    let usual = Self()
    self.init(
      leads: map.anyOr("leads") { $0.list("any, or a list of names").compactMap { $0.text() } },
      architectures: map.choicesOrAny("architectures"),
      workflows: map.choicesOrAny("workflows"),
      losses: map.choicesOrAny("losses"),
      cuts: map.anyOr("cuts") { $0.list("any, or a list of cuts such as [layer2]").compactMap { $0.text() } },
      maximumRounds: map.integer("maximum-rounds", .from(1, to: 10_000), default: usual.maximumRounds),
      maximumParameters: map.integer(
        "maximum-parameters", .from(1, to: 1_000_000_000_000), default: usual.maximumParameters),
      maximumStudies: map.integer("maximum-studies", .from(0, to: 1_000_000), default: usual.maximumStudies))
  }
}

extension SitePolicy.Release {
  fileprivate init(reading map: MappingReader) {
    let usual = Self()
    self.init(
      metrics: map.choicesOrAny("metrics"),
      minimumPatients: map.integer(
        "minimum-patients", .from(1, to: 1_000_000), default: usual.minimumPatients),
      perSiteMetrics: map.bool("per-site-metrics", default: usual.perSiteMetrics),
      calibration: map.bool("calibration", default: usual.calibration),
      replicates: map.bool("replicates", default: usual.replicates),
      images: map.bool("images", default: usual.images),
      intervals: map.bool("intervals", default: usual.intervals),
      localModels: map.bool("local-models", default: usual.localModels),
      clipNorm: map.number("clip-norm", .within(1e-6...1e6)),
      kinds: map.choicesOrAny("kinds"),
      activations: map.bool("activations", default: usual.activations))
  }
}

extension SitePolicy.Resources {
  fileprivate init(reading map: MappingReader) {
    self.init(
      threads: map.integer("threads", .from(1, to: 1024)),
      device: map.text("device", default: "cpu"),
      uploadRate: map.integer("upload-rate", .from(1, to: 1_000_000_000_000)))
    if device.wholeMatch(of: /cpu|cuda(:[0-9]+)?/) == nil, let reader = map.optional("device") {
      reader.fault("expected cpu, cuda or cuda:N, found \(reader.found)")
    }
  }
}

extension TrainingHours {
  /// Reads `always`, or a list of windows.
  fileprivate init(reading reader: YAMLReader?) {
    guard let reader, reader.node.scalar?.string != "always" else {
      self = .always
      return
    }
    let items = reader.list("always, or a list such as [\"18:00-07:00\"]")
    let windows = items.compactMap { item -> Window? in
      let expected = "hours such as 18:00-07:00, mon-fri 18:00-07:00 or sat,sun 00:00-24:00"
      guard let text = item.text(expected) else { return nil }
      let window = Window(text)
      if window == nil { item.fault("expected \(expected), found \(item.found)") }
      return window
    }
    if reader.isSequence, items.isEmpty {
      reader.fault("expected at least one window; for no limit, write always")
    }
    self.init(windows: windows)
  }
}

extension MappingReader {
  /// Reads a list, or `any`, which yields `nil`. An absent key also yields `nil`.
  fileprivate func anyOr<Item>(_ key: String, _ list: (YAMLReader) -> [Item]) -> [Item]? {
    guard let reader = optional(key), reader.node.scalar?.string != "any" else { return nil }
    return list(reader)
  }

  fileprivate func choicesOrAny<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) -> [Choice]? {
    anyOr(key) { $0.list("any, or a list").compactMap { $0.choice() } }
  }
}
