import Testing

@testable import MedicalImaging

struct GeometryShearTests {
  @Test func axesAtRightAnglesHaveNoShear() {
    #expect(Geometry().shear == 0)
    // Turned by the angle whose sine is 0.6.
    let turned = Geometry(direction: .init(x: [0.8, 0.6, 0], y: [-0.6, 0.8, 0], z: [0, 0, 1]))
    #expect(turned.shear < 1e-9)
  }

  @Test(arguments: [(0.2, 11.30993), (-0.1, 5.71059), (0.0, 0)])
  func slicesShiftedSidewaysAreShearedByTheArcTangent(_ shift: Double, _ degrees: Double) {
    let length = (1 + shift * shift).squareRoot()
    let tilted = Geometry(direction: .init(x: [1, 0, 0], y: [0, 1, 0], z: [0, shift / length, 1 / length]))
    #expect(abs(tilted.shear - degrees) < 1e-5)
  }
}
