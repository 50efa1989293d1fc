import FederatedCore
import Foundation

/// A terminal listing of the series in a folder, from the engine's description.
struct FolderListing: Decodable {
  struct Series: Decodable {
    var folder: String
    var firstFile: String
    var files: Int
    var kind: String
    var modality: String?
    var size: [Int]?
    var spacing: [Double]?
    var orientation: String?
    var problem: String?
  }

  struct LeftAside: Decodable {
    var folder: String
    var kind: String
    var count: Int
    var files: [String]
  }

  var folder: String
  var series: [Series]
  var leftAside: [LeftAside]

  /// Reads the listing in a worker's answer. Returns `nil` if the answer describes a single image.
  init?(json: String) {
    guard let listing = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
    self = listing
  }

  /// A table of the series, the reasons why some cannot be used, and the skipped files.
  var text: String {
    var blocks = [count]
    if !series.isEmpty {
      let head = ["folder or file", "kind", "modality", "files", "size", "spacing in mm", "runs to", ""]
      blocks.append(AlignedTable.align([head] + grouped.map(cells)))
    }
    let problems = series.filter { $0.problem != nil }
    if !problems.isEmpty {
      let lines = problems.map { "  \(name($0)): \($0.problem ?? "")".onOneLine }
      blocks.append((["Not usable:"] + lines).joined(separator: "\n"))
    }
    if !leftAside.isEmpty {
      blocks.append((["Skipped:"] + leftAside.map(line)).joined(separator: "\n"))
    }
    return blocks.joined(separator: "\n\n")
  }

  private var count: String {
    let folders = Set(series.map(\.folder)).count
    let found = series.count == 1 ? "1 series" : "\(series.count) series"
    return
      "\(folder.onOneLine): \(found) of DICOM images in \(folders == 1 ? "1 folder" : "\(folders) folders")"
  }

  /// The series. Similar pictures in a folder are combined into one entry.
  private var grouped: [Series] {
    var result: [Series] = []
    for one in series {
      let same = result.firstIndex { other in
        one.kind == "picture" && one.problem == nil && other.kind.hasPrefix("picture") && other.problem == nil
          && one.folder == other.folder && one.modality == other.modality && one.size == other.size
          && one.spacing == other.spacing
      }
      if let same {
        result[same].files += one.files
        result[same].kind = "pictures"
      } else {
        result.append(one)
      }
    }
    return result
  }

  private func cells(_ series: Series) -> [String] {
    [
      name(series), series.kind, series.modality ?? "not stated", "\(series.files)",
      series.size.map { $0.map(String.init).joined(separator: " × ") } ?? "",
      series.spacing.map { $0.map(Self.number).joined(separator: " × ") }
        ?? (series.size == nil ? "" : "not stated"),
      series.orientation ?? "", series.problem == nil ? "" : "not usable",
    ]
  }

  private func line(_ files: LeftAside) -> String {
    let names = files.files.map { place(files.folder, $0) }.joined(separator: ", ")
    let more = files.count > files.files.count ? " and \(files.count - files.files.count) more" : ""
    return "  \(names)\(more): \(files.kind)".onOneLine
  }

  /// The folder of a series, or the path of a single file.
  private func name(_ series: Series) -> String {
    if series.files == 1 { return place(series.folder, series.firstFile) }
    return series.folder == "." ? "this folder" : series.folder
  }

  private func place(_ folder: String, _ file: String) -> String {
    folder == "." ? file : "\(folder)/\(file)"
  }

  /// Formats a number with at most three decimals, without trailing zeros.
  private static func number(_ value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
  }
}
