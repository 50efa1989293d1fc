import FederatedCore
import Foundation
import MedicalImaging
import StudyProtocol
import Synchronization

/// The examples of an image study. Images are decoded on demand and kept in memory within the cache's bound.
final class ImageExampleSource: ExampleSource {
  private let study: Study
  private let records: [(site: SiteDefinition, record: Record)]
  private let decoder: RecordDecoder
  private let cache: RecordCache
  private let targets: TableTargets?
  private let augmentation: Augmentation
  /// The positions of the examples and the facts about the records; empty before ``prepare(dataRoot:)``.
  private let layout = Mutex(Layout())

  /// The position of each record's examples among all examples, with facts about the records.
  private struct Layout {
    /// For each record, the index of its first example; after these, the total number of examples.
    var starts: [Int] = [0]
    var shape: [Int] = []
    /// For each record that could be read, facts about its images and its mask before preprocessing.
    var facts: [[ImageFacts]] = []
    /// For each record, facts about its files; `nil` if the record could not be decoded.
    var traits: [RecordTraits?] = []
  }

  init(_ records: [(site: SiteDefinition, record: Record)], study: Study, cache: RecordCache) {
    self.records = records
    self.study = study
    self.cache = cache
    decoder = RecordDecoder(study: study)
    augmentation = Augmentation(study.augmentation)
    targets = study.header.task == .segmentation ? nil : TableTargets(of: records.map(\.record), study: study)
  }

  /// Decodes all images once, in parallel. Finds faults of the images, counts the examples and fills the
  /// cache.
  ///
  /// A record that cannot be used has no examples. The reason becomes a finding.
  func prepare(dataRoot: String) -> [DataFinding] {
    let outcomes = Mutex([Result<DecodedRecord, ImageFault>?](repeating: nil, count: records.count))
    DispatchQueue.concurrentPerform(iterations: records.count) { index in
      let outcome = Result { () throws(ImageFault) in try decode(index) }
      outcomes.withLock { $0[index] = outcome }
    }
    let results = outcomes.withLock { $0 }.compactMap(\.self)
    let shapes = results.compactMap { try? $0.get().shape }
    // The study's shape is the shape of most images; images of other shapes are faults.
    let counts = Dictionary(grouping: shapes, by: \.self).mapValues(\.count)
    let shape = counts.max { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }?.key ?? []
    let objection = ModelFit(study.model).objection(to: shape)
    var log = ImageFaultLog(dataRoot: dataRoot)
    var starts = [0]
    for (index, result) in results.enumerated() {
      for note in (try? result.get())?.notes ?? [] { log.add(note, site: records[index].site.name) }
      var count = 0
      switch result {
      case .failure(let fault): log.add(fault, site: records[index].site.name)
      case .success(let decoded) where decoded.shape != shape:
        log.add(
          .shape(
            decoded.shape, expected: shape, sizeCount: counts.count, of: study.inputs.first,
            in: records[index].record),
          site: records[index].site.name)
      case .success(let decoded):
        if let objection {
          log.add(
            ImageFault(.size, objection, study.inputs.first, in: records[index].record),
            site: records[index].site.name)
        } else {
          count = decoded.exampleCount
        }
      }
      starts.append(starts[index] + count)
    }
    let known = Layout(
      starts: starts, shape: shape, facts: results.compactMap { try? $0.get().facts },
      traits: results.map { (try? $0.get())?.traits })
    layout.withLock { $0 = known }
    return log.findings
  }

  var exampleCount: Int { layout.withLock { $0.starts.last ?? 0 } }
  var exampleShape: [Int] { layout.withLock { $0.shape } }

  /// For each record that could be read, facts about its images and its mask before preprocessing.
  var facts: [[ImageFacts]] { layout.withLock { $0.facts } }
  /// The number of records that have examples.
  var usedRecordCount: Int {
    layout.withLock { layout in zip(layout.starts, layout.starts.dropFirst()).count { $0 < $1 } }
  }

  /// Facts about the files of a record, known after ``prepare(dataRoot:)``; `nil` if the record could not be
  /// decoded.
  func traits(ofRecord index: Int) -> RecordTraits? { layout.withLock { $0.traits[index] } }

  func examples(ofRecord index: Int) -> Range<Int> {
    layout.withLock { $0.starts[index]..<$0.starts[index + 1] }
  }

  func batch(_ indices: ArraySlice<Int>, augmentationSeeds: [UInt64]?) throws -> Batch {
    let shape = exampleShape
    var inputs: [Float] = []
    inputs.reserveCapacity(indices.count * shape.reduce(1, *))
    var masks: [UInt8] = []
    var owners: [Int] = []
    for (position, index) in indices.enumerated() {
      let (record, number) = place(of: index)
      let decoded = try decode(record)
      if let augmentationSeeds {
        var generator = RandomStream(seed: augmentationSeeds[position])
        let (image, mask) = augmented(decoded, number, using: &generator)
        inputs += image
        masks += mask
      } else {
        inputs += decoded.image(of: number)
        masks += decoded.mask(of: number)
      }
      owners.append(record)
    }
    return Batch(
      inputs: inputs, shape: [indices.count] + shape, target: targets?.select(owners) ?? .mask(masks))
  }

  private func augmented(
    _ decoded: DecodedRecord, _ number: Int, using generator: inout RandomStream
  ) -> ([Float], [UInt8]) {
    let size = Array(decoded.shape.dropFirst())
    var image = FloatImage(values: Array(decoded.image(of: number)), channels: decoded.shape[0], size: size)
    guard !decoded.mask.isEmpty else {
      augmentation.apply(to: &image, using: &generator)
      return (image.values, [])
    }
    var mask = FloatImage(values: decoded.mask(of: number).map(Float.init), size: size)
    augmentation.apply(to: &image, mask: &mask, using: &generator)
    return (image.values, mask.values.map { UInt8($0) })
  }

  func grid(of record: Range<Int>) throws -> VoxelGrid {
    let decoded = try decode(place(of: record.lowerBound).record)
    let spatial = Array(decoded.shape.dropFirst())
    let isVolumeOfSlices = decoded.spacing.count > spatial.count
    return VoxelGrid(
      shape: isVolumeOfSlices ? [decoded.exampleCount] + spatial : spatial, spacing: decoded.spacing,
      statesSpacing: decoded.statesSpacing)
  }

  func classCounts(of indices: [Int], classCount: Int) throws -> [Int] {
    if let targets {
      return targets.classCounts(of: indices.map { place(of: $0).record }, classCount: classCount)
    }
    var counts = [Int](repeating: 0, count: classCount)
    for index in indices {
      let (record, number) = place(of: index)
      let decoded = try decode(record)
      for voxel in decoded.mask(of: number) { counts[Int(voxel)] += 1 }
    }
    return counts
  }

  /// The record of an example and the example's number within the record.
  private func place(of index: Int) -> (record: Int, number: Int) {
    layout.withLock { layout in
      // Find the last record whose first example is at or before `index`. A record without examples has the
      // same start as the next one.
      var (low, high) = (0, layout.starts.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if layout.starts[middle + 1] <= index { low = middle + 1 } else { high = middle }
      }
      return (low, index - layout.starts[low])
    }
  }

  private func decode(_ index: Int) throws(ImageFault) -> DecodedRecord {
    let (site, record) = records[index]
    return try cache.record(decoder.key(of: record, at: site)) { () throws(ImageFault) in
      try decoder.decode(record, at: site)
    }
  }
}
