import Foundation

/// A generated brain-MRI data set of several sites, for demonstrations and tests without real data.
///
/// The data set has a FLAIR image and a lesion mask in NIfTI-1 for each patient, and a table of participants:
///
///     images/north-01_flair.nii   masks/north-01_lesion.nii   participants.csv   README.md
///
/// The same generator state yields the same bytes on every machine.
public struct PhantomDataset: Sendable {
  public var scanners: [Scanner]

  public init(scanners: [Scanner] = Scanner.standard) { self.scanners = scanners }

  /// Writes the data set. `participants.csv` is written last, so a folder that contains it is complete.
  ///
  /// - Parameter folder: the folder to write to. It is created if it does not exist; an earlier data set in
  ///   it is replaced.
  /// - Throws: ``PhantomError`` if the folder holds other files or cannot be written.
  public func write(to folder: URL, using generator: inout some RandomNumberGenerator) throws(PhantomError) {
    try prepare(folder)
    var table = "participant,site,age,sex\n"
    for scanner in scanners {
      for number in 0..<scanner.patientCount {
        let name = "\(scanner.site)-\(number < 9 ? "0" : "")\(number + 1)"
        let age = Int.random(in: scanner.ages, using: &generator)
        let sex = generator.nextUnit() < 0.5 ? "F" : "M"
        try writeExamination(of: name, age: age, by: scanner, to: folder, using: &generator)
        table += "\(name),\(scanner.site),\(age),\(sex)\n"
      }
    }
    try write(Data(readme.utf8), to: folder.appending(path: "README.md"))
    try write(Data(table.utf8), to: folder.appending(path: "participants.csv"))
  }

  private func writeExamination(
    of name: String, age: Int, by scanner: Scanner, to folder: URL,
    using generator: inout some RandomNumberGenerator
  ) throws(PhantomError) {
    let sizes = (0..<scanner.lesionCount(using: &generator)).map { _ in
      generator.next(in: scanner.lesionSizes)
    }
    let head = Head(age: age, lesionSizes: sizes, using: &generator)
    let examination = scanner.scan(head, using: &generator)
    let size = SIMD3(scanner.matrix, scanner.matrix, scanner.sliceCount)
    let image = NIfTIFile(examination.image, size: size, grid: scanner.grid)
    let mask = NIfTIFile(examination.mask, size: size, grid: scanner.grid)
    try write(image.data, to: folder.appending(path: "images/\(name)_flair.nii"))
    try write(mask.data, to: folder.appending(path: "masks/\(name)_lesion.nii"))
  }

  private func prepare(_ folder: URL) throws(PhantomError) {
    let files = FileManager.default
    let ours: Set<String> = ["images", "masks", "participants.csv", "README.md"]
    let path = folder.path(percentEncoded: false)
    if let stranger = try? files.contentsOfDirectory(atPath: path).first(where: { !ours.contains($0) }) {
      throw PhantomError(
        "\(path) holds '\(stranger)', which does not belong to a generated data set; choose a new folder")
    }
    do {
      for part in ["images", "masks"] {
        let part = folder.appending(path: part)
        if files.fileExists(atPath: part.path(percentEncoded: false)) { try files.removeItem(at: part) }
        try files.createDirectory(at: part, withIntermediateDirectories: true)
      }
      let table = folder.appending(path: "participants.csv")
      if files.fileExists(atPath: table.path(percentEncoded: false)) { try files.removeItem(at: table) }
    } catch {
      throw PhantomError("cannot prepare the folder \(path): \(error.localizedDescription)")
    }
  }

  private func write(_ data: Data, to file: URL) throws(PhantomError) {
    do {
      try data.write(to: file, options: .atomic)
    } catch {
      throw PhantomError(
        "cannot write \(file.path(percentEncoded: false)): \(error.localizedDescription)")
    }
  }

  private var readme: String {
    """
    # Generated brain-MRI phantom

    These images are GENERATED. They show no person and carry no medical information; ages and sexes are random numbers.

    They imitate FLAIR head MRI of \(scanners.count) sites (\(scanners.map(\.site).joined(separator: ", "))) whose scanners differ in
    contrast, bias field, noise, resolution, slice distance and intensity scale, and whose patients differ in age and in how
    often they have lesions. `participants.csv` lists them; `images/` and `masks/` hold NIfTI-1 files of the same grid.

    """
  }
}

/// The reason why a phantom could not be written. The message names the file and what to do.
public struct PhantomError: Error, Sendable, CustomStringConvertible {
  public var message: String
  public var description: String { message }

  public init(_ message: String) { self.message = message }
}
