import FederatedCore
import StudyProtocol

extension SiteSessions {
  /// Refuses to pool sites whose images differ in size, before anything trains.
  ///
  /// Without pooling, the size may differ between sites, but all images in a batch of the pooled baseline
  /// need the same size.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  func demandOneSize() throws {
    let shapes = Set(sites.map(\.exampleShape).filter { !$0.isEmpty })
    guard shapes.count > 1 else { return }
    let sizes = sites.map { site in
      let sides = site.exampleShape.dropFirst().reversed().map(String.init).joined(separator: "×")
      return "\(site.id) has \(sides)"
    }
    throw ConsiliumError(
      .invalidInput,
      "the pooled baseline needs images of one size, and after preprocessing \(sizes.joined(separator: ", ")); "
        + "nothing was trained. Add {resample: {size: […]}} or {crop-or-pad: {size: […]}} to the study, "
        + "or leave out the arm 'pooled'")
  }

  /// Compares the pooled session with the sites' own sessions.
  ///
  /// - Returns: The findings of the pooled session that no single site has.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the pooled session does not have exactly the
  ///   examples of all sites together.
  func compare(pooled: SessionDescription) throws -> [DataFinding] {
    let findings = sites.flatMap(\.description.findings)
    let own = pooled.findings.filter { !findings.contains($0) }
    for part in DataPart.allCases {
      let expected = sites.reduce(0) { $0 + $1.description.parts.examples(in: part) }
      let found = pooled.parts.examples(in: part)
      guard found == expected else {
        let reasons = own.map { "\n  site '\($0.site)': \($0)" }.joined()
        throw ConsiliumError(
          .invalidInput,
          "the pooled baseline would have \(found) \(part.rawValue) examples, but the sites have \(expected) in total; "
            + "leave the arm 'pooled' out, or change the study so that all sites' data fit together\(reasons)"
        )
      }
    }
    return own.map(released)
  }
}

extension [SessionDescription.Part] {
  fileprivate func examples(in part: DataPart) -> Int {
    filter { $0.part == part }.reduce(0) { $0 + $1.examples }
  }
}
