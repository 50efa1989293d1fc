import FederatedCore

/// The rules for the name of a consortium.
public enum Consortium {
  /// Checks a consortium's name.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if `name` is not allowed.
  public static func check(name: String) throws(ConsiliumError) {
    let isPlain = name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_. ".utf8.contains($0) }
    guard isPlain, (1...48).contains(name.utf8.count), name.hasLetterOrDigitAtBothEnds else {
      throw ConsiliumError(
        .invalidInput,
        "\(name.quotedForMessage) cannot be a consortium's name: expected 1 to 48 letters (a to z), digits, spaces, '-', '_' or "
          + "'.', with a letter or digit first and last")
    }
  }
}
