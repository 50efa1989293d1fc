import Credentials
import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles

/// One study's network side at the coordinator: the mailboxes of its arms, and the files that it offers and receives.
public actor StudyEndpoint {
  /// Checks what a site says that it contributes; throws where the statement or its signature is not right.
  public typealias ContributionCheck =
    @Sendable (_ statement: Data, _ contribution: NetworkContribution) async throws -> Void

  public nonisolated let study: String
  public nonisolated let members: Set<SiteID>
  /// What sites fetch: models, and what strategies send beside them.
  nonisolated let outgoing: BlobStore
  /// How many bytes of a file one call of a site carries.
  nonisolated var callBytes: Int { NetworkTuning.callBytes(sites: members.count) }
  /// The weights to begin with, once they are settled.
  private let initial: BlobStore
  private let incomingFolder: URL
  private let check: ContributionCheck
  private var incoming: [SiteID: BlobStore] = [:]
  private var mailboxes: [String: CoordinatorMailbox] = [:]
  private var endedArms: Set<String> = []
  private var isClosed = false
  /// Sent when an arm opens or ends, and when the endpoint closes.
  private let changes = Signal()
  private var lent = LentFiles<BlobDescriptor, Loan>()
  /// What the files of a study that has ended are called here.
  private var offered: [URL: BlobDescriptor] = [:]
  /// The most bytes that a site may send at once; nil before an arm is open.
  private var largestUpload: Int?

  private struct Loan: Hashable {
    var arm: String
    var round: Int
  }

  /// - Parameters:
  ///   - folder: for files on their way; what an earlier process left there is used where it is still right.
  ///   - check: of every update's statement, before it counts.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public init(study: String, members: Set<SiteID>, folder: URL, check: @escaping ContributionCheck) throws {
    (self.study, self.members, self.check) = (study, members, check)
    outgoing = try BlobStore(folder.appending(path: "outgoing"), keepsSpares: false)
    // What an earlier process offered is offered anew where it is wanted.
    outgoing.removeAll()
    initial = try BlobStore(folder.appending(path: "initial"), keepsSpares: false)
    incomingFolder = folder.appending(path: "incoming")
  }

  // MARK: The coordinator's side

  /// Opens an arm to the sites.
  ///
  /// - Parameters:
  ///   - layout: the shape of the arm's model.
  ///   - vectors: the number of vectors of this shape in the largest answer.
  public func open(_ mailbox: CoordinatorMailbox, arm: String, layout: ParameterLayout, vectors: Int = 1) {
    mailboxes[arm] = mailbox
    endedArms.remove(arm)
    // A safetensors file: four bytes a value, and a header that names each tensor.
    let names = layout.entries.reduce(0) { $0 + 2 * $1.name.utf8.count + 200 }
    let size = max(1, vectors) * (4 * layout.count + names) + 65_536
    // Arms that have ended count too: an answer to one may still be in transfer.
    largestUpload = max(largestUpload ?? 0, size)
    changes.send()
  }

  /// Records a site's report that it cannot work as a failure of its assignment in an arm.
  ///
  /// - Returns: `false` if the site has no assignment in the arm at present.
  @discardableResult
  public func fail(_ site: SiteID, in arm: String, with error: ConsiliumError) async -> Bool {
    guard let mailbox = mailboxes[arm], let assignment = await mailbox.assignment(of: site) else {
      return false
    }
    return (try? await mailbox.submit(.failure(error), to: assignment.id, from: site)) ?? false
  }

  /// Ends an arm: sites that ask for its assignments are told so.
  public func end(arm: String) {
    mailboxes[arm] = nil
    endedArms.insert(arm)
    takeBack { $0.arm == arm }
    changes.send()
  }

  /// Parameters that a site has sent as a file, also one that takes part no more: the others were told that they are here.
  ///
  /// - Parameters:
  ///   - file: the file's digest, in hexadecimal.
  ///   - digest: the SHA-256 of the parameters.
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where none has sent it whole.
  public func received(file: String, layout: ParameterLayout, digest: String) throws -> ModelParameters {
    guard BlobStore.isName(file) else {
      throw ConsiliumError(.invalidUpdate, "a site named its weights by something that is no digest")
    }
    let folders = try? FileManager.default.contentsOfDirectory(
      at: incomingFolder, includingPropertiesForKeys: nil)
    for folder in folders ?? [] {
      let url = folder.appending(path: file + ".safetensors")
      guard let model = try? ParameterFile.readModel(from: url, layout: layout),
        ParameterDigest.sha256(of: model) == digest
      else { continue }
      return model
    }
    throw ConsiliumError(
      .unavailable,
      "no site's weights to begin with are here whole; resume the study, and the sites send them")
  }

  /// Takes the weights to begin with from a file of the run; the copies that sites have sent make room for their updates.
  public func settle(initial file: URL) throws {
    let blob = try initial.add(copyOf: file)
    for store in incoming.values { store.remove(blob) }
  }

  /// True where these weights to begin with are here whole, so that nobody else need send them.
  func hasInitial(_ blob: BlobDescriptor) throws -> Bool {
    // Once arms are open, what sites have sent are updates, each its site's own.
    let isSent =
      mailboxes.isEmpty && endedArms.isEmpty && incoming.values.contains { $0.blob(blob.digest) != nil }
    return try isSent || initial.firstMissing(of: blob) == blob.chunkCount
  }

  /// The most bytes that the weights to begin with may have before an arm is open.
  static let largestInitialModel = 16 << 30

  /// Makes a file one that the sites may fetch.
  public func offer(_ file: URL) throws -> BlobDescriptor { try outgoing.add(copyOf: file) }

  /// Makes a model one that the sites may fetch in this round; gives the digest of its file.
  public func offer(_ model: ModelParameters, in round: Int, of arm: String) throws -> String {
    try lend(NamedParts(model), for: .init(round: round, stage: nil), of: arm).name
  }

  /// Removes an update that is part of a committed round.
  ///
  /// - Parameter digest: of its file, in hexadecimal.
  public func forgetUpdate(_ digest: String, of site: SiteID) { incoming[site]?.remove(named: digest) }

  /// Removes all that is on its way, at the end of a study.
  public func clear() {
    for store in incoming.values { store.removeAll() }
    initial.removeAll()
  }

  /// The files of a study that has ended, ready to be fetched.
  public func files(_ files: [(path: String, url: URL)], state: StudyState) throws -> StudyFiles {
    // Asked for at each call that fetches a part of one; they no longer change.
    for file in files where offered[file.url] == nil { offered[file.url] = try offer(file.url) }
    return StudyFiles(
      state: state, files: files.compactMap { file in offered[file.url].map { (file.path, $0) } },
      store: outgoing)
  }

  public func close() {
    isClosed = true
    changes.send()
  }

  // MARK: The sites' side

  /// The mailbox of an arm as soon as it is open; `nil` once the arm or the study has ended or the task is
  /// cancelled.
  func mailbox(of arm: String) async -> CoordinatorMailbox? {
    while !isClosed, !endedArms.contains(arm), !Task.isCancelled {
      let seen = changes.count
      if let mailbox = mailboxes[arm] { return mailbox }
      await changes.wait(after: seen)
    }
    return nil
  }

  /// The mailbox of an arm if it is open now.
  func openMailbox(of arm: String) -> CoordinatorMailbox? { mailboxes[arm] }

  /// An endpoint is closed where its study pauses too, and then its arms go on later.
  func hasEnded(_ arm: String) -> Bool { endedArms.contains(arm) }

  /// Makes a tensor a file that the sites can fetch; the same file for all sites that get the same parameters.
  func lend(_ tensor: StageTensor, for id: Assignment.ID, of arm: String) throws -> BlobDescriptor {
    guard case .parameters(let parameters) = tensor else { return try outgoing.add(tensor) }
    return try lend(parameters, for: id, of: arm)
  }

  func lend(_ parameters: NamedParts, for id: Assignment.ID, of arm: String) throws -> BlobDescriptor {
    let blob = try lent.lend(parameters, to: Loan(arm: arm, round: id.round)) { try outgoing.add(parameters) }
    // Models of rounds long gone; whoever still fetches one has it open.
    takeBack { $0.arm == arm && $0.round + 1 < id.round }
    return blob
  }

  /// Removes the files of these models, but those that are lent otherwise too.
  private func takeBack(_ isDone: (Loan) -> Bool) {
    lent.takeBack(from: isDone)
    for blob in lent.takeUnused() { outgoing.remove(blob) }
  }

  /// The store that holds what a site sends.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` where the file is larger than any update of this study.
  func store(for site: SiteID, announcing blob: BlobDescriptor?) throws -> BlobStore {
    let largestUpload = largestUpload ?? Self.largestInitialModel
    if let blob, blob.size > largestUpload {
      throw ConsiliumError(
        .invalidUpdate,
        "site '\(site)' announced \(blob.size) bytes; an update of this study has at most \(largestUpload)")
    }
    if let store = incoming[site] { return store }
    // Certificates hold no other names; but this one becomes a path.
    try Party.check(name: site.rawValue)
    let store = try BlobStore(incomingFolder.appending(path: site.rawValue))
    incoming[site] = store
    return store
  }

  func check(_ statement: Data, _ contribution: NetworkContribution) async throws {
    try await check(statement, contribution)
  }
}

/// The parameters that a site has sent as its part in a round.
public struct NetworkContribution: Sendable {
  public var site: SiteID
  public var arm: String
  public var id: Assignment.ID
  /// The digest of the update's file, in hexadecimal.
  public var updateDigest: String
  public var weight: Double
  public var exampleCount: Int

  public init(
    site: SiteID, arm: String, id: Assignment.ID, updateDigest: String, weight: Double, exampleCount: Int
  ) {
    self.site = site
    self.arm = arm
    self.id = id
    self.updateDigest = updateDigest
    self.weight = weight
    self.exampleCount = exampleCount
  }

  /// The contribution that a message with a file of parameters makes.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there is not exactly one file, or no weight or
  ///   number of examples.
  init(
    of message: StageMessage, files: [String: String], site: SiteID, arm: String, id: Assignment.ID
  ) throws(ConsiliumError) {
    guard let file = files.values.first, files.count == 1 else {
      throw messageFault("\(files.count) files in an answer; expected one")
    }
    self.init(
      site: site, arm: arm, id: id, updateDigest: file, weight: try message.number(.weight),
      exampleCount: try message.count(.examples))
  }
}
