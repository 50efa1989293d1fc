import FederatedCore

/// A study read from the text that a study lead signed, perhaps with an earlier version of this program.
///
/// Later versions have different defaults and refuse more studies. The signed digest proves that the text is
/// read as it was signed, so the study can be shown and its results stay readable.
public struct SignedStudy: Sendable {
  public let study: Study
  /// The reasons why this version does not train the study; `nil` if it does.
  public let faults: StudyDiagnostics?

  /// - Parameters:
  ///   - text: The study file as its author wrote it.
  ///   - digest: The study's signed digest.
  /// - Throws: ``StudyDiagnostics`` if the study cannot be read, ``ConsiliumError`` with code `.invalidInput`
  ///   if it is not the signed study.
  public init(text: String, digest: String, file: String = "study.yaml") throws {
    let (current, log) = try Study.read(text, file: file)
    let readings = [current, current.withEarlierDefaults]
    guard let signed = readings.first(where: { (try? $0.digest()) == digest }) else {
      try log.throwIfAny()
      throw ConsiliumError(
        .invalidInput,
        "the study has the digest \(try current.digest()), but \(digest) was signed; both sides need the same "
          + "version of this program")
    }
    study = signed
    do throws(StudyDiagnostics) {
      try log.throwIfAny()
      faults = nil
    } catch {
      faults = error
    }
  }
}

extension Study {
  /// The study with the defaults of version 0.1, which had no `auto`.
  ///
  /// At that time, a study file without `select-best-on` was signed as if it said `validation`.
  fileprivate var withEarlierDefaults: Study {
    var study = self
    if study.evaluation.selectBestOn == .auto { study.evaluation.selectBestOn = .validation }
    return study
  }
}
