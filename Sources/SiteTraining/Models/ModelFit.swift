import StudyProtocol

/// The sizes of images that a study's model accepts.
struct ModelFit {
  private let model: Study.Model

  init(_ model: Study.Model) { self.model = model }

  /// The error for examples of a shape, with advice.
  ///
  /// - Parameter shape: channels, then the spatial axes, slowest first.
  /// - Returns: `nil` if the model accepts their size.
  func objection(to shape: [Int]) -> String? {
    let sides = Array(shape.dropFirst().reversed())
    guard !sides.isEmpty else { return nil }
    return switch model.architecture {
    case .linear, .mlp, .resnet18, .resnet34, .resnet50: nil
    case .cnn: tooSmall(sides, least: 1 << min(30, max(0, model.channels.count - 1)))
    // Two strides and three poolings reduce 29 pixels to one, and 28 to none.
    case .densenet121: tooSmall(sides, least: 29)
    case .unet: unevenly(sides)
    }
  }

  private func tooSmall(_ sides: [Int], least: Int) -> String? {
    guard sides.contains(where: { $0 < least }) else { return nil }
    return
      "\(found(sides)), and the model '\(model.architecture.rawValue)' halves them too often; "
      + "each side needs \(least) or more: add a resample or crop-or-pad step to the study"
  }

  private func unevenly(_ sides: [Int]) -> String? {
    // Larger than any side, in case the product overflows.
    let divisor = model.strides.reduce(1) { product, stride in
      let (next, overflows) = product.multipliedReportingOverflow(by: max(1, stride))
      return overflows || next > 1 << 30 ? 1 << 30 : next
    }
    guard !sides.allSatisfy({ $0.isMultiple(of: divisor) }) else { return nil }
    let larger = sides.map { ($0 + divisor - 1) / divisor * divisor }
    let smaller = sides.map { max(1, $0 / divisor) * divisor }
    let fitting = [smaller, larger].map(text)
    return
      "\(found(sides)), and this U-Net takes sides that are multiples of \(divisor), the product of its strides, "
      + "such as \(fitting[0] == fitting[1] ? fitting[0] : fitting.joined(separator: " or ")); add "
      + "{crop-or-pad: {size: [\(larger.map(String.init).joined(separator: ", "))]}} or a resample step to the study"
  }

  private func found(_ sides: [Int]) -> String {
    "after preprocessing the image has \(text(sides)) \(sides.count == 3 ? "voxels" : "pixels")"
  }

  private func text(_ sides: [Int]) -> String { sides.map(String.init).joined(separator: "×") }
}
