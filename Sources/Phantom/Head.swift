/// The anatomy of one simulated patient: the tissue at each point of the head. Points are in mm from the
/// middle of the head.
///
/// x points to the patient's right, y forward and z up. Nested ellipsoids form scalp, skull and brain. The
/// zero set of a random field forms the sulci. Ventricles and deep grey nuclei are further ellipsoids.
struct Head: Sendable {
  /// Half the side lengths, in mm, of a box that contains every head.
  static let extent = SIMD3<Float>(85, 110, 105)

  private let outline: Ellipsoid
  /// The proportion by which the head is narrower at the forehead, and wider at the back, than in the middle.
  private let taper: Float
  private let folds: RandomField
  private let texture: RandomField
  private let ventricles: [Ellipsoid]
  private let nuclei: [Ellipsoid]
  private let cerebellum: Ellipsoid
  /// The width of the sulci, which grows with age as the brain shrinks.
  private let sulcusWidth: Float
  private let scalpThickness: Float
  private var lesions: [Lesion] = []

  init(age: Int, lesionSizes: [Double], using generator: inout some RandomNumberGenerator) {
    func jitter(_ value: Float, _ share: Double = 0.06) -> Float {
      value * Float(generator.next(in: (1 - share)...(1 + share)))
    }
    let atrophy = Float(min(max(age - 20, 0), 70)) / 70
    outline = Ellipsoid(.zero, SIMD3(jitter(77), jitter(97), jitter(94)))
    taper = jitter(0.1, 0.4)
    folds = RandomField(extent: Self.extent, spacing: 4, radius: 1, using: &generator)
    texture = RandomField(extent: Self.extent, spacing: 5, radius: 1, using: &generator)
    sulcusWidth = jitter(0.1 + 0.16 * atrophy, 0.2)
    scalpThickness = jitter(4.5, 0.3)

    let width = jitter(4.5 + 5 * atrophy, 0.25)
    ventricles =
      [-1, 1].flatMap { side in
        [
          Ellipsoid([side * (4 + width), 12, 12], [width, 26, 9]),
          Ellipsoid([side * (11 + 1.6 * width), -26, 6], [width * 0.9, 17, 8]),
        ]
      } + [Ellipsoid([0, -4, -6], [1.5 + 2 * atrophy, 13, 9])]
    nuclei = [-1, 1].flatMap { side in
      [Ellipsoid([side * 13, -10, -1], [8, 14, 9]), Ellipsoid([side * 25, 6, -2], [6, 17, 10])]
    }
    cerebellum = Ellipsoid([0, -48, -52], [jitter(48), jitter(32), jitter(24)])
    lesions = lesionSizes.map { size in
      Lesion(centre: lesionCentre(size: Float(size), using: &generator), size: size, using: &generator)
    }
  }

  /// The signal at a point, and the degree (0 to 1) to which the point belongs to a lesion.
  func signal(at point: SIMD3<Float>, contrast: Contrast) -> (signal: Float, lesion: Float) {
    let depth = depth(of: point)
    guard depth > -2 else { return (0, 0) }
    let inside = smoothStep(depth, from: -1, to: 1)
    let skull = scalpThickness + 5.5
    if depth < skull - 1 {
      let bone = smoothStep(depth, from: scalpThickness - 1, to: scalpThickness + 1)
      // The marrow is brighter than the two layers of bone around it.
      let marrow = smoothStep(1.6 - abs(depth - scalpThickness - 2.7), from: 0, to: 1.6) * 0.3
      let fat = contrast.scalp * (1 + 0.18 * texture.value(at: point))
      return (inside * mix(fat, contrast.bone + marrow, bone), 0)
    }
    let brain = brainSignal(at: point, depth: depth - skull - 1, contrast: contrast)
    let entry = smoothStep(depth, from: skull - 1, to: skull + 1)
    return (mix(contrast.bone, brain.signal, entry), brain.lesion * entry)
  }

  /// The depth of a point below the skin, in mm.
  private func depth(of point: SIMD3<Float>) -> Float {
    var point = point
    point.x *= 1 + taper * point.y / 97
    return -outline.distance(of: point)
  }

