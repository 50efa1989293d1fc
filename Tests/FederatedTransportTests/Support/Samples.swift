import Credentials
import CredentialsTesting
import Crypto
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import NIOCore
import NIOEmbedded

@testable import FederatedTransport

extension ModelParameters {
  /// A model whose values depend on the seed.
  static func some(_ seed: Int, _ layout: ParameterLayout = TestConsortium.layout) -> ModelParameters {
    var generator = RandomStream(seed: UInt64(seed))
    return .random(layout, using: &generator)
  }
}

extension Assignment {
  /// A training assignment of one round.
  static func some(_ round: Int, stage: Int = 0, _ layout: ParameterLayout = TestConsortium.layout)
    -> Assignment
  {
    Assignment(
      id: .init(round: round, stage: stage), message: .train(from: .some(round, layout), learningRate: 0.1))
  }
}

extension Assignment {
  /// The model that the assignment sends.
  var model: ModelParameters? { try? message.parameters("model").parts.first }
}

extension CoordinatorClient {
  @discardableResult
  func join() async throws -> CoordinatorHello { try await join(programVersion: "test") { Date() } }
}

extension TestAuthority {
  /// The identity of a party that knows a revocation list.
  func identity(_ role: Role, _ name: String, knowing list: RevocationList) throws -> Identity {
    let identity = try identity(role, name)
    return try Identity(
      certificatePEM: identity.certificatePEM,
      privateKey: P256.Signing.PrivateKey(pemRepresentation: identity.privateKeyPEM),
      authority: try authority.updated(with: list))
  }
}

/// A channel without a connection.
struct EmbeddedStandIn {
  let channel: any Channel = EmbeddedChannel()
}

extension BlobStore {
  /// A file of random bytes, for transfers whose content does not matter.
  func addNoise(_ size: Int, seed: UInt64 = 1) throws -> BlobDescriptor {
    var generator = RandomStream(seed: seed)
    var data = Data(count: size)
    data.withUnsafeMutableBytes { bytes in
      for offset in stride(from: 0, to: size - size % 8, by: 8) {
        bytes.storeBytes(of: generator.next(), toByteOffset: offset, as: UInt64.self)
      }
    }
    let file = folder.appending(path: "noise-\(seed)")
    try data.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try add(copyOf: file)
  }
}

extension BlobFile {
  /// The bytes of a chunk.
  func chunk(_ index: Int) throws -> Data {
    var data = Data(count: descriptor.range(of: index).count)
    try data.withUnsafeMutableBytes { try read(index, into: $0) }
    return data
  }
}

extension BlobPart {
  func write(_ data: Data, chunk: Int) throws(ConsiliumError) {
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(ConsiliumError) in try write(bytes, chunk: chunk) }
    }
    try result.get()
  }
}
