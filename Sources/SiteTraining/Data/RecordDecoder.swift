import FederatedCore
import MedicalImaging
import StudyProtocol

/// Decodes one record's images and mask and brings them into the form that the study asks for.
struct RecordDecoder: Sendable {
  private let study: Study
  private let images: [CommonDataElement]
  private let mask: CommonDataElement?

  init(study: Study) {
    self.study = study
    images = study.inputs.filter { $0.kind == .image }
    mask = study.element(.target).flatMap { $0.kind == .mask ? $0 : nil }
  }

  /// A name under which the decoded record may be kept by a process that serves one study.
  func key(of record: Record, at site: SiteDefinition) -> String { "\(site.name)|\(record.place)" }

  func decode(_ record: Record, at site: SiteDefinition) throws(ImageFault) -> DecodedRecord {
    var channels: [FloatImage] = []
    for element in images { channels.append(try image(element, of: record)) }
    guard var image = channels.first else { throw ImageFault(.file, "the study has no image", in: record) }
    for (other, element) in zip(channels, images).dropFirst() {
      guard other.size == image.size else { throw .sizes(of: element, other, and: image, in: record) }
      image = FloatImage(
        values: image.values + other.values, channels: image.channels + other.channels, size: image.size,
        geometry: image.geometry)
    }
    var facts = zip(channels, images).map { ImageFacts($0, of: $1) }
    var truth: FloatImage?
    if let mask {
      let drawn = try self.image(mask, of: record)
      guard drawn.size == image.size else { throw .sizes(of: mask, drawn, and: image, in: record) }
      let classes = try classes(drawn, mask, site: site, record: record)
      facts.append(ImageFacts(classes, of: mask, classCount: mask.values.count))
      truth = classes
    }
    do {
      var decoded = try prepare(image, truth)
      decoded.facts = facts
      return decoded
    } catch {
      throw ImageFault(.preprocessing, error.message, in: record)
    }
  }

  private func image(_ element: CommonDataElement, of record: Record) throws(ImageFault) -> FloatImage {
    do {
      let image = try FloatImage(try volume(record[element.name], element, record))
      let expected = element.channels ?? 1
      guard image.channels == expected else {
        throw ImageFault(
          .channels, "the image has \(image.channels) channels; expected \(expected)", element, in: record)
      }
      guard image.values.allSatisfy(\.isFinite) else {
        throw ImageFault(.values, "the image holds values that are not numbers", element, in: record)
      }
      return try Self.withDeclaredAxes(image, element, of: study, in: record)
    } catch let error as ImageError {
      throw ImageFault(.file, error.message, element, in: record)
    } catch let fault as ImageFault {
      throw fault
    } catch {
      throw ImageFault(.file, "\(error)", element, in: record)
    }
  }

  private func volume(_ value: Record.Value, _ element: CommonDataElement, _ record: Record) throws -> Volume
  {
    switch value {
    case .file(let path): return try Volume.read(path)
    case .item(let file, let array, let index):
      return try NumpyStacks.shared.image(index, ofArray: array, inFile: file)
    default: throw ImageFault(.file, "the record has no image file", element, in: record)
    }
  }

  /// The class index of each voxel, from the site's own codes.
  private func classes(
    _ drawn: FloatImage, _ element: CommonDataElement, site: SiteDefinition, record: Record
  ) throws(ImageFault) -> FloatImage {
    let codes = site.elements[element.name]?.values ?? [:]
    var known: [Float: Float] = [:]
    var image = drawn
    for index in image.values.indices {
      let value = image.values[index]
      if let label = known[value] {
        image.values[index] = label
        continue
      }
      let local = Int(exactly: value).map(String.init) ?? String(value)
      guard let label = element.index(ofCode: codes[local] ?? local) else {
        throw ImageFault(
          .code,
          "the mask holds a value that is not permitted; permitted are \(element.values.map(\.code).joined(separator: ", ")). "
            + "Map the site's own codes under elements.\(element.name).values of the site file",
          element, in: record, values: [local])
      }
      known[value] = Float(label)
      image.values[index] = Float(label)
    }
    return image
  }

