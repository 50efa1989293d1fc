import FederatedCore
import Foundation
import Testing

struct ParameterBufferTests {
  /// Small buffers are on the heap; each large buffer has a separate mapping.
  @Test(arguments: [0, 5, 3_000_000]) func aCopyIsIndependent(count: Int) {
    let original = ParameterBuffer(zeros: count)
    var copy = original
    #expect(copy.sharesMemory(with: original))
    copy.withUnsafeMutableValues { for i in $0.indices { $0[i] = Float(i) } }
    #expect(!copy.sharesMemory(with: original))
    #expect(original.withUnsafeValues { $0.allSatisfy { $0 == 0 } })
    #expect(copy.withUnsafeValues { values in values.indices.allSatisfy { values[$0] == Float($0) } })
    #expect((copy == original) == (count == 0))
  }

  @Test func aNaNEqualsItselfAndZeroHasASign() {
    #expect(ParameterBuffer([Float.nan]) == ParameterBuffer([Float.nan]))
    #expect(ParameterBuffer([Float(0)]) != ParameterBuffer([-Float(0)]))
    #expect(ParameterBuffer([Float(1)]) != ParameterBuffer([Float(1), 2]))
  }
}
