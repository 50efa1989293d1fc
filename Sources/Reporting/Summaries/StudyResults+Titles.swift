import FederatedCore

/// Replaces the codes of sites and arms by their titles.
extension StudyResults {
  /// The site's full name if the study gives one, otherwise its code.
  func title(of site: SiteID) -> String { sites.first { $0.site == site }?.title ?? site.rawValue }

  /// The site's full name with its code, such as `Cedars-Sinai Medical Center (CS)`. Tables in terminals use
  /// codes as headings.
  func titleWithCode(of site: SiteID) -> String {
    let title = title(of: site)
    return title == site.rawValue ? title : "\(title) (\(site))"
  }

  /// A caution's message with titles instead of the codes of its sites and its arm.
  ///
  /// - Parameter withCodes: Whether to add the code to a site's name.
  func text(of caution: Caution, withCodes: Bool = false) -> String {
    var titles = Dictionary(
      caution.sites.map { ($0.rawValue, withCodes ? titleWithCode(of: $0) : title(of: $0)) },
      uniquingKeysWith: { first, _ in first })
    if let arm = caution.arm { titles[arm] = ArmTitle.text(arm) }
    return caution.message.replacingWords(titles)
  }
}

extension String {
  /// Replaces whole words, all in one pass. A hyphen is part of a word.
  func replacingWords(_ replacements: [String: String]) -> String {
    let words = replacements.keys.sorted { $0.count > $1.count }.filter { !$0.isEmpty }
    let isInside = { (character: Character?) in
      character.map { $0.isLetter || $0.isNumber || "-_".contains($0) } ?? false
    }
    var result = ""
    var rest = self[...]
    while let first = rest.first {
      let word = words.first {
        !isInside(result.last) && rest.hasPrefix($0) && !isInside(rest.dropFirst($0.count).first)
      }
      result += word.flatMap { replacements[$0] } ?? String(first)
      rest = rest.dropFirst(word?.count ?? 1)
    }
    return result
  }
}
