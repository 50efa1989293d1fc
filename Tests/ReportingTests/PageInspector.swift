import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Parses a page as XML and records what the tests check.
final class PageInspector: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  /// Every attribute's value, by the attribute's name.
  private(set) var attributes: [String: [String]] = [:]
  /// All text outside the style sheet.
  private(set) var text = ""
  /// Texts in a figure whose anchor is outside the figure.
  private(set) var strays: [String] = []
  private var size: (width: Double, height: Double)?
  private var isStyle = false

  /// - Throws: An error if the page is not well-formed.
  init(_ page: String) throws {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    let isWellFormed = parser.parse()
    try #require(isWellFormed, "line \(parser.lineNumber): \(String(describing: parser.parserError))")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes values: [String: String] = [:]
  ) {
    elements[name, default: 0] += 1
    for (key, value) in values { attributes[key, default: []].append(value) }
    isStyle = name == "style"
    if name == "svg", let box = values["viewBox"]?.split(separator: " ").compactMap({ Double($0) }),
      box.count == 4
    {
      size = (box[2], box[3])
    }
    guard name == "text", let size else { return }
    let (x, y) = (Double(values["x"] ?? "") ?? .nan, Double(values["y"] ?? "") ?? .nan)
    if !(0...size.width).contains(x) || !(0...size.height).contains(y) {
      strays.append("\(x) \(y) in \(size)")
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { if !isStyle { text += string } }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "svg" { size = nil }
    if name == "style" { isStyle = false }
  }
}
