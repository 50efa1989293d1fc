import FederatedCore
import Foundation
import GRPCCore
import ParameterFiles
import Synchronization

/// A site's way to the desk of one arm, over the network.
public struct NetworkTransport<Payload: ParameterGroup>: SiteTransport {
  /// Makes the site's signed statement of what it contributes; `base` is the digest of the file of the model it trained from.
  public typealias Signing =
    @Sendable (_ contribution: NetworkContribution, _ base: String) async throws -> Data
  /// Lets go of what only earlier training needed, so that the files that come are written over its files. These are the digests of the
  /// files of the model to train from and of what comes beside it, parts of which may be here.
  public typealias Clearing =
    @Sendable (_ id: Assignment.ID, _ model: String, _ beside: String?) async -> Void

  let client: CoordinatorClient
  let study: String
  let arm: String
  let layout: ParameterLayout
  let store: BlobStore
  let sign: Signing
  let clear: Clearing
  /// The digest of the file of the model of the assignment under way.
  private let base = LastFile()

  /// - Parameters:
  ///   - layout: of the agreed model; another one is refused.
  ///   - store: for files on their way in both directions.
  ///   - clear: called with each assignment to train, before its model is fetched.
  public init(
    _ client: CoordinatorClient, study: String, arm: String, layout: ParameterLayout, store: BlobStore,
    sign: @escaping Signing, clear: @escaping Clearing = { _, _, _ in }
  ) {
    (self.client, self.study, self.arm, self.layout) = (client, study, arm, layout)
    (self.store, self.sign, self.clear) = (store, sign, clear)
  }

  public func nextAssignment(for site: SiteID) async throws -> Assignment? {
    while let message = try await client.nextAssignment(study: study, arm: arm) {
      let blob = try BlobDescriptor(message.model)
      if case .train(let train)? = message.work {
        let beside = train.hasMessage ? try BlobDescriptor(train.message).name : nil
        await clear(.init(message.id), blob.name, beside)
      }
      do {
        let callBytes = NetworkTuning.callBytes(asked: message.callBytes)
        try await client.fetch(blob, of: study, into: store, callBytes: callBytes)
        return try await assignment(message, model: blob)
      } catch let error as ConsiliumError where error.isOutdated {
        // The round went on while this site fetched its model: what is now to be done comes with the next question.
        continue
      }
    }
    return nil
  }

  private func assignment(_ message: Consilium_V1_Assignment, model blob: BlobDescriptor) async throws
    -> Assignment
  {
    let model = try ParameterFile.readModel(from: store.url(of: blob), layout: layout)
    base.name.withLock { $0 = blob.name }
    let work: Assignment.Work
    var previousRound: Int?
    switch message.work {
    case .train(let train):
      previousRound = train.previousRound == 0 ? nil : Int(train.previousRound)
      let beside = try await beside(train, callBytes: NetworkTuning.callBytes(asked: message.callBytes))
      work = .train(try TrainingInstruction(train), message: beside)
    case .evaluate(let evaluate):
      guard let part = DataPart(rawValue: evaluate.part) else {
        throw messageFault("an evaluation on the unknown part '\(evaluate.part)'")
      }
      work = .evaluate(part)
    case nil: throw messageFault("an assignment without work")
    }
    return Assignment(
      id: .init(message.id), model: model, work: work, previousRound: previousRound, fileDigest: blob.name)
  }

  private func beside(_ train: Consilium_V1_TrainWork, callBytes: Int) async throws -> NamedParts {
    guard train.hasMessage else { return NamedParts(names: [], parts: []) }
    let blob = try BlobDescriptor(train.message)
    try await client.fetch(blob, of: study, into: store, callBytes: callBytes)
    let parts = try ParameterFile.read(from: store.url(of: blob))
    guard parts.parts.allSatisfy({ $0.layout == layout }) else {
      throw messageFault("what comes beside the model has other parameters")
    }
    return parts
  }

  public func submit(_ answer: SiteAnswer<Payload>, to id: Assignment.ID, from site: SiteID) async throws {
    var request = Consilium_V1_SubmitRequest.with { ($0.study, $0.arm, $0.id) = (study, arm, id.message) }
    switch answer {
    case .evaluation(let released):
      request.evaluation = released.content.message
      let size = try request.serializedData().count
      guard size <= NetworkTuning.largestMessage else {
        throw ConsiliumError(
          .invalidUpdate,
          "the evaluation has \(size) bytes; at most \(NetworkTuning.largestMessage) can be sent; ask for fewer bootstrap "
            + "replicates")
      }
    case .failure(let released):
      let error = released.content
      request.failure = .with { ($0.code, $0.message) = (error.code.description, error.message) }
    case .update(let released):
      let (update, summary) = (released.content.update, released.content.summary)
      let blob = try store.add(NamedParts(update.payload))
      let contribution = NetworkContribution(
        site: site, arm: arm, id: id, updateDigest: blob.name, weight: update.weight,
        exampleCount: summary.exampleCount)
      guard let base = base.name.withLock({ $0 }) else {
        throw messageFault("an update without an assignment")
      }
      let statement = try await sign(contribution, base)
      request.update = .with {
        ($0.blob, $0.weight, $0.summary) = (blob.message, update.weight, summary.message)
        $0.contribution = statement
      }
      while true {
        try await client.send(blob, of: study, from: store)
        do {
          _ = try await client.submit(request)
          return
        } catch let error as ConsiliumError where error.isOfLostFile {
          // It was there and has gone since; it is sent again.
          continue
        }
      }
    }
    _ = try await client.submit(request)
  }
}

/// What was fetched last.
private final class LastFile: Sendable {
  let name = Mutex<String?>(nil)
}

extension ConsiliumError {
  /// True where a file is no longer offered.
  fileprivate var isOutdated: Bool { (cause as? RPCError)?.code == .notFound }

  /// True where the coordinator no longer has a file that it had.
  fileprivate var isOfLostFile: Bool { (cause as? RPCError)?.code == .dataLoss }
}
