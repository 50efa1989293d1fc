import FederatedCore
import Foundation

/// The contents of a site file: one site, or all the sites of a simulation.
public struct SiteFile: Sendable, Equatable {
  public enum Layout: Sendable, Equatable {
    /// The file has one definition per site.
    case list([SiteDefinition])
    /// The sites share one table, and a column names the site of each row. `only` selects sites, and `titles`
    /// are the institutions' names.
    case column(String, only: [String], titles: [String: String], template: SiteDefinition)
    /// The file describes data that belong to no site. They are distributed among sites called `site-1`,
    /// `site-2`, ….
    case partition(Partition, template: SiteDefinition)
  }

  public var layout: Layout
  /// The file's name, for messages.
  public var file: String

  public init(layout: Layout, file: String = "sites.yaml") {
    self.layout = layout
    self.file = file
  }

  /// The sites of the file, after a check that the study can run with them. They are in the order of the
  /// file, or sorted by name if a column names them.
  ///
  /// - Parameter dataRoot: The folder that contains every site's `data` folder.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the table cannot be read, or if the file lacks
  ///   a site that the study requires, or has too few sites for it.
  public func sites(for study: Study, dataRoot: URL) throws -> [SiteDefinition] {
    let sites = try definitions(dataRoot: dataRoot)
    let names = sites.map(\.name.rawValue)
    let absent = study.federation.sites.required.map(\.rawValue).filter { !names.contains($0) }
    guard absent.isEmpty else {
      let hint = absent.count == 1 ? NearestName.hint(for: absent[0], among: names) : ""
      throw ConsiliumError(
        .invalidInput,
        "\(file): the study requires \(absent.map { "'\($0)'" }.joined(separator: ", ")), but the file has the sites "
          + "\(names.joined(separator: ", ")).\(hint)")
    }
    if let minimum = study.federation.sites.minimum, sites.count < minimum {
      throw ConsiliumError(
        .invalidInput, "\(file): the study needs at least \(minimum) sites, but the file has \(sites.count)")
    }
    return sites
  }

  /// One site of the file, which may be a hospital's own file that describes only this site.
  ///
  /// - Parameter dataRoot: The folder that contains every site's `data` folder.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the table cannot be read or the file does not
  ///   contain the site.
  public func site(_ name: SiteID, dataRoot: URL) throws -> SiteDefinition {
    let sites = try definitions(dataRoot: dataRoot)
    guard let site = sites.first(where: { $0.name == name }) else {
      let known = sites.map(\.name.rawValue)
      throw ConsiliumError(
        .invalidInput,
        "\(file): describes \(known.joined(separator: ", ")), not this site, '\(name)'."
          + NearestName.hint(for: name.rawValue, among: known))
    }
    return site
  }

  /// All sites of the file.
  func definitions(dataRoot: URL) throws -> [SiteDefinition] {
    switch layout {
    case .list(let sites): return sites
    case .column(let column, let only, let titles, let template):
      let names = try only.isEmpty ? Self.codes(of: column, template: template, dataRoot: dataRoot) : only
      return names.map { name in
        var site = template
        (site.name, site.title) = (SiteID(name), titles[name])
        site.rows[column] = [name]
        return site
      }
    case .partition(let partition, let template):
      return (0..<partition.count).map { index in
        var site = template
        site.name = SiteID("site-\(index + 1)")
        site.share = .init(index: index, partition: partition)
        return site
      }
    }
  }

  private static func codes(of column: String, template: SiteDefinition, dataRoot: URL) throws -> [String] {
    let table = try SiteRows(site: template, dataRoot: dataRoot, arrays: nil).table
    let index = try table.index(of: column)
    let names = Set(table.rows.map { $0[index] }).filter { !$0.isEmpty }
    guard let alike = AlikeNames.groups(names).first else { return names.sorted() }
    throw ConsiliumError(
      .invalidInput,
      "\(table.file): the names of sites in '\(column)' differ \(alike.key.words): "
        + "\(alike.value.sorted().map { "'\($0)'" }.joined(separator: ", ")); write each name the same way everywhere, or list under `only` "
        + "those that are different sites")
  }
}
