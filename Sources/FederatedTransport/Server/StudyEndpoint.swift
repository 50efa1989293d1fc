import Credentials
import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import StudyAgreement

/// One study's network side at the coordinator: the mailboxes of its arms, and the files that it offers and
/// receives.
public actor StudyEndpoint {
  /// Checks a site's statement about its contribution. Throws if the statement or its signature is invalid.
  public typealias ContributionCheck =
    @Sendable (_ statement: Data, _ contribution: NetworkContribution) async throws -> Void
  /// Stores the statement about a contribution, at the moment when the contribution is accepted. Throws if it
  /// cannot be stored; the contribution is then not accepted.
  public typealias ContributionKeeping =
    @Sendable (_ statement: Data, _ contribution: NetworkContribution) throws -> Void

  public nonisolated let study: String
  public nonisolated let members: Set<SiteID>
  /// The files that sites fetch: models, and the other tensors of questions.
  nonisolated let outgoing: BlobStore
  /// The maximum number of bytes of a file per call of a site.
  nonisolated var callBytes: Int { NetworkTuning.callBytes(sites: members.count) }
  /// The store for the run's own file of initial weights; empty until ``settle(initial:)`` adds the file.
  private let initial: BlobStore
  private let incomingFolder: URL
  private let check: ContributionCheck
  nonisolated let keep: ContributionKeeping
  nonisolated let ring: RingRecords
  private var incoming: [SiteID: BlobStore] = [:]
  private var mailboxes: [String: CoordinatorMailbox] = [:]
  private var endedArms: Set<String> = []
  private var isClosed = false
  /// Sent when an arm opens or ends, and when the endpoint closes.
  private let changes = Signal()
  private var lent = LentFiles<BlobDescriptor, Loan>()
  /// The blobs that a study offers after its end, by the places of their files.
  private var offered: [URL: BlobDescriptor] = [:]
  /// The maximum size of an upload in bytes; `nil` before an arm is open.
  private var largestUpload: Int?

  /// The signed manifests of each arm, which the sites verify.
  var chains: [String: [Signed<RoundManifest>]] = [:]
  /// The signed manifests of the tested models, by the name of the tests' arm and the number of the test.
  var testChains: [String: [Int: [Signed<RoundManifest>]]] = [:]
  /// The most recently written file of manifests of each arm.
  var proofs: [String: BlobDescriptor] = [:]

  private struct Loan: Hashable {
    var arm: String
    var round: Int
  }

  /// - Parameters:
  ///   - folder: the folder for files in transfer. Files of an earlier process are used if they are still
  ///     correct.
  ///   - check: applied to every update's statement before the update is accepted.
  ///   - keep: called with the statement of each accepted update, once for each assignment.
  ///   - ring: the records of arms whose rounds go from site to site.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public init(
    study: String, members: Set<SiteID>, folder: URL, check: @escaping ContributionCheck,
    keep: @escaping ContributionKeeping = { _, _ in }, ring: RingRecords = RingRecords()
  ) throws {
    self.study = study
    self.members = members
    self.check = check
    self.keep = keep
    self.ring = ring
    outgoing = try BlobStore(folder.appending(path: "outgoing"), keepsSpares: false)
    // Remove the files that an earlier process offered: they are offered again on demand.
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
    // A safetensors file has four bytes per value, and a header that names each tensor.
    let names = layout.entries.reduce(0) { $0 + 2 * $1.name.utf8.count + 200 }
    let size = max(1, vectors) * (4 * layout.count + names) + 65_536
    // Include arms that have ended: an answer to such an arm may still be in transfer.
    largestUpload = max(largestUpload ?? 0, size)
    changes.send()
  }

  /// Records a site's report that it cannot work. The report counts as a failure of the site's assignment in
  /// an arm.
  ///
  /// - Returns: `false` if the site has no assignment in the arm at present.
  @discardableResult
  public func fail(_ site: SiteID, in arm: String, with error: ConsiliumError) async -> Bool {
    guard let mailbox = mailboxes[arm], let assignment = await mailbox.assignment(of: site) else {
      return false
    }
    return (try? await mailbox.submit(.failure(error), to: assignment.id, from: site)) ?? false
  }

  /// Ends an arm. Sites that ask for its assignments are told that it has ended.
  public func end(arm: String) {
    mailboxes[arm] = nil
    endedArms.insert(arm)
    takeBack { $0.arm == arm }
    changes.send()
  }

  /// The initial weights that some site uploaded. They are used even if that site has since withdrawn, since
  /// the other sites were told not to send theirs.
  ///
  /// - Parameters:
  ///   - file: the file's digest, in hexadecimal.
  ///   - digest: the SHA-256 of the parameters.
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if no site has uploaded the file completely.
  public func received(file: String, layout: ParameterLayout, digest: String) throws -> ModelParameters {
    guard BlobStore.isName(file) else {
      throw ConsiliumError(.invalidUpdate, "a site named its weights with an invalid digest")
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
      "no site has completely uploaded the initial weights; resume the study and the sites will send them")
  }

  /// Takes over the run's file of initial weights, and removes the copies that sites have sent, to free space
  /// for updates.
  public func settle(initial file: URL) throws {
    let blob = try initial.add(copyOf: file)
    for store in incoming.values { store.remove(blob) }
  }

  /// Whether the coordinator has these initial weights completely, so that no other site needs to send them.
  func hasInitial(_ blob: BlobDescriptor) throws -> Bool {
    // After an arm has opened, the sites' files are updates, and each site must send its own update.
    let isSent =
      mailboxes.isEmpty && endedArms.isEmpty && incoming.values.contains { $0.blob(blob.digest) != nil }
    return try isSent || initial.firstMissing(of: blob) == blob.chunkCount
  }

  /// The maximum size in bytes of the initial weights before an arm is open.
  static let largestInitialModel = 16 << 30

  /// Offers a file to the sites.
  public func offer(_ file: URL) throws -> BlobDescriptor { try outgoing.add(copyOf: file) }

  /// Offers a model to the sites in a round. Returns the digest of its file.
  public func offer(_ model: ModelParameters, in round: Int, of arm: String) throws -> String {
    try lend(NamedParts(model), for: .init(round: round, stage: nil), of: arm).name
  }

  /// Removes an update that is part of a committed round.
  ///
  /// - Parameter digest: the digest of the update's file, in hexadecimal.
  public func forgetUpdate(_ digest: String, of site: SiteID) { incoming[site]?.remove(named: digest) }

  /// Removes all files in transfer, at the end of a study.
  public func clear() {
    for store in incoming.values { store.removeAll() }
    initial.removeAll()
  }

  /// The files of a study that has ended, ready to be fetched.
  public func files(_ files: [(path: String, url: URL)], state: StudyState) throws -> StudyFiles {
    // This runs at every call that fetches chunks of a file. The files no longer change, so hash each file
    // only once.
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

  /// Waits until an arm is open, and returns its mailbox. Returns `nil` if the arm has ended, the endpoint is
  /// closed or the task is cancelled.
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

  /// Whether an arm has ended and never resumes. The endpoint also closes when its study is paused; the arms
  /// then resume later.
  func hasEnded(_ arm: String) -> Bool { endedArms.contains(arm) }

  /// Offers a tensor to the sites as a file. Sites with the same parameters share one file.
  func lend(_ tensor: StageTensor, for id: Assignment.ID, of arm: String) throws -> BlobDescriptor {
    guard case .parameters(let parameters) = tensor else { return try outgoing.add(tensor) }
    return try lend(parameters, for: id, of: arm)
  }

  func lend(_ parameters: NamedParts, for id: Assignment.ID, of arm: String) throws -> BlobDescriptor {
    let blob = try lent.lend(parameters, to: Loan(arm: arm, round: id.round)) { try outgoing.add(parameters) }
    // Withdraw the models of all rounds before the previous one. A site that is still fetching such a model
    // is told that the file is no longer offered, and asks for its current assignment.
    takeBack { $0.arm == arm && $0.round + 1 < id.round }
    return blob
  }

  /// The digest of the file of the model that a question carries, in hexadecimal; `nil` if it carries none.
  func base(of assignment: Assignment, in arm: String) throws -> String? {
    try file(of: "model", in: assignment, of: arm)
  }

  /// The digest of the file of a tensor of parameters in a question, in hexadecimal; `nil` if it has none of this
  /// name.
  func file(of tensor: String, in assignment: Assignment, of arm: String) throws -> String? {
    guard case .parameters(let parts)? = assignment.message.tensors[tensor] else { return nil }
    return try lend(parts, for: assignment.id, of: arm).name
  }

  /// Removes the files that were offered only for the rounds that `isDone` selects.
  private func takeBack(_ isDone: (Loan) -> Bool) {
    lent.takeBack(from: isDone)
    for blob in lent.takeUnused() { outgoing.remove(blob) }
  }

  /// The store for the files that a site sends.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the announced file is larger than any update
  ///   of this study.
  func store(for site: SiteID, announcing blob: BlobDescriptor?) throws -> BlobStore {
    let largestUpload = largestUpload ?? Self.largestInitialModel
    if let blob, blob.size > largestUpload {
      throw ConsiliumError(
        .invalidUpdate,
        "site '\(site)' announced \(blob.size) bytes; an update of this study has at most \(largestUpload)")
    }
    if let store = incoming[site] { return store }
    // A certificate cannot hold an invalid name, but check: this name becomes a path.
    try Party.check(name: site.rawValue)
    let store = try BlobStore(incomingFolder.appending(path: site.rawValue))
    incoming[site] = store
    return store
  }

  func check(_ statement: Data, _ contribution: NetworkContribution) async throws {
    try await check(statement, contribution)
  }
}
