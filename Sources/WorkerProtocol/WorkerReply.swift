import FederatedCore

/// A worker's reply: any number of `progress` and then one other case, all with the request's id.
public enum WorkerReply: Sendable, Equatable {
  case hello(EngineDescription)
  case opened(SessionDescription)
  /// The problems that prevent the model from training on the session's data; empty if there are none.
  case triedOut([DataFinding])
  case initialised(ParameterLayout)
  case trained(TrainingSummary)
  case evaluated(SiteEvaluation)
  case panelsDrawn([Panel])
  /// With the sets of patients, before any gate.
  case summarised(SiteStatistics)
  /// The description of a file, as JSON.
  case inspected(String)
  case closed
  case progress(TrainingProgress)
  case failed(WorkerFailure)
}

/// The engine's identity and environment, for a run's record.
public struct EngineDescription: Sendable, Codable, Equatable {
  public var version: Int
  /// For example `libtorch 2.13.0`.
  public var engine: String
  public var processID: Int32
  public var threads: Int
  public var device: String
  /// The instruction sets that change numerical results, for example `avx512_bf16`.
  public var cpuFeatures: [String]

  public init(
    version: Int = workerProtocolVersion, engine: String, processID: Int32, threads: Int, device: String,
    cpuFeatures: [String]
  ) {
    self.version = version
    self.engine = engine
    self.processID = processID
    self.threads = threads
    self.device = device
    self.cpuFeatures = cpuFeatures
  }
}

/// A description of a session's data, in counts only.
public struct SessionDescription: Sendable, Codable, Equatable {
  public struct Part: Sendable, Codable, Equatable {
    public var part: DataPart
    public var patients: Int
    public var examples: Int
    /// The patients themselves; `nil` once a gate has released the description, or if the session was opened
    /// without a salt.
    public var members: PatientSet?

    public init(part: DataPart, patients: Int, examples: Int, members: PatientSet? = nil) {
      self.part = part
      self.patients = patients
      self.examples = examples
      self.members = members
    }
  }

  public var parts: [Part]
  /// The unit of the counts: patients, or the unit that a record stands for.
  public var unit: UnitOfAnalysis
  /// The violations of the common data elements. The site must not train while one of them is an error.
  public var findings: [DataFinding]
  /// The precision that was chosen automatically, for the record: `bf16` or `fp32`.
  public var precision: String
  /// `channels-last` or `contiguous`.
  public var memoryFormat: String
  /// Facts about the data; `nil` unless the session was opened with ``OpenSession/showsFacts``. Agents never
  /// open it so and never have them.
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

/// A problem of a site's data with the common data elements. Never holds a patient's value.
public struct DataFinding: Sendable, Codable, Equatable {
  public enum Severity: String, Sendable, Codable { case error, warning }

  public var severity: Severity
  public var site: SiteID
  /// The name of the element, if the finding concerns one.
  public var element: String?
  /// The number of records concerned; `nil` if it is so small that the site's policy withholds it.
  public var records: Int?
  /// The message: what is wrong, what was expected and what to do.
  public var message: String
  /// The first few files or table lines, relative to the data root.
  public var places: [String]
  /// The first few distinct values that broke the rule, for the site's own terminal. `nil` unless the session
  /// was opened with ``OpenSession/showsValues``.
  public var values: [String]?

  public init(
    severity: Severity, site: SiteID, element: String?, records: Int?, message: String, places: [String] = [],
    values: [String]? = nil
  ) {
    self.severity = severity
    self.site = site
    self.element = element
    self.records = records
    self.message = message
    self.places = places
    var seen: Set<String> = []
    let distinct = values?.filter { seen.insert($0).inserted }
    self.values = distinct.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The finding as it may leave the terminal: without values, but naming the flag that shows them.
  public func withoutValues() -> Self {
    guard values != nil else { return self }
    var finding = self
    finding.values = nil
    finding.message += "; 'consilium data check --show-values' shows what was found"
    return finding
  }
}

extension DataFinding: CustomStringConvertible {
  /// `element 'age', 3 records: is above 120 (table.csv:14, …)`.
  public var description: String {
    let what = [element.map { "element '\($0)'" }, count].compactMap(\.self).joined(separator: ", ")
    return (what.isEmpty ? "" : what + ": ") + message + (found.map { "; \($0)" } ?? "")
      + (list.map { " \($0)" } ?? "")
  }

  /// The number of records and the places of the finding at its site, such as `3 records (table.csv:14, …)`;
  /// `nil` if it states neither.
  public var extent: String? {
    let parts = [[count, found].compactMap(\.self).joined(separator: "; "), list ?? ""].filter { !$0.isEmpty }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  private var count: String? {
    switch records {
    case nil: "a few records"
    case 0: nil
    case 1: "1 record"
    case .some(let count): "\(count) records"
    }
  }

  private var list: String? { places.isEmpty ? nil : "(\(places.joined(separator: ", ")))" }

  private var found: String? {
    values.map { "found: " + $0.map(FoundValue.quoted).joined(separator: ", ") }
  }
}

public struct TrainingProgress: Sendable, Codable, Equatable {
  public var step: Int
  public var stepCount: Int
  /// The mean loss since the last report; `nil` if the site's policy withholds it.
  public var loss: Double?
  public var examplesPerSecond: Double
  /// The patients behind the loss; `nil` once a gate has released the progress, or if the engine does not
  /// state them.
  public var patients: PatientSet?

  public init(
    step: Int, stepCount: Int, loss: Double?, examplesPerSecond: Double, patients: PatientSet? = nil
  ) {
    self.step = step
    self.stepCount = stepCount
    self.loss = loss
    self.examplesPerSecond = examplesPerSecond
    self.patients = patients
  }
}

/// One picture for the report: a test image with truth and prediction outlined.
public struct Panel: Sendable, Codable, Equatable {
  /// The PNG file, in the requested folder: `panel-1.png`, or `worst-7.png` for the worst patient with the
  /// number 7.
  public var file: String
  /// The caption for the physician, without names or identifiers.
  public var caption: String

  public init(file: String, caption: String) {
    self.file = file
    self.caption = caption
  }

  /// The picture of one of the worst patients.
  public init(worst number: Int, caption: String) {
    self.init(file: "worst-\(number).png", caption: caption)
  }

  /// The number of the patient, if it is one of the worst patients; otherwise `nil`.
  public var worstCase: Int? {
    file.hasPrefix("worst-") ? Int(file.dropFirst("worst-".count).prefix(while: \.isNumber)) : nil
  }
}

public struct WorkerFailure: Sendable, Codable, Equatable {
  /// The name of a ``ConsiliumError/Code``.
  public var code: String
  public var message: String

  public init(code: String, message: String) {
    self.code = code
    self.message = message
  }
}
