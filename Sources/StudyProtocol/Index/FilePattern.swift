import FederatedCore
import Foundation

/// The files of a folder that match a pattern such as `images/*/*.png`. A `*` stands for any text within one
/// name.
///
/// The case of the ending is ignored. Skips hidden files, such as the `._` files of a Mac, and files of file
/// managers.
struct FilePattern {
  /// The matching paths, sorted, relative to the folder.
  private(set) var files: [String] = []
  /// The number of matching files whose ending differs in case from the pattern's ending.
  private(set) var otherCase = 0
  /// For each other ending of the same format, the number of files with that ending. These files do not
  /// match.
  private(set) var beside: [String: Int] = [:]
  /// The number of files and folders that differ from the pattern only in case, in a part other than the
  /// ending. These files and folders do not match.
  private(set) var otherNames = 0
  /// The number of files that would match one folder level deeper. These files are not read.
  private(set) var deeper = 0
  /// The pattern's ending.
  let ending: String
  /// The folders to which symbolic links lead that the site file does not permit.
  private var outside: [String] = []

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the pattern leaves the folder.
  init(_ pattern: String, in folder: DataFolder) throws(ConsiliumError) {
    guard DataFolder.staysInside(pattern) else {
      throw ConsiliumError(
        .invalidInput,
        "the pattern '\(pattern)' must be relative to the site's data folder and must not leave it")
    }
    let segments = pattern.split(separator: "/")
    if segments.contains(where: { $0.contains("**") }) {
      throw ConsiliumError(
        .invalidInput,
        "the pattern '\(pattern)' has `**`, which is not supported; write one `*` for each level of folders, such as `*/*.png`"
      )
    }
    ending = segments.last.map(FileEnding.of(pattern:)) ?? ""
    var folders = [""]
    for segment in segments.dropLast() {
      folders = folders.flatMap { subfolders(segment, in: $0, of: folder) }
    }
    if let last = segments.last {
      for parent in folders { collect(last, in: parent, of: folder) }
    }
    files.sort()
    guard outside.isEmpty else {
      throw ConsiliumError(.invalidInput, "\(folder.shown(outside[0])): \(LinkPermission.fault)")
    }
  }

  private mutating func subfolders(_ segment: Substring, in parent: String, of folder: DataFolder)
    -> [String]
  {
    let names = names(in: parent, of: folder)
    otherNames += names.count { Self.differsInCase($0, segment) }
    return names.filter { Self.matches($0, segment) }.map { Self.join(parent, $0) }
  }

  /// Whether a name matches a pattern except for upper and lower case.
  private static func differsInCase(_ name: String, _ segment: Substring) -> Bool {
    !matches(name, segment) && matches(name.lowercased(), Substring(segment.lowercased()))
  }

  private mutating func collect(_ segment: Substring, in parent: String, of folder: DataFolder) {
    let folded = Substring(FileEnding.withLowerCase(ofPattern: segment, ending: ending))
    for name in names(in: parent, of: folder) {
      let own = FileEnding.of(name, also: ending)
      if Self.matches(name, segment) {
        files.append(Self.join(parent, name))
      } else if Self.matches(name.dropLast(own.count) + own.lowercased(), folded) {
        files.append(Self.join(parent, name))
        otherCase += 1
      } else if FileEnding.areRelated(own, ending),
        Self.matches(name.dropLast(own.count) + ending.lowercased(), folded)
      {
        beside[own, default: 0] += 1
      } else if Self.differsInCase(name, segment) {
        otherNames += 1
      } else if !ending.isEmpty, own.isEmpty {
        let path = Self.join(parent, name)
        if folder.permits(folder.path(path)) {
          deeper += names(in: path, of: folder).count { Self.matches($0, segment) }
        }
      }
    }
  }

  private mutating func names(in parent: String, of folder: DataFolder) -> [String] {
    guard folder.permits(folder.path(parent)) else {
      outside.append(parent)
      return []
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(parent))) ?? []
    return names.filter {
      !$0.hasPrefix(".") && !$0.hasPrefix("~$") && !Self.clutter.contains($0.lowercased())
    }
  }

  /// Files that file managers and archive programs leave in folders.
  private static let clutter: Set<String> = [
    "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r", "$recycle.bin", "@eadir",
  ]

  private static func join(_ parent: String, _ name: String) -> String {
    parent.isEmpty ? name : "\(parent)/\(name)"
  }

  /// Whether a name matches a pattern in which `*` stands for any text.
  static func matches(_ name: String, _ pattern: Substring) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else {
      return name == pattern
    }
    guard name.count >= first.count + last.count, name.hasPrefix(first), name.hasSuffix(last) else {
      return false
    }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.range(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }

  /// The table cells of a file: its path, its name without the ending, and the name of its folder.
  func columns(of file: String) -> [String] {
    let parts = file.split(separator: "/")
    let name = parts.last.map(String.init) ?? ""
    return [
      file, FileEnding.removed(from: name, also: ending),
      parts.dropLast().last.map(String.init) ?? "",
    ]
  }

  /// Warnings for the site about its files.
  var notes: [TextTable.Note] {
    var notes: [TextTable.Note] = []
    if otherCase > 0 {
      notes.append(
        .init(
          message:
            "files whose ending differs from the pattern's '\(ending)' only in case were also read",
          rows: otherCase))
    }
    for (other, count) in beside.sorted(by: { $0.key < $1.key }) {
      notes.append(
        .init(
          message:
            "files that end in '\(other)' are not read, since the pattern requires '\(ending)'",
          rows: count))
    }
    if otherNames > 0 {
      notes.append(
        .init(
          message:
            "\(otherNames) files or folders differ from the pattern only in upper and lower case; they are not read. If "
            + "they belong to it, rename them, or write `*` for the part that differs"))
    }
    if deeper > 0 {
      notes.append(
        .init(
          message:
            "\(English.count(deeper, "file")) in deeper folders would also match; they are not read. If they belong to "
            + "it, move them up"))
    }
    return notes
  }
}

extension FileEnding {
  fileprivate static func withLowerCase(ofPattern pattern: Substring, ending: String) -> String {
    pattern.hasSuffix(ending)
      ? pattern.dropLast(ending.count) + ending.lowercased() : String(pattern)
  }
}
