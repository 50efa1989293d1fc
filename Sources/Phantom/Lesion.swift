/// An abnormality of irregular outline, sometimes with a darker core.
struct Lesion: Sendable {
  private let body: Ellipsoid
  private let shape: RandomField
  private let edge: RandomField
  /// The amount by which the core is darker than the rim; 0 for a lesion without a darker core.
  private let core: Float

  /// - Parameter size: the mean semiaxis in mm.
  init(centre: SIMD3<Float>, size: Double, using generator: inout some RandomNumberGenerator) {
    let semiaxes = SIMD3<Float>(
      Float(size * generator.next(in: 0.75...1.3)), Float(size * generator.next(in: 0.75...1.4)),
      Float(size * generator.next(in: 0.7...1.1)))
    body = Ellipsoid(centre, semiaxes)
    shape = RandomField(extent: semiaxes * 1.8, spacing: 5, radius: 1, using: &generator)
    edge = RandomField(extent: semiaxes * 1.8, spacing: 2.5, radius: 1, using: &generator)
    core = generator.nextUnit() < 0.35 ? Float(generator.next(in: 0.4...0.8)) : 0
  }

  /// The degree (0 to 1) to which a point belongs to the lesion, and the lesion's brightness at this point
  /// relative to its rim.
  func membership(at point: SIMD3<Float>) -> (amount: Float, brightness: Float) {
    let radius = body.radius(of: point)
    guard radius < 1.8 else { return (0, 1) }
    let coarse = shape.value(at: point - body.centre)
    let bumps = edge.value(at: point - body.centre)
    let outline = radius + 0.17 * bumps + 0.2 * coarse
    let amount = 1 - smoothStep(outline, from: 0.88, to: 1.1)
    let inner = 1 - smoothStep(radius + 0.2 * coarse, from: 0.35, to: 0.65)
    return (amount, 1 - core * inner + 0.06 * bumps)
  }
}
