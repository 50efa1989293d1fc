import Foundation

/// A folder of the conformance data, from `CONSILIUM_DATA` or next to the repository; `nil` if it is absent.
struct ConformanceData {
  let folder: URL
  /// The manifest's rows by column name.
  let rows: [[String: String]]

  static let dicom = ConformanceData("dicom-conformance")
  static let nifti = ConformanceData("nifti-conformance")

  init?(_ name: String) {
    let root =
      ProcessInfo.processInfo.environment["CONSILIUM_DATA"].map { URL(fileURLWithPath: $0) }
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
        path: "../../../../shared/data")
    folder = root.appending(path: name).standardizedFileURL
    guard let text = try? String(contentsOf: folder.appending(path: "manifest.csv"), encoding: .utf8) else {
      return nil
    }
    var lines = text.split(whereSeparator: \.isNewline).map(Self.fields)
    let header = lines.removeFirst()
    rows = lines.map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  func path(_ row: [String: String]) -> String { folder.appending(path: row["file"]!).path }

  /// The fields of a CSV line; a field in quotation marks may hold commas.
  private static func fields(_ line: Substring) -> [String] {
    var (fields, quoted) = ([""], false)
    for character in line {
      switch character {
      case "\"": quoted.toggle()
      case "," where !quoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}
