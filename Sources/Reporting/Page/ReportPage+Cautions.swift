import FederatedCore

/// What a reader must know before trusting the numbers.
extension ReportPage {
  /// The cautions below the headline, except those in the headline itself.
  @MarkupBuilder var cautions: Markup {
    let spoken = focusArm.flatMap(harmText)
    let others = (results.cautions ?? []).map(text).filter { $0 != spoken }
    if !others.isEmpty {
      tag("div", ["class": "status partial"]) {
        tag("p") { tag("strong") { "! Before you trust these numbers" } }
        tag("ul") {
          for message in others { tag("li") { message } }
        }
      }
    }
  }

  /// The sites for which the arm's model is worse than their own; shown next to the gain.
  func harmText(_ arm: ArmResults) -> String? {
    results.cautions?.first { $0.kind == .harm && $0.arm == arm.name }.map(text)
  }

  /// A caution's message with the titles of its sites and its arm in place of their codes.
  private func text(_ caution: Caution) -> String {
    var titles = Dictionary(
      caution.sites.map { ($0.rawValue, title(of: $0)) }, uniquingKeysWith: { first, _ in first })
    if let arm = caution.arm { titles[arm] = ArmTitle.text(arm) }
    return caution.message.replacingWords(titles)
  }
}

extension String {
  /// With whole words replaced, all at once; a hyphen is part of a word.
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
