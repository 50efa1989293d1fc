import FederatedCore

/// The place of one site's data, and the mapping of its own columns, files and codes to the study's elements.
public struct SiteDefinition: Codable, Sendable, Equatable {
  public var name: SiteID
  /// The institution's name, for reports.
  public var title: String?
  /// The folder that contains all files of the site, relative to the data root.
  public var data: String
  /// The source of the rows, one per record.
  public var table: SiteTable
  /// The filter of the rows: a row is kept if it has one of the given codes in each of these columns. The key
  /// in the file is `where`.
  public var rows: [String: [String]]
  /// Whether records that lack a required element are left out and counted. Otherwise such a record keeps the
  /// site from training.
  public var excludeIncomplete: Bool
  /// The mappings by element name. An element without a mapping is read from the column of the same name.
  public var elements: [String: ElementMapping]
  /// The site's share, if rows are distributed among several simulated sites.
  public var share: Share?
  /// The scope of the site's identifiers.
  public var ids: IdentifierScope
  /// The absolute paths of folders, other than the data folder, to which symbolic links in it may lead.
  public var links: [String]

  public init(
    name: SiteID, title: String? = nil, data: String = ".", table: SiteTable, rows: [String: [String]] = [:],
    excludeIncomplete: Bool = false, elements: [String: ElementMapping] = [:], share: Share? = nil,
    ids: IdentifierScope = .shared, links: [String] = []
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
    self.links = links
  }

  /// Whether an identifier means the same person at every site.
  public enum IdentifierScope: String, Codable, Sendable, CaseIterable {
    /// Equal identifiers at two sites mean the same person, who is in the same set at each site.
    case shared
    /// The site numbers its own patients: an equal identifier elsewhere means someone else.
    case local
  }

  /// Maps the voxel values of this site's masks to class indices.
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

  /// The share of one simulated site in data that are distributed among several sites.
  public struct Share: Codable, Sendable, Equatable {
    /// The index of this site's part of the data, counted from 0.
    public var index: Int
    public var partition: Partition

    public init(index: Int, partition: Partition) {
      self.index = index
      self.partition = partition
    }
  }
}

/// A way to distribute the data of one source among simulated sites. Groups (patients) stay whole.
public struct Partition: Codable, Sendable, Equatable {
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Assigns each group to a random site. The sites' numbers of groups differ by at most one.
    case iid
    /// Distributes each class among the sites in random shares from a Dirichlet distribution, so that the
    /// sites differ in their class frequencies (Hsu et al. 2019).
    case dirichlet
  }

  public var method: Method
  /// The number of sites among which the data are distributed.
  public var count: Int
  /// For `dirichlet`, the concentration of the distribution. With a smaller value, the sites differ more.
  public var alpha: Double?
  /// For `dirichlet`, the category in which the sites differ.
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
