/// DICOM images, single or multi-frame: [rows, columns], [frames, rows, columns], colour last.
///
/// The values are as stored: colours are not converted, and palettes stay indices. Values are rescaled only
/// if the slope or intercept differs between frames; otherwise see `Volume.slope`. Chrominance of half
/// resolution is repeated for the pixels that share it.
public struct DicomReader: ImageReader {
  public init() {}

  public func recognises(_ file: FileContent) -> Bool { DicomFile.recognises(file.bytes) }

  public func read(_ file: FileContent) throws(ImageError) -> Volume { try DicomImage(file).volume }
}
