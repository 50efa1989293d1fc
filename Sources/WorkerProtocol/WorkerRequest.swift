import FederatedCore

/// The version of the protocol between `consilium` and a worker process; both ends must have the same
/// version.
public let workerProtocolVersion = 3

/// A request of the main process to a worker, as one JSON object: `{"id": 7, "ask": "train", …}`.
///
/// The worker reads requests from the socket on its standard input and answers on the same socket (see
/// ``WorkerReply``). Parameters are exchanged as safetensors files, which messages name by path and both
/// sides map. Parameters never pass through the socket. Nothing here is specific to Swift: a PyTorch script
/// that speaks the protocol is a worker too.
public enum WorkerRequest: Sendable, Equatable {
  /// The first request: agrees on the version and sets the threads and the device.
  case hello(Hello)
  /// Loads a session: the data of one site, or the pooled data of several sites.
  case open(OpenSession)
  /// Runs one forward and backward pass on a batch of the session's training examples, and discards the
  /// result.
  case tryOut(TryOut)
  /// Writes the model's initial parameters.
  case initialise(InitialiseModel)
  case train(TrainModel)
  /// Continues training of one half of a model with the host's reply.
  case resume(ResumeTraining)
  /// Prepares to compute the middle of a model for a site that trains the other half.
  case openMiddle(OpenMiddle)
  case stepMiddle(StepMiddle)
  case evaluate(EvaluateModel)
  /// Draws test images with truth and prediction outlined, for the report.
  case drawPanels(DrawPanels)
  /// Measures the session's patients for a question of federated statistics.
  case summarise(SummariseData)
  /// Measures the model of a session, a training step, and what crosses each cut of split learning.
  case measure(MeasureModel)
  /// Describes an image file.
  case inspect(InspectFile)
  /// Closes a session. Its decoded images remain available to other sessions until the cache evicts them.
  case close(CloseSession)
}

public struct Hello: Sendable, Codable, Equatable {
  public var version: Int
  /// The number of threads for one operation. It is recorded with the run, since it changes the order in
  /// which kernels sum, and so the last bits of results.
  public var threads: Int
  /// The device for training: `cpu`, `cuda` or `cuda:N`.
  public var device: String

  public init(version: Int = workerProtocolVersion, threads: Int, device: String) {
    self.version = version
    self.threads = threads
    self.device = device
  }
}

public struct OpenSession: Sendable, Codable, Equatable {
  /// The name by which later requests refer to this session.
  public var session: String
  /// The study in canonical JSON.
  public var study: String
  /// The sites whose data the session trains on, each in canonical JSON: a single site, or all sites for the
  /// pooled baseline.
  public var sites: [String]
  /// The folder to which the sites' paths are relative.
  public var dataRoot: String
  /// The study's seed, from which the split of the patients into sets is derived.
  public var seed: UInt64
  /// The maximum number of bytes of decoded images in the worker's memory. All sessions of a worker share
  /// these images; the largest number of any session applies.
  public var cacheBytes: Int
  /// Whether findings may contain values from the site's data. Set only by commands that print findings on
  /// the site's own terminal.
  public var showsValues: Bool
  /// Whether the session's description includes ``SiteFacts``. Set only by commands for the site's own
  /// terminal.
  public var showsFacts: Bool
  /// The salt for the hashes of patients in ``PatientSet``; it never leaves the site. `nil` if nobody needs
  /// to know which patients a number is based on.
  public var patientSalt: String?

  public init(
    session: String, study: String, sites: [String], dataRoot: String, seed: UInt64, cacheBytes: Int,
    showsValues: Bool = false, showsFacts: Bool = false, patientSalt: String? = nil
  ) {
    self.session = session
    self.study = study
    self.sites = sites
    self.dataRoot = dataRoot
    self.seed = seed
    self.cacheBytes = cacheBytes
    self.showsValues = showsValues
    self.showsFacts = showsFacts
    self.patientSalt = patientSalt
  }
}

public struct TryOut: Sendable, Codable, Equatable {
  public var session: String
  /// The fewest patients that may be behind an update, by the site's policy; `nil` for any number.
  public var minimumPatients: Int?

  public init(session: String, minimumPatients: Int? = nil) {
    self.session = session
    self.minimumPatients = minimumPatients
  }
}

public struct InitialiseModel: Sendable, Codable, Equatable {
  public var session: String
  /// The path at which to write the parameters, as safetensors.
  public var output: String

  public init(session: String, output: String) {
    self.session = session
    self.output = output
  }
}

public struct TrainModel: Sendable, Codable, Equatable {
  public var session: String
  /// The path of the global model, as safetensors.
  public var global: String
  public var round: Int
  public var amount: TrainingInstruction.Amount
  public var learningRate: Double
  public var seed: UInt64
  public var proximalStrength: Double
  /// The path of the vector that is added to every gradient, as safetensors; `nil` if none is added.
  public var gradientOffset: String?
  /// The path at which to write the local minus the global parameters, as safetensors.
  public var output: String
  /// The fewest patients that may be behind a loss in a progress report, and behind the difference between
  /// all such losses and that of the round; `nil` for any number.
  public var minimumPatients: Int?
  /// The division of the model with a host; `nil` to train the whole model here.
  public var split: SplitTraining?

  public init(
    session: String, global: String, round: Int, amount: TrainingInstruction.Amount, learningRate: Double,
    seed: UInt64, proximalStrength: Double, gradientOffset: String?, output: String,
    minimumPatients: Int? = nil, split: SplitTraining? = nil
  ) {
    self.minimumPatients = minimumPatients
    self.split = split
    self.session = session
    self.global = global
    self.round = round
    self.amount = amount
    self.learningRate = learningRate
    self.seed = seed
    self.proximalStrength = proximalStrength
    self.gradientOffset = gradientOffset
    self.output = output
  }
}

public struct EvaluateModel: Sendable, Codable, Equatable {
  public var session: String
  public var model: String
  public var part: DataPart
  /// The number of bootstrap resamples of the patients; 0 for none.
  public var replicates: Int
  /// Further models, whose predictions are combined with those of `model`; `nil` to evaluate `model` alone.
  public var ensemble: Ensemble?

  public struct Ensemble: Sendable, Codable, Equatable {
    /// The paths of the further models, as safetensors.
    public var models: [String]
    public var fusion: ModelFusion

    public init(models: [String], fusion: ModelFusion) {
      self.models = models
      self.fusion = fusion
    }
  }

  public init(
    session: String, model: String, part: DataPart, replicates: Int, ensemble: Ensemble? = nil
  ) {
    self.session = session
    self.model = model
    self.part = part
    self.replicates = replicates
    self.ensemble = ensemble
  }
}

public struct DrawPanels: Sendable, Codable, Equatable {
  public var session: String
  public var model: String
  /// The number of test patients to draw, in addition to `worst`. These patients are chosen at random; the
  /// choice depends only on the study's seed, the site and this number.
  public var count: Int
  /// The numbers of the test patients with the worst results, who are drawn as well.
  public var worst: [Int]?
  /// The folder to which the PNG files are written.
  public var directory: String

  public init(session: String, model: String, count: Int, worst: [Int]? = nil, directory: String) {
    self.session = session
    self.model = model
    self.count = count
    self.directory = directory
    self.worst = worst
  }
}

public struct MeasureModel: Sendable, Codable, Equatable {
  public var session: String
  public init(session: String) { self.session = session }
}

public struct InspectFile: Sendable, Codable, Equatable {
  public var path: String
  public init(path: String) { self.path = path }
}

public struct CloseSession: Sendable, Codable, Equatable {
  public var session: String
  public init(session: String) { self.session = session }
}
