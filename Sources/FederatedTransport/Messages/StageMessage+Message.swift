import FederatedCore
import Foundation
import ParameterFiles

/// The size in bytes of the largest vector that is sent inside a message. Larger vectors are sent as files.
let largestInline = 64 << 10

/// The maximum number of tensors, and of facts, in one message.
private let mostEntries = 1000

extension StageMessage {
  /// Encodes the message for the network.
  ///
  /// - Parameter offer: turns a tensor into a file that the other side can fetch.
  func wire(offering offer: (StageTensor) async throws -> BlobDescriptor) async throws
    -> Consilium_V1_StageMessage
  {
    var message = Consilium_V1_StageMessage()
    message.kind = kind.rawValue
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      var part = tensor.wireHead(named: name)
      if case .parameters = tensor {
        part.parameters = try await offer(tensor).message
      } else if tensor.count * tensor.elementType.size <= largestInline {
        part.inline = Data(tensor.littleEndianBytes)
      } else {
        part.vector = try await offer(tensor).message
      }
      message.tensors.append(part)
    }
    message.facts = wireFacts
    return message
  }

  /// The facts, in the order of their names.
  var wireFacts: [Consilium_V1_Fact] {
    facts.sorted { $0.key < $1.key }.map { name, fact in fact.wire(named: name) }
  }
}

extension StageTensor {
  /// The tensor without its content.
  func wireHead(named name: String) -> Consilium_V1_Tensor {
    .with {
      $0.name = name
      $0.type = elementType.wire
      $0.count = UInt64(count)
    }
  }
}

/// A received message whose files may still have to be fetched or located.
struct WireMessage: Sendable {
  private let kind: StageMessage.Kind
  private let facts: [String: Fact]
  private let inline: [String: StageTensor]
  private let vectors: [String: (StageTensor.ElementType, count: Int, BlobDescriptor)]
  private let parameters: [String: BlobDescriptor]
  /// The tensors whose elements follow the head of a frame, in order. Empty outside of conversations.
  let following: [(name: String, type: StageTensor.ElementType, count: Int)]

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if a part of the message is impossible.
  init(_ message: Consilium_V1_StageMessage) throws {
    kind = StageMessage.Kind(try checkedName(message.kind))
    guard message.tensors.count <= mostEntries, message.facts.count <= mostEntries else {
      throw messageFault("\(message.tensors.count) tensors and \(message.facts.count) facts")
    }
    var (facts, inline, parameters): ([String: Fact], [String: StageTensor], [String: BlobDescriptor]) =
      ([:], [:], [:])
    var vectors: [String: (StageTensor.ElementType, count: Int, BlobDescriptor)] = [:]
    for fact in message.facts {
      guard facts.updateValue(try Fact(fact), forKey: try checkedName(fact.name)) == nil else {
        throw messageFault("a duplicate fact")
      }
    }
    var following: [(name: String, type: StageTensor.ElementType, count: Int)] = []
    var names: Set<String> = []
    for tensor in message.tensors {
      let name = try checkedName(tensor.name)
      guard names.insert(name).inserted else { throw messageFault("a duplicate tensor") }
      guard let type = StageTensor.ElementType(tensor.type) else {
        throw messageFault("a tensor of an unknown type")
      }
      let count = try count(tensor.count, "elements")
      switch tensor.content {
      case .inline(let bytes):
        guard let vector = StageTensor(type, count: count, littleEndian: bytes) else {
          throw messageFault("\(bytes.count) bytes for \(count) elements of the type \(type.rawValue)")
        }
        inline[name] = vector
      case .vector(let blob): vectors[name] = (type, count, try BlobDescriptor(blob))
      case .parameters(let blob): parameters[name] = try BlobDescriptor(blob)
      case .follows: following.append((name, type, count))
      case nil: throw messageFault("a tensor without content")
      }
    }
    self.facts = facts
    self.inline = inline
    self.vectors = vectors
    self.parameters = parameters
    self.following = following
  }

  /// The files of the message, by the names of their tensors.
  var blobs: [String: BlobDescriptor] { parameters.merging(vectors.mapValues(\.2)) { $1 } }

  /// The digests of the message's files, in hexadecimal, by the names of their tensors.
  var files: [String: String] { blobs.mapValues(\.name) }

  /// Whether some tensors of the message are model parameters.
  var hasParameters: Bool { !parameters.isEmpty }

  /// The message with only those tensors whose elements it contains. Tensors in files, and tensors that
  /// follow in chunks, are omitted.
  var withoutFiles: StageMessage { StageMessage(kind, tensors: inline, facts: facts) }

  /// The message without its tensors, for checks before the files are read.
  var withoutTensors: StageMessage { StageMessage(kind, facts: facts) }

  /// The complete message. Its files must already be in `store`.
  ///
  /// - Parameter layout: the shape that every tensor of parameters must have; `nil` for any.
  /// - Throws: ``ConsiliumError``: `.storage` if a file is damaged, `.invalidUpdate` if a tensor has a
  ///   different shape.
  func read(from store: BlobStore, layout: ParameterLayout?) throws(ConsiliumError) -> StageMessage {
    guard following.isEmpty else { throw messageFault("a tensor that follows outside of a conversation") }
    var message = withoutFiles
    for (name, blob) in parameters {
      let parts = try ParameterFile.read(from: store.url(of: blob))
      if let layout, !parts.parts.allSatisfy({ $0.layout == layout }) {
        throw messageFault("the parameters of tensor '\(name)' do not match the agreed model")
      }
      message.tensors[name] = .parameters(parts)
    }
    for (name, (type, count, blob)) in vectors {
      message.tensors[name] = try VectorFile.read(type, count: count, from: store.url(of: blob))
    }
    return message
  }
}

/// Checks the name of a kind, tensor or fact.
private func checkedName(_ name: String) throws(ConsiliumError) -> String {
  guard name.wholeMatch(of: /[a-z][a-z0-9-]{0,63}/) != nil else {
    throw messageFault("an invalid name")
  }
  return name
}

extension StageTensor.ElementType {
  fileprivate init?(_ type: Consilium_V1_ElementType) {
    switch type {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .u32: self = .u32
    case .u64: self = .u64
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  fileprivate var wire: Consilium_V1_ElementType {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .u32: .u32
    case .u64: .u64
    }
  }
}

extension Fact {
  fileprivate init(_ fact: Consilium_V1_Fact) throws(ConsiliumError) {
    switch fact.value {
    case .integer(let value): self = .integer(Int(value))
    case .real(let value): self = .real(value)
    case .text(let value): self = .text(value)
    case .integers(let list): self = .integers(list.values.map { Int($0) })
    case .reals(let list): self = .reals(list.values)
    case .texts(let list): self = .texts(list.values)
    case nil: throw messageFault("a fact without a value")
    }
    guard isFinite else { throw messageFault("a fact that is infinite or not a number") }
  }

  fileprivate func wire(named name: String) -> Consilium_V1_Fact {
    .with {
      $0.name = name
      switch self {
      case .integer(let value): $0.integer = Int64(value)
      case .real(let value): $0.real = value
      case .text(let value): $0.text = value
      case .integers(let values): $0.integers = .with { $0.values = values.map { Int64($0) } }
      case .reals(let values): $0.reals = .with { $0.values = values }
      case .texts(let values): $0.texts = .with { $0.values = values }
      }
    }
  }
}
