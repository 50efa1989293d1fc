import FederatedCore
import Foundation
import Hummingbird

/// A result file as a browser download. It is read in pieces, since models are large.
struct ResultDownload {
  private let file: ResultFile
  private let study: String

  init(_ file: ResultFile, of study: String) {
    self.file = file
    self.study = study
  }

  /// - Throws: `.storage` if the file cannot be read.
  func response(_ context: DashboardContext) async throws -> Response {
    let body: ResponseBody
    do {
      body = try await FileIO().loadFile(path: file.url.path(percentEncoded: false), context: context)
    } catch {
      throw ConsiliumError(.storage, "the file \(file.name) cannot be read", cause: error)
    }
    return Response(
      status: .ok,
      headers: [.contentType: type, .contentDisposition: "attachment; filename=\"\(name)\""], body: body)
  }

  private var type: String {
    switch file.url.pathExtension {
    case "csv": "text/csv; charset=utf-8"
    case "json": "application/json"
    default: "application/octet-stream"
    }
  }

  /// The file name, preceded by the study's ID, since every study has a `report.html`. Unsafe characters
  /// become `_`.
  private var name: String {
    String(
      (study + "-" + file.name).map {
        $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_"
      })
  }
}
