import FederatedCore

extension Study.Model {
  /// The places where the model can be cut for split learning, from the input on: the named boundaries
  /// between its parts that few tensors cross.
  ///
  /// At a cut `layer2`, a site keeps the layers up to and including `layer2` and the layers after the last
  /// pooling; the host has what is between them. A U-Net is cut at a level: at `level2`, the site keeps the
  /// two upper levels of the encoder and of the decoder, so no skip connection crosses the cut. Empty if the
  /// architecture cannot be cut.
  public var cuts: [String] {
    switch architecture {
    case .linear: []
    case .mlp: Self.numbered("hidden", hidden.count - 1)
    case .cnn: Self.numbered("level", channels.count - 1)
    case .resnet18, .resnet34, .resnet50: ["stem", "layer1", "layer2", "layer3"]
    case .densenet121: ["pool0", "transition1", "transition2", "transition3"]
    case .unet: Self.numbered("level", channels.count - 1)
    }
  }

  /// The cut of a study that names none: the middle one of ``cuts``. `nil` if the architecture cannot be cut.
  public var usualCut: String? { cuts.isEmpty ? nil : cuts[cuts.count / 2] }

  /// Why the model cannot be cut there, with the cuts that are possible; `nil` if it can.
  public func objection(toCut cut: String) -> String? {
    let name = architecture.rawValue
    if cuts.isEmpty {
      let advice =
        [.mlp, .cnn].contains(architecture) ? "give it more levels" : "choose another architecture"
      return "the model '\(name)' has no place where it can be cut for split learning; \(advice)"
    }
    if !cuts.contains(cut) {
      let reason =
        architecture == .unet
        ? "a U-Net is cut at a level of encoder and decoder, so that no skip connection crosses"
        : "a cut inside a block would send all tensors that pass it by"
      return
        "the model '\(name)' cannot be cut at '\(cut.onOneLine)'; expected one of \(cuts.joined(separator: ", ")) (\(reason))"
    }
    if dropout > 0 {
      return "a split model has no dropout, since its random numbers would be divided between site and host; "
        + "set model.dropout: 0"
    }
    return nil
  }

  private static func numbered(_ name: String, _ count: Int) -> [String] {
    count < 1 ? [] : (1...count).map { "\(name)\($0)" }
  }
}
