import Credentials
import Foundation

@testable import Provisioning

/// Noon on the day on which the tests take place.
let noon = Date(timeIntervalSince1970: 1_800_000_000)

extension Date {
  func days(_ count: Double) -> Date { addingTimeInterval(count * 86_400) }
}

/// An authority and its members in a temporary folder.
struct Place {
  let folder: URL
  var authority: AuthorityFolder

  init(_ folder: URL, consortium: String = "test") throws {
    self.folder = folder
    authority = try AuthorityFolder.create(
      consortium: consortium, at: folder.appending(path: "authority"), now: noon)
  }

  func member(_ name: String) -> IdentityFolder { IdentityFolder(folder.appending(path: name)) }

  /// Enrols a party, issues its certificate and installs it.
  @discardableResult
  func join(_ role: Role, _ name: String, addresses: [ServerAddress] = []) throws -> Identity {
    var terms = AuthorityFolder.Terms()
    terms.addresses = addresses
    let request = try member(name).enrol(Party(role: role, name: name))
    let certificate = try authority.issue(request, terms, now: noon)
    return try member(name).install(chain: authority.chain(certificate), now: noon)
  }
}
