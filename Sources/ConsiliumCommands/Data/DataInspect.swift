import ArgumentParser
import FederatedCore
import Foundation
import WorkerProtocol

struct DataInspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Describe an image file or a folder of DICOM series.",
    discussion: """
      For one image: format, shape, spacing, values. The pixelSHA256 is taken over the stored values, little-endian, in C \
      order, before any rescale; 'training' says if a model sees different values.

      For a folder of several series or with sub-folders: one line per series, the reason if it cannot be used, and the \
      skipped files.
      """)

  @Argument(
    help: ArgumentHelp(
      "A DICOM, NIfTI, PNG, JPEG or npz file, or a folder of DICOM series.", valueName: "file"))
  var path: String

  @OptionGroup var engine: EngineInput

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() async throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw ConsiliumError(.invalidInput, "there is no file '\(path)'")
    }
    let file = URL(fileURLWithPath: path).path
    let reply = try await engine.withEngine { try await $0.perform(.inspect(InspectFile(path: file))) }
    guard case .inspected(let description) = reply else {
      throw ConsiliumError(.engine, "the worker process sent the wrong kind of answer")
    }
    let text = try FolderListing(json: description)?.text ?? Self.text(of: description)
    Console.current.print(json ? description.withJSONEscapes : text)
  }

  /// Formats a JSON object as lines of `key  value`.
  static func text(of description: String) throws -> String {
    guard let object = try JSONSerialization.jsonObject(with: Data(description.utf8)) as? [String: Any] else {
      throw ConsiliumError(.engine, "the worker process gave an answer that is not a JSON object")
    }
    let width = object.keys.map(\.count).max() ?? 0
    return object.keys.sorted().map { key in
      "\(key.rightPadded(to: width))  \(value(object[key]))".onOneLine
    }.joined(separator: "\n")
  }

  private static func value(_ value: Any?) -> String {
    switch value {
    case let text as String: text
    case let list as [Any]: "[" + list.map(Self.value).joined(separator: ", ") + "]"
    case let object as [String: Any]:
      object.keys.sorted().map { "\($0) \(Self.value(object[$0]))" }.joined(separator: ", ")
    case let other?: "\(other)"
    case nil: ""
    }
  }
}
