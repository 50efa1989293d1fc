import Foundation

/// The files of one folder: DICOM images by series, and all other files.
struct DicomFolder {
  /// The files of one series, or the pictures of one modality, in the order of their names.
  struct Group {
    var paths: [String]
    var modality: String?
    /// Whether the files are separate pictures without a position in the patient.
    var isPictures: Bool
    /// The reason why the file of the group is unreadable; `nil` if the files can be read. An unreadable file
    /// has its own group. It is not skipped, since it may be a slice.
    var fault: ImageError?
  }

  private(set) var groups: [Group] = []
  private(set) var leftAside: [ImageSource.LeftAside] = []

  init(_ folder: String) {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    var members: [Member] = []
    for name in names where !name.hasPrefix(".") {
      let path = folder + "/" + name
      guard !FileContent.isFolder(path) else { continue }
      switch Self.found(path) {
      case .image(let member): members.append(member)
      case .other(let kind): leftAside.append(.init(file: name, kind: kind))
      }
    }
    group(members)
  }

  /// All images in the order of their names.
  var paths: [String] { groups.flatMap(\.paths).sorted() }

  private struct Member {
    var path: String
    var series = ""
    var modality: String?
    var isPicture = false
    var isSegmentation = false
    var fault: ImageError?

    /// The key of the file's group. Pictures are grouped by modality and slices by series. An unreadable file
    /// has its own group.
    var key: String {
      isPicture ? "picture " + (modality ?? "") : series + (fault == nil ? "" : path)
    }
  }

  private enum Found {
    case image(Member)
    case other(String)
  }

  /// Groups the files by key. Skips segmentations if there are other images, since segmentations are then
  /// masks.
  private mutating func group(_ members: [Member]) {
    let hasImages = members.contains { !$0.isSegmentation }
    var places: [String: Int] = [:]
    for member in members {
      if member.isSegmentation, hasImages {
        leftAside.append(
          .init(file: (member.path as NSString).lastPathComponent, kind: "a segmentation (SEG)"))
      } else if let place = places[member.key] {
        groups[place].paths.append(member.path)
      } else {
        places[member.key] = groups.count
        groups.append(
          Group(
            paths: [member.path], modality: member.modality, isPictures: member.isPicture,
            fault: member.fault
          ))
      }
    }
  }

  private static func found(_ path: String) -> Found {
    let file: FileContent
    do throws(ImageError) {
      file = try start(of: path)
    } catch {
      guard endings.contains((path as NSString).pathExtension.lowercased()) else {
        return .other("a file that \(error.message)")
      }
      return .image(Member(path: path, fault: error.naming(path)))
    }
    var member = Member(path: path)
    guard DicomFile.recognises(file.bytes) else {
      // The file may be a slice whose content was lost. Skipping it would hide the missing slice.
      guard endings.contains((path as NSString).pathExtension.lowercased()) else {
        return .other(kind(file))
      }
      member.fault = ImageError(
        .malformed,
        "\(path): is named as a DICOM file, but its content is \(kind(file)); remove it or export it again"
      )
      return .image(member)
    }
    do throws(ImageError) {
      let dataSet = try dataSet(file)
      if dataSet[.directoryRecords] != nil { return .other("an index of other files (DICOMDIR)") }
      guard hasPixels(dataSet) else {
        return .other(name(ofModality: dataSet.text(.modality)))
      }
      member.series = dataSet.text(.seriesInstance) ?? ""
      member.modality = dataSet.text(.modality)
      member.isSegmentation = DicomHeader.segmentations.contains(dataSet.text(.sopClass) ?? "")
      let isSingle = (try dataSet.stated(.numberOfFrames).first ?? 1) == 1
      member.isPicture = isSingle && dataSet[.imagePosition] == nil && !member.isSegmentation
    } catch {
      if (path as NSString).lastPathComponent.uppercased() == "DICOMDIR" {
        return .other("an index of other files (DICOMDIR) that is damaged")
      }
      member.fault = error.naming(path)
    }
    return .image(member)
  }

  /// The first bytes of a file, up to where pixels usually begin. Reading only these saves time, since a
  /// folder may have many large files.
  private static func start(of path: String) throws(ImageError) -> FileContent {
    try FileContent.start(of: path, length: startLength)
  }

  private static let startLength = 1 << 18

  /// The data set up to its pixels, from the first bytes if they suffice.
  private static func dataSet(_ file: FileContent) throws(ImageError) -> DicomDataSet {
    if file.bytes.count == startLength {
      if let early = try? DicomFile(file.bytes).dataSet, hasPixels(early) { return early }
      return try DicomFile(FileContent(path: file.path).bytes).dataSet
    }
    return try DicomFile(file.bytes).dataSet
  }

  private static func hasPixels(_ dataSet: DicomDataSet) -> Bool {
    [DicomTag.pixelData, .floatPixels, .doublePixels].contains { dataSet[$0] != nil }
  }

  private static let endings: Set = ["dcm", "dicom", "ima"]

  /// A description of a file that is not in the DICOM format.
  private static func kind(_ file: FileContent) -> String {
    let images: [(any ImageReader, String)] = [
      (PNGReader(), "a PNG picture"), (JPEGReader(), "a JPEG picture"),
      (NiftiReader(), "a NIfTI image"),
      (NumpyReader(), "a NumPy array"), (NumpyArchiveReader(), "a NumPy archive"),
    ]
    return images.first { $0.0.recognises(file) }?.1 ?? ContentKind.describe(file)
  }

  private static let names = [
    "SR": "a structured report", "PR": "a presentation state", "KO": "a selection of key images",
    "RTSTRUCT": "radiotherapy contours", "RTPLAN": "a radiotherapy plan",
    "REG": "a registration",
    "DOC": "a document", "ECG": "an electrocardiogram", "RTRECORD": "a radiotherapy record",
    "FID": "spatial fiducials", "RWV": "a mapping to real-world values",
  ]

  /// A description of a file without pixels. Does not repeat text that the standard does not define.
  private static func name(ofModality modality: String?) -> String {
    guard let modality, let name = names[modality] else { return "a DICOM file without pixels" }
    return "\(name) (\(modality))"
  }
}
