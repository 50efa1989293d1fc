import FederatedCore
import Foundation
import GRPCCore
import ParameterFiles

/// A site's connection to the mailbox of one arm, over the network.
public struct NetworkTransport: SiteTransport {
  /// Creates the site's signed statement about its contribution. The assignment names the files from which
  /// the site trained; the answer has the update.
  public typealias Signing =
    @Sendable (_ contribution: NetworkContribution, _ assignment: Assignment, _ answer: StageMessage)
    async throws -> Data
  /// Removes files that only earlier assignments needed, so that incoming files can reuse their space. Keeps
  /// `files`, the assignment's own files, which may already be partly here.
  public typealias Clearing =
    @Sendable (_ id: Assignment.ID, _ kind: StageMessage.Kind, _ files: [String: String]) async throws
    -> Void

  /// Returns the most recent round of the arm whose manifest the site has verified, and the digest of that
  /// manifest. Returns `nil` before the first round.
  public typealias Known = @Sendable () async -> (round: Int, manifest: String)?

  let client: CoordinatorClient
  let study: String
  let arm: String
  let layout: ParameterLayout
  let store: BlobStore
  let sign: Signing
  let clear: Clearing
  let known: Known

  /// - Parameters:
  ///   - layout: the layout of the agreed model; parameters of a different shape are refused.
  ///   - store: holds the files in transfer, in both directions.
  ///   - clear: called with each assignment, before its files are fetched.
  public init(
    _ client: CoordinatorClient, study: String, arm: String, layout: ParameterLayout, store: BlobStore,
    sign: @escaping Signing, clear: @escaping Clearing = { _, _, _ in }, known: @escaping Known = { nil }
  ) {
    self.known = known
    self.client = client
    self.study = study
    self.arm = arm
    self.layout = layout
    self.store = store
    self.sign = sign
    self.clear = clear
  }

  public func nextAssignment(for site: SiteID) async throws -> Assignment? {
    while let ask = try await client.nextAsk(study: study, arm: arm, known: await known()) {
      let (id, message) = (Assignment.ID(ask.id), try WireMessage(ask.message))
      var proof = Array(ask.manifests)
      try await clear(id, message.withoutTensors.kind, message.files)
      do {
        let callBytes = NetworkTuning.callBytes(asked: ask.callBytes)
        for (_, blob) in message.blobs.sorted(by: { $0.key < $1.key }) {
          try await client.fetch(blob, of: study, into: store, callBytes: callBytes)
        }
        if ask.hasManifestsFile {
          let blob = try BlobDescriptor(ask.manifestsFile)
          try await client.fetch(blob, of: study, into: store, callBytes: callBytes)
          proof = try store.takeBytes(of: blob)
        }
      } catch let error as ConsiliumError where error.isOutdated {
        // The round ended while this site was fetching the files: ask for the current assignment.
        continue
      }
      return Assignment(
        id: id, message: try message.read(from: store, layout: layout),
        previousRound: ask.previousRound == 0 ? nil : Int(ask.previousRound), files: message.files,
        proof: proof, contributions: Array(ask.contributions))
    }
    return nil
  }

  public func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws {
    var request = Consilium_V1_Answer()
    request.study = study
    request.arm = arm
    request.id = assignment.id.message
    switch answer {
    case .failure(let released):
      let error = released.content
      request.failure = .with {
        $0.code = error.code.description
        $0.message = error.message
      }
      _ = try await client.submit(request)
    case .message(let released):
      let blobs = try await write(released.content, into: &request)
      if released.content.tensors.values.contains(where: \.isParameters) {
        let contribution = try NetworkContribution(
          of: released.content, files: blobs.mapValues(\.name), site: site, arm: arm, id: assignment.id,
          base: assignment.files["model"], strategyMessage: assignment.files["message"])
        request.statement = try await sign(contribution, assignment, released.content)
      }
      try await send(request, with: Array(blobs.values))
    }
  }

  /// - Returns: the files of the message, by the names of their tensors.
  private func write(_ message: StageMessage, into request: inout Consilium_V1_Answer) async throws
    -> [String: BlobDescriptor]
  {
    request.message = try await message.wire { try store.add($0) }
    let size = try request.serializedData().count
    guard size <= NetworkTuning.largestMessage else {
      throw ConsiliumError(
        .invalidUpdate,
        "the answer of the kind '\(message.kind)' has \(size) bytes; at most \(NetworkTuning.largestMessage) can be sent; ask "
          + "for fewer bootstrap replicates")
    }
    return try WireMessage(request.message).blobs
  }

  private func send(_ request: Consilium_V1_Answer, with blobs: [BlobDescriptor]) async throws {
    while true {
      for blob in blobs { try await client.send(blob, of: study, from: store) }
      do {
        _ = try await client.submit(request)
        return
      } catch let error as ConsiliumError where error.isOfLostFile {
        // The coordinator had the file and has lost it: send it again.
        continue
      }
    }
  }
}

extension ConsiliumError {
  /// Whether the error says that a file is no longer offered.
  fileprivate var isOutdated: Bool { (cause as? RPCError)?.code == .notFound }

  /// Whether the error says that the coordinator has lost a file.
  fileprivate var isOfLostFile: Bool { (cause as? RPCError)?.code == .dataLoss }
}
