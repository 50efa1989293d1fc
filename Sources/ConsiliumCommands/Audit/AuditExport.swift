import ArgumentParser
import AuditLog
import Credentials
import FederatedCore
import Foundation
import ParameterFiles

struct AuditExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the entries of an audit log as one JSON array, or as a table (CSV).",
    discussion: "Only the log itself can be verified, so keep it; an export is for reading.")

  @OptionGroup var filter: AuditFilter

  @Option(help: ArgumentHelp("The file to write, ending in .json or .csv.", valueName: "file"))
  var out: String

  func validate() throws {
    guard ["json", "csv"].contains(URL(fileURLWithPath: out).pathExtension) else {
      throw ValidationError("--out must end in .json or .csv")
    }
  }

  func run() throws {
    let url = URL(fileURLWithPath: out)
    let format: any AuditFormat = url.pathExtension == "csv" ? AuditTable() : AuditArray()
    let file = try ExportFile(url)
    var count = 0
    try file.write(format.beginning)
    let damaged = try filter.forEachLine { line in
      guard let entry = line.entry else { return }
      try file.write((count > 0 ? format.separator : "") + format.text(of: entry, line: line))
      count += 1
    }
    try file.write(format.end)
    try file.finish()
    let console = Console.current
    console.print("\(out): \(count == 1 ? "1 entry" : "\(count) entries")")
    if damaged > 0 {
      console.printError(
        "warning: \(damaged == 1 ? "1 line is" : "\(damaged) lines are") damaged or changed; run 'consilium audit verify \(filter.path.shellQuoted)'"
      )
    }
  }
}

/// A file that is written under a temporary name and gets its final name when it is complete.
private final class ExportFile {
  private let url: URL
  private let temporary: URL
  private let handle: FileHandle
  private var buffer = Data()
  private var isFinished = false

  init(_ url: URL) throws {
    self.url = url
    temporary = url.deletingLastPathComponent().appending(
      path: ".\(url.lastPathComponent).\(ProcessMark.text).part")
    do {
      try PrivateFile.create(Data(), at: temporary)
      handle = try FileHandle(forWritingTo: temporary)
    } catch {
      throw ConsiliumError(
        .storage, "cannot write '\(url.path)': \(error.localizedDescription)", cause: error)
    }
  }

  deinit { if !isFinished { try? FileManager.default.removeItem(at: temporary) } }

  func write(_ text: String) throws {
    buffer += Data(text.utf8)
    if buffer.count > 1 << 16 { try flush() }
  }

  func finish() throws {
    try flush()
    guard rename(temporary.path, url.path) == 0 else {
      throw ConsiliumError(.storage, "cannot write '\(url.path)': \(String(cString: strerror(errno)))")
    }
    isFinished = true
  }

  private func flush() throws {
    do {
      try handle.write(contentsOf: buffer)
    } catch {
      throw ConsiliumError(
        .storage, "cannot write '\(url.path)': \(error.localizedDescription)", cause: error)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
