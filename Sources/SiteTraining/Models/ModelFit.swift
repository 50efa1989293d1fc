import StudyProtocol

/// Checks whether a study's model accepts the size of its images.
struct ModelFit {
  private let model: Study.Model

  init(_ model: Study.Model) { self.model = model }

  /// The error message, with advice, for examples of a size that the model does not accept; `nil` if it
  /// accepts this size.
  ///
  /// - Parameter shape: the shape of an example: channels, then the spatial axes, slowest first.
  func objection(to shape: [Int]) -> String? {
    let sides = Array(shape.dropFirst().reversed())
    guard !sides.isEmpty else { return nil }
    return halvings(of: sides) ?? singleValue(in: sides)
  }

  private func halvings(of sides: [Int]) -> String? {
    switch model.architecture {
    case .linear, .mlp, .resnet18, .resnet34, .resnet50: nil
    case .cnn: tooSmall(sides, least: 1 << min(30, max(0, model.channels.count - 1)))
    // Two strides and three poolings each halve the sides. They reduce a side of 29 pixels to one pixel, and
    // a side of 28 to none.
    case .densenet121: tooSmall(sides, least: 29)
    case .unet: unevenly(sides)
    }
  }

  /// The error message for images that the model reduces to a single pixel, if it uses instance
  /// normalisation. That needs at least two pixels, since a single value has no variance.
  private func singleValue(in sides: [Int]) -> String? {
    guard model.norm == .instance, let reduction = reduction, sides.allSatisfy({ reduction.reduced($0) <= 1 })
    else { return nil }
    return
      "\(found(sides)), which the model '\(model.architecture.rawValue)' reduces to a single one, and instance "
      + "normalisation needs two; one side needs \(reduction.least) or more: add a resample or crop-or-pad step to the "
      + "study, or set model.norm to group"
  }

  /// How the model reduces the side of an image; `nil` for a model without convolutions. `reduced` computes
  /// the length of a reduced side, and `least` is the smallest side of which two pixels remain.
  private var reduction: (reduced: (Int) -> Int, least: Int)? {
    let halve = { (side: Int, times: Int) in (0..<times).reduce(side) { side, _ in (side + 1) / 2 } }
    switch model.architecture {
    case .linear, .mlp: return nil
    case .resnet18, .resnet34, .resnet50: return ({ halve($0, 5) }, 33)
    case .densenet121: return ({ halve($0, 2) / 8 }, 61)
    case .cnn:
      let factor = 1 << min(30, max(0, model.channels.count - 1))
      return ({ $0 / factor }, 2 * factor)
    case .unet: return ({ $0 / divisor }, 2 * divisor)
    }
  }

  private func tooSmall(_ sides: [Int], least: Int) -> String? {
    guard sides.contains(where: { $0 < least }) else { return nil }
    return
      "\(found(sides)), and the model '\(model.architecture.rawValue)' halves them too often; "
      + "each side needs \(least) or more: add a resample or crop-or-pad step to the study"
  }

  /// The product of the strides. If it overflows, a number larger than any side.
  private var divisor: Int {
    model.strides.reduce(1) { product, stride in
      let (next, overflows) = product.multipliedReportingOverflow(by: max(1, stride))
      return overflows || next > 1 << 30 ? 1 << 30 : next
    }
  }

  private func unevenly(_ sides: [Int]) -> String? {
    let divisor = divisor
    guard !sides.allSatisfy({ $0.isMultiple(of: divisor) }) else { return nil }
    let larger = sides.map { ($0 + divisor - 1) / divisor * divisor }
    let smaller = sides.map { max(1, $0 / divisor) * divisor }
    let fitting = [smaller, larger].map(text)
    return
      "\(found(sides)), but this U-Net needs sides that are multiples of \(divisor), the product of its strides, "
      + "such as \(fitting[0] == fitting[1] ? fitting[0] : fitting.joined(separator: " or ")); add "
      + "{crop-or-pad: {size: [\(larger.map(String.init).joined(separator: ", "))]}} or a resample step to the study"
  }

  private func found(_ sides: [Int]) -> String {
    "after preprocessing the image has \(text(sides)) \(sides.count == 3 ? "voxels" : "pixels")"
  }

  private func text(_ sides: [Int]) -> String { sides.map(String.init).joined(separator: "×") }
}
