/// Reads the orientation from a picture's XMP packet, its metadata as XML (ISO 16684-1).
enum XMPPacket {
  /// The identifier that begins the packet's segment in a JPEG file.
  static let jpegMark = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  /// The keyword of the packet's text chunk in a PNG file.
  static let pngKeyword = "XML:com.adobe.xmp"

  /// The picture's orientation, written as an attribute (`tiff:Orientation="6"`) or an element
  /// (`<tiff:Orientation>6</tiff:Orientation>`); `nil` if the packet has no number from 1 to 8 there.
  static func orientation(_ packet: some Collection<UInt8>) -> ExifOrientation? {
    let bytes = Array(packet)
    guard let name = bytes.firstRange(of: Array("tiff:Orientation".utf8)) else { return nil }
    let marks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0x3D, 0x22, 0x27, 0x3E]
    let value = bytes[name.upperBound...].drop { marks.contains($0) }
    let digits = value.prefix { (0x30...0x39).contains($0) }
    guard value.startIndex > name.upperBound, digits.count == 1, let digit = digits.first else { return nil }
    return ExifOrientation(rawValue: Int(digit) - 0x30)
  }
}
