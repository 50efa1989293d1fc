/// One row of a site's data in the study's terms: the places of its images and its values.
///
/// Records stay in the worker process. Nothing in them is printed or sent.
public struct Record: Sendable, Equatable {
  public enum Value: Sendable, Hashable {
    /// The absolute path of an image or mask.
    case file(String)
    /// An item of an array in an npz file: the file's absolute path, the array's name, and the item's index,
    /// counted from 0.
    case item(file: String, array: String, index: Int)
    case number(Double)
    /// The class index of a permissible value.
    case category(Int)
    case identifier(String)
    case missing
  }

  /// The group that is kept together in splits and resamples: the group's identifier or, without groups, the
  /// record's place.
  public var group: String
  /// The values by element name. Every element of the study has a value, which may be `missing`.
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
