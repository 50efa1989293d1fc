import Foundation

/// The description of a folder by `consilium data inspect`: the DICOM series in the folder and its
/// sub-folders, and the skipped files.
public struct FolderInspection: Codable, Sendable, Hashable {
  public var folder: String
  public var series: [Series]
  public var leftAside: [LeftAside]

  /// A DICOM series in a folder, or the folder's pictures that are not slices of a series.
  public struct Series: Codable, Sendable, Hashable {
    /// The folder of the files, relative to the inspected folder; `.` for the inspected folder itself.
    public var folder: String
    public var firstFile: String
    public var files: Int
    /// The kind of series: `volume`, `picture`, `pictures`, `series over time` or `segmentation`. A file with
    /// two images of each slice is `2 volumes`. A series that cannot be read is `unusable`.
    public var kind: String
    public var modality: String?
    /// The size along x, y and, for volumes, z.
    public var size: [Int]?
    /// The spacing in millimetres along the same axes, if the files state it.
    public var spacing: [Double]?
    /// The directions of x, y and z, such as `LPS`.
    public var orientation: String?
    /// The reason why a study cannot use the series; `nil` if it can.
    public var problem: String?
  }

  /// Skipped files of one kind in one folder.
  public struct LeftAside: Codable, Sendable, Hashable {
    public var folder: String
    public var kind: String
    public var count: Int
    /// The names of the first few of these files.
    public var files: [String]
  }

  /// - Throws: `ImageError` if the folder is unreadable or empty.
  public init(folder: String) throws(ImageError) {
    self.folder = folder
    series = []
    leftAside = []
    for place in Self.folders(below: folder) {
      let path = place == "." ? folder : folder + "/" + place
      let content = DicomFolder(path)
      let isShared = content.groups.count { !$0.isPictures } > 1
      for group in content.groups {
        var found = Series(group, folder: place, path: path)
        if isShared, found.files > 1, found.problem == nil {
          found.problem = "shares its folder with other series; put its files in a folder of their own"
        }
        series.append(found)
      }
      let kinds = Dictionary(grouping: content.leftAside, by: \.kind)
      for (kind, files) in kinds.sorted(by: { $0.key < $1.key }) {
        leftAside.append(
          LeftAside(folder: place, kind: kind, count: files.count, files: files.prefix(3).map(\.file)))
      }
    }
    guard !series.isEmpty || !leftAside.isEmpty else {
      throw ImageError(
        .unreadable,
        "\(folder): holds no files, also in folders up to \(Self.deepest) levels below it; links are not followed"
      )
    }
  }

  /// The number of levels of sub-folders that are searched.
  private static let deepest = 32

  public static func isFolder(_ path: String) -> Bool { FileContent.isFolder(path) }

  /// Whether the folder holds a single series, which is then described as one image.
  public static func isOneSeries(_ folder: String) -> Bool {
    guard folders(below: folder).count == 1 else { return false }
    return DicomFolder(folder).groups.count == 1
  }

  /// The folder and all folders below it, as relative paths in the order of their names; links are not
  /// followed.
  private static func folders(below folder: String, place: String = ".", depth: Int = 0) -> [String] {
    guard depth < deepest else { return [] }
    let path = place == "." ? folder : folder + "/" + place
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    return [place]
      + names.filter { !$0.hasPrefix(".") && isOwnFolder(path + "/" + $0) }.flatMap { name in
        folders(below: folder, place: place == "." ? name : place + "/" + name, depth: depth + 1)
      }
  }

  private static func isOwnFolder(_ path: String) -> Bool {
    let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    return type == .typeDirectory
  }
}

extension FolderInspection.Series {
  /// Describes a series after reading it as training would.
  fileprivate init(_ group: DicomFolder.Group, folder: String, path: String) {
    self.folder = folder
    firstFile = (group.paths[0] as NSString).lastPathComponent
    files = group.paths.count
    modality = group.modality
    kind = "unusable"
    do throws(ImageError) {
      if let fault = group.fault { throw fault }
      let volume =
        group.isPictures ? try ImageReaders.read(group.paths[0]) : try DicomSeries.read(paths: group.paths)
      describe(volume, isPictures: group.isPictures)
    } catch {
      problem = error.message.replacing(path + "/", with: "")
    }
  }

  private mutating func describe(_ volume: Volume, isPictures: Bool) {
    var image = volume
    if case .segmentation = volume.meaning {
      do throws(ImageError) {
        image = try volume.interpreted()
      } catch {
        problem = error.message
      }
    } else if case .refused(let fault) = volume.meaning {
      problem = fault.message
    } else if volume.extent(.time) > 1 {
      problem = "a training image must be one picture or one volume"
    }
    kind = Self.kind(image, isPictures: isPictures, files: files)
    let isVolume = image.extent(.slice) > 1
    size = [image.extent(.column), image.extent(.row)] + (isVolume ? [image.extent(.slice)] : [])
    let stated = image.geometry.stated
    if isVolume, stated.contains(.direction) { orientation = image.geometry.orientation }
    guard stated.isSuperset(of: isVolume ? .spacing : .planeSpacing) else { return }
    spacing = (0..<(isVolume ? 3 : 2)).map { image.geometry.spacing[$0] }
  }

  private static func kind(_ image: Volume, isPictures: Bool, files: Int) -> String {
    if image.source.isSegmentation { return "segmentation" }
    if let count = image.source.imagesPerSlice { return "\(count) volumes" }
    if image.extent(.time) > 1 { return "series over time" }
    if image.extent(.slice) > 1 { return "volume" }
    return isPictures && files > 1 ? "pictures" : "picture"
  }
}
