/// The target of a resampling step: a size or a spacing.
public enum Resampling: Sendable, Equatable {
  /// The number of pixels along x, y (and z).
  case size([Int])
  /// The millimetres per pixel along x, y (and z).
  case spacing([Double])
}

extension Resampling: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "resample", effect: "resamples images linearly, and masks to the nearest neighbour",
    keys: [
      .init("size", .optional, "pixels along x, y (and z)"),
      .init("spacing", .optional, "millimetres per pixel along x, y (and z), instead of `size`"),
    ], example: "{size: [64, 64]}")

  init?(reading map: MappingReader) {
    let size = map.integers("size", .from(1, to: 16384))
    let spacing = map.optional("spacing").map {
      $0.list("a list of numbers").compactMap { $0.number(.positive) }
    }
    switch (map.log.has(map.path("size")), spacing) {
    case (true, nil): self = .size(size)
    case (false, let spacing?): self = .spacing(spacing)
    default:
      map.log.add("expected either 'size' in pixels or 'spacing' in millimetres", at: map.path)
      return nil
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    switch self {
    case .size(let size): try box.put("size", size)
    case .spacing(let spacing): try box.put("spacing", spacing)
    }
  }

  var step: PreprocessingStep { .resample(self) }

  var words: String {
    switch self {
    case .size(let size): "images are resampled to \(English.size(size)) pixels"
    case .spacing(let spacing):
      "images are resampled to \(spacing.map(\.short).joined(separator: " × ")) mm per pixel"
    }
  }

  func size(after size: [Int]?) -> [Int]? {
    if case .size(let new) = self { new } else { nil }
  }

  func check(in context: StepContext) {
    switch self {
    case .size(let size): context.checkCount(size.count)
    case .spacing(let spacing): context.checkCount(spacing.count)
    }
  }
}
