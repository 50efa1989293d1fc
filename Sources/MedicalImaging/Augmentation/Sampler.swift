/// Computes the values of a new image from an old image of the same size. A linear map turns each voxel index
/// of the new image into an index of the old image.
struct Sampler {
  let extents: (x: Int, y: Int, z: Int)
  /// For each axis of the new image, the change of the old index per step along this axis.
  let steps: [SIMD3<Double>]
  /// The old index of the new voxel (0, 0, 0).
  let start: SIMD3<Double>

  func nearest(_ source: UnsafeBufferPointer<Float>, _ destination: UnsafeMutableBufferPointer<Float>) {
    let highest = SIMD3(Float(extents.x - 1), Float(extents.y - 1), Float(extents.z - 1))
    walk { position, to in
      let nearest = (position + 0.5).rounded(.down).clamped(lowerBound: .zero, upperBound: highest)
      destination[to] = source[(Int(nearest.z) * extents.y + Int(nearest.y)) * extents.x + Int(nearest.x)]
    }
  }

  func bilinear(_ source: UnsafeBufferPointer<Float>, _ destination: UnsafeMutableBufferPointer<Float>) {
    let highest = SIMD3(Float(extents.x - 1), Float(extents.y - 1), 0)
    let (right, down) = (extents.x > 1 ? 1 : 0, extents.y > 1 ? extents.x : 0)
    let last = SIMD3(max(extents.x - 2, 0), max(extents.y - 2, 0), 0)
    walk { position, to in
      let inside = position.clamped(lowerBound: .zero, upperBound: highest)
      let (x, y) = (min(Int(inside.x), last.x), min(Int(inside.y), last.y))
      let (fx, fy) = (inside.x - Float(x), inside.y - Float(y))
      let at = y * extents.x + x
      destination[to] = mix(
        mix(source[at], source[at + right], fx), mix(source[at + down], source[at + down + right], fx), fy)
    }
  }

  func trilinear(_ source: UnsafeBufferPointer<Float>, _ destination: UnsafeMutableBufferPointer<Float>) {
    let highest = SIMD3(Float(extents.x - 1), Float(extents.y - 1), Float(extents.z - 1))
    let plane = extents.x * extents.y
    let (right, down, deep) = (
      extents.x > 1 ? 1 : 0, extents.y > 1 ? extents.x : 0, extents.z > 1 ? plane : 0
    )
    let last = SIMD3(max(extents.x - 2, 0), max(extents.y - 2, 0), max(extents.z - 2, 0))
    walk { position, to in
      let inside = position.clamped(lowerBound: .zero, upperBound: highest)
      let (x, y, z) = (min(Int(inside.x), last.x), min(Int(inside.y), last.y), min(Int(inside.z), last.z))
      let (fx, fy, fz) = (inside.x - Float(x), inside.y - Float(y), inside.z - Float(z))
      let near = z * plane + y * extents.x + x
      let far = near + deep
      let front = mix(
        mix(source[near], source[near + right], fx),
        mix(source[near + down], source[near + down + right], fx), fy)
      let back = mix(
        mix(source[far], source[far + right], fx), mix(source[far + down], source[far + down + right], fx), fy
      )
      destination[to] = mix(front, back, fz)
    }
  }

  @inline(__always)
  private func mix(_ a: Float, _ b: Float, _ fraction: Float) -> Float { a + (b - a) * fraction }

  /// Calls `body` with the old position and the new index of every voxel.
  @inline(__always)
  private func walk(_ body: (SIMD3<Float>, Int) -> Void) {
    let step = SIMD3<Float>(steps[0])
    var to = 0
    for z in 0..<extents.z {
      for y in 0..<extents.y {
        let rowStart = SIMD3<Float>(start + steps[1] * Double(y) + steps[2] * Double(z))
        for x in 0..<extents.x {
          body(rowStart + step * Float(x), to)
          to += 1
        }
      }
    }
  }
}
