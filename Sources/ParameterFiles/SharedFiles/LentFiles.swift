import FederatedCore

/// The files in which parameters lie for others to read, so that the same parameters are written once.
///
/// Parameters are the same if they share their memory. Whoever needs the file is a borrower; a file that nobody
/// borrows any longer is removed by whoever made it.
package struct LentFiles<File: Hashable & Sendable, Borrower: Hashable & Sendable>: Sendable {
  private struct Loan {
    /// Held, so that no other parameters get their memory.
    let parameters: NamedParts
    let file: File
    var borrowers: Set<Borrower>
  }

  private var loans: [Loan] = []

  package init() {}

  /// Whether these parameters lie in a file already.
  package func holds(_ parameters: NamedParts) -> Bool {
    loans.contains { $0.parameters.isSame(as: parameters) }
  }

  /// The file with these parameters, which `write` makes if there is none.
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

  /// Takes the files back from these borrowers; they stay until ``takeUnused()``.
  package mutating func takeBack(from isDone: (Borrower) -> Bool) {
    for index in loans.indices { loans[index].borrowers = loans[index].borrowers.filter { !isDone($0) } }
  }

  /// Forgets the files that nobody borrows, and returns them, to be removed.
  package mutating func takeUnused() -> [File] {
    let unused = loans.filter(\.borrowers.isEmpty)
    loans.removeAll(where: \.borrowers.isEmpty)
    // Two parameters of equal values may have come to lie in one file.
    let used = Set(loans.map(\.file))
    return Set(unused.map(\.file)).filter { !used.contains($0) }
  }
}

extension NamedParts {
  /// Whether both have the same layout and the same memory, so that one file holds both.
  package func isSame(as other: NamedParts) -> Bool {
    names == other.names && parts.count == other.parts.count
      && zip(parts, other.parts).allSatisfy {
        $0.layout == $1.layout && $0.buffer.sharesMemory(with: $1.buffer)
      }
  }
}
