/// A description of the data in a data session, in counts only.
public struct SessionDescription: Sendable, Codable, Equatable {
  public struct Part: Sendable, Codable, Equatable {
    public var part: DataPart
    public var patients: Int
    public var examples: Int
    /// The patients of this set; `nil` after a gate has released the description, or if the session was
    /// opened without a salt.
    public var members: PatientSet?

    public init(part: DataPart, patients: Int, examples: Int, members: PatientSet? = nil) {
      self.part = part
      self.patients = patients
      self.examples = examples
      self.members = members
    }
  }

  public var parts: [Part]
  /// The unit of analysis in which the data are counted.
  public var unit: UnitOfAnalysis
  /// The violations of the common data elements. The site must not train while one of them is an error.
  public var findings: [DataFinding]
  /// The precision that was chosen automatically, for the record: `bf16` or `fp32`.
  public var precision: String
  /// The order of the axes of images in memory: `channels-last` or `contiguous`.
  public var memoryFormat: String
  /// Facts about the data; `nil` unless the session was opened with `showsFacts`, which an agent never does.
  public var facts: SiteFacts?

  public init(
    parts: [Part], findings: [DataFinding], precision: String, memoryFormat: String,
    unit: UnitOfAnalysis = .patient
  ) {
    self.unit = unit
    self.parts = parts
    self.findings = findings
    self.precision = precision
    self.memoryFormat = memoryFormat
  }
}

extension SessionDescription {
  /// Decodes a description. An engine that states no unit counts patients.
  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      parts: try box.decode([Part].self, forKey: .parts),
      findings: try box.decode([DataFinding].self, forKey: .findings),
      precision: try box.decode(String.self, forKey: .precision),
      memoryFormat: try box.decode(String.self, forKey: .memoryFormat),
      unit: try box.decodeIfPresent(UnitOfAnalysis.self, forKey: .unit) ?? .patient)
    facts = try box.decodeIfPresent(SiteFacts.self, forKey: .facts)
  }
}

extension [SessionDescription.Part] {
  /// The number of patients in each part.
  public var patients: [DataPart: Int] {
    Dictionary(map { ($0.part, $0.patients) }, uniquingKeysWith: +)
  }
}
