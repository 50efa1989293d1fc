import FederatedCore

/// The files through which parameters are shared with other processes, so that the same parameters are
/// written only once.
///
/// Parameters count as the same if they share their memory. Each user of a file borrows it. The owner of the
/// files removes a file after its last borrower has returned it.
package struct LentFiles<File: Hashable & Sendable, Borrower: Hashable & Sendable>: Sendable {
  private struct Loan {
    /// The parameters in the file. They are retained, so that no other parameters can get the same memory.
    let parameters: NamedParts
    let file: File
    var borrowers: Set<Borrower>
  }

  private var loans: [Loan] = []

  package init() {}

  /// Whether there is a file with these parameters already.
  package func holds(_ parameters: NamedParts) -> Bool {
    loans.contains { $0.parameters.isSame(as: parameters) }
  }

  /// Returns the file with these parameters. If there is none, `write` creates it.
  package mutating func lend<E: Error>(
    _ parameters: NamedParts, to borrower: Borrower, write: () throws(E) -> File
  ) throws(E) -> File {
    if let index = loans.firstIndex(where: { $0.parameters.isSame(as: parameters) }) {
      loans[index].borrowers.insert(borrower)
      return loans[index].file
    }
    let file = try write()
    loans.append(Loan(parameters: parameters, file: file, borrowers: [borrower]))
    return file
  }

  /// Ends the loans of these borrowers. Their files stay until ``takeUnused()``.
  package mutating func takeBack(from isDone: (Borrower) -> Bool) {
    for index in loans.indices { loans[index].borrowers = loans[index].borrowers.filter { !isDone($0) } }
  }

  /// Forgets the files that nobody borrows, and returns them so that the caller can remove them.
  package mutating func takeUnused() -> [File] {
    let unused = loans.filter(\.borrowers.isEmpty)
    loans.removeAll(where: \.borrowers.isEmpty)
    // Keep a file that another loan uses: parameters with equal values in different memory may share a file.
    let used = Set(loans.map(\.file))
    return Set(unused.map(\.file)).filter { !used.contains($0) }
  }
}

extension NamedParts {
  /// Whether the two groups of parameters have the same layout and the same memory, so that both can use one
  /// file.
  package func isSame(as other: NamedParts) -> Bool {
    names == other.names && parts.count == other.parts.count
      && zip(parts, other.parts).allSatisfy {
        $0.layout == $1.layout && $0.buffer.sharesMemory(with: $1.buffer)
      }
  }
}
