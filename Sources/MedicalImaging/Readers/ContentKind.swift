/// Describes what kind of file an unsupported file is, for the error message.
enum ContentKind {
  private static let signatures: [(bytes: [UInt8], offset: Int, name: String)] = [
    (Array("GIF8".utf8), 0, "a GIF image"),
    ([0x49, 0x49, 0x2A, 0], 0, "a TIFF image"), ([0x4D, 0x4D, 0, 0x2A], 0, "a TIFF image"),
    (Array("BM".utf8), 0, "a BMP image"),
    (Array("RIFF".utf8), 0, "a RIFF file (WebP, AVI or WAV)"),
    ([0, 0, 0, 12, 0x6A, 0x50], 0, "a bare JPEG 2000 image"),
    ([0xFF, 0x4F, 0xFF, 0x51], 0, "a bare JPEG 2000 image"),
    (Array("NRRD".utf8), 0, "an NRRD volume"), (Array("ObjectType".utf8), 0, "a MetaImage header"),
    ([0x89] + Array("HDF".utf8), 0, "an HDF5 file (MINC 2, MATLAB or a model)"),
    (Array("CDF".utf8), 0, "a MINC 1 volume"),
    (Array("%PDF".utf8), 0, "a PDF document"), (Array("SIMPLE  =".utf8), 0, "a FITS image"),
    ([0x50, 0x4B], 0, "a ZIP archive that is not of NumPy arrays"),
    ([0x1F, 0x8B], 0, "a gzip file inside a gzip file"),
    ([0xFD, 0x37, 0x7A], 0, "an xz archive"), (Array("BZh".utf8), 0, "a bzip2 archive"),
    (Array("ustar".utf8), 257, "a tar archive"), (Array("SQLite format".utf8), 0, "an SQLite database"),
    ([0x80, 0x02], 0, "a Python pickle"), ([0x7F] + Array("ELF".utf8), 0, "a program"),
  ]

  /// A description of the content, such as `a PDF document` or `text`.
  static func describe(_ file: FileContent) -> String {
    let head = file.head
    let wrapped = file.isGzipped ? " (gzipped)" : ""
    if head.isEmpty { return "a gzip file whose compressed data are damaged or end early" }
    if file.isGzipped, DicomFile.recognises(head) {
      return "a DICOM file inside a gzip file; decompress it first"
    }
    if isAnalyze(head) {
      return "an Analyze 7.5 header, which states no orientation; convert it to NIfTI" + wrapped
    }
    if isMGH(head) { return "a FreeSurfer MGH volume; convert it to NIfTI with mri_convert" + wrapped }
    for signature in signatures where head.dropFirst(signature.offset).starts(with: signature.bytes) {
      return signature.name + wrapped
    }
    return (isText(head) ? "text" : "of no known format") + wrapped
  }

  static func isAnalyze(_ head: [UInt8]) -> Bool {
    guard head.count >= 348 else { return false }
    return [false, true].contains { bigEndian in
      ByteFields(bytes: head, isBigEndian: bigEndian).integer(Int32.self, at: 0) == 348
    }
  }

  private static func isMGH(_ head: [UInt8]) -> Bool {
    guard head.count >= 284 else { return false }
    let fields = ByteFields(bytes: head, isBigEndian: true)
    return fields.integer(Int32.self, at: 0) == 1 && (0...4).contains(fields.integer(Int32.self, at: 20))
      && (1...65_535).contains(fields.integer(Int32.self, at: 4))
  }

  private static func isText(_ head: [UInt8]) -> Bool {
    head.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D || $0 == 0x1B }
  }
}