  /// - Parameter depth: the depth below the inner surface of the skull, in mm.
  private func brainSignal(at point: SIMD3<Float>, depth: Float, contrast: Contrast) -> (
    signal: Float, lesion: Float
  ) {
    let grain = texture.value(at: point)
    let fold = depth < 32 ? abs(folds.value(at: point)) : 10
    let ventricle = ventricleShare(at: point)
    let fluid = max(ventricle, outerFluidShare(at: point, depth: depth, fold: fold))
    let grey = greyShare(at: point, depth: depth, fold: fold)
    let tissue = mix(contrast.white, contrast.grey, grey) * (1 + 0.035 * grain)
    let normal = mix(tissue, contrast.fluid, fluid)
    guard !lesions.isEmpty else { return (normal, 0) }

    var (amount, brightness): (Float, Float) = (0, 1)
    for lesion in lesions {
      let one = lesion.membership(at: point)
      if one.amount > amount { (amount, brightness) = one }
    }
    // Lesions replace tissue. They extend neither into the ventricles nor outside the brain.
    amount *= (1 - ventricle) * smoothStep(depth, from: 0.5, to: 2.5)
    let abnormal = contrast.lesion * brightness * (1 + 0.05 * grain)
    return (mix(normal, mix(abnormal, normal, 0.35 * fluid), amount), amount)
  }

  private func ventricleShare(at point: SIMD3<Float>) -> Float {
    var share: Float = 0
    for ventricle in ventricles where abs(point.z - ventricle.centre.z) < 14 {
      share = max(share, 1 - smoothStep(ventricle.distance(of: point), from: -0.7, to: 0.7))
    }
    return share
  }

  /// The share of fluid at a point: under the skull, in the sulci and in the fissure between the hemispheres.
  private func outerFluidShare(at point: SIMD3<Float>, depth: Float, fold: Float) -> Float {
    let rim = 1 - smoothStep(depth, from: 0.3, to: 2 + 6 * sulcusWidth)
    guard depth < 34 else { return 0 }
    let open = sulcusWidth * (1 - smoothStep(depth, from: 4, to: 24))
    let sulcus = 1 - smoothStep(fold, from: open * 0.5, to: open + 0.14)
    let sulci = open > 0.01 ? sulcus : 0
    let fissure =
      (1 - smoothStep(abs(point.x + 1.2 * texture.value(at: [0, point.y, point.z])), from: 0.4, to: 1.8))
      * (1 - smoothStep(depth, from: 26, to: 34)) * smoothStep(point.z, from: -45, to: -35)
    return max(rim, sulci, fissure)
  }

  /// The share of grey matter at a point: in the cortex along sulci and surface, the deep nuclei and the
  /// folia of the cerebellum.
  private func greyShare(at point: SIMD3<Float>, depth: Float, fold: Float) -> Float {
    let inCerebellum = 1 - smoothStep(cerebellum.distance(of: point), from: -2, to: 2)
    let reach = (0.42 + sulcusWidth) * (1 - smoothStep(depth, from: 8, to: 30))
    let cortex = max(
      1 - smoothStep(fold, from: reach, to: reach + 0.16), 1 - smoothStep(depth, from: 3.5, to: 6.5))
    var share = reach > 0.02 ? cortex : 0
    for nucleus in nuclei where abs(point.z - nucleus.centre.z) < 12 {
      share = max(share, 0.75 * (1 - smoothStep(nucleus.distance(of: point), from: -1, to: 1)))
    }
    guard inCerebellum > 0 else { return share }
    return mix(share, 0.55 + 0.35 * folds.value(at: point * 1.7), inCerebellum)
  }

  /// A random point in the white matter, deep enough for a lesion of this size.
  private func lesionCentre(size: Float, using generator: inout some RandomNumberGenerator) -> SIMD3<Float> {
    let side: Float = generator.nextUnit() < 0.5 ? -1 : 1
    while true {
      let point = SIMD3<Float>(
        side * Float(generator.next(in: 14...55)), Float(generator.next(in: -60...60)),
        Float(generator.next(in: -20...55)))
      let depth = depth(of: point) - scalpThickness - 6
      if depth > 6 + 0.45 * size && ventricleShare(at: point) == 0 { return point }
    }
  }
}
