import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import ParameterFiles
import TestSupport
import Testing

@testable import FederatedTransport

/// The upload of initial weights by the study lead.
struct WeightsUploadTests {
  private let weights = ModelParameters(
    layout: TestConsortium.layout, values: (0..<TestConsortium.layout.count).map(Float.init))

  private func send(
    as role: Role, in folder: URL, expecting expected: Bool = true
  ) async throws -> (error: ConsiliumError?, arrived: URL?) {
    let consortium = try TestConsortium(in: folder)
    let sender = try BlobStore(folder.appending(path: "lead"))
    let receiver = try BlobStore(folder.appending(path: "weights"))
    let blob = try sender.add(NamedParts(weights))
    if expected { await consortium.program.expect(weights: blob.name, of: "s", in: receiver) }
    let identity = try consortium.authority.identity(role, "lab")
    let error = try await consortium.withServer { _, port in
      try await consortium.withClient(identity, port: port) { client in
        await refusal {
          try await AdministrationClient(client.link).send(weights: blob, of: "s", from: sender)
        }
      }
    }
    let arrived = try BlobStore(folder.appending(path: "weights")).kept(named: blob.name)
    return (error, arrived.map { receiver.url(of: $0) })
  }

  @Test func leadSendsTheFileOfItsStudy() async throws {
    try await withTemporaryFolder { folder in
      let (error, arrived) = try await send(as: .lead, in: folder)
      #expect(error == nil)
      let file = try #require(arrived)
      #expect(try ParameterFile.readModel(from: file, layout: TestConsortium.layout).values == weights.values)
    }
  }

  @Test func unexpectedFileIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let (error, arrived) = try await send(as: .lead, in: folder, expecting: false)
      #expect(error?.message.contains("these weights are not expected") == true)
      #expect(arrived == nil)
    }
  }

  @Test(arguments: [Role.operator, .observer]) func nobodyElseSendsWeights(role: Role) async throws {
    try await withTemporaryFolder { folder in
      let (error, arrived) = try await send(as: role, in: folder)
      #expect(error?.message.contains("has the role \(role.rawValue)") == true)
      #expect(arrived == nil)
    }
  }
}
