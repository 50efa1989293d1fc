import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement
import StudyProtocol

/// The folder of a site's agent.
///
/// The commands with which people review and sign studies write agreements here; the agent acts on them.
public struct AgentFolder: Sendable {
  public let url: URL

  /// Creates the folder if it does not exist, accessible only to its owner.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public init(_ url: URL) throws(ConsiliumError) {
    self.url = url
    try DurableFolder.create(url, mode: 0o700)
  }

  /// Removes temporary files that interrupted commands and agents have left behind. A running command needs
  /// its temporary files for moments only.
  func removeLeftovers() {
    let studies = url.appending(path: "studies")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: studies.path)) ?? []
    for folder in [url] + names.map({ studies.appending(path: $0) }) {
      AtomicFile.removeLeftovers(in: folder, olderThan: 3600)
    }
  }

  public var auditLog: URL { url.appending(path: "audit.log") }

  /// The sets of patients about whom numbers have left the site, as salted hashes.
  var releasedSets: URL { url.appending(path: "released-sets", directoryHint: .isDirectory) }

  public func study(_ id: String) throws(ConsiliumError) -> URL {
    // The id comes from the coordinator, so it must not be a path out of the folder.
    guard id.wholeMatch(of: /[A-Za-z0-9_-][A-Za-z0-9._-]{0,150}/) != nil else {
      throw ConsiliumError(.invalidInput, "a study has an id that cannot name a folder")
    }
    return url.appending(path: "studies").appending(path: id)
  }

  /// A name that distinguishes this agent's folder from the folder of another agent with the same identity. A
  /// copy of the folder has the same name.
  public func process() throws(ConsiliumError) -> String {
    try AtomicFile.onceMade(url.appending(path: "process"), isValid: { $0.count == 36 }) { UUID().uuidString }
  }

  /// The secret salt with which the site's workers hash patient identifiers; created when first used.
  func patientSalt() throws -> String {
    try AtomicFile.onceMade(url.appending(path: "patient-salt"), isValid: { $0.count == 64 }) {
      var generator = SystemRandomNumberGenerator()
      return (0..<4).map { _ in
        let digits = String(generator.next(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
    }
  }

  /// A secret that enters the digest of the data summary. Without it, anybody could find the summary's small
  /// counts by trying all values.
  public func summarySalt() throws -> String { "summary \(try patientSalt())" }

  /// The number of the site's next decision about a study.
  public func nextRevision(_ id: String) throws -> Int {
    let folder = try study(id)
    let file = folder.appending(path: "revision")
    let last = try AtomicFile.contents(of: file).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    try DurableFolder.create(folder)
    try AtomicFile.write(Data("\(last + 1)".utf8), to: file)
    return last + 1
  }

  /// The site's agreement to a study; `nil` if there is none.
  public func agreement(_ id: String) throws(ConsiliumError) -> AgreedStudy? {
    let file = try study(id).appending(path: "agreed.json")
    guard let data = try AtomicFile.contents(of: file) else { return nil }
    do {
      return try CanonicalJSON.decode(AgreedStudy.self, from: data)
    } catch {
      throw ConsiliumError(
        .storage, "'\(file.path(percentEncoded: false))' is damaged; sign the study again", cause: error)
    }
  }

  /// The number of other studies that the site has agreed to, running or ended. Includes studies from which
  /// the site withdrew after it had trained.
  public func otherStudies(than id: String) -> Int {
    let folder = url.appending(path: "studies")
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
    return names.count { name in
      name != id
        && ["agreed.json", Self.withdrawn].contains { file in
          FileManager.default.fileExists(
            atPath: folder.appending(path: "\(name)/\(file)").path(percentEncoded: false))
        }
    }
  }

  /// Stores the site's agreement to a study.
  public func save(_ agreed: AgreedStudy, _ id: String) throws {
    let folder = try study(id)
    try DurableFolder.create(folder)
    try AtomicFile.write(
      try CanonicalJSON.encode(agreed, pretty: true), to: folder.appending(path: "agreed.json"))
  }

  /// Removes the transfer files of a study that has ended.
  ///
  /// The memory of the stages stays, in case the coordinator is restored from a backup made before the end.
  func removeTransfers(_ id: String) throws(ConsiliumError) {
    let folder = try study(id)
    for name in ["transfer", "exchange"] {
      try? FileManager.default.removeItem(at: folder.appending(path: name))
    }
  }

  /// The file name of an agreement that the site withdrew after it had trained.
  private static let withdrawn = "withdrawn.json"

  /// Withdraws the site's agreement to a study.
  public func removeAgreement(_ id: String) throws {
    let folder = try study(id)
    let file = folder.appending(path: "agreed.json")
    guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return }
    let hasTrained = FileManager.default.fileExists(
      atPath: folder.appending(path: "journal").path(percentEncoded: false))
    if hasTrained {
      try AtomicFile.move(file, to: folder.appending(path: Self.withdrawn))
    } else {
      try AtomicFile.remove(file)
    }
  }
}

/// A study that the site has signed, with the location of its data.
public struct AgreedStudy: Sendable, Codable, Equatable {
  /// The study's digest.
  public var digest: String
  /// The digest of the proposal, which names the invited sites.
  public var proposal: String
  /// The site's definition in canonical JSON: how its data map to the study's elements.
  public var site: String
  /// The folder against which the definition's paths are resolved.
  public var dataRoot: String

  public init(digest: String, proposal: String, site: String, dataRoot: String) {
    self.digest = digest
    self.proposal = proposal
    self.site = site
    self.dataRoot = dataRoot
  }

  /// The site's own record of a proposal that it signs, and of the folder with its data.
  public init(_ proposal: StudyProposal, site: String, dataRoot: String) throws(ConsiliumError) {
    self.init(
      digest: proposal.digest, proposal: try proposal.statement.digest(), site: site, dataRoot: dataRoot)
  }
}
