extension Study {
  /// Explains the study in plain English: the question, what each site supplies, what is trained and how,
  /// what leaves a site, and how the result is judged.
  ///
  /// Each text by the study's author is put on one line, and in quotation marks if it may be a sentence.
  public func explanation() -> StudyExplanation { shown.writtenExplanation }

  private var writtenExplanation: StudyExplanation {
    StudyExplanation(sections: [
      .init(title: "The question", text: questionText),
      .init(title: "What each site supplies", text: elementsText),
      .init(title: "What is trained, and how", text: trainingText),
      .init(title: "What leaves a site", text: disclosureText),
      .init(title: "How the result is judged", text: evaluationText),
    ])
  }

  private var questionText: String {
    var text = "\(header.title) (study \(header.name), version \(header.version))."
    if let question = header.question { text += "\n\n\(question)" }
    return "\(text)\n\n\(goal)"
  }

  /// The model's goal, in a sentence.
  private var goal: String {
    let labels = element(.target)?.values.map(\.label) ?? []
    let source =
      isTabular
      ? "the values in a row of a table" : inputs.count == 1 ? "an image" : "\(inputs.count) images together"
    switch header.task {
    case .segmentation:
      let structures = English.list(Array(labels.dropFirst()))
      return "From \(source), the model learns to outline: \(structures)."
    case .classification:
      return
        "From \(source), the model learns to predict \(element(.target)?.name ?? "the class"): \(English.list(labels, "or"))."
    case .survival:
      return
        "From \(source), the model learns to rank patients by their risk, from how long they were followed and whether the event was observed."
    }
  }

  private var elementsText: String {
    let items = elements.map { "- \($0.name): \(description(of: $0))" }
    let use = usesGroups ? " Every record belongs to one \(evaluation.split.by ?? "record")." : ""
    return """
      Each site maps its own files, columns and codes to these common data elements.\(use)

      \(items.joined(separator: "\n"))

      Before anything trains, every site's data are checked against this list. A site whose data break a rule does not train; the \
      message names the element, the rule and the number of records, never a patient's value.
      """
  }

  private var usesGroups: Bool { evaluation.split.by != nil }

  private func description(of element: CommonDataElement) -> String {
    var parts = [kind(of: element)]
    if let role = element.role {
      parts.append(use(of: role))
    } else if element.kind != .identifier {
      parts.append("checked, but not used to train")
    }
    if !element.required { parts.append("may be missing") }
    return parts.joined(separator: "; ")
  }

  private func kind(of element: CommonDataElement) -> String {
    let dimensions = element.dimensions == 3 ? "three-dimensional" : "two-dimensional"
    switch element.kind {
    case .image:
      let modality = element.modality.map { " (\($0))" } ?? ""
      let channels = element.channels.map { $0 > 1 ? " with \($0) channels" : "" } ?? ""
      let missing =
        element.missingVoxels.map { ", in which voxels without a measurement are \($0.short)" } ?? ""
      return "a \(dimensions) image\(modality)\(channels)\(missing)"
    case .mask:
      return "an outline drawn on the image, in which \(values(of: element))"
    case .category:
      return "one of \(English.list(element.values.map(\.label), "or"))"
    case .number:
      let range = element.range.map { " from \($0.lowerBound.short) to \($0.upperBound.short)" } ?? ""
      return "a number\(range)\(element.unit.map { " (\($0))" } ?? "")"
    case .identifier: return "an identifier, which never leaves the site"
    }
  }

  private func values(of element: CommonDataElement) -> String {
    English.list(element.values.map { "\($0.code) means \($0.label)" })
  }

  private func use(of role: CommonDataElement.Role) -> String {
    switch role {
    case .input: "the model sees it"
    case .target: "what the model learns to predict"
    case .group: "keeps all that belongs to one \(unit.singular) together"
    case .event: "states whether the event was observed"
    case .time: "the time to the event, or to the end of follow-up"
    case .part: "states which records train and which test"
    }
  }
}
