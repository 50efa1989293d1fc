import FederatedCore

/// A study protocol: the question, the common data elements, the model, and how the model is trained,
/// federated and evaluated.
///
/// Read a study with ``init(file:)`` or ``init(yaml:file:)``, which refuse anything that the schema does not
/// contain. A `Study` has its defaults filled in and is consistent. Its ``digest`` does not depend on
/// comments and the order of keys.
public struct Study: Encodable, Sendable, Equatable {
  /// The study's name and question.
  public struct Header: Codable, Sendable, Equatable {
    /// A short name of letters, digits, `-`, `_` and `.`.
    public var name: String
    public var version: Int
    public var title: String
    /// The research question in one or two sentences, for readers who are not programmers.
    public var question: String?
    public var task: Task
    /// The seed from which all random streams of the study are derived.
    public var seed: UInt64

    public init(
      name: String, version: Int = 1, title: String, question: String? = nil, task: Task, seed: UInt64 = 0
    ) {
      self.name = name
      self.version = version
      self.title = title
      self.question = question
      self.task = task
      self.seed = seed
    }
  }

  /// The kind of prediction.
  public enum Task: String, Codable, Sendable, CaseIterable {
    /// Predicts a class for every pixel or voxel.
    case segmentation
    /// Predicts a class for every image or table row.
    case classification
    /// Predicts a risk for every patient, from times and events.
    case survival
  }

  public var header: Header
  public var elements: [CommonDataElement]
  /// The preprocessing steps in their order.
  public var preprocessing: [PreprocessingStep]
  /// The augmentation steps in their order; they apply to training data only.
  public var augmentation: [AugmentationStep]
  public var model: Model
  public var training: Training
  public var federation: Federation
  public var evaluation: Evaluation
  public var report: Report
  /// The privacy settings; `nil` if there are none, so that studies without the section keep their digest.
  public var privacy: Privacy?

  public init(
    header: Header, elements: [CommonDataElement], preprocessing: [PreprocessingStep] = [],
    augmentation: [AugmentationStep] = [], model: Model, training: Training, federation: Federation,
    evaluation: Evaluation, report: Report = Report(), privacy: Privacy? = nil
  ) {
    self.header = header
    self.elements = elements
    self.preprocessing = preprocessing
    self.augmentation = augmentation
    self.model = model
    self.training = training
    self.federation = federation
    self.evaluation = evaluation
    self.report = report
    self.privacy = privacy
  }

  private enum CodingKeys: String, CodingKey {
    case header = "study"
    case elements, preprocessing, augmentation, model, training, federation, evaluation, report, privacy
  }

  /// The contents of the report in addition to numbers.
  public struct Report: Codable, Sendable, Equatable {
    /// Whether the report may show patients' images with outlines of truth and prediction.
    public var images: Bool
    /// The stored value of ``statistics``; `nil` for the default, so that studies without this key keep their
    /// digest.
    private var statisticsKey: Bool?

    /// Whether the sites describe their data before the first round: counts, means, quantiles and histograms,
    /// but no number that covers too few patients.
    public var statistics: Bool {
      get { statisticsKey ?? false }
      set { statisticsKey = newValue ? true : nil }
    }

    public init(images: Bool = false, statistics: Bool = false) {
      self.images = images
      statisticsKey = statistics ? true : nil
    }

    private enum CodingKeys: String, CodingKey {
      case images
      case statisticsKey = "statistics"
    }
  }
}

extension Study {
  /// The elements that the model sees, in the order of the study.
  public var inputs: [CommonDataElement] { elements.filter { $0.role == .input } }

  /// The first element with a role. All roles except `input` occur at most once.
  public func element(_ role: CommonDataElement.Role) -> CommonDataElement? {
    elements.first { $0.role == role }
  }

  public func element(named name: String) -> CommonDataElement? { elements.first { $0.name == name } }

  /// The number of classes of the target; `nil` in survival studies.
  public var classCount: Int? { element(.target).map(\.values.count) }

  /// Whether the inputs are table values instead of images.
  public var isTabular: Bool { !inputs.contains { $0.kind == .image } }
}
