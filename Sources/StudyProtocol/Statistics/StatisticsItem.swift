import FederatedCore

/// A property that federated statistics count at every site, derived from the study's elements.
///
/// The sites and the coordinator derive the same list of items, so the numbers are sent without names.
public struct StatisticsItem: Sendable, Equatable {
  /// The property of a patient's records that is counted. Axes are numbered 0 for x, 1 for y and 2 for z.
  public enum Source: Sendable, Equatable {
    /// A number in the table; for a patient with several records, their mean.
    case number
    /// A category in the table; for a patient with several records, the most frequent category.
    case category
    /// The spacing of the stored images along an axis, in millimetres.
    case spacing(axis: Int)
    /// The number of pixels or voxels along an axis.
    case size(axis: Int)
    /// The intensities of the stored images.
    case intensity
    /// Whether a class occurs in the patient's masks.
    case presence(label: Int)
    /// The share of the patient's pixels or voxels that are of a class.
    case share(label: Int)
  }

  public let element: CommonDataElement
  public let source: Source

  public init(_ element: CommonDataElement, _ source: Source) {
    self.element = element
    self.source = source
  }

  private static let axes = ["x", "y", "z"]

  /// The heading, such as `age`, `flair: spacing along z` or `lesion: abnormality`.
  public var title: String {
    switch source {
    case .number, .category: element.name
    case .spacing(let axis): "\(element.name): spacing along \(Self.axes[axis])"
    case .size(let axis): "\(element.name): size along \(Self.axes[axis])"
    case .intensity: "\(element.name): intensity"
    case .presence(let label): "\(element.name): \(element.values[label].label)"
    case .share(let label): "\(element.name): share of \(element.values[label].label)"
    }
  }

  /// The names of the classes; empty for numbers.
  public var labels: [String] {
    switch source {
    case .category: element.values.map(\.label)
    case .presence: ["absent", "present"]
    default: []
    }
  }

  public var unit: String? {
    switch source {
    case .number: element.unit
    case .spacing: "mm"
    default: nil
    }
  }

  /// Whether a patient can lack a value. If no patient can, reports leave out the number of missing values.
  public var canLack: Bool {
    switch source {
    case .number, .category: !element.required
    case .spacing: true
    case .size(let axis): axis == 2
    case .intensity, .presence, .share: false
    }
  }

  /// Limits a range of values to the numbers that the study allows.
  public func limited(_ range: StatisticsRange) -> StatisticsRange {
    guard source == .number, let declared = element.range else { return range }
    let (low, high) = (max(range.low, declared.lowerBound), min(range.high, declared.upperBound))
    return low < high ? StatisticsRange(low: low, high: high, step: range.step) : range
  }

  /// The grid over the range that the study allows; `nil` if it allows any number.
  public var declaredGrid: StatisticsGrid? {
    guard source == .number, let range = element.range else { return nil }
    return StatisticsGrid(low: range.lowerBound, high: range.upperBound, bins: bins)
  }

  /// The maximum number of bins of the item's grid or, if the item has classes, their number.
  public var bins: Int {
    if !labels.isEmpty { return labels.count }
    return source == .intensity ? StatisticsGrid.intensityBins : StatisticsGrid.numberBins
  }

  /// Whether the item consists of numbers on a grid, one number per patient.
  public var isNumber: Bool { labels.isEmpty && source != .intensity }
}

extension Study {
  /// The maximum number of items. The limit exists because all pairs of items are compared before a site
  /// releases anything.
  public static let maximumStatistics = 200

  /// The items of federated statistics, in the order of the study's elements. Numbers, categories, input
  /// images and target masks are counted. Identifiers and the element that decides the split are not.
  public var statisticsItems: [StatisticsItem] { Array(allStatistics.prefix(Self.maximumStatistics)) }

  /// The number of items beyond ``maximumStatistics``.
  public var omittedStatistics: Int { max(0, allStatistics.count - Self.maximumStatistics) }

  private var allStatistics: [StatisticsItem] {
    elements.flatMap { element -> [StatisticsItem] in
      switch element.kind {
      case .number: [StatisticsItem(element, .number)]
      case .category where element.role != .part: [StatisticsItem(element, .category)]
      case .image where element.role == .input: imageStatistics(element)
      case .mask where element.role == .target:
        element.values.indices.dropFirst().flatMap { label in
          [StatisticsItem(element, .presence(label: label)), StatisticsItem(element, .share(label: label))]
        }
      default: []
      }
    }
  }

  private func imageStatistics(_ element: CommonDataElement) -> [StatisticsItem] {
    let axes = element.dimensions == 3 || takesSlices ? 0..<3 : 0..<2
    return axes.map { StatisticsItem(element, .spacing(axis: $0)) }
      + axes.map { StatisticsItem(element, .size(axis: $0)) } + [StatisticsItem(element, .intensity)]
  }
}