  private func prepare(_ image: FloatImage, _ mask: FloatImage?) throws(ImageError) -> DecodedRecord {
    var (image, mask) = (image, mask)
    var isSliced = false
    for step in study.preprocessing {
      switch step {
      case .reorient(let code):
        image = try image.reoriented(to: code)
        mask = try mask?.reoriented(to: code)
      case .slices(let axis):
        isSliced = image.isVolume
        if image.isVolume {
          image = image.withSlices(along: axis)
          mask = mask?.withSlices(along: axis)
        }
      case .resample(let resampling):
        image = try image.resampled(resampling, .linear)
        mask = try mask?.resampled(resampling, .nearest)
      case .cropOrPad(let size):
        image = try image.croppedOrPadded(to: image.size(from: size), fill: image.values.min() ?? 0)
        mask = try mask?.croppedOrPadded(to: image.size)
      case .normalise(let normalisation):
        image = image.normalised(try Normalisation(normalisation))
      case .impute, .standardise: break
      }
    }
    return DecodedRecord(image, mask: mask, slices: isSliced)
  }
}

extension FloatImage {
  /// A study's sizes list x, y and, where it is meant to change, z; this image's list the slowest axis first.
  fileprivate func size(from size: [Int]) -> [Int] {
    let reversed = Array(size.reversed())
    return isVolume && reversed.count == 2 ? [self.size[0]] + reversed : reversed
  }

  fileprivate func resampled(_ resampling: Resampling, _ interpolation: Interpolation) throws(ImageError)
    -> FloatImage
  {
    switch resampling {
    case .size(let size): return try resized(to: self.size(from: size), interpolation: interpolation)
    case .spacing(let spacing):
      let z = spacing.count > 2 ? spacing[2] : geometry.spacing.z
      return try resampled(spacing: [spacing[0], spacing[1], z], interpolation: interpolation)
    }
  }

  /// The volume with its first axis along `axis`, so that its slices are those across that axis.
  func withSlices(along axis: StudyProtocol.Axis) -> FloatImage {
    // x, y, z are the last, the middle and the first axis.
    let order = axis == .z ? [0, 1, 2] : axis == .y ? [1, 0, 2] : [2, 0, 1]
    guard order != [0, 1, 2] else { return self }
    let strides = [size[1] * size[2], size[2], 1]
    let turned = order.map { size[$0] }
    var moved: [Float] = []
    moved.reserveCapacity(values.count)
    for channel in 0..<channels {
      for i in 0..<turned[0] {
        for j in 0..<turned[1] {
          let start = channel * channelCount + i * strides[order[0]] + j * strides[order[1]]
          for k in 0..<turned[2] { moved.append(values[start + k * strides[order[2]]]) }
        }
      }
    }
    var placed = geometry
    for (new, old) in order.enumerated() {
      placed.spacing[2 - new] = geometry.spacing[2 - old]
      placed.direction[2 - new] = geometry.direction[2 - old]
    }
    return FloatImage(values: moved, channels: channels, size: turned, geometry: placed)
  }
}

extension Normalisation {
  init(_ study: IntensityNormalisation) throws(ImageError) {
    let method: Method =
      switch study.method {
      case .zScore: .zScore(overNonzero: study.nonzero)
      case .percentile: .percentile(lower: study.lower ?? 0, upper: study.upper ?? 100)
      case .window: .window(level: study.level ?? 0, width: study.width ?? 1)
      case .scale: .range(lower: study.lower ?? 0, upper: study.upper ?? 1)
      }
    let scope: Scope =
      switch study.per {
      case .volume, .image: .volume
      case .channel: .channel
      case .slice: .slice
      }
    try self.init(method, per: scope)
  }
}

extension DecodedRecord {
  /// - Parameter slices: makes each slice of the volume an example of its own.
  init(_ image: FloatImage, mask: FloatImage?, slices: Bool) {
    let spacing = image.geometry.spacing
    let labels = mask.map { $0.values.map { UInt8($0) } } ?? []
    let plane = [spacing.y, spacing.x]
    guard slices else {
      self.init(
        shape: [image.channels] + image.size, exampleCount: 1, image: image.values, mask: labels,
        spacing: image.isVolume ? [spacing.z] + plane : plane)
      return
    }
    // From channel, slice, row, column to slice, channel, row, column.
    let count = image.size[0]
    let values = image.channels == 1 ? image.values : (0..<count).flatMap { image.slice($0).values }
    self.init(
      shape: [image.channels] + image.size.dropFirst(), exampleCount: count, image: values, mask: labels,
      spacing: [spacing.z] + plane)
  }
}
