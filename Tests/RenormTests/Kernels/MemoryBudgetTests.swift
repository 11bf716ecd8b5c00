import Foundation
import Testing

@testable import Renorm

@Suite struct MemoryBudgetTests {
  @Test func budgetIsAPartOfTheMachine() {
    let bytes = MemoryBudget.available()
    #expect(bytes > 0 && bytes < Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }
}
