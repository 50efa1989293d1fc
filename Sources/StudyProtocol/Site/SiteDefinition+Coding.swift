import FederatedCore

extension SiteDefinition {
  private enum CodingKeys: String, CodingKey {
    case name, title, data, table, elements, share, ids, links
    case rows = "where"
    case excludeIncomplete = "exclude-incomplete"
  }

  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try box.decode(SiteID.self, forKey: .name),
      title: try box.decodeIfPresent(String.self, forKey: .title),
      data: try box.decode(String.self, forKey: .data),
      table: try box.decode(SiteTable.self, forKey: .table),
      rows: try box.decode([String: [String]].self, forKey: .rows),
      excludeIncomplete: try box.decode(Bool.self, forKey: .excludeIncomplete),
      elements: try box.decode([String: ElementMapping].self, forKey: .elements),
      share: try box.decodeIfPresent(Share.self, forKey: .share),
      ids: try box.decodeIfPresent(IdentifierScope.self, forKey: .ids) ?? .shared,
      links: try box.decodeIfPresent([String].self, forKey: .links) ?? [])
  }

  /// Leaves out `ids` and `links` at their defaults, so that the digests of existing site files stay the
  /// same.
  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: CodingKeys.self)
    try box.encode(name, forKey: .name)
    try box.encodeIfPresent(title, forKey: .title)
    try box.encode(data, forKey: .data)
    try box.encode(table, forKey: .table)
    try box.encode(rows, forKey: .rows)
    try box.encode(excludeIncomplete, forKey: .excludeIncomplete)
    try box.encode(elements, forKey: .elements)
    try box.encodeIfPresent(share, forKey: .share)
    if ids != .shared { try box.encode(ids, forKey: .ids) }
    if !links.isEmpty { try box.encode(links, forKey: .links) }
  }
}
