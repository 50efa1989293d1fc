import CoordinatorDashboard
import CoordinatorService
import Dashboard
import FederatedCore
import Foundation
import StudyProtocol

/// The sites that a study lead invites, compared with the sites that the coordinator knows.
///
/// Neither the lead nor the coordinator has the authority's register of issued certificates. However, the
/// coordinator has the certificate of every site that ever joined, which proves that the authority enrolled
/// the site. A site that never joined is refused unless the lead confirms that it exists.
struct InvitedSites {
  let names: [SiteID]

  /// - Parameter text: Names separated by commas.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if no site is named.
  init(_ text: String) throws(ConsiliumError) {
    names = text.split(separator: ",").map { SiteID($0.trimmingCharacters(in: .whitespaces)) }
      .filter { !$0.rawValue.isEmpty }
    guard !names.isEmpty else {
      throw ConsiliumError(
        .invalidInput, "name the invited sites with --sites, such as --sites north,south")
    }
  }

  /// The sites that never joined the coordinator.
  func unknown(to status: CoordinatorStatus) -> [SiteID] {
    let known = Set(status.sites.filter { $0.shownLink != .never }.map(\.site))
    return names.filter { !known.contains($0) }
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a site cannot take part.
  func check(_ status: CoordinatorStatus, allowsUnknown: Bool) throws(ConsiliumError) {
    let revoked = allowsUnknown ? [] : status.sites.filter(\.isRevoked).map(\.site).filter(names.contains)
    guard revoked.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "the certificate of \(Self.list(revoked)) was revoked, and the site has not shown another one since; leave the site out, or start "
          + "its agent with the new certificate first. Nothing was proposed")
    }
    let unknown = allowsUnknown ? [] : unknown(to: status)
    guard let first = unknown.first else { return }
    let known = status.sites.filter { ![.revoked, .never].contains($0.shownLink) }.map(\.site.rawValue)
    let hints = unknown.map { NearestName.hint(for: $0.rawValue, among: known) }.joined()
    throw ConsiliumError(
      .invalidInput,
      "\(Self.list(unknown)) never joined this coordinator and may not be enrolled at all.\(hints) Known sites: "
        + "\(known.isEmpty ? "none yet" : known.joined(separator: ", ")). Nothing was proposed. If \(first) has its certificate and its "
        + "agent has not started yet, start it ('consilium site run'), or add --allow-unknown")
  }

  private static func list(_ sites: [SiteID]) -> String {
    (sites.count == 1 ? "site " : "sites ")
      + sites.map { "'\($0.rawValue.prefix(80))'" }.joined(separator: ", ")
  }
}
