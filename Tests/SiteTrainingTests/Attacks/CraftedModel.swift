import FederatedCore

@testable import SiteTraining

/// A CNN whose last level reacts only to extreme images: the channels have random filters and a bias that
/// lets few pixels of few images through the ReLU.
struct CraftedModel {
  private(set) var model: ModelParameters
  /// The values of the last level's filters, by channel.
  private var channels: [Range<Int>] = []

  init(_ start: ModelParameters, seed: UInt64) throws {
    model = start
    var random = RandomStream(seed: seed)
    var values = start.values
    var offset = 0
    for entry in start.layout.entries {
      let range = offset..<(offset + entry.count)
      offset += entry.count
      switch entry.name {
      case "conv1.weight", "conv2.weight":
        for index in range { values[index] = Float(2 * random.nextUnit() - 1) }
        if entry.name == "conv2.weight" {
          let size = entry.count / entry.shape[0]
          channels = (0..<entry.shape[0]).map {
            (range.lowerBound + $0 * size)..<(range.lowerBound + ($0 + 1) * size)
          }
        }
      case "norm2.weight": for index in range { values[index] = 1 }
      case "norm2.bias":
        for (channel, index) in range.enumerated() { values[index] = -(2.7 + 0.1 * Float(channel)) }
      default: break
      }
    }
    model = ModelParameters(layout: start.layout, values: values)
  }

  /// The patients whose gradient alone is the update of a channel's filter.
  func isolated(by update: ModelParameters, at site: AttackedSite) throws -> Set<Int> {
    let own = try site.patients.indices.map { try site.update(of: $0, from: model) }
    let count = Float(site.patients.count)
    var found: Set<Int> = []
    for channel in channels {
      let seen = channel.map { update.values[$0] * count }
      let length = Self.norm(seen)
      guard length > 1e-7 else { continue }
      for (patient, values) in own.enumerated() {
        let distance = Self.norm(zip(channel, seen).map { values[$0] - $1 })
        if distance < 1e-2 * length { found.insert(patient) }
      }
    }
    return found
  }

  private static func norm(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
