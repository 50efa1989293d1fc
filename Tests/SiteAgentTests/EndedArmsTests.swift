import Testing

@testable import SiteAgent

struct EndedArmsTests {
  @Test func lastArmEndsTheWaitOfTheOthers() async {
    let arms = EndedArms(count: 3)
    await withTaskGroup(of: Void.self) { group in
      for arm in ["a", "b", "c"] {
        group.addTask {
          arms.insert(arm)
          while !arms.areAll {
            let seen = arms.changes.count
            if arms.areAll { return }
            await arms.changes.wait(after: seen)
          }
        }
      }
      await group.waitForAll()
    }
    #expect(arms.areAll)
  }

  @Test func restartedArmIsAwaitedAgain() {
    let arms = EndedArms(count: 2)
    arms.insert("a")
    arms.remove("a")
    arms.insert("b")
    #expect(!arms.areAll)
    arms.insert("a")
    #expect(arms.areAll)
  }
}
