import FederatedCore
import Foundation
import StudyProtocol

/// The values of `--policy`: a file for all sites, and `SITE=FILE` for single sites.
struct PolicyOption {
  let values: [String]

  /// The policy of each site that has one.
  ///
  /// - Throws: `StudyDiagnostics` if a file is invalid, ``ConsiliumError`` with code `.invalidInput` if a
  ///   value does not name a site of the study or a site has two policies.
  func policies(of sites: [SiteID]) throws -> [SiteID: SitePolicy] {
    var general: SitePolicy?
    var own: [SiteID: SitePolicy] = [:]
    for value in values {
      guard let (site, file) = try split(value, sites) else {
        guard general == nil else {
          throw ConsiliumError(
            .invalidInput, "--policy names two files for all sites; write SITE=\(value) for one site")
        }
        general = try SitePolicy(file: URL(fileURLWithPath: value))
        continue
      }
      guard own.updateValue(try SitePolicy(file: URL(fileURLWithPath: file)), forKey: site) == nil else {
        throw ConsiliumError(.invalidInput, "--policy names two files for site '\(site)'")
      }
    }
    let all = general.map { policy in sites.map { ($0, policy) } } ?? []
    return Dictionary(all, uniquingKeysWith: { $1 }).merging(own) { $1 }
  }

  /// The site and the file of `SITE=FILE`; `nil` if the value is only a file.
  private func split(_ value: String, _ sites: [SiteID]) throws(ConsiliumError) -> (SiteID, String)? {
    guard let sign = value.firstIndex(of: "="), !FileManager.default.fileExists(atPath: value) else {
      return nil
    }
    let site = SiteID(String(value[..<sign]))
    guard sites.contains(site) else {
      throw ConsiliumError(
        .invalidInput,
        "--policy \(value): the study has no site '\(site)'; it has \(sites.map(\.rawValue).joined(separator: ", "))"
      )
    }
    return (site, String(value[value.index(after: sign)...]))
  }
}
