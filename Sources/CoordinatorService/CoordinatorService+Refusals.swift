import RunStore
import StudyProtocol

extension CoordinatorService {
  /// The reason why this version does not train a stored study, with advice; `nil` if it does.
  ///
  /// A study that is not trained is still shown, and its results stay readable.
  func refusal(of signed: SignedStudy, _ id: String) -> String? {
    if let faults = signed.faults {
      return "another version of this program accepted the study, and this one does not train it: "
        + faults.diagnostics.map(\.message).joined(separator: "; ") + ". \(Self.wayOut)"
    }
    let run = configuration.folder(of: id).appending(path: "run")
    guard let identity = try? RunReader(run).identity(), identity.hasOtherRules else { return nil }
    return "its rounds began with another version of this program, which splits the data differently. "
      + Self.wayOut
  }

  private static let wayOut =
    "Abort it to receive the finished rounds, and propose it again with a higher version"
}
