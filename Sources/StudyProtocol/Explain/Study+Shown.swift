import FederatedCore

extension Study {
  /// The study with its author's texts as a page may show them. Each text is on one line, and in quotation
  /// marks if it may be a sentence.
  ///
  /// An explanation is built from this study, so no text of the author can begin a paragraph, a list or a
  /// heading.
  var shown: Study {
    var study = self
    study.header.title = header.title.inQuotes
    study.header.question = header.question?.inQuotes
    study.elements = elements.map(\.shown)
    study.federation.sites.required = federation.sites.required.map { SiteID($0.rawValue.shownAsName) }
    study.evaluation.split = evaluation.split.shown
    return study
  }
}

extension CommonDataElement {
  fileprivate var shown: Self {
    var element = self
    element.name = name.shownAsName
    element.modality = modality?.shownAsName
    element.unit = unit?.shownAsName
    element.values = values.map { .init(code: $0.code.shownAsName, label: $0.label.shownAsName) }
    return element
  }
}

extension Study.Split {
  fileprivate var shown: Self {
    var split = self
    split.by = by?.shownAsName
    if case .assigned(let element, let test, let validation) = method {
      split.method = .assigned(
        element: element.shownAsName, test: test.map(\.shownAsName), validation: validation.map(\.shownAsName)
      )
    }
    return split
  }
}

extension String {
  /// The text on one line, in quotation marks if it is long or may be a sentence.
  fileprivate var shownAsName: String {
    let text = onOneLine
    let isSentence =
      text.contains(where: { ":;!?“”".contains($0) }) || text.contains(". ") || text.hasSuffix(".")
    let isName = text.count <= 60 && text == self && !isSentence
    return isName ? text : inQuotes
  }
}
