import FederatedCore

/// The limits of a register that is reached over a network.
public enum SwarmLimits {
  /// The maximum number of bytes of a key.
  public static let longestKey = 512
  /// The maximum number of names in a key.
  public static let mostNames = 16
  /// The maximum number of bytes of a value. Larger content is a blob of the relay.
  public static let largestValue = 1 << 20
  /// The shortest and the longest lease.
  public static let leases = Duration.seconds(1)...Duration.seconds(3600)
}

extension SwarmKey {
  /// Checks a key received from a peer: 1 to 16 names of ASCII letters, digits and `-_.:+=@`, separated by
  /// slashes, with at most 512 bytes in all.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  init(checking text: String) throws(ConsiliumError) {
    guard text.utf8.count <= SwarmLimits.longestKey else {
      throw ConsiliumError(
        .invalidInput,
        "a key of \(text.utf8.count) bytes; a register takes at most \(SwarmLimits.longestKey)")
    }
    let names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard names.count <= SwarmLimits.mostNames,
      names.allSatisfy({ name in
        !name.isEmpty && !name.elementsEqual(".".utf8) && !name.elementsEqual("..".utf8)
          && name.allSatisfy { $0.isPartOfName }
      })
    else {
      throw ConsiliumError(
        .invalidInput,
        "\(FoundValue.quoted(text, longest: 80)) cannot be a key: expected 1 to \(SwarmLimits.mostNames) names of letters (a to z), digits "
          + "and '-_.:+=@', separated by slashes")
    }
    self.init(text)
  }
}

extension UInt8 {
  fileprivate var isPartOfName: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_.:+=@".utf8.contains(self)
    }
  }
}
