import Crypto
import FederatedCore
import Foundation

/// The SHA-256 that identifies models, updates and states.
///
/// It is computed over the following, without any separator between them:
/// 1. the UTF-8 text `consilium-parameters-1` and a line feed;
/// 2. for each part and each of its entries, in order, the UTF-8 text `part role shape name` and a line feed,
///    where `shape` is the extents joined by `x` (`-` for a scalar) and `role` is `trainable` or `buffer`;
/// 3. the values of all parts in order, as little-endian 32-bit IEEE floats.
public enum ParameterDigest {
  /// - Returns: 64 hexadecimal digits.
  public static func sha256(of group: some ParameterGroup) -> String { sha256(of: NamedParts(group)) }

  /// The SHA-256 that identifies models that predict together: over the text `consilium-ensemble-1 FUSION`
  /// and the models' own digests, each followed by a line feed.
  ///
  /// - Returns: 64 hexadecimal digits.
  public static func sha256(of models: [String], combinedBy fusion: ModelFusion) -> String {
    let lines = ["consilium-ensemble-1 \(fusion.rawValue)"] + models
    return SHA256.hash(data: Data(lines.map { $0 + "\n" }.joined().utf8)).hexadecimal
  }

  public static func sha256(of group: NamedParts) -> String {
    var hash = SHA256()
    var header = "consilium-parameters-1\n"
    for (name, part) in zip(group.names, group.parts) {
      for entry in part.layout.entries {
        let shape = entry.shape.isEmpty ? "-" : entry.shape.map(String.init).joined(separator: "x")
        header += "\(name) \(entry.role.rawValue) \(shape) \(entry.name)\n"
      }
    }
    hash.update(data: Data(header.utf8))
    for part in group.parts {
      part.buffer.withUnsafeValues { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
    return hash.finalize().hexadecimal
  }
}
