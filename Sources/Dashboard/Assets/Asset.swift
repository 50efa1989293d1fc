import Crypto
import Foundation
import Hummingbird
import Reporting

/// A file that pages need. It is part of the program, so that nothing is fetched from elsewhere.
struct Asset: Sendable {
  /// The path. It contains the content's digest, so that browsers may cache the file forever and never use an
  /// old version.
  let path: String
  private let type: String
  private let body: ByteBuffer

  private init(_ name: String, _ suffix: String, type: String, _ text: String) {
    let digest = SHA256.hash(data: Data(text.utf8)).prefix(8).hex
    path = "/assets/\(name)-\(digest).\(suffix)"
    self.type = type
    body = ByteBuffer(string: text)
  }

  static let style = Asset(
    "style", "css", type: "text/css; charset=utf-8",
    "\(Stylesheet.pageRules)\n\(Stylesheet.figureRules)\n\(DashboardStyle.rules)\n\(DashboardStyle.darkRules)"
  )
  static let script = Asset(
    "live", "js", type: "text/javascript; charset=utf-8", LiveScript.source.description)
  static let icon = Asset(
    "icon", "svg", type: "image/svg+xml",
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="3" fill="#0b4f7a"/>\
    <g fill="none" stroke="#3b8fc4" stroke-width="1.6"><circle cx="8" cy="8" r="6.6"/></g></svg>
    """)

  static let all = [style, script, icon]

  var response: Response {
    Response(
      status: .ok,
      headers: [.contentType: type, .cacheControl: "public, max-age=31536000, immutable"],
      body: ResponseBody(byteBuffer: body))
  }
}
