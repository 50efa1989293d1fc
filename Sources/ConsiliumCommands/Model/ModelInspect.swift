import ArgumentParser
import FederatedCore
import Foundation
import ParameterFiles

struct ModelInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "List the tensors of a safetensors file.",
    discussion: "The SHA-256 covers names, shapes and values, as in a run's records.")

  @Argument(help: ArgumentHelp("A safetensors file.", valueName: "file"))
  var path: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let model = ModelDescription(path: path, of: try ParameterFile.read(named: path))
    Console.current.print(json ? JSONLine.encode(model) : model.text)
  }
}

extension ParameterFile {
  /// Reads the file that the user named.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  static func read(named path: String) throws -> NamedParts {
    do {
      return try read(from: URL(fileURLWithPath: path))
    } catch {
      throw ConsiliumError(.invalidInput, error.message, cause: error)
    }
  }
}

/// The output of `model inspect`.
struct ModelDescription: Encodable {
  struct Tensor: Encodable {
    /// The part of the file: `model`, or a state that a strategy stores next to the model.
    var part: String
    var name: String
    var shape: [Int]
    var role: ParameterLayout.Role
  }

  var file: String
  var sha256: String
  /// The number of scalars that the optimizer changes.
  var trainable: Int
  /// The number of scalars in buffers, such as running statistics.
  var buffers: Int
  var tensors: [Tensor]

  init(path: String, of group: NamedParts) {
    file = path
    sha256 = ParameterDigest.sha256(of: group)
    tensors = zip(group.names, group.parts).flatMap { name, part in
      part.layout.entries.map { Tensor(part: name, name: $0.name, shape: $0.shape, role: $0.role) }
    }
    let count = { (role: ParameterLayout.Role) in
      group.parts.flatMap(\.layout.entries).reduce(0) { $0 + ($1.role == role ? $1.count : 0) }
    }
    (trainable, buffers) = (count(.trainable), count(.buffer))
  }

  var text: String {
    let hasParts = Set(tensors.map(\.part)).count > 1
    let names = tensors.map { hasParts ? "\($0.part)/\($0.name)" : $0.name }
    let width = names.map(\.count).max() ?? 0
    let lines = zip(names, tensors).map { name, tensor in
      let shape = tensor.shape.isEmpty ? "scalar" : tensor.shape.map(String.init).joined(separator: "×")
      return "  \(name.rightPadded(to: width))  \(shape)\(tensor.role == .buffer ? "  buffer" : "")".onOneLine
    }
    return """
      \(file.onOneLine)
      SHA-256     \(sha256)
      parameters  \(trainable) trainable, \(buffers) in buffers
      tensors     \(tensors.count)
      \(lines.joined(separator: "\n"))
      """
  }
}
