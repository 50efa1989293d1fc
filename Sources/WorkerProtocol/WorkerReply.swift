import FederatedCore

/// A worker's reply to a request. For each request, the worker sends any number of `progress` replies and
/// then one reply of another kind. All of them have the request's id. Before the last reply to `train` there can
/// be any number of `exchange` replies, each answered by a `resume` request with the same id.
public enum WorkerReply: Sendable, Equatable {
  case hello(EngineDescription)
  case opened(SessionDescription)
  /// The problems that prevent the model from training on the session's data; empty if there are none.
  case triedOut([DataFinding])
  case initialised(ParameterLayout)
  case trained(TrainingSummary)
  /// A frame for the host of the middle. The worker waits for its reply.
  case exchange(FrameHeader)
  case middleOpened
  /// The reply of the middle to a frame.
  case middleStepped(FrameHeader)
  case evaluated(SiteEvaluation)
  case panelsDrawn([Panel])
  /// The measurements of every patient, from which the site's gate computes the statistics that it releases.
  case summarised(SiteStatistics)
  case measured(ModelSizes)
  /// The description of an image file, as JSON.
  case inspected(String)
  case closed
  case progress(TrainingProgress)
  case failed(WorkerFailure)
}

/// The engine's identity and environment, for a run's record.
public struct EngineDescription: Sendable, Codable, Equatable {
  public var version: Int
  /// The engine's name and version, for example `libtorch 2.13.0`.
  public var engine: String
  public var processID: Int32
  public var threads: Int
  public var device: String
  /// The CPU's instruction sets that change numerical results, for example `avx512_bf16`.
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

  /// The number of the patient if the picture is of one of the worst patients; otherwise `nil`.
  public var worstCase: Int? {
    file.hasPrefix("worst-") ? Int(file.dropFirst("worst-".count).prefix(while: \.isNumber)) : nil
  }
}

public struct WorkerFailure: Sendable, Codable, Equatable {
  /// The name of the error's code, as in ``ConsiliumError/Code``.
  public var code: String
  public var message: String

  public init(code: String, message: String) {
    self.code = code
    self.message = message
  }
}
