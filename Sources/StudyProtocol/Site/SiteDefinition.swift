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
  /// Keeps the rows in which each of these columns holds one of the codes; `where` in the file.
  public var rows: [String: [String]]
  /// Leaves out records that lack a required element, and says how many, instead of refusing the site.
  public var excludeIncomplete: Bool
  /// By element name. An element without a mapping is read from the column of the same name.
  public var elements: [String: ElementMapping]
  /// The site's share, where rows are dealt out to several simulated sites.
  public var share: Share?
  /// The scope of the site's identifiers.
  public var ids: IdentifierScope

  public init(
    name: SiteID, title: String? = nil, data: String = ".", table: SiteTable, rows: [String: [String]] = [:],
    excludeIncomplete: Bool = false, elements: [String: ElementMapping] = [:], share: Share? = nil,
    ids: IdentifierScope = .shared
  ) {
    self.name = name
    self.title = title
    self.data = data
    self.table = table
    self.rows = rows
    self.excludeIncomplete = excludeIncomplete
    self.elements = elements
    self.share = share
    self.ids = ids
  }

  /// Whether an identifier means the same person at another site.
  public enum IdentifierScope: String, Codable, Sendable, CaseIterable {
    /// Equal identifiers at two sites mean one person, who is in the same set at both.
    case shared
    /// The site numbers its patients itself: an equal identifier elsewhere is someone else.
    case local
  }

  /// From the values in the voxels of this site's masks to class indices.
  public func classIndices(of mask: CommonDataElement) -> [Int: Int] {
    let values = elements[mask.name]?.values ?? [:]
    var indices: [Int: Int] = [:]
    for (index, value) in mask.values.enumerated() {
      if let code = Int(value.code), values[value.code] == nil { indices[code] = index }
    }
    for (local, code) in values {
      if let local = Int(local), let index = mask.index(ofCode: code) { indices[local] = index }
    }
    return indices
  }

  /// One part of a partition.
  public struct Share: Codable, Sendable, Equatable {
    /// From 0.
    public var index: Int
    public var partition: Partition

    public init(index: Int, partition: Partition) {
      self.index = index
      self.partition = partition
    }
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
    self.method = method
    self.count = count
    self.alpha = alpha
    self.label = label
    self.seed = seed
  }
}
