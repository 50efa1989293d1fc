import FederatedCore
import Foundation

extension Party {
  /// Creates a party from a role and a name that is allowed for it.
  ///
  /// Normalises a person's name to Unicode's composed form (NFC), so that two systems write it with the same
  /// bytes.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(_ role: Role, checking name: String) throws(ConsiliumError) {
    let name = role.isPerson ? name.precomposedStringWithCanonicalMapping : name
    try Self.check(name: name, of: role)
    self.init(role: role, name: name)
  }

  /// Parses a party from its description, such as `site/DU`.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(parsing text: String) throws(ConsiliumError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let role = Role(rawValue: parts[0]) else {
      throw ConsiliumError(
        .invalidInput,
        "\(text.quotedForMessage) is not a party; write ROLE/NAME, with the role one of \(Role.list), for example site/DU"
      )
    }
    try self.init(role, checking: parts[1])
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a party of this role cannot have the name.
  public static func check(name: String, of role: Role) throws(ConsiliumError) {
    if role.isPerson { try PersonName.check(name) } else { try check(name: name) }
  }

  /// Checks the name of a site or a coordinator. Such a name is used in paths, in addresses and as a table
  /// heading.
  ///
  /// The name has 1 to 64 ASCII letters, digits, `-`, `_` and `.`, and begins and ends with a letter or
  /// digit.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public static func check(name: String) throws(ConsiliumError) {
    let isPlain = name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
    guard isPlain, (1...64).contains(name.utf8.count), name.hasLetterOrDigitAtBothEnds else {
      throw ConsiliumError(
        .invalidInput,
        "\(name.quotedForMessage) cannot be a party's name: expected 1 to 64 letters (a to z), digits, '-', "
          + "'_' or '.', with a letter or digit first and last (only a lead, an operator or an observer may have a person's name)"
      )
    }
  }
}

extension Role {
  /// The names of all roles, separated by commas, for messages.
  public static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension String {
  /// The text in quotation marks. A long text is cut and hidden characters are shown as codes, since the text
  /// may come from a stranger and be shown on a terminal.
  package var quotedForMessage: String { FoundValue.quoted(self, longest: 80) }

  var hasLetterOrDigitAtBothEnds: Bool {
    utf8.first?.isASCIILetterOrDigit == true && utf8.last?.isASCIILetterOrDigit == true
  }
}

extension UInt8 {
  /// Whether the byte is one of a to z, A to Z and 0 to 9 in ASCII.
  package var isASCIILetterOrDigit: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}
