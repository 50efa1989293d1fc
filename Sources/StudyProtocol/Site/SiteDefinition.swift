import FederatedCore

/// Where one site's data lie and how its own columns, files and codes map to the study's elements.
public struct SiteDefinition: Codable, Sendable, Equatable {
  public var name: SiteID
  /// The institution's name, for reports.
  public var title: String?
  /// The folder of the site's data, relative to the data root; every file of the site lies in it.
  public var data: String
  /// One row a record: where the rows come from.
  public var table: SiteTable
  /// Keeps the rows in which each of these columns holds one of the codes.
  public var rows: [String: [String]]
  /// By element name. An element without a mapping is read from the column of the same name.
  public var elements: [String: ElementMapping]
  /// The site's share, where rows are dealt out to several simulated sites.
  public var share: Share?

  public init(
    name: SiteID, title: String? = nil, data: String = ".", table: SiteTable, rows: [String: [String]] = [:],
    elements: [String: ElementMapping] = [:], share: Share? = nil
  ) {
    (self.name, self.title, self.data, self.table) = (name, title, data, table)
    (self.rows, self.elements, self.share) = (rows, elements, share)
  }

  /// One part of a partition.
  public struct Share: Codable, Sendable, Equatable {
    /// From 0.
    public var index: Int
    public var partition: Partition

    public init(index: Int, partition: Partition) { (self.index, self.partition) = (index, partition) }
  }
}

/// How the data of one source are dealt out to simulated sites; groups (patients) stay whole.
public struct Partition: Codable, Sendable, Equatable {
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Each group to a site at random; sites differ by at most one group.
    case iid
    /// Label skew: each class in shares drawn from a Dirichlet distribution (Hsu et al. 2019).
    case dirichlet
  }

  public var method: Method
  /// The number of sites.
  public var count: Int
  /// Dirichlet: the concentration; the smaller, the more the sites differ.
  public var alpha: Double?
  /// Dirichlet: the category by which the sites differ.
  public var label: String?
  public var seed: UInt64

  public init(method: Method, count: Int, alpha: Double? = nil, label: String? = nil, seed: UInt64 = 0) {
    (self.method, self.count, self.alpha) = (method, count, alpha)
    (self.label, self.seed) = (label, seed)
  }
}
