import FederatedCore
import MedicalImaging
import StudyProtocol

/// Decodes one record's images and mask and preprocesses them as the study specifies.
struct RecordDecoder: Sendable {
  private let study: Study
  private let images: [CommonDataElement]
  private let mask: CommonDataElement?

  init(study: Study) {
    self.study = study
    images = study.inputs.filter { $0.kind == .image }
    mask = study.element(.target).flatMap { $0.kind == .mask ? $0 : nil }
  }

  /// A key for the decoded record in the cache. It is unique within a process that serves one study.
  func key(of record: Record, at site: SiteDefinition) -> String { "\(site.name)|\(record.place)" }

  func decode(_ record: Record, at site: SiteDefinition) throws(ImageFault) -> DecodedRecord {
    var notes: [ImageFault] = []
    var provenances: [ImageProvenance] = []
    func read(_ element: CommonDataElement, onto target: FloatImage? = nil) throws(ImageFault) -> ReadImage {
      var found = try ElementReader(element: element, mapping: site.elements[element.name])
        .image(of: record, onto: target, tiedTo: provenances, notes: &notes)
      found.image = try Self.withDeclaredAxes(found.image, element, of: study, in: record)
      if element.kind == .image { provenances += [found.source.provenance].compactMap(\.self) }
      return found
    }
    guard let first = images.first else { throw ImageFault(.file, "the study has no image", in: record) }
    let reference = try read(first)
    var image = reference.image
    var facts = [ImageFacts(reference, of: first)]
    var alignment = GridAlignment(onto: image, in: record)
    for element in images.dropFirst() {
      let stored = try read(element)
      facts.append(ImageFacts(stored, of: element))
      let other = try alignment.align(stored.image, of: element)
      image = FloatImage(
        values: image.values + other.values, channels: image.channels + other.channels, size: image.size,
        geometry: image.geometry)
    }
    var truth: FloatImage?
    if let mask {
      let drawn = try alignment.align(try read(mask, onto: image).image, of: mask)
      let classes = try MaskCodes(mask, mapping: site.elements[mask.name]).classes(of: drawn, in: record)
      facts.append(ImageFacts(classes, of: mask, classCount: mask.values.count))
      truth = classes
    }
    var decoded = try prepared(image, truth, of: first, in: record)
    decoded.facts = facts
    decoded.notes = notes + alignment.notes + decoded.notes
    decoded.traits.patient = provenances.first.flatMap { $0.isDeidentified ? nil : $0.patient }
    return decoded
  }

  /// The record after preprocessing, with the traits of its files and with warnings.
  private func prepared(
    _ image: FloatImage, _ truth: FloatImage?, of element: CommonDataElement, in record: Record
  ) throws(ImageFault) -> DecodedRecord {
    let stated = StatedGeometry(study: study, element: element)
    try stated.check(image, in: record)
    do {
      var decoded = try prepare(image, truth)
      decoded.traits = RecordTraits(image, mask: truth)
      decoded.notes = stated.notes(image, in: record)
      let fit = NormalisationFit(study, element: element)
      let isConstant = decoded.traits.isConstant
      if let note = fit.note(decoded.image, isConstant: isConstant, in: record) { decoded.notes.append(note) }
      decoded.statesSpacing = decoded.statesSpacing && !image.isSheared
      return decoded
    } catch {
      throw ImageFault(.preprocessing, error.message, in: record)
    }
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
      case .clip(let clipping): image = image.clipped(try Clipping(clipping))
      case .normalise(let normalisation):
        image = image.normalised(try Normalisation(normalisation))
      case .impute, .standardise: break
      }
    }
    return DecodedRecord(image, mask: mask, slices: isSliced)
  }
}

extension FloatImage {
  /// Converts a size from the order of a study (x, y and perhaps z) to the order of this image (slowest axis
  /// first). If the study's size has no z, the number of slices stays the same.
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

  /// The volume with `axis` as its first axis, so that its slices are perpendicular to `axis`.
  func withSlices(along axis: StudyProtocol.Axis) -> FloatImage {
    // x, y and z are the last, the middle and the first axis.
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
    // Convert the order: the geometry lists x first, the size lists the slowest axis first.
    let placed = geometry.reordered(order.reversed().map { 2 - $0 })
    return FloatImage(values: moved, channels: channels, size: turned, geometry: placed)
  }
}

extension Clipping {
  init(_ study: IntensityClipping) throws(ImageError) {
    let limits: Limits =
      switch study.limits {
      case .values(let range): .values(lower: range.lowerBound, upper: range.upperBound)
      case .percentiles(let range): .percentiles(lower: range.lowerBound, upper: range.upperBound)
      }
    try self.init(limits, per: Normalisation.Scope(study.per), overNonzero: study.nonzero)
  }
}

extension Normalisation.Scope {
  init(_ study: IntensityNormalisation.Scope) {
    switch study {
    case .volume, .image: self = .volume
    case .channel: self = .channel
    case .slice: self = .slice
    }
  }
}

extension Normalisation {
  init(_ study: IntensityNormalisation) throws(ImageError) {
    let method: Method =
      switch study.method {
      case .zScore: .zScore(overNonzero: study.nonzero)
      case .percentile:
        .percentile(lower: study.lower ?? 0, upper: study.upper ?? 100, overNonzero: study.nonzero)
      case .window: .window(level: study.level ?? 0, width: study.width ?? 1)
      case .scale: .range(lower: study.lower ?? 0, upper: study.upper ?? 1)
      }
    try self.init(method, per: Scope(study.per))
  }
}

extension DecodedRecord {
  /// - Parameter slices: whether each slice of the volume becomes a separate example.
  init(_ image: FloatImage, mask: FloatImage?, slices: Bool) {
    let spacing = image.geometry.spacing
    let axes: Geometry.Stated = image.isVolume ? .spacing : .planeSpacing
    let isStated = image.geometry.stated.isSuperset(of: axes)
    let labels = mask.map { $0.values.map { UInt8($0) } } ?? []
    let plane = [spacing.y, spacing.x]
    guard slices else {
      self.init(
        shape: [image.channels] + image.size, exampleCount: 1, image: image.values, mask: labels,
        spacing: image.isVolume ? [spacing.z] + plane : plane, statesSpacing: isStated)
      return
    }
    // Reorder the axes from channel, slice, row, column to slice, channel, row, column.
    let count = image.size[0]
    let values = image.channels == 1 ? image.values : (0..<count).flatMap { image.slice($0).values }
    self.init(
      shape: [image.channels] + image.size.dropFirst(), exampleCount: count, image: values, mask: labels,
      spacing: [spacing.z] + plane, statesSpacing: isStated)
  }
}
