/// Checks that the sites of a file are consistent with each other and, if it is known, with the study.
struct SiteCheck {
  let layout: SiteFile.Layout
  let study: Study?
  /// Whether the file lists all sites; `false` for a hospital's own file, which does not mention the other
  /// sites.
  let hasAllSites: Bool
  let log: FaultLog

  func run() {
    switch layout {
    case .list(let sites):
      for (index, site) in sites.enumerated() {
        let path = "sites[\(index)]"
        if sites[..<index].contains(where: { $0.name == site.name }) {
          log.contradiction("the site '\(site.name)' occurs twice", at: "\(path).name")
        }
        check(site, path: path)
      }
      checkRequired(sites.map(\.name.rawValue))
    case .column(_, let only, let titles, let template):
      check(template, path: "")
      for title in titles.keys.sorted() where !only.isEmpty && !only.contains(title) {
        log.contradiction(
          "the site is not among 'only'.\(NearestName.hint(for: title, among: only))",
          at: "sites.titles.\(title)")
      }
      if !only.isEmpty { checkRequired(only) }
    case .partition(let partition, let template):
      check(template, path: "")
      checkRequired((0..<partition.count).map { "site-\($0 + 1)" })
      if let study, let label = partition.label, study.element(named: label)?.kind != .category {
        log.contradiction(
          "expected a category of the study.\(NearestName.hint(for: label, among: study.elements.map(\.name)))",
          at: "sites.partition.label")
      }
    }
  }

  private func checkRequired(_ names: [String]) {
    guard let study, hasAllSites else { return }
    for required in study.federation.sites.required.map(\.rawValue) where !names.contains(required) {
      log.contradiction(
        "the study requires the site '\(required)', which the file does not have.\(NearestName.hint(for: required, among: names))",
        at: "sites")
    }
    if let minimum = study.federation.sites.minimum, names.count < minimum {
      log.contradiction(
        "the study needs at least \(minimum) sites, but the file has \(names.count)", at: "sites")
    }
  }

  private func check(_ site: SiteDefinition, path: String) {
    checkPaths(site, path: path)
    checkMarks(of: site.table.format, at: place(of: "table", in: path))
    for (name, mapping) in site.elements.sorted(by: { $0.key < $1.key }) {
      checkMarks(
        of: mapping.format.over(site.table.format), at: place(of: "elements.\(name)", in: path))
    }
    guard let study else { return }
    for (name, mapping) in site.elements.sorted(by: { $0.key < $1.key }) {
      let place = place(of: "elements.\(name)", in: path)
      guard let element = study.element(named: name) else {
        log.contradiction(
          "the study has no element '\(name)'.\(NearestName.hint(for: name, among: study.elements.map(\.name)))",
          at: place)
        continue
      }
      check(mapping, of: element, at: place)
    }
    for element in study.elements
    where element.required && site.elements[element.name] == nil
      && (element.kind == .image || element.kind == .mask)
    {
      log.contradiction(
        "the study requires the \(element.kind.rawValue) '\(element.name)'; state where its files are, such as {file: \"images/{patient}.nii.gz\"}",
        at: place(of: "elements", in: path))
    }
  }

  private func check(_ mapping: ElementMapping, of element: CommonDataElement, at place: String) {
    let isImage = element.kind == .image || element.kind == .mask
    if case .file = mapping.source, !isImage {
      log.contradiction(
        "an element of kind \(element.kind.rawValue) comes from a column, not from a file", at: place)
    }
    if element.kind != .number, mapping.scale != 1 || mapping.offset != 0 {
      log.contradiction("only numbers have a scale and an offset", at: place)
    }
    if element.kind != .image, mapping.missingVoxels != nil {
      log.contradiction("only images have `missing-voxels`", at: place)
    }
    check(mapping.format, below: mapping.below, above: mapping.above, of: element, at: place)
    if case .duration = mapping.source, element.kind != .number {
      log.contradiction("only a number is a duration", at: place)
    }
    if !mapping.values.isEmpty, element.kind != .category, element.kind != .mask {
      log.contradiction("only categories and masks have codes", at: "\(place).values")
    }
    let codes = element.values.map(\.code)
    for (local, code) in mapping.values.sorted(by: { $0.key < $1.key })
    where !codes.contains(code) && !codes.isEmpty {
      log.contradiction(
        "'\(code)' is not a code of '\(element.name)', which has \(codes.joined(separator: ", "))",
        at: "\(place).values.\(local)")
    }
  }

  private func check(
    _ format: ValueFormat, below: CensoredValue?, above: CensoredValue?,
    of element: CommonDataElement,
    at place: String
  ) {
    if element.kind != .number, format != ValueFormat() || below != nil || above != nil {
      log.contradiction(
        "only numbers have `decimal`, `thousands`, `dates`, `below` and `above`", at: place)
    }
    if above == .half || above == .zero {
      log.contradiction(
        "expected limit or missing: half and zero are only for values below a limit", at: "\(place).above")
    }
  }

  private func checkMarks(of format: ValueFormat, at place: String) {
    guard let thousands = format.thousands, thousands == format.decimal ?? "." else { return }
    log.contradiction(
      "'\(thousands)' cannot be both the thousands separator and the decimal mark; set `decimal` and `thousands` to different marks",
      at: place)
  }

  /// Adds an error for each path that leads out of the site's folder.
  private func checkPaths(_ site: SiteDefinition, path: String) {
    var paths = [(place(of: "data", in: path), site.data)]
    let table = place(of: "table", in: path)
    switch site.table.source {
    case .csv(let file, _, _): if site.table.isNamed { paths.append((table, file)) }
    case .files(let pattern): paths.append((table, pattern))
    case .npz(let file, _): paths.append((table, file))
    }
    paths += site.table.derive.compactMap { $0.lookup }.map { (table, $0.file) }
    for (name, mapping) in site.elements.sorted(by: { $0.key < $1.key }) {
      switch mapping.source {
      case .file(let pattern): paths.append((place(of: "elements.\(name)", in: path), pattern))
      case .npz(let file, _): paths.append((place(of: "elements.\(name)", in: path), file))
      case .column, .duration: break
      }
    }
    for link in site.links where !link.hasPrefix("/") || link.split(separator: "/").contains("..") {
      log.contradiction(
        "'\(link)' is no folder to which symbolic links may lead; expected an absolute path such as /mnt/archive",
        at: place(of: "links", in: path))
    }
    for (place, value) in paths where !DataFolder.staysInside(value) {
      log.contradiction(
        "'\(value)' must be relative and must not leave its folder; give the folder above all data as the data root",
        at: place)
    }
  }

  /// The path of a key in the site, or in the settings for all sites if the key is set there.
  private func place(of key: String, in path: String) -> String {
    let own = path.isEmpty ? key : "\(path).\(key)"
    return log.has(own) || !log.has(key) ? own : key
  }
}
