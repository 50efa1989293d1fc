extension StudyCheck {
  func checkElements() {
    if study.elements.isEmpty {
      log.contradiction("expected at least one common data element", at: "elements")
    }
    var seen: [String: Int] = [:]
    for (index, element) in study.elements.enumerated() {
      let path = "elements[\(index)]"
      if let first = seen[element.name] {
        log.contradiction(
          "the element '\(element.name)' occurs twice; it is also number \(first + 1)", at: "\(path).name")
      }
      seen[element.name] = seen[element.name] ?? index
      checkName(element, path)
      checkProperties(element, path)
      checkModality(element, path)
      checkValues(element, path)
    }
  }

  /// Checks the name, which appears between braces in file patterns, and in the paths of messages.
  private func checkName(_ element: CommonDataElement, _ path: String) {
    if element.name.isEmpty || element.name.contains(where: { "{}[]/\\\n".contains($0) }) {
      log.contradiction(
        "expected a name without braces, brackets, slashes and line breaks", at: "\(path).name")
    }
  }

  /// Refuses properties that elements of this kind do not have.
  private func checkProperties(_ element: CommonDataElement, _ path: String) {
    let allowed: [String: [CommonDataElement.Kind]] = [
      "modality": [.image], "channels": [.image], "missing-voxels": [.image], "dimensions": [.image, .mask],
      "values": [.category, .mask], "unit": [.number], "range": [.number],
    ]
    for (key, kinds) in allowed.sorted(by: { $0.key < $1.key })
    where log.has("\(path).\(key)") && !kinds.contains(element.kind) {
      if key == "values" && element.values.isEmpty { continue }
      log.contradiction(
        "an element of kind \(element.kind.rawValue) has no \(key); it belongs to \(kinds.map(\.rawValue).joined(separator: " and "))",
        at: "\(path).\(key)", with: "\(path).kind")
    }
  }

  /// Refuses a modality that is not a DICOM code, since modalities are compared with the headers of DICOM
  /// files.
  private func checkModality(_ element: CommonDataElement, _ path: String) {
    guard let modality = element.modality, !Modality.codes.contains(modality) else { return }
    log.contradiction(
      "'\(modality)' is not a DICOM modality such as CR, CT, DX, MG, MR, PT, US or XC."
        + Modality.hint(for: modality), at: "\(path).modality")
  }

  private func checkValues(_ element: CommonDataElement, _ path: String) {
    guard element.kind == .category || element.kind == .mask else { return }
    if element.values.count < 2 {
      log.contradiction(
        "a \(element.kind.rawValue) needs at least two permissible values, such as values: {0: no, 1: yes}",
        at: log.has("\(path).values") ? "\(path).values" : path, with: "\(path).kind")
    }
    for (what, texts) in [("code", element.values.map(\.code)), ("label", element.values.map(\.label))]
    where Set(texts).count < texts.count {
      log.contradiction("each \(what) may occur only once", at: "\(path).values")
    }
    if element.kind == .mask, element.values.count > 256 {
      log.contradiction("a mask has at most 256 values", at: "\(path).values")
    }
    if element.kind == .mask, element.values.contains(where: { Int($0.code).map { $0 < 0 } ?? true }) {
      log.contradiction(
        "the codes of a mask are the whole numbers in its voxels, from 0", at: "\(path).values")
    }
  }

  func checkRoles() {
    for (index, element) in study.elements.enumerated() {
      guard let role = element.role else { continue }
      let path = "elements[\(index)]"
      if role != .input, let first = study.elements.firstIndex(where: { $0.role == role }), first != index {
        log.contradiction(
          "the role '\(role.rawValue)' is already taken by '\(study.elements[first].name)'; only the role 'input' may occur more than once",
          at: "\(path).role")
      }
      let kinds = allowedKinds(for: role)
      if !kinds.contains(element.kind) {
        log.contradiction(
          "an element with the role '\(role.rawValue)' in a \(task.rawValue) study is of kind \(kinds.map(\.rawValue).joined(separator: " or ")), not \(element.kind.rawValue)",
          at: "\(path).role", with: "\(path).kind", "study.task")
      }
      if role != .input, !element.required {
        log.contradiction(
          "an element with the role '\(role.rawValue)' cannot be optional", at: "\(path).required")
      }
    }
    requireRoles()
    checkInputs()
  }

  private func allowedKinds(for role: CommonDataElement.Role) -> [CommonDataElement.Kind] {
    switch role {
    case .input: task == .segmentation ? [.image] : [.image, .number, .category]
    case .target: task == .segmentation ? [.mask] : [.category]
    case .group: [.identifier]
    case .event: [.category]
    case .time: [.number]
    case .part: [.category]
    }
  }

  private func requireRoles() {
    let needed: [CommonDataElement.Role] = task == .survival ? [.input, .event, .time] : [.input, .target]
    for role in needed where study.element(role) == nil {
      log.contradiction(
        "a \(task.rawValue) study needs an element with the role '\(role.rawValue)'", at: "elements",
        with: "study.task")
    }
    let surplus: [CommonDataElement.Role] = task == .survival ? [.target] : [.event, .time]
    for role in surplus where study.element(role) != nil {
      log.contradiction(
        "a \(task.rawValue) study has no element with the role '\(role.rawValue)'",
        at: "\(path(of: role)).role",
        with: "study.task")
    }
    if let event = study.element(.event), event.kind == .category, event.values.count != 2 {
      log.contradiction(
        "an event has two values: first not observed, then observed", at: "\(path(of: .event)).values")
    }
  }

  private func checkInputs() {
    let images = study.inputs.filter { $0.kind == .image }
    if !images.isEmpty, images.count < study.inputs.count {
      log.contradiction(
        "inputs are either all images or all numbers and categories", at: "\(path(of: .input)).role")
    }
    if Set(images.map(\.dimensions)).count > 1 {
      log.contradiction(
        "all input images must have the same number of dimensions", at: "\(path(of: .input)).dimensions")
    }
    if let target = study.element(.target), target.kind == .mask, let image = images.first,
      target.dimensions != image.dimensions
    {
      log.contradiction(
        "the mask has \(target.dimensions ?? 2) dimensions and the image \(image.dimensions ?? 2); set the same `dimensions` for both",
        at: "\(path(of: .target)).dimensions", with: path(of: .input))
    }
  }
}
