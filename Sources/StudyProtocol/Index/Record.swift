/// One row of a site's data in the study's terms: where its images are and what its values say.
///
/// Records stay in the engine process; nothing of one is printed or sent.
public struct Record: Sendable, Equatable {
  public enum Value: Sendable, Hashable {
    /// The absolute path of an image or mask.
    case file(String)
    /// An item of an array of an npz file at an absolute path, from 0.
    case item(file: String, array: String, index: Int)
    case number(Double)
    /// The class index of a permissible value.
    case category(Int)
    case identifier(String)
    case missing
  }

  /// What keeps records together in splits and resamples: the group's identifier, or the place of the record.
  public var group: String
  /// By element name; every element of the study has an entry.
  public var values: [String: Value]
  /// The table's file and line, relative to the data root, for findings.
  public var place: String

  public init(group: String, values: [String: Value], place: String) {
    self.group = group
    self.values = values
    self.place = place
  }

  public subscript(element: String) -> Value { values[element] ?? .missing }
}
