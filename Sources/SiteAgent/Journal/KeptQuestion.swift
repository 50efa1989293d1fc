import Credentials
import FederatedCore
import FederatedTransport
import Foundation

/// A question that a site was asked, and its answer. The site keeps it for ever.
struct KeptQuestion: Codable {
  /// The SHA-256 of the question's identity in hexadecimal; see ``Assignment/identity``.
  var identity: String
  var round: Int
  var stage: Int?
  /// The digests of the question's files, by the names of their tensors.
  var files: [String: String]
  /// `nil` until the site has answered.
  var answer: KeptAnswer?

  init(_ assignment: Assignment) {
    identity = Self.digest(of: assignment)
    round = assignment.id.round
    stage = assignment.id.stage
    files = assignment.files
  }

  static func digest(of assignment: Assignment) -> String {
    Fingerprint.of(Data(assignment.identity.utf8))
  }

  func asks(_ assignment: Assignment) -> Bool { identity == Self.digest(of: assignment) }
}

/// An answer without the content of its files, which may no longer exist.
struct KeptAnswer: Codable, Equatable {
  struct Vector: Codable, Equatable {
    var type: String
    var count: Int
    var bytes: Data
  }

  var kind: StageMessage.Kind
  var facts: [String: Fact]
  /// The digests of the files of the answer's parameters, by the names of their tensors.
  var files: [String: String]
  /// The tensors that are not parameters.
  var vectors: [String: Vector]

  /// Stores the parameters of an answer in `store`.
  init(_ answer: StageMessage, in store: BlobStore) throws {
    (files, vectors) = ([:], [:])
    kind = answer.kind
    facts = answer.facts
    for (name, tensor) in answer.tensors {
      if case .parameters(let parts) = tensor {
        files[name] = try store.add(parts).name
      } else {
        vectors[name] = Vector(
          type: tensor.elementType.rawValue, count: tensor.count, bytes: Data(tensor.littleEndianBytes))
      }
    }
  }

  init(kind: StageMessage.Kind, facts: [String: Fact], files: [String: String]) {
    self.kind = kind
    self.facts = facts
    self.files = files
    vectors = [:]
  }

  /// Whether both have the same tensors. Facts such as the time of the training differ between two runs.
  func hasTensors(of other: KeptAnswer) -> Bool {
    kind == other.kind && files == other.files && vectors == other.vectors
  }

  /// The complete answer; `nil` if a file is missing or damaged.
  func message(from store: BlobStore) -> StageMessage? {
    var message = StageMessage(kind, facts: facts)
    for (name, file) in files {
      guard let parts = store.keptParts(named: file) else { return nil }
      message.tensors[name] = .parameters(parts)
    }
    for (name, vector) in vectors {
      guard let type = StageTensor.ElementType(rawValue: vector.type),
        let tensor = StageTensor(type, count: vector.count, littleEndian: vector.bytes)
      else { return nil }
      message.tensors[name] = tensor
    }
    return message
  }
}
