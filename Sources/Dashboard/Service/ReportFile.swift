import Crypto
import FederatedCore
import Foundation
import Hummingbird

/// A run's report, or a comparison of runs, as the dashboard serves it. Its content security policy allows
/// only its own style sheets, identified by their digests, and images within the page.
struct ReportFile {
  private let page: Data

  init(page: Data) { self.page = page }

  /// - Throws: ``ConsiliumError`` with code `.storage` if the file cannot be read.
  init(_ file: URL) throws(ConsiliumError) {
    do {
      page = try Data(contentsOf: file)
    } catch {
      throw ConsiliumError(
        .storage, "the report \(file.lastPathComponent) cannot be read: \(error.localizedDescription)",
        cause: error)
    }
  }

  var response: Response {
    Response(
      status: .ok, headers: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: page)))
  }

  /// The content security policy. `sandbox` denies the page every right to run, send or open something,
  /// whatever it contains.
  var policy: String {
    let hashes = Self.styles(of: page).map { "'sha256-\(Data(SHA256.hash(data: $0)).base64EncodedString())'" }
    let style = hashes.isEmpty ? "'none'" : hashes.joined(separator: " ")
    return "default-src 'none'; img-src data:; style-src \(style); base-uri 'none'; form-action 'none'; "
      + "frame-ancestors 'none'; sandbox"
  }

  /// The text of each style element.
  static func styles(of page: Data) -> [Data] {
    let (opening, closing) = (Data("<style>".utf8), Data("</style>".utf8))
    var styles: [Data] = []
    var rest = page[...]
    // A report has two style sheets, so a page with many is not a report of this program.
    while styles.count < 8, let start = rest.range(of: opening),
      let end = rest[start.upperBound...].range(of: closing)
    {
      styles.append(Data(rest[start.upperBound..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return styles
  }
}
