import ArgumentParser
import Credentials
import Dashboard
import FederatedCore
import Foundation
import StudyProtocol

struct CoordinatorToken: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Let someone sign in to the dashboard once, without a certificate.",
    discussion: """
      Prints the address to open and a token that works once, within ten minutes. Run it on the coordinator's machine, as the \
      user that runs the coordinator or as root, and give both to the person in a safe way: whoever has the token can sign in. An \
      observer may look; an operator may also pause, resume and abort studies; a lead may also start them.
      """)

  /// A token's lifetime in seconds.
  private static let lifetime: TimeInterval = 600

  @Option(help: ArgumentHelp("The person's role: observer, operator or lead.", valueName: "role"))
  var role: String

  @Option(help: ArgumentHelp("The person's name, as it appears in the audit log.", valueName: "name"))
  var name: String

  @Option(
    help: ArgumentHelp("The coordinator's folder, as given to 'coordinator run'.", valueName: "folder"))
  var folder = "coordinator"

  @Flag(help: "Print one JSON object.")
  var json = false

  private struct Issued: Encodable {
    var address: String
    var token: String
    var role: String
    var name: String
    var expires: Date
  }

  func run() throws {
    guard let role = Role(rawValue: role) else {
      throw ConsiliumError(
        .invalidInput,
        "there is no role '\(self.role.prefix(40))'; expected lead, operator or observer."
          + NearestName.hint(for: self.role, among: ["lead", "operator", "observer"]))
    }
    let party = try Party(role, checking: name)
    let place = DashboardPlace(folder: URL(fileURLWithPath: folder, isDirectory: true))
    let address = try place.address() + "/sign-in"
    let now = Date()
    let token = try place.tokens().issue(for: party, lifetime: Self.lifetime, now: now)
    let console = Console.current
    guard !json else {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.dateEncodingStrategy = .iso8601
      let issued = Issued(
        address: address, token: token, role: role.rawValue, name: party.name, expires: now + Self.lifetime)
      console.print(String(decoding: try encoder.encode(issued), as: UTF8.self))
      return
    }
    console.print(address)
    console.print(token)
    console.printError("for \(party); works once, within \(Int(Self.lifetime / 60)) minutes")
  }
}
